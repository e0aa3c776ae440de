import {
  createModel,
  Matrix,
  type MethodName,
  type Model,
  methodNames,
  SparseMatrix,
} from 'nuthatch';
import { headOf, type Label, labelValues, type ModelDescription } from 'nuthatch/ir';
import { describeFeatures, type Feature } from './features.js';
import { resultTypes } from './results.js';

/** Unions of more values would help nobody. */
const mostValues = 1000;

/**
 * Types of one model: what a row is, with its categories as unions, the classes, and the methods with what they give. They import
 * nothing, and are those of a module of `exportModel` and of what `load` gives.
 */
export function writeTypes(description: ModelDescription): string {
  const model = createModel(description);
  const features = describeFeatures(description);
  const classes = classesOf(description);
  const parts = [
    `// The types of one model. Written by nuthatch; a model that is trained again may have others.\n`,
    rowTypes(features),
    ...(classes ? [classTypes(classes)] : []),
    modelType(model, classes),
    resultTypes,
  ];
  return parts.join('\n');
}

const literal = (value: Label): string => JSON.stringify(value);

/** A name as a key of a type. */
const keyOf = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);

function cellType({ type, known, gaps }: Feature): string {
  const own = ownType(type, known);
  return gaps && type !== 'unused' ? `${own} | null` : own;
}

function ownType(type: Feature['type'], known: Feature['known']): string {
  const any: string = {
    number: 'number',
    string: 'string',
    category: 'string',
    boolean: 'boolean | number',
    unused: 'unknown',
    record: 'Readonly<Record<string, number | string | readonly string[]>>',
    pairs: 'readonly (readonly [string, number | string])[]',
    list: 'readonly (string | number)[]',
  }[type];
  if (!known || known.values.length > mostValues || type === 'boolean') return any;
  const values = known.values.map(literal);
  // Not a plain union with `string`, of which editors would offer nothing.
  return [...values, ...(known.closed ? [] : [`(${any} & {})`])].join(' | ') || any;
}

function rowTypes(features: readonly Feature[]): string {
  const cells = features.map(cellType);
  const rows =
    features.length === 1 && features[0]!.name === null
      ? `/** A row: its only cell, or a list of it. */\nexport type Row = ${cells[0]} | readonly [${cells[0]}];`
      : `/** A row, cell by cell. */\nexport type Row = ${tupleOf(cells)};`;
  if (features.some(({ name }) => name === null))
    return `${rows}\nexport type Rows = readonly Row[] | MatrixLike;\n`;
  const lines = features.map(
    ({ name, type }, i) =>
      `  readonly ${keyOf(name!)}${type === 'unused' ? '?' : ''}: ${cells[i]};`,
  );
  return `/** A row by the names of its columns. */
export interface Features {
${lines.join('\n')}
}

${rows}

/** Several rows: records, lists, columns by name, or a matrix. */
export type Rows =
  | readonly Features[]
  | readonly Row[]
  | { readonly [Name in keyof Features]: ArrayLike<Features[Name]> }
  | MatrixLike;
`;
}

function tupleOf(cells: readonly string[]): string {
  const isUniform = cells.every((cell) => cell === cells[0]);
  if (isUniform && cells.length > 8) return `readonly (${cells[0]})[]`;
  return `readonly [${cells.join(', ')}]`;
}

/** The labels of each output that `predict` may give; null of what is no classifier. */
function classesOf({ root }: ModelDescription): { classes: Label[][]; others: Label[][] } | null {
  const head = headOf(root);
  if (head?.task !== 'classifier') return null;
  return {
    classes: head.labels.map(labelValues),
    others: head.labels.map((_, i) => {
      const outliers = head.outlierLabels?.[i];
      return outliers ? labelValues(outliers) : [];
    }),
  };
}

type Classes = NonNullable<ReturnType<typeof classesOf>>;

function classTypes({ classes, others }: Classes): string {
  const unions = classes.map((labels, i) =>
    [...new Set([...labels, ...others[i]!].map(literal))].join(' | '),
  );
  return unions.length === 1
    ? `export type Class = ${unions[0]};\n`
    : `/** The class of each output. */\nexport type Class = [${unions.join(', ')}];\n`;
}

function modelType(model: Model, classes: Classes | null): string {
  const lists = classes?.classes.map((labels) => `readonly [${labels.map(literal).join(', ')}]`);
  const row = model.featureNames ? 'Features | Row' : 'Row';
  const members = [
    `readonly task: '${model.task}';`,
    `readonly multiOutput: ${model.multiOutput};`,
    `readonly nFeatures: ${model.nFeatures};`,
    `readonly featureNames: readonly string[]${model.featureNames ? '' : ' | null'};`,
    `readonly methods: readonly string[];`,
    ...(lists
      ? [`readonly classes: ${lists.length === 1 ? lists[0] : `readonly [${lists.join(', ')}]`};`]
      : []),
    ...model.methods.map((name) => `${methodNames[name]}(X: Rows): ${answerType(model, name)};`),
    ...('predictOne' in model ? [`predictOne(row: ${row}): ${oneType(model)};`] : []),
    ...('predictInto' in model
      ? [
          `predictInto(X: MatrixLike, out: ${model.task === 'classifier' ? 'Int32Array | Uint8Array | Uint16Array' : 'Float64Array'}): void;`,
        ]
      : []),
    ...('predictProbaInto' in model
      ? ['predictProbaInto(X: MatrixLike, out: Float64Array): void;']
      : []),
  ];
  return `export interface Model {\n${members.map((member) => `  ${member}\n`).join('')}}\n`;
}

const oneType = (model: Model): string =>
  model.task === 'classifier' ? 'Class' : model.multiOutput ? 'number[]' : 'number';

/** What a method gives: what it answers to no rows says so. */
function answerType(model: Model, name: MethodName): string {
  if (name === 'predict' && model.task === 'classifier') return 'Class[]';
  if (name === 'decision_path') return 'DecisionPath';
  const run = model[methodNames[name] as keyof Model] as unknown as (X: readonly []) => unknown;
  return nameOf(run([]));
}

function nameOf(answer: unknown): string {
  if (answer instanceof Matrix)
    return answer.data instanceof Int32Array ? 'Matrix<Int32Array>' : 'Matrix';
  if (answer instanceof SparseMatrix) return 'SparseMatrix';
  if (answer instanceof Int32Array) return 'Int32Array';
  if (!Array.isArray(answer)) return 'Float64Array';
  return answer[0] instanceof Matrix ? 'Matrix[]' : '(number | string | null)[][]';
}
