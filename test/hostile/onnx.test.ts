import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ModelDescription, NuthatchError } from '../../src/index.js';
import { answers, expectRefused, outcomeOf, reportDocuments } from './change-document.js';
import {
  bytes,
  floats,
  integer,
  integerAttribute,
  integers,
  message,
  model,
  node,
  randomModel,
  strings,
  tensor,
  text,
} from './onnx-files.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Files with bytes changed or cut off, graphs of any operators, and small files that ask for much. */
reportDocuments('onnx');

const folder = fileURLToPath(new URL('../../fixtures/onnx/', import.meta.url));
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== '__pycache__')
  .map(({ name }) => name)
  .sort();
const files = new Map(
  names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name, 'model.onnx')))]),
);

/** What a model answers, or that it knows no such category as a row's. */
function asked(model: ModelDescription): string {
  try {
    return answers(model);
  } catch (error) {
    if (error instanceof NuthatchError && error.code === 'input-category') return error.code;
    throw error;
  }
}

test.each(names)(
  '%s, cut off or with bits flipped, is refused or answers',
  async (name) => {
    const whole = files.get(name)!;
    const random = campaign(91);
    const outcome = await outcomeOf(name, whole);
    if ('error' in outcome) return expect.fail(outcome.error.message);
    const unharmed = asked(outcome.model);
    for (const length of random.sample(whole.length, 15 * fuzzRuns)) {
      const cut = await outcomeOf(`${name}, ${length} bytes`, whole.subarray(0, length));
      // Without its last fields, which say versions, a file may be whole.
      if (!('error' in cut)) expect(asked(cut.model)).toBe(unharmed);
    }
    for (let run = 0; run < 30 * fuzzRuns; run++) {
      const flipped = whole.slice();
      for (let flips = 1 + random.below(3); flips > 0; flips--)
        flipped[random.below(flipped.length)]! ^= 1 << random.below(8);
      const found = await outcomeOf(`${name}, flip ${run}`, flipped);
      if (!('error' in found)) asked(found.model);
    }
  },
  fuzzTimeout,
);

test(
  'graphs of any operators are refused, or answer',
  async () => {
    const random = campaign(92);
    let accepted = 0;
    for (let run = 0; run < 1500 * fuzzRuns; run++) {
      const found = await outcomeOf(`graph ${run}`, randomModel(random));
      if ('error' in found) continue;
      accepted++;
      asked(found.model);
    }
    expect(accepted).toBeGreaterThan(0);
  },
  fuzzTimeout,
);

