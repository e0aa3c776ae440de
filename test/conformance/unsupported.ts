/** Why estimators of scikit-learn that answer new rows are not supported. */
export const unsupported: Readonly<Record<string, string>> = {
  LatentDirichletAllocation:
    'repeats steps until topics move little, and how far rounding moves the end is not bounded yet',
  MiniBatchNMF:
    'begins with the mean of all rows that are asked together, so that no row has an answer of its own',
  NMF: 'repeats steps until all rows that are asked together move little, so that no row has an answer of its own',
  PatchExtractor: 'takes images, not rows, and chooses patches at random',
};
