import {
  block,
  type Code,
  constant,
  lanes,
  leaveIf,
  load,
  load16,
  loop,
  op,
  repeatIf,
  shuffle,
  simd,
  store,
  Variables,
} from './assemble.js';

/** What is dropped at once of a checksum's bytes, and the bytes before that still count; both in `fold`'s scratch, the latter first. */
export const foldBytes = 4096;
export const foldSpan = 300 * 16;

/**
 * A module whose function drops bytes of a checksum, as formats/crc32.ts does words: sixteen bytes at a time, for which the same exponents hold.
 *
 * `f(at, end, dropped)` is given the addresses of the bytes, a multiple of `foldBytes`, and of the scratch.
 */
export function assembleFold(shared: boolean): Uint8Array<ArrayBuffer> {
  const v = new Variables('at', 'end', 'dropped');
  /** Bytes that all take their turn without a branch. */
  const unrolled = 64;
  const next = (name: string, bytes: number): Code =>
    v.set(name, [v.get(name), constant(bytes), op.i32Add]);
  const fold = (offset: number): Code => [
    v.get('old'),
    [v.get('at'), load('v128', offset)],
    [0, 89, 117, 155].map((place) => [[v.get('old'), load('v128', offset + place * 16)], simd.xor]),
    store(offset + foldSpan),
  ];
  return v.assemble(
    loop(
      v.set('old', v.get('dropped')),
      v.set('last', [v.get('dropped'), constant(foldBytes), op.i32Add]),
      loop([0, 16, 32, 48].map(fold), next('at', unrolled), next('old', unrolled), [
        v.get('old'),
        v.get('last'),
        op.i32LessUnsigned,
        repeatIf(0),
      ]),
      [v.get('dropped'), v.get('last'), constant(foldSpan), op.memoryCopy],
      [v.get('at'), v.get('end'), op.i32LessUnsigned, repeatIf(0)],
    ),
    shared,
  );
}

/** Trees with fewer slots are not for the module. */
export const fewestSlots = 5;
/** Depths are below this: they are noted in 13 bits. */
export const depthBound = 2 ** 13 - 2;

/**
 * A module whose function proves what src/ir/tree-structure.ts asks of a narrow tree whose leaves are vectors; the rules stand there.
 *
 * `f(nodes, size, known, depth, shift, mask, beyond, vectors)` is given the addresses of the tree's slots, of a scratch of two bytes for the root and for each
 * pair of children, and of where it writes the depth, or −1 or `depthBound` if anything is wrong; then how far up in a link the child stands, which bits
 * hold the feature, what they hold in a leaf, and how many vectors there are. The tree has an odd number of slots, `fewestSlots` or more, and no more than links can number.
 *
 * Four slots at a time are judged alone: each is a leaf where its feature says so. Then their two pairs note for their children their depth + 1, and which
 * of the two must be leaves; what is noted of a pair is 8 × (its depth + 1), and 2 and 4 for leaves as a link has them. A pair that is unreached has all
 * ones, and makes the tree `depthBound` deep. With every pair reached by then, by as many splits, each slot has one parent, before it. No branch that is taken
 * depends on a tree that is right; nothing is noted for children that are not there.
 */
export function assembleProof(shared: boolean): Uint8Array<ArrayBuffer> {
  const v = new Variables('nodes', 'size', 'known', 'depth', 'shift', 'mask', 'beyond', 'vectors');
  const toEnd = (bytes: number): Code => [
    [v.get('nodes'), v.get('size'), constant(3), op.i32ShiftLeft, op.i32Add],
    [constant(bytes), op.i32Subtract],
  ];
  return v.assemble(
    [
      [v.get('depth'), constant(-1), op.i32Store],
      prepare(v),
      block(
        // The root, and what is judged again.
        [startAt(v, 0), judge(v), leaveIf(0)],
        v.set('next', constant(16)),
        noteChildren(v, 4),
        startAt(v, 1),
        loop(
          [judge(v), leaveIf(1)],
          reachPair(v, 0),
          reachPair(v, 1),
          compareLeaves(v, [0, 1]),
          moveOn(v, 4),
          v.set('own', [v.get('own'), constant(4), op.i32Add]),
          [v.get('at'), toEnd(24), op.i32LessUnsigned, repeatIf(0)],
        ),
        // The last pair, if it is left, with the one before it.
        block(
          [v.get('at'), toEnd(0), op.i32Equal, leaveIf(0)],
          moveOn(v, -2),
          v.set('own', [v.get('own'), constant(2), op.i32Subtract]),
          [judge(v), leaveIf(1)],
          reachPair(v, 1),
          compareLeaves(v, [1]),
        ),
        [v.get('mismatch'), constant(6), op.i32And, leaveIf(0)],
        // One leaf more than splits.
        [v.get('leaves'), constant(2), op.i32Multiply, v.get('size'), op.i32Subtract],
        [constant(1), op.i32Xor, leaveIf(0)],
        v.get('depth'),
        [v.get('deepest'), constant(3), op.i32ShiftRightUnsigned, constant(1), op.i32Subtract],
        op.i32Store,
      ),
    ],
    shared,
  );
}

const everyLane = (value: number): Code => lanes(value, value, value, value);

