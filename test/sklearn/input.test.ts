import { describe, expect, test } from 'vitest';
import type { Json } from '../hostile/documents.js';
import {
  columnTransformer,
  estimator,
  featureUnion,
  functionTransformer,
  importEstimator,
  objects,
  oneHotEncoder,
  pipeline,
  standardScaler,
} from './estimators.js';

const names = (...items: readonly string[]) => ({ feature_names_in_: objects(items) });

async function columnTypes(model: Json): Promise<Record<string, string>> {
  const { input } = await importEstimator(model);
  if (input.type !== 'columns') throw new Error(`a ${input.type}`);
  return Object.fromEntries(input.columns.map(({ name, type }, i) => [name ?? i, type]));
}

describe('the input is a matrix', () => {
  test('where every column is a number', async () => {
    const { input } = await importEstimator(pipeline('passthrough', standardScaler(2)));
    expect(input).toEqual({ type: 'matrix', features: 2, names: null });
  });

  test('with the names that the first step which knows them has', async () => {
    const log = functionTransformer({ $: 'global', name: 'numpy.log1p' });
    const { input } = await importEstimator(pipeline(log, standardScaler(2, names('a', 'b'))));
    expect(input).toEqual({ type: 'matrix', features: 2, names: ['a', 'b'] });
    const union = featureUnion({ none: 'drop', one: standardScaler(2, names('a', 'b')) });
    expect((await importEstimator(union)).input).toEqual(input);
  });
});

describe('the input is columns', () => {
  test('where a ColumnTransformer picks them by name, with those that nobody reads', async () => {
    const model = columnTransformer(['a', 'b', 'c', 'd'], {
      scale: [standardScaler(1), [2]],
      none: ['drop', [1]],
      same: ['passthrough', [3]],
    });
    expect(await columnTypes(model)).toEqual({
      a: 'unused',
      b: 'unused',
      c: 'number',
      d: 'number',
    });
  });

  test('of strings, numbers and booleans, as the categories are', async () => {
    const model = oneHotEncoder([objects(['x', null]), objects([1, 2]), objects([false, true])]);
    expect(await columnTypes(model)).toEqual({ 0: 'string', 1: 'number', 2: 'boolean' });
  });

  test('that a later step knows the type of', async () => {
    const first = columnTransformer(['a', 'b'], {
      scale: [standardScaler(1), [0]],
      same: ['passthrough', [1]],
    });
    const second = columnTransformer(['scale__a', 'same__b'], {
      encode: [oneHotEncoder([objects(['x'])]), [1]],
      scale: [standardScaler(1), [0]],
    });
    expect(await columnTypes(pipeline(first, second))).toEqual({ a: 'number', b: 'string' });
  });

  test('of a LabelEncoder: one without a name', async () => {
    const encoder = estimator('sklearn.preprocessing._label.LabelEncoder', {
      classes_: objects(['no', 'yes']),
    });
    expect((await importEstimator(encoder)).input).toEqual({
      type: 'columns',
      columns: [{ name: null, type: 'string', categories: null }],
    });
  });

  test('of which a part that sees all of them sees a matrix', async () => {
    const picks = columnTransformer(['a', 'b'], { scale: [standardScaler(1), [1]] });
    const { root, input } = await importEstimator(
      featureUnion({ picks, all: standardScaler(2, names('a', 'b')) }),
    );
    expect(input.type).toBe('columns');
    if (root.kind !== 'union') throw new Error(root.kind);
    expect(root.parts.map(({ columns }) => columns && [...columns])).toEqual([null, [0, 1]]);
  });
});
