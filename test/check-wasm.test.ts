import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeLargeForest } from '../bench/large-forest.js';
import { crc32 } from '../formats/crc32.js';
import { writeNut } from '../formats/nut/index.js';
import { load, NuthatchError, webAssembly } from '../src/index.js';
import { defaultLimits, fieldsOf, type TreeArrays, type Trees } from '../src/ir/index.js';
import { validateStructure } from '../src/ir/tree-structure.js';
import { assembleFold, assembleProof } from '../src/kernels/check-code.js';
import { crc32 as plainCrc } from './hostile/crc.js';
import { campaign, fuzzRuns, fuzzTimeout, type Random } from './hostile/random.js';

/** That files are checked alike with and without WebAssembly: what it takes, the portable checks take, and the reverse. */
const wasm = (
  globalThis as unknown as {
    readonly WebAssembly: { validate(bytes: Uint8Array): boolean };
  }
).WebAssembly;

const condense = webAssembly.condense!;
const proveTrees = webAssembly.proveTrees!;

afterEach(() => {
  vi.unstubAllGlobals();
});

test('the code is valid', () => {
  for (const code of [assembleFold(false), assembleProof(true)])
    expect(wasm.validate(code)).toBe(true);
});

describe('checksums', () => {
  const random = campaign(1);
  const bytes = Uint8Array.from({ length: 2 ** 20 + 30_000 }, () => random.below(256));
  const placed = webAssembly.place(bytes);

  test('are those of the bytes, wherever they begin and end', () => {
    expect(placed.buffer).not.toBe(bytes.buffer);
    const lengths = [8896, 8897, 12_992, 12_991, 40_000, 2 ** 20 - 1];
    for (let i = 0; i < 40 * fuzzRuns; i++) {
      const start = random.below(20_000);
      const end = start + (lengths[i] ?? 8896 + random.below(60_000));
      const seed = i % 3 === 0 ? 0 : random.below(2 ** 32);
      const rest = condense(placed, start, end, ~seed)!;
      expect(rest.length).toBeLessThan(8896);
      const expected = crc32(bytes, start, end, seed);
      expect(crc32(rest, 0, rest.length, 2 ** 32 - 1)).toBe(expected);
      if (seed === 0) expect(expected).toBe(plainCrc(bytes.subarray(start, end)));
    }
  });

  test('are left to others where bytes are few, or lie elsewhere', () => {
    expect(condense(placed, 0, 8895, 0)).toBeNull();
    expect(condense(bytes, 0, bytes.length, 0)).toBeNull();
  });
});

