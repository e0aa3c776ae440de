import { afterAll, describe, expect, test } from 'vitest';
import { readNut, writeNut } from '../../formats/nut/index.js';
import { assemble, type NutSource, putTogether, sealed, takeApart } from './encode-nut.js';
import { replacements, show } from './header-values.js';
import { probeRows, smallModels } from './models.js';
import { judgeNut, refusals, Tally } from './oracle.js';
import { arraysIn, at, places, replaced } from './plain-data.js';
import { campaign, fuzzRuns, fuzzTimeout, type Random } from './random.js';
import { smallTransformers } from './transformers.js';

/** Every field of the header and every kind of element of the tensors, changed one at a time, checksums right. */

const tally = new Tally();
afterAll(() => {
  console.log(`nut-fields, mutations judged: ${tally}`);
});

/** Whether the campaign is a longer one, as `npm run fuzz` is. */
const isLong = fuzzRuns > 1;

/** How many of the possible values each field is given. */
const valuesPerField = isLong ? 4 * fuzzRuns : 1;

/** All values in a longer campaign; a few, drawn, in `npm test`. */
const some = <T>(random: Random, values: readonly T[], few: number): T[] =>
  random.sample(values.length, isLong ? values.length : few).map((i) => values[i]!);

const names = Object.keys(smallModels);

describe('every small model', () => {
  test.each(names)('%s: the reference evaluator agrees with the runtime', (name) => {
    const model = smallModels[name]!();
    const source = takeApart(model);
    const verdict = judgeNut(
      name,
      sealed(source),
      () => putTogether(source),
      () => probeRows(model, 77, 60),
    );
    expect(verdict.code).toBe('accepted');
  });

  test.each(names)('%s: the test’s own writer and formats/nut say the same', (name) => {
    const model = smallModels[name]!();
    expect(readNut(sealed(takeApart(model)))).toEqual(readNut(writeNut(model)));
  });
});

describe('every field of the header', () => {
  test.each(names)(
    '%s',
    (name) => {
      const model = smallModels[name]!();
      const source = takeApart(model);
      const random = campaign(names.indexOf(name) + 1);
      const rows = probeRows(model, 5, 8);
      for (const path of places(source.header)) {
        const values = replacements(at(source.header, path), source);
        // Golden sets and provenance are read alike whatever the model is.
        const apart = path[0] === 'golden' || path[0] === 'provenance';
        if (apart && !isLong && names.indexOf(name) % 8 > 0) continue;
        // A quarter of the fields in `npm test`, drawn.
        if (!isLong && random.below(4) > 0) continue;
        for (const choice of random.sample(values.length, apart ? 1 : valuesPerField)) {
          const header = replaced(source.header, path, values[choice]) as NutSource['header'];
          const what = `${name}: ${path.join('.')} = ${show(values[choice])}`;
          const bytes = assemble({ header, payload: source.payload });
          tally.add(
            judgeNut(
              what,
              bytes,
              () => putTogether({ header, payload: source.payload }),
              () => rows,
            ),
          );
        }
      }
    },
    fuzzTimeout,
  );
});

/** What every field of the kinds that transform is given: numbers around its own and around limits, other types, itself. */
function hostileFew(original: unknown, source: NutSource): unknown[] {
  const own = typeof original === 'number' ? original : 1;
  const maps =
    original !== null && typeof original === 'object' ? [original, [original]] : ['', []];
  const tensors = [{ $tensor: 0 }, { $tensor: source.header.tensors.length }];
  return [
    undefined,
    null,
    -1,
    0,
    own + 1,
    2 ** 31,
    Number.NaN,
    0.5,
    'x',
    true,
    ...maps,
    ...tensors,
  ];
}

describe('every field of what transforms', () => {
  test.each(Object.keys(smallTransformers))(
    '%s',
    (name) => {
      const model = smallModels[name]!();
      const { header, payload } = takeApart({ ...model, golden: [] });
      const random = campaign(names.indexOf(name) + 300);
      const rows = probeRows(model, 9, 4);
      for (const path of places({ input: header.input, root: header.root })) {
        // Half of the fields in `npm test`, drawn.
        if (!isLong && random.below(2) > 0) continue;
        for (const value of some(random, hostileFew(at(header, path), { header, payload }), 1)) {
          const changed = replaced(header, path, value) as NutSource['header'];
          const source = { header: changed, payload };
          const what = `${name}: ${path.join('.')} = ${show(value)}`;
          const judge = () =>
            judgeNut(
              what,
              assemble(source),
              () => putTogether(source),
              () => rows,
            );
          tally.add(judge());
        }
      }
    },
    fuzzTimeout,
  );
});

