/** Calls with each pair of classes, the first before the second, in the order that scikit-learn and libsvm have. */
export function eachPair(
  classes: number,
  act: (first: number, second: number, pair: number) => void,
): void {
  let pair = 0;
  for (let i = 0; i < classes; i++) for (let j = i + 1; j < classes; j++) act(i, j, pair++);
}
