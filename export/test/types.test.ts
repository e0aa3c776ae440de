import { describe, expect, test } from 'vitest';
import { smallModels } from '../../test/hostile/models.js';
import { exportModel } from '../src/index.js';
import { readModel } from './models.js';

const typesOf = async (path: string): Promise<string> =>
  (await exportModel(await readModel(path), 'dts'))[0]!.content;

describe('types of a model', () => {
  test('have its columns with their categories and gaps, its classes, and the methods that it has', async () => {
    const types = await typesOf('examples/titanic/model.json');
    for (const line of [
      '  readonly pclass: 1 | 2 | 3;',
      '  readonly age: number | null;',
      '  readonly ticket?: unknown;',
      '  readonly sex: "female" | "male";',
      'export type Class = "died" | "survived";',
      '  readonly classes: readonly ["died", "survived"];',
      '  predict(X: Rows): Class[];',
      '  predictOne(row: Features | Row): Class;',
      '  predictProba(X: Rows): Matrix;',
      '  decisionFunction(X: Rows): Float64Array;',
    ])
      expect(types.split('\n')).toContain(line);
    expect(types).not.toContain('predictStd');
  });

  test('quote names that mean something to TypeScript', async () => {
    const model = smallModels['narrow table, single tree, ids, covers, strings']!();
    const [types] = await exportModel(model, 'dts');
    expect(types!.content).toContain('readonly "größe": number | null;');
    expect(types!.content).toContain('readonly __proto__: number | null;');
    expect(types!.content).toContain('readonly "": number | null;');
  });
});