function judgePlain(what: string, changed: object, rows: readonly (readonly unknown[])[]): void {
  tally.add(
    judgeNut(
      what,
      sealed(takeApart(changed)),
      () => changed as Record<string, unknown>,
      () => rows,
    ),
  );
}

describe('every kind of tensor element', () => {
  test.each(names)(
    '%s',
    (name) => {
      const model = smallModels[name]!();
      const random = campaign(names.indexOf(name) + 100);
      const rows = probeRows(model, 6, 8);
      for (const [path, array] of arraysIn(model)) {
        const isFloat = array instanceof Float64Array || array instanceof Float32Array;
        for (const index of random.sample(array.length, isLong ? 2 * fuzzRuns : 1)) {
          const original = array[index]!;
          const values = isFloat
            ? [
                Number.NaN,
                Infinity,
                -Infinity,
                -0,
                5e-324,
                1e308,
                -1,
                original + 1,
                original * -1,
                array.length,
                1.5,
              ]
            : [
                0,
                1,
                2,
                255,
                2 ** 16,
                2 ** 31,
                2 ** 32 - 1,
                original + 1,
                original - 1,
                array.length,
                array.length - 1,
              ];
          for (const value of some<number>(random, values, 1)) {
            const copy = array.slice();
            copy[index] = value;
            judgePlain(
              `${name}: ${path.join('.')}[${index}] = ${value}`,
              replaced(model, path, copy) as object,
              rows,
            );
          }
        }
        const wholes: unknown[] = [
          array.slice(0, 0),
          array.slice(1),
          array.slice(0, -1),
          array.slice().reverse(),
          array.slice().sort(),
          array.slice().fill(0),
          array.slice().fill(1),
          new (array.constructor as Uint8ArrayConstructor)([...array, array.at(-1) ?? 0]),
          new (array.constructor as Uint8ArrayConstructor)([...array, ...array]),
          Uint8Array.from(array),
          Uint16Array.from(array),
          Uint32Array.from(array),
          Int32Array.from(array),
          Float32Array.from(array),
          Float64Array.from(array),
          new Uint8Array(array.buffer.slice(0)),
          Array.from(array, (value) => (Number.isFinite(value) ? Math.trunc(value) : 0)),
          null,
        ];
        for (const whole of some(random, wholes, 1))
          judgePlain(
            `${name}: ${path.join('.')} = ${show(whole)}`,
            replaced(model, path, whole) as object,
            rows,
          );
      }
    },
    fuzzTimeout,
  );
});

/** Every change of the four bits. */
const allFlags = Array.from({ length: 15 }, (_, i) => i + 1);

interface TreesNode {
  readonly layout: 'narrow' | 'wide';
  readonly featureBits: number;
  readonly features: number;
  readonly nodes: Uint32Array;
  readonly starts: Uint32Array;
  readonly leaves: Float64Array | null;
}

