/** Why estimators of scikit-learn that answer new rows are not supported. */
export const unsupported: Readonly<Record<string, string>> = {
  PatchExtractor: 'takes images, not rows, and chooses patches at random',
};
