import { createModel } from 'nuthatch';
import { describe, expect, test } from 'vitest';
import { exportModel } from '../src/index.js';
import { readModel } from './models.js';

interface Module {
  readonly default: { readonly classes: readonly string[] };
  predict(rows: unknown): string[];
  predictProba(rows: unknown): { data: Float64Array };
  predictOne(row: unknown): string;
}

const passenger = {
  pclass: 3,
  sex: 'male',
  age: null,
  family: 0,
  fare: 20.68,
  embarked: 'Cherbourg',
  deck: null,
};

describe('a module', async () => {
  const model = await readModel('examples/titanic/model.json');
  const [code, types] = await exportModel(model, 'js');
  const url = `data:text/javascript;base64,${Buffer.from(code!.content).toString('base64')}`;
  const module = (await import(url)) as Module;

  test('answers as the library does, and refuses what it refuses', () => {
    const own = createModel(model) as unknown as Module;
    expect(module.predictOne(passenger)).toBe(own.predictOne(passenger));
    expect(module.predictProba([passenger]).data).toEqual(own.predictProba([passenger]).data);
    expect(module.default.classes).toEqual(['died', 'survived']);
    expect(() => module.predictOne({ ...passenger, sex: 'woman' })).toThrow(
      expect.objectContaining({ code: 'input-category' }),
    );
  });

  test('needs nothing else, and runs where no code may be made of strings', () => {
    expect(code!.content).not.toMatch(/\bimport\b|\brequire\(|\beval\(|new Function/);
    expect(types!.suffix).toBe('.d.ts');
    expect(types!.content).toContain("export declare const predict: Model['predict'];");
  });

  test('carries the kinds that it needs alone', () => {
    // All kinds are 113 kB.
    expect(code!.content.length).toBeLessThan(46_000);
  });
});
