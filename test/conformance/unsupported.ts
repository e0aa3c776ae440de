/** Why estimators of scikit-learn that answer new rows are not supported. */
export const unsupported: Readonly<Record<string, string>> = {
  Isomap: 'looks for the shortest ways through a graph of neighbours, which is not written yet',
  LocallyLinearEmbedding:
    'solves a system of equations for the neighbours of each row, which is not written yet',
  PatchExtractor: 'takes images, not rows, and chooses patches at random',
};
