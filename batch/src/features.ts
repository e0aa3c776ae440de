import { type MethodName, type Model, methodNames, NuthatchError } from 'nuthatch';

/** What a column of a model holds, as far as files are concerned: `flag` is a number that may be written as true or false. */
export type Feature = 'number' | 'flag' | 'string' | 'items' | 'unused';

export interface Features {
  readonly names: readonly string[] | null;
  readonly features: readonly Feature[];
}

/** The columns of a model. */
export function featuresOf({ description: { input }, featureNames }: Model): Features {
  if (input.type === 'text') return { names: null, features: ['string'] };
  if (input.type === 'matrix')
    return { names: featureNames, features: new Array<Feature>(input.features).fill('number') };
  return { names: featureNames, features: input.columns.map(({ type }) => kinds[type]) };
}

const kinds = {
  number: 'flag',
  boolean: 'flag',
  string: 'string',
  category: 'string',
  unused: 'unused',
  record: 'items',
  pairs: 'items',
  list: 'items',
} as const;

/** A method of the model, by scikit-learn's name. */
export function methodOf(model: Model, method: MethodName): (rows: unknown) => unknown {
  return (model as unknown as Record<string, (rows: unknown) => unknown>)[methodNames[method]]!;
}

/** Throws for a header that is not the model's, as the model itself does for a table with such columns. */
export function checkNames(model: Model, found: readonly string[], path: string): void {
  const table = Object.fromEntries(found.map((name) => [name, []]));
  try {
    // Rows without any column are records.
    methodOf(model, model.methods[0]!)(found.length > 0 ? table : [{}]);
  } catch (error) {
    if (!(error instanceof NuthatchError) || error.code !== 'input-columns') throw error;
    const reason = error.message.slice(error.path.length + 2);
    const hint = reason.includes('not known')
      ? '; --columns names those that only go beside the answers'
      : '';
    throw new NuthatchError('input-columns', path, reason + hint);
  }
}
