import { NuthatchError, type Problem, quote } from '../../src/errors.js';
import type { Column, EncodeColumn, InputSpec, Node, UnionPart } from '../../src/ir/index.js';
import { malformed } from '../json/json.js';
import { categoryHash } from './city-hash.js';
import type { CatboostModel, CategoricalFeature, Feature } from './model.js';

/** What a model is given, and what makes the matrix of that which trees see. */
export interface Layout {
  readonly input: InputSpec;
  /** null where the input is that matrix. */
  readonly step: Node | null;
  /** Columns of the matrix. */
  readonly features: number;
  /** The column of each float feature. */
  readonly floats: readonly number[];
  /** The first column of the categories that splits ask for: 1 where a row has that one. */
  readonly marks: number;
}

/** Columns that a file may say nothing of, having no splits that ask for them: each takes memory, and a file none. */
const mostUnsaid = 2 ** 16;

/** Characters of all categories that splits ask for, each of which is hashed. */
const longestNames = 2 ** 22;

/** Numbers as they are; where there are categories, too, numbers first and a mark for each category after them. */
export function layOut({ floats, categoricals }: CatboostModel): Layout {
  const all = [...floats, ...categoricals];
  const count = all.reduce((most, { column }) => Math.max(most, column + 1), 0);
  if (count > all.length + mostUnsaid)
    throw new NuthatchError(
      'limit-exceeded',
      'features_info',
      `${count} columns, of which ${all.length} are described`,
    );
  if (new Set(all.map(({ column }) => column)).size < all.length)
    throw malformed('features_info', 'two features have one column');
  expectOrder(floats);
  expectOrder(categoricals);
  const names = namesOf(all, count);
  const asked = categoricals.filter(({ hashes }) => hashes.length > 0);
  if (floats.length + asked.length === 0)
    throw malformed('features_info', 'no split has a feature');
  if (categoricals.length === 0)
    return {
      input: { type: 'matrix', features: count, names },
      step: null,
      features: count,
      floats: floats.map(({ column }) => column),
      marks: count,
    };
  const length = asked.reduce((sum, { names }) => sum + lengthOf(names), 0);
  if (length > longestNames)
    throw new NuthatchError(
      'limit-exceeded',
      'features_info',
      `${length} characters of categories`,
    );
  const columns = asked.map(encodeColumn);
  const parts: UnionPart<Node>[] = [];
  if (floats.length > 0) parts.push({ columns: placesOf(floats), node: null });
  if (asked.length > 0)
    parts.push({
      columns: placesOf(asked),
      node: {
        ...{ kind: 'encode', features: asked.length, nonFinite: 'any', type: 'float64' },
        ...{ sparse: false, columns },
      },
    });
  return {
    input: { type: 'columns', columns: inputColumns(floats, asked, columns, names, count) },
    step: { kind: 'union', features: count, parts, sparse: false },
    features: floats.length + columns.reduce((sum, { width }) => sum + width, 0),
    floats: floats.map((_, i) => i),
    marks: floats.length,
  };
}

const lengthOf = (names: CategoricalFeature['names']): number =>
  names.reduce((sum, name) => sum + (name?.length ?? 0), 0);

const placesOf = (features: readonly Feature[]) =>
  Uint32Array.from(features, ({ column }) => column);

/** CatBoost finds the features of one type by their order. */
function expectOrder(features: readonly Feature[]): void {
  features.forEach(({ index, column, path }, i) => {
    const before = features[i - 1];
    if (before && !(index > before.index && column > before.column))
      throw malformed(path, 'features are not in the order of their columns');
  });
}

/** Features without a name have their place for one, as CatBoost has it; null where all are without. */
function namesOf(features: readonly Feature[], count: number): string[] | null {
  if (features.every(({ name }) => name === '')) return null;
  const names = Array.from({ length: count }, (_, column) => `${column}`);
  for (const { column, name } of features) if (name !== '') names[column] = name;
  return names;
}

function inputColumns(
  floats: readonly Feature[],
  asked: readonly Feature[],
  encoded: readonly EncodeColumn[],
  names: readonly string[] | null,
  count: number,
): Column[] {
  const types = new Array<Column['type']>(count).fill('unused');
  for (const { column } of floats) types[column] = 'number';
  asked.forEach(({ column }, i) => {
    types[column] = encoded[i]!.strings ? 'string' : 'number';
  });
  return types.map((type, i) => ({ name: names?.[i] ?? null, type, categories: null }));
}

/** A category is the text of a string or an integer. Where all that are known are texts of integers, the column is one of these. */
function encodeColumn({ names, hashes, path }: CategoricalFeature): EncodeColumn {
  const known = names.map((name) => name ?? '');
  // CatBoost itself knows categories by their hashes alone, and would not believe a name.
  known.forEach((name, i) => {
    if (categoryHash(name) !== hashes[i])
      throw malformed(path, `${quote(name)} is not the category of the hash ${hashes[i]}`);
  });
  const areIntegers = known.every(
    (name) => /^(0|-?[1-9]\d*)$/.test(name) && Number.isSafeInteger(Number(name)),
  );
  return {
    strings: areIntegers ? null : known,
    numbers: areIntegers ? Float64Array.from(known, Number) : null,
    missing: false,
    unknown: true,
    width: known.length,
    values: null,
    marks: Int32Array.from([...known.keys(), -1]),
  };
}

/** Features whose categories are known by their hashes alone. */
export const unnamedCategories = ({ categoricals }: CatboostModel): Problem[] =>
  categoricals
    .filter(({ names }) => names.includes(null))
    .map(({ name, column, path }) => ({
      path,
      message: `the categories of ${quote(name || `feature ${column}`)} are known by their hashes alone: save the model with save_model(path, format="json", pool=pool), the pool being that of the training`,
    }));
