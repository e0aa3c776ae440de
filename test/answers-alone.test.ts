import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel } from '../formats/index.js';
import type { GoldenOutput } from '../src/ir/index.js';
import { verify } from '../src/verify.js';

/**
 * Whoever writes golden rows by hand gives the answers that are at hand: probabilities without the margins that they come from. They have
 * to hold alone, by what the margins may be off; and one that is wrong by more must not.
 */
const models = [
  ...['logistic-multinomial', 'logistic-two-classes', 'sgd-log-loss-two-classes', 'mlp-classifier'],
  ...['self-training', 'stacking-classifier', 'svc-probability', 'tuned-threshold'],
  ...['linear-discriminant-analysis', 'union-weighted', 'gaussian-process-classifier'],
];

describe.each(models)('%s', (name) => {
  const path = new URL(`../fixtures/models/sklearn-1.9/${name}/model.json`, import.meta.url);
  const imported = importModel(readFileSync(fileURLToPath(path)));

  test('answers of one method hold without those of the others', async () => {
    const model = await imported;
    for (const set of model.golden)
      for (const output of set.outputs) {
        const [found] = verify(model, [{ ...set, outputs: [output] }]);
        expect(found, `${set.name}, ${output.method}`).toMatchObject({ failed: 0 });
      }
  });

  test('and not where they are others', async () => {
    const model = await imported;
    const [set] = model.golden;
    for (const output of set!.outputs) {
      if (!output.method.endsWith('_proba')) continue;
      const [found] = verify(model, [{ ...set!, outputs: [moved(output)] }]);
      expect(found!.failed, output.method).toBeGreaterThan(0);
    }
  });
});

/** The answers, one of them off by a millionth. */
function moved(output: GoldenOutput): GoldenOutput {
  const [part] = output.parts;
  const values = Float64Array.from(part!.values as Float64Array);
  const largest = values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
  values[largest]! += 1e-6 * (Math.abs(values[largest]!) || 1);
  return { ...output, parts: [{ ...part!, values }] };
}