describe('structures', () => {
  /** Room for forests in the memory of a placed file. */
  const home = webAssembly.place(new Uint8Array(2 ** 20)).buffer;

  /** A forest of that shape whose slots lie there. */
  function placeForest(options: { trees: number; splits: number; seed: number }): TreeArrays {
    const description = makeLargeForest({ ...options, features: 5, classes: 3 });
    const trees = description.root as Trees;
    const nodes = new Uint32Array(home, 64, trees.nodes.length);
    nodes.set(trees.nodes);
    return { ...trees, nodes, depths: trees.depths.slice() };
  }

  function isRight(trees: TreeArrays): boolean {
    try {
      validateStructure(fieldsOf({}, 'root', defaultLimits), trees);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(NuthatchError);
      return false;
    }
  }

  /** Changes something of one slot, or of a depth. */
  function damage(random: Random, trees: TreeArrays): void {
    const { nodes, starts, featureBits } = trees;
    const tree = random.below(starts.length - 1);
    const size = starts[tree + 1]! - starts[tree]!;
    const drawSlot = () => (starts[tree]! + random.below(size)) * 2;
    const at = drawSlot();
    const other = drawSlot();
    const shift = 4 + featureBits;
    const link = nodes[at + 1]!;
    switch (random.below(8)) {
      case 0:
        nodes[at + random.below(2)]! ^= 1 << random.below(32);
        break;
      case 1:
        // Another child, most often of the same tree.
        nodes[at + 1] = (link & ((1 << shift) - 1)) | (random.below(size + 2) << shift);
        break;
      case 2:
        nodes.copyWithin(at, other, other + 2);
        break;
      case 3: {
        // Two splits change children, or leaves their places.
        const held = nodes.slice(at, at + 2);
        nodes.copyWithin(at, other, other + 2);
        nodes.set(held, other);
        break;
      }
      case 4:
        nodes[at + 1] = link ^ (1 << random.below(shift));
        break;
      case 5:
        nodes[at] = random.pick([
          0x7f800000, 0x7f800001, 0xff800000, 0xffc00000, 2, 3, 4, 0x7fffffff,
        ]);
        break;
      case 6: {
        // Children and features of two links, crosswise.
        const mask = (1 << shift) - 1;
        const far = nodes[other + 1]!;
        nodes[at + 1] = (link & mask) | (far & ~mask);
        nodes[other + 1] = (far & mask) | (link & ~mask);
        break;
      }
      default:
        (trees.depths as Uint8Array)[tree]! += random.pick([1, 255]);
    }
  }

  test(
    'that one way takes, the other takes',
    () => {
      const random = campaign(2);
      const verdicts = { right: 0, wrong: 0 };
      for (let i = 0; i < 3000 * fuzzRuns; i++) {
        const shape = { trees: 1 + random.below(3), splits: 2 + random.below(12), seed: i };
        const trees = placeForest(shape);
        expect(proveTrees(trees)).toBe(true);
        const times = random.below(3);
        for (let n = 0; n <= times; n++) damage(random, trees);
        const right = isRight(trees);
        if (proveTrees(trees) !== right)
          expect.fail(`forest ${i} is ${right ? 'right' : 'wrong'}, which WebAssembly denies`);
        verdicts[right ? 'right' : 'wrong']++;
      }
      console.log(`damaged forests: ${verdicts.right} still right, ${verdicts.wrong} wrong`);
      expect(Math.min(verdicts.right, verdicts.wrong)).toBeGreaterThan(100);
    },
    fuzzTimeout,
  );

  test('are not proven where the module’s rules do not hold', () => {
    const trees = placeForest({ trees: 2, splits: 9, seed: 1 });
    expect(proveTrees(trees)).toBe(true);
    const elsewhere = { ...trees, nodes: trees.nodes.slice() };
    const small = placeForest({ trees: 2, splits: 1, seed: 1 });
    for (const other of [
      elsewhere,
      small,
      { ...trees, leaves: null },
      { ...trees, layout: 'wide' as const },
    ])
      expect(proveTrees(other)).toBe(false);
  });

  test('are not proven where two splits share children, and a pair of splits has no parent', () => {
    // Two splits as children of each; pairs begin at 1, 3, 5, …, and none has a leaf before the last eight.
    const trees = complete(4);
    expect(proveTrees(trees)).toBe(true);
    const { nodes } = trees;
    const leading = nodes[1]!;
    for (const [from, to] of [
      [2, 1],
      [1, 2],
    ] as const) {
      nodes[from * 2 + 1] = nodes[to * 2 + 1]!;
      expect(isRight(trees)).toBe(false);
      expect(proveTrees(trees)).toBe(false);
      complete(4);
    }
    // A pair that leads to itself, and one that leads back.
    for (const from of [1, 2, 3, 4, 5, 6]) {
      nodes[from * 2 + 1] = leading;
      expect(isRight(trees)).toBe(false);
      expect(proveTrees(trees)).toBe(false);
      complete(4);
    }
  });

  test('are not proven where a leaf’s place is taken by a split that shares children', () => {
    const trees = chain(9);
    const { nodes } = trees;
    expect(proveTrees(trees)).toBe(true);
    // The root says that both of its children are splits, and the left one leads to the pair of slot 4.
    nodes[1]! &= ~6;
    nodes[3] = nodes[9]!;
    expect(isRight(trees)).toBe(false);
    expect(proveTrees(trees)).toBe(false);
  });

  test('that lead outside leave memory as it is', () => {
    const trees = placeForest({ trees: 2, splits: 30, seed: 5 });
    const { nodes, featureBits, starts } = trees;
    const shift = 4 + featureBits;
    const size = starts[1]!;
    const split = nodes.findIndex((_, i) => i > 1 && i % 2 === 1 && (nodes[i]! & 6) === 0);
    for (const child of [size, size + 1, size + 2, 4095, 65_535, 2 ** (32 - shift) - 1]) {
      nodes[split] = (nodes[split]! & ((1 << shift) - 1)) | (child << shift);
      const before = new Uint8Array(home).slice();
      expect(proveTrees(trees)).toBe(false);
      expect(Buffer.compare(before, new Uint8Array(home))).toBe(0);
    }
  });

  test('of every size are proven, and chains as deep as can be noted', () => {
    for (let splits = 2; splits < 40; splits++)
      expect(proveTrees(placeForest({ trees: 2, splits, seed: splits }))).toBe(true);
    for (const [splits, proven] of [
      [8_188, true],
      [8_192, false],
      [20_000, false],
    ] as const)
      expect(proveTrees(chain(splits))).toBe(proven);
  });

  /** One tree whose leaves are all that deep, level after level. */
  function complete(depth: number): TreeArrays {
    const size = 2 ** (depth + 1) - 1;
    const firstLeaf = 2 ** depth - 1;
    const trees = chain(firstLeaf);
    for (let slot = 0; slot < firstLeaf; slot++) {
      const flags = 2 * slot + 1 < firstLeaf ? 0 : 6;
      trees.nodes[slot * 2 + 1] = flags | ((2 * slot + 1) << 7);
    }
    for (let slot = firstLeaf; slot < size; slot++)
      trees.nodes[slot * 2 + 1] = (5 << 4) | (slot << 7);
    return { ...trees, depths: [depth] };
  }

  /** Every split's left child is a leaf, and its right one the next split. */
  function chain(splits: number): TreeArrays {
    const size = 2 * splits + 1;
    const featureBits = 3;
    const shift = 4 + featureBits;
    const nodes = new Uint32Array(home, 64, size * 2);
    for (let slot = 0; slot < size; slot++) {
      const isSplit = slot % 2 === 0 && slot < size - 1;
      const flags = slot === size - 3 ? 6 : 2;
      nodes[slot * 2] = 0;
      nodes[slot * 2 + 1] = isSplit ? flags | ((slot + 1) << shift) : (5 << 4) | (slot << shift);
    }
    const leaves = new Float64Array(3);
    return {
      ...{ features: 5, layout: 'narrow', featureBits, nodes, leafColumns: 3, leaves },
      ...{ starts: Uint32Array.of(0, size), depths: [splits], categories: null },
    };
  }
});

