import type { Names } from '../boosting/named-categories.js';
import { type Json, type JsonMap, malformed, own } from '../json/json.js';
import { parseDocument } from '../json/parse.js';

const key = 'pandas_categorical';

/**
 * The categories of the features that DataFrames have these for: null of all others, and of all where the file does not say which features they
 * are. `rest` is what follows the trees in a model's text.
 */
export function readNamedCategories(rest: string, features: number): readonly (Names | null)[] {
  const start = rest.lastIndexOf(`\n${key}:`);
  const found = /^\[categorical_feature: ([\d,]+)\]$/m.exec(rest)?.[1];
  if (start === -1 || found === undefined) return ofNone(features);
  const line = rest.slice(start + key.length + 2).split('\n', 1)[0]!;
  const map = parseDocument(new TextEncoder().encode(`{"${key}":${line}}`), 'python');
  return assign(own(map, key), found.split(',').map(Number), features);
}

/** The same of a dump, whose features of categories are those for which it lists values. */
export function readDumpedCategories(
  map: JsonMap,
  names: readonly string[],
): readonly (Names | null)[] {
  const infos = own(map, 'feature_infos');
  if (infos === null || typeof infos !== 'object' || Array.isArray(infos))
    return ofNone(names.length);
  const chosen = names.flatMap((name, i) => {
    const info = own(infos, name);
    const isMap = info !== null && typeof info === 'object' && !Array.isArray(info);
    const values = isMap ? own(info, 'values') : null;
    return Array.isArray(values) && values.length > 0 ? [i] : [];
  });
  return assign(own(map, key), chosen, names.length);
}

const ofNone = (features: number): null[] => new Array<null>(features).fill(null);

/** Where there are other lists than features, some categories were numbers to DataFrames, too. */
function assign(
  lists: Json | undefined,
  chosen: readonly number[],
  features: number,
): readonly (Names | null)[] {
  const all: (Names | null)[] = ofNone(features);
  if (!Array.isArray(lists) || lists.length !== chosen.length) return all;
  const names = lists.map((list, i) => readNames(list, `${key}[${i}]`));
  // Of values that are neither strings nor numbers rows have the codes.
  if (names.includes(null) || chosen.some((feature) => !(feature < features))) return all;
  chosen.forEach((feature, i) => {
    all[feature] = names[i]!;
  });
  return all;
}

/** Reads a list of categories; null where they are of another kind, such as booleans. */
function readNames(list: Json, path: string): Names | null {
  if (!Array.isArray(list)) throw malformed(path, 'expected a list of categories');
  const areNumbers = list.every((one) => typeof one === 'number');
  if (!areNumbers && !list.every((one) => typeof one === 'string')) return null;
  if (new Set<unknown>(list).size < list.length) throw malformed(path, 'a category twice');
  return areNumbers ? Float64Array.from(list) : list;
}