function prepare(v: Variables): Code {
  const every = (name: string, value: Code): Code => v.set(name, [value, simd.i32Splat], 'v128');
  const oddChild = [constant(1), v.get('shift'), op.i32ShiftLeft];
  return [
    every('features', v.get('mask')),
    every('end', v.get('beyond')),
    every('everyVector', v.get('vectors')),
    every('lastChild', [v.get('size'), constant(2), op.i32Subtract]),
    every('oddChild', oddChild),
    every('rightBits', [oddChild, constant(8), op.i32Or]),
    v.set('pairs', [v.get('known'), constant(1), op.i32Add]),
    v.set('own', [v.get('known'), constant(2), op.i32Add]),
    [v.get('known'), constant(-1), v.get('size'), constant(1), op.i32Add, op.memoryFill],
  ];
}

/** Four slots, the first of them `slot`: their address, and the links that they have as leaves. */
const startAt = (v: Variables, slot: number): Code => [
  v.set('at', [v.get('nodes'), constant(slot * 8), op.i32Add]),
  v.set(
    'leafLink',
    [
      [lanes(slot, slot + 1, slot + 2, slot + 3), v.get('shift'), simd.i32ShiftLeft],
      [v.get('end'), simd.or],
    ],
    'v128',
  ),
];

const moveOn = (v: Variables, slots: number): Code => [
  v.set('at', [v.get('at'), constant(slots * 8), op.i32Add]),
  v.set(
    'leafLink',
    [v.get('leafLink'), everyLane(slots), v.get('shift'), simd.i32ShiftLeft, simd.i32Add],
    'v128',
  ),
];

/** Leaves whether any of the four slots at `at` breaks a rule that it can break alone. */
const judge = (v: Variables): Code => [
  v.set('low', [v.get('at'), load('v128', 0)], 'v128'),
  v.set('high', [v.get('at'), load('v128', 16)], 'v128'),
  v.set('operand', [v.get('low'), v.get('high'), shuffle(0, 2, 4, 6)], 'v128'),
  v.set('link', [v.get('low'), v.get('high'), shuffle(1, 3, 5, 7)], 'v128'),
  v.set('feature', [v.get('link'), v.get('features'), simd.and], 'v128'),
  v.set('child', [v.get('link'), v.get('shift'), simd.i32ShiftRightUnsigned], 'v128'),
  v.set('leaf', [v.get('feature'), v.get('end'), simd.i32Equal], 'v128'),
  // Of a leaf: another link than its own, or no vector.
  [v.get('link'), v.get('leafLink'), simd.xor],
  [v.get('operand'), v.get('everyVector'), simd.i32AtLeastUnsigned, simd.or],
  // Of a split: a feature beyond the last, or children that are not there; no pair, or a set of categories; NaN.
  [v.get('feature'), v.get('end'), simd.i32Greater],
  [v.get('child'), v.get('lastChild'), simd.i32Greater, simd.or],
  [v.get('link'), v.get('oddChild'), simd.xor, v.get('rightBits'), simd.and, simd.or],
  [v.get('operand'), v.get('operand'), simd.f32NotEqual, simd.or],
  [v.get('leaf'), simd.choose],
  simd.anyTrue,
];

/**
 * Notes for the children of the link `offset` bytes after `at` that they are in depth `next`, and which are leaves. A leaf leads to its own pair, of which
 * all is known by then.
 */
const noteChildren = (v: Variables, offset: number): Code => [
  v.set('link32', [v.get('at'), load('i32', offset)]),
  [v.get('link32'), v.get('shift'), op.i32ShiftRightUnsigned],
  [v.get('pairs'), op.i32Add, constant(-2), op.i32And],
  [v.get('link32'), constant(6), op.i32And, v.get('next'), op.i32Or],
  op.i32Store16,
];

/** Takes up what was noted of a pair of the four slots, and notes what it says of its children. */
function reachPair(v: Variables, pair: 0 | 1): Code {
  const state = v.get(`state${pair}`);
  return [
    v.set(`state${pair}`, [v.get('own'), load16(pair * 2)]),
    v.set('deepest', [state, v.get('deepest'), state, v.get('deepest'), op.i32Greater, op.select]),
    v.set('next', [state, constant(7), op.i32Or, constant(1), op.i32Add]),
    noteChildren(v, pair * 16 + 4),
    noteChildren(v, pair * 16 + 12),
  ];
}

/** Compares which slots of pairs are leaves with what was noted, and counts them. */
const compareLeaves = (v: Variables, pairs: readonly (0 | 1)[]): Code => [
  v.set('leafBits', [v.get('leaf', 'v128'), simd.i32Bits]),
  pairs.map((pair) => [
    v.get('leafBits'),
    [constant(1), pair === 0 ? op.i32ShiftLeft : op.i32ShiftRightUnsigned],
    [v.get(`state${pair}`), op.i32Xor],
    v.set('mismatch', [v.get('mismatch'), op.i32Or]),
  ]),
  v.get('leafBits'),
  pairs.length === 2 ? [] : [constant(2), op.i32ShiftRightUnsigned],
  v.set('leaves', [op.i32CountOnes, v.get('leaves'), op.i32Add]),
];