describe('a large file', () => {
  const file = writeNut(
    makeLargeForest({ trees: 20, splits: 4000, features: 9, classes: 4, seed: 3 }),
  );

  /** What comes of loading: a model, or the code, place and message of an error. */
  function outcome(bytes: Uint8Array, accelerator: typeof webAssembly | null): string {
    try {
      return load(bytes, { accelerator }).task;
    } catch (error) {
      const { code, message } = error as NuthatchError;
      return `${code} ${message}`;
    }
  }

  test('is checked without the portable way', () => {
    const prove = vi.fn(proveTrees);
    const shorten = vi.fn(condense);
    load(file, { accelerator: { ...webAssembly, condense: shorten, proveTrees: prove } });
    expect(prove).toHaveReturnedWith(true);
    expect(shorten.mock.results[0]!.value).not.toBeNull();
  });

  test('is refused in the same words, wherever it is damaged', () => {
    const random = campaign(4);
    for (let i = 0; i < 25 * fuzzRuns; i++) {
      const bytes = file.slice();
      const at = random.below(bytes.length);
      bytes[at]! ^= 1 << random.below(8);
      // With checksums made true again, it is the validator that finds it.
      if (i % 2 === 0) seal(bytes);
      expect(outcome(bytes, webAssembly)).toBe(outcome(bytes, null));
    }
  });

  /** Makes the checksum of the whole file true. */
  function seal(bytes: Uint8Array): void {
    const end = bytes.length - 8;
    new DataView(bytes.buffer).setUint32(end + 4, crc32(bytes, 0, end));
  }

  test('is checked portably where the engine does not know the instructions', () => {
    const Module = vi.fn();
    const known = Object.getOwnPropertyDescriptors({ Module, validate: () => false });
    vi.stubGlobal('WebAssembly', Object.create(wasm, known));
    expect(outcome(file, webAssembly)).toBe('classifier');
    expect(Module).not.toHaveBeenCalled();
  });
});
