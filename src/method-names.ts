/** scikit-learn's names. */
export const snakeNames = [
  'predict',
  'predict_std',
  'predict_proba',
  'predict_log_proba',
  'predict_joint_log_proba',
  'decision_function',
  'score_samples',
  'apply',
  'decision_path',
  'transform',
  'raw',
] as const;
export type MethodName = (typeof snakeNames)[number];

type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** Methods that models may have, by scikit-learn's name and by ours; `raw` is ours alone. */
export const methodNames = Object.fromEntries(
  snakeNames.map((name) => [name, name.replace(/_./g, (pair) => pair[1]!.toUpperCase())]),
) as { readonly [Name in MethodName]: CamelCase<Name> };
