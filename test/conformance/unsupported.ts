/** Why estimators of scikit-learn that answer new rows are not supported. */
export const unsupported: Readonly<Record<string, string>> = {
  Isomap: 'looks for the shortest ways through a graph of neighbours, which is not written yet',
  LocallyLinearEmbedding:
    'solves a system of equations for the neighbours of each row, which is not written yet',
  MiniBatchNMF:
    'begins with the mean of all rows that are asked together, so that no row has an answer of its own',
  NMF: 'repeats steps until all rows that are asked together move little, so that no row has an answer of its own',
  PatchExtractor: 'takes images, not rows, and chooses patches at random',
};