describe('what asks for much', () => {
  const abs = (from: string, to: string) => node('Abs', [from], [to]);

  test('values that are used twice, again and again', async () => {
    const doubled = Array.from({ length: 60 }, (_, i) => [
      node('Gather', ['X', 'first'], [`x${i}`], integerAttribute('axis', 1)),
      node(
        'Concat',
        [i === 0 ? 'X' : `s${i - 1}`, `x${i}`],
        [`c${i}`],
        integerAttribute('axis', 1),
      ),
      abs(`c${i}`, `d${i}`),
      node('Gather', [`d${i}`, 'pair'], [`e${i}`], integerAttribute('axis', 1)),
      node('Concat', [`e${i}`, `x${i}`, `e${i}`], [`f${i}`], integerAttribute('axis', 1)),
      node('Gather', [`f${i}`, 'pair'], [`s${i}`], integerAttribute('axis', 1)),
    ]).flat();
    const constants = [tensor('first', [1], [0], 7), tensor('pair', [2], [0, 1], 7)];
    const error = await expectRefused('doubling', model(doubled, ['s59'], constants));
    expect(error.code).toBe('limit-exceeded');
  });

  test('products of values that are products themselves', async () => {
    const powers = Array.from({ length: 60 }, (_, i) => [
      node('Mul', [i === 0 ? 'X' : `p${i - 1}`, 'X'], [`m${i}`]),
      node('Add', ['X', i === 0 ? 'X' : `p${i - 1}`], [`a${i}`]),
      node('Div', [`m${i}`, `a${i}`], [`p${i}`]),
    ]).flat();
    const error = await expectRefused('products', model(powers, ['p59']));
    expect(error.code).toBe('limit-exceeded');
  });

  test('shapes that are repeated along each other', async () => {
    const sizes = (name: string, ...dims: number[]) => tensor(name, [dims.length], dims, 7);
    const nodes = [
      node('Reshape', ['X', 'tall'], ['t']),
      node('Reshape', ['X', 'wide'], ['w']),
      node('Mul', ['t', 'w'], ['p']),
      node('ReduceSum', ['p', 'axis'], ['s']),
    ];
    const constants = [sizes('tall', -1, 9000, 1), sizes('wide', -1, 1, 9000), sizes('axis', 2)];
    const error = await expectRefused('repeated', model(nodes, ['s'], constants, 9000));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('too many columns');
    const most = [sizes('tall', -1, 400, 1), sizes('wide', -1, 1, 400), sizes('axis', 2)];
    const costly = [...nodes, node('Mul', ['p', 'p'], ['q']), node('Sub', ['q', 'p'], ['r'])];
    const other = await expectRefused('costly', model(costly, ['r'], most, 400));
    expect(other.code).toBe('limit-exceeded');
  });

  test('columns from one', async () => {
    const wide = Array.from({ length: 40 }, (_, i) =>
      node(
        'Concat',
        [i === 0 ? 'X' : `w${i - 1}`, i === 0 ? 'X' : `w${i - 1}`],
        [`w${i}`],
        integerAttribute('axis', 1),
      ),
    );
    const error = await expectRefused('widening', model(wide, ['w39']));
    expect(error.code).toBe('limit-exceeded');
  });

  test('a million messages', async () => {
    const empty = new Uint8Array(2_000_000);
    for (let i = 0; i < empty.length; i += 2) empty[i] = 0x0a;
    const graph = bytes(7, empty);
    expect((await expectRefused('empty nodes', graph)).code).toBe('limit-exceeded');
  });

  test('outputs of small trees', async () => {
    const trees = (count: number) =>
      node(
        'TreeEnsembleRegressor',
        ['X'],
        ['Y'],
        integerAttribute('n_targets', 65_536),
        ...['nodes_treeids', 'nodes_nodeids', 'nodes_truenodeids', 'nodes_falsenodeids'].map(
          (name) =>
            integers(
              name,
              name === 'nodes_treeids'
                ? Array.from({ length: count }, (_, i) => i)
                : new Array(count).fill(0),
            ),
        ),
        integers('nodes_featureids', new Array(count).fill(0)),
        floats('nodes_values', new Array(count).fill(0)),
        strings('nodes_modes', new Array(count).fill('LEAF')),
        integers('target_treeids', [0, 0]),
        integers('target_nodeids', [0, 0]),
        integers('target_ids', [0, 1]),
        floats('target_weights', [1, 1]),
      );
    expect((await expectRefused('many outputs', model([trees(1000)], ['Y']))).code).toBe(
      'limit-exceeded',
    );
  });

  test('dimensions, lengths and numbers that lie', async () => {
    const refused = async (what: string, file: Uint8Array, code: string) =>
      expect((await expectRefused(what, file)).code, what).toBe(code);
    const add = [node('Add', ['X', 'k'], ['Y'])];
    await refused('dims', model(add, ['Y'], [tensor('k', [2 ** 40, 2 ** 40], [1])]), 'malformed');
    await refused('negative', model(add, ['Y'], [tensor('k', [-1, -2], [1, 2])]), 'malformed');
    await refused('columns', model([abs('X', 'Y')], ['Y'], [], 2 ** 40), 'unsupported');
    await refused('type', model(add, ['Y'], [tensor('k', [1], [1], 99)]), 'unsupported');
    const long = Uint8Array.of(0x08, 10, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
    await refused('length', long, 'truncated');
    await refused(
      'varint',
      Uint8Array.of(0x3a, 12, 0x0a, 10, ...new Array(10).fill(0xff)),
      'malformed',
    );
    await refused('group', Uint8Array.of(0x08, 10, 0x3a, 1, 0x0b), 'malformed');
    const twice = message(7, message(1, text(4, 'Abs')));
    await refused('graphs', Uint8Array.of(...twice, ...twice), 'malformed');
    await refused('utf-8', message(7, message(1, bytes(4, Uint8Array.of(0xff)))), 'malformed');
    await refused('none', Uint8Array.of(...integer(1, 10), ...message(7)), 'unsupported');
  });
});

test('all that is not supported is said at once, with its place', async () => {
  const file = model(
    [
      node('Unheard', ['X'], ['a']),
      node('Abs', ['a'], ['b']),
      node('Softmax', ['X'], ['c'], integerAttribute('axis', 0)),
      node('Scaler', ['X'], ['d'], floats('offset', [1, 2, 3]), floats('scale', [1])),
      node('Concat', ['b', 'c'], ['Y'], integerAttribute('axis', 1)),
    ],
    ['Y'],
  );
  const error = await expectRefused('gaps', file, ['unsupported']);
  expect(error.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'graph.node[0] (Unheard): an operator "Unheard", which is not supported',
    'graph.node[2] (Softmax).axis: 0 is not supported: 1 is',
    'graph.node[3] (Scaler).offset: expected 2 numbers, found 3',
  ]);
});

test('what a deep network is refused for names each operator once, and what is read instead', async () => {
  const nodes = ['Conv', 'Relu', 'Conv', 'MaxPool', 'Conv'].map((operator, i) =>
    node(operator, [i === 0 ? 'X' : `v${i - 1}`], [`v${i}`]),
  );
  const error = await expectRefused('network', model(nodes, ['v4']), ['unsupported']);
  expect(error.problems.length).toBe(4);
  expect(error.message.match(/"Conv"/g)?.length).toBe(1);
  expect(error.message).toMatch(/and in 2 more places[\s\S]*"MaxPool"[\s\S]*Read are trees/);
});
