import { NuthatchError } from '../../src/errors.js';
import type { ImportedModel } from '../format.js';
import { catboostClasses } from './catboost.js';
import { type Estimator, Gap } from './estimator.js';
import { lightgbmClasses } from './lightgbm.js';
import type { ForeignTable, LoweringTable } from './table.js';
import { xgboostClasses } from './xgboost.js';

/** One line for each library whose estimators a scikit-learn model may hold. */
const libraries: readonly ForeignTable[] = [xgboostClasses, lightgbmClasses, catboostClasses];
const classes = new Map(libraries.flatMap((library) => Object.entries(library)));

export const isForeign = (className: string): boolean => classes.has(className);

/** Estimators of other libraries, whose models their own readers read. */
export const foreignTable: LoweringTable = Object.fromEntries(
  Array.from(classes, ([name, { lower }]) => [
    name,
    (estimator: Estimator) => {
      const model = readForeign(estimator);
      return atPlaceOf(estimator, '.', () => lower(estimator, model));
    },
  ]),
);

/** The columns of the model in an estimator of another library; null where it is refused, which lowering it says why, or no such estimator. */
export function foreignColumns(
  estimator: Estimator,
): { readonly count: number; readonly names: readonly string[] | null } | null {
  if (!isForeign(estimator.object.className)) return null;
  try {
    const { input } = readForeign(estimator);
    if (input.type === 'matrix') return { count: input.features, names: input.names };
    if (input.type === 'text') return { count: 1, names: null };
    const names = input.columns.flatMap(({ name }) => name ?? []);
    const count = input.columns.length;
    return { count, names: names.length === count ? names : null };
  } catch (error) {
    if (error instanceof Gap) return null;
    throw error;
  }
}

function readForeign(estimator: Estimator): ImportedModel {
  const { object, lowering } = estimator;
  const known = lowering.foreign.get(object);
  if (known) return known;
  // It has its gap.
  if (known === null) throw new Gap();
  lowering.foreign.set(object, null);
  const { read } = classes.get(object.className)!;
  const { limits, keepCovers, allowUnprovenVersion } = lowering;
  const model = atPlaceOf(estimator, ', ', () =>
    read(estimator, { limits, keepCovers, allowUnprovenVersion }),
  );
  lowering.foreign.set(object, model);
  return model;
}

/** Errors of a library's reader at the estimator's place: what is not supported is a gap like others. */
function atPlaceOf<T>({ path, lowering }: Estimator, joint: string, find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof NuthatchError)) throw error;
    const problems = error.problems.map((problem) => ({
      path: problem.path === '' ? path : `${path}${joint}${problem.path}`,
      message: problem.message,
    }));
    if (error.code !== 'unsupported')
      throw new NuthatchError(error.code, problems[0]!.path, problems[0]!.message);
    lowering.gaps.push(...problems);
    throw new Gap();
  }
}
