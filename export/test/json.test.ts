import { writeNut } from 'nuthatch/import';
import { describe, expect, test } from 'vitest';
import { smallModels } from '../../test/hostile/models.js';
import { readJson, writeJson } from '../src/index.js';
import { readModel } from './models.js';

const models = Object.entries(smallModels).map(([name, make]) => [name, make()] as const);
const forest = () => writeJson(smallModels['wide table, categories, any, booleans, normalize']!());

/** The code of what reading a text throws. */
function refusal(text: string): unknown {
  try {
    readJson(text);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return null;
}

describe('a model as JSON', () => {
  test.each(models)('%s: comes back to the bit', (_, model) => {
    const back = writeNut(readJson(writeJson(model)));
    expect(Buffer.compare(back, writeNut(model))).toBe(0);
  });

  test('has a line for each node of a tree, and lines of numbers that people can read', async () => {
    const lines = writeJson(await readModel('fixtures/demo/model.json')).split('\n');
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^\{"feature": \d, "threshold": [\d.]+, "left": 1, "missing": "left"\},$/,
      ),
    );
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(130);
  });

  test('keeps −0, numbers that are not finite, and names that begin as its own marks do', () => {
    const [, model] = models[0]!;
    const reference = {
      '@float64': [1],
      '@@': -0,
      nan: Number.NaN,
      tensor: Float64Array.of(-0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324),
      __proto__: null,
    };
    const text = writeJson({ ...model, reference });
    const read = readJson(text).reference!;
    expect({ ...read }).toEqual(reference);
    expect(Object.is(read['@@'], -0)).toBe(true);
    // Python makes an integer of a zero without a point.
    expect(text).toContain('-0.0');
  });

  test.each<[string, unknown, (text: string) => string]>([
    ['no JSON', 'malformed', (text) => text.slice(0, -9)],
    ['another document', 'not-a-model', () => '{"root": {}}'],
    ['a list', 'not-a-model', () => '[]'],
    ['a later form', 'unsupported-version', (text) => text.replace('"1.1"', '"2.0"')],
    ['a tensor of strings', 'malformed', (text) => text.replace(/"@float64": \[/, '$&"a", ')],
    ['a tensor of no type', 'malformed', (text) => text.replace('@float64', '@constructor')],
    ['a child out of range', 'invalid-model', (text) => text.replace(/"left": \d+/, '"left": 99')],
    ['a child before', 'invalid-model', (text) => text.replace(/"left": \d+/, '"left": 0')],
    [
      'a child that is no integer',
      'malformed',
      (text) => text.replace(/"left": \d/, '"left": 0.5'),
    ],
    [
      'a feature too large',
      'malformed',
      (text) => text.replace(/"feature": \d/, '"feature": 1e30'),
    ],
    ['a slot of nothing', 'malformed', (text) => text.replace(/\{"feature"[^}]*\}/, '{}')],
    ['a slot that is null', 'malformed', (text) => text.replace(/\{"feature"[^}]*\}/, 'null')],
    ['a kind of nothing', 'malformed', (text) => text.replace('"trees"', '"__proto__"')],
    [
      'much nesting',
      'limit-exceeded',
      (text) => text.replace('"root": {', `"deep": ${'['.repeat(5000)}${']'.repeat(5000)}, $&`),
    ],
  ])('refuses %s', (_, code, change) => {
    const changed = change(forest());
    expect(changed).not.toBe(forest());
    expect(refusal(changed)).toBe(code);
  });
});