describe('every field of every slot', () => {
  const forests = names.filter((name) =>
    JSON.stringify(smallModels[name]!().root).includes('"trees"'),
  );
  test.each(forests)(
    '%s',
    (name) => {
      const model = smallModels[name]!();
      const rows = probeRows(model, 8, 8);
      const path = arraysIn(model).find(([place]) => place.at(-1) === 'nodes')![0];
      const node = at(model, path.slice(0, -1)) as TreesNode;
      const { nodes, starts, featureBits: bits, features } = node;
      const wide = node.layout === 'wide';
      const stride = wide ? 4 : 2;
      const link = wide ? 2 : 1;
      const mask = 2 ** bits - 1;
      const random = campaign(names.indexOf(name) + 200);
      const slots = nodes.length / stride;
      for (const slot of random.sample(slots, isLong ? 3 * fuzzRuns : 1)) {
        const tree = starts.findIndex((start, t) => slot >= start && slot < (starts[t + 1] ?? 0));
        const root = starts[tree]!;
        const size = starts[tree + 1]! - root;
        const own = slot - root;
        const word = nodes[slot * stride + link]!;
        const childOf = (s: number) =>
          wide ? nodes[s * 4 + 3]! : nodes[s * 2 + 1]! >>> (4 + bits);
        const parent =
          Array.from({ length: size }, (_, i) => i).find(
            (i) => childOf(root + i) === own || childOf(root + i) + 1 === own,
          ) ?? 0;
        const change = (
          what: string,
          edit: (words: Uint32Array, float32: Float32Array, float64: Float64Array) => void,
        ) => {
          const copy = nodes.slice();
          edit(copy, new Float32Array(copy.buffer), new Float64Array(copy.buffer));
          judgePlain(`${name}: slot ${slot}, ${what}`, replaced(model, path, copy) as object, rows);
        };
        for (const child of some(
          random,
          [
            own,
            0,
            parent,
            own - 1,
            own + 1,
            own + 2,
            childOf(slot) + 1,
            childOf(slot) - 1,
            size - 2,
            size - 1,
            size,
            size + 1,
            2 ** 16,
            2 ** 28 - 1,
            2 ** 31,
            2 ** 32 - 1,
          ],
          6,
        )) {
          change(`child = ${child}`, (words) => {
            if (wide) words[slot * 4 + 3] = child;
            else words[slot * 2 + 1] = (word & (mask * 16 + 15)) | (child << (4 + bits));
          });
        }
        for (const feature of some(random, [0, features - 1, features, features + 1, mask], 3)) {
          change(`feature = ${feature}`, (words) => {
            words[slot * stride + link] = (word & ~(mask * 16)) | ((feature & mask) << 4);
          });
        }
        for (const flags of some(random, allFlags, 6)) {
          change(`flags ^ ${flags}`, (words) => {
            words[slot * stride + link] = word ^ flags;
          });
        }
        for (const operand of some(
          random,
          [
            Number.NaN,
            Infinity,
            -Infinity,
            0,
            -1,
            1,
            0.5,
            2,
            3,
            4,
            slots,
            2 ** 31,
            2 ** 32 - 1,
            1e300,
          ],
          4,
        )) {
          change(`operand = ${operand}`, (_, float32, float64) => {
            if (wide) float64[slot * 2] = operand;
            else float32[slot * 2] = operand;
          });
          change(`operand as index = ${operand}`, (words) => {
            words[slot * stride] = operand;
          });
          change(`value = ${operand}`, (_words, _float32, float64) => {
            float64[slot * (stride / 2)] = operand;
          });
        }
        for (const other of [root, root + size - 1, starts.at(-1)! - 1]) {
          change(`swapped with ${other}`, (words) => {
            const kept = words.slice(slot * stride, (slot + 1) * stride);
            words.copyWithin(slot * stride, other * stride, (other + 1) * stride);
            words.set(kept, other * stride);
          });
        }
      }
    },
    fuzzTimeout,
  );
});

describe('inputs that this release reads but cannot take', () => {
  const source = takeApart(smallModels['linear, softmax']!());
  const inputs: Readonly<Record<string, unknown>> = {
    text: { type: 'text' },
    columns: {
      type: 'columns',
      columns: [
        { name: 'a', type: 'number' },
        { name: '__proto__', type: 'string' },
        { name: 'c', type: 'category', categories: ['x', 'y'] },
      ],
    },
  };
  test.each(Object.keys(inputs))('%s, whole and with every field changed', (type) => {
    const whole = { ...source.header, input: inputs[type] } as NutSource['header'];
    expect(
      judgeNut(
        type,
        assemble({ header: whole, payload: source.payload }),
        () => ({}),
        () => [],
      ).code,
    ).toBe('invalid-model');
    for (const path of places(inputs[type])) {
      for (const value of replacements(at(inputs[type], path), source)) {
        const header = { ...source.header, input: replaced(inputs[type], path, value) };
        const verdict = judgeNut(
          `${type}: ${path.join('.')} = ${show(value)}`,
          assemble({ header, payload: source.payload }),
          () => ({}),
          () => [],
        );
        tally.add(verdict);
        expect(refusals).toContain(verdict.code);
      }
    }
  });
});
