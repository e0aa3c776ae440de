import {
  block,
  type Code,
  constant,
  lanes,
  leaveIf,
  load,
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
/** Depths are below this: they are noted in 14 bits. */
export const depthBound = 2 ** 14 - 2;

/**
 * A module whose function proves what src/ir/tree-structure.ts asks of a narrow tree whose leaves are vectors; the rules stand there.
 *
 * `f(nodes, size, known, depth, shift, mask, beyond, vectors)` is given the addresses of the tree's slots, of a scratch of two bytes for the root and for each
 * pair of children, and of where it writes the depth, or −1 if anything is wrong; then how far up in a link the child stands, which bits hold the feature,
 * what they hold in a leaf, and how many vectors there are. The tree has an odd number of slots, `fewestSlots` or more, and no more than links can number.
 *
 * Four slots at a time are judged alone: each is a leaf where its feature says so. Then their two pairs note for their children their depth + 1, and which
 * of the two must be leaves; what is noted of a pair is 4 × (its depth + 1), and 1 and 2 for leaves, or 0 while it is unreached. With every pair reached, by
 * as many splits, each slot has one parent. No branch that is taken depends on a tree that is right; nothing is noted for children that are not there.
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
        [v.set('at', v.get('nodes')), judge(v), leaveIf(0)],
        v.set('left', [v.get('nodes'), load('i32', 4)]),
        v.set('next', constant(8)),
        noteChildren(v, 'left'),
        v.set('at', [v.get('nodes'), constant(8), op.i32Add]),
        v.set('slot', lanes(1, 2, 3, 4), 'v128'),
        loop(
          [judge(v), leaveIf(1)],
          reachPair(v, 0),
          reachPair(v, 16),
          v.set('slot', [v.get('slot'), everyLane(4), simd.i32Add], 'v128'),
          v.tee('at', [v.get('at'), constant(32), op.i32Add]),
          [toEnd(24), op.i32LessUnsigned, repeatIf(0)],
        ),
        // The last pair, if it is left, with the one before it.
        block(
          [v.get('at'), toEnd(0), op.i32Equal, leaveIf(0)],
          v.set('at', toEnd(32)),
          v.set('slot', [v.get('slot'), everyLane(-2), simd.i32Add], 'v128'),
          [judge(v), leaveIf(1)],
          reachPair(v, 16),
        ),
        [v.get('unreached'), constant(0), op.i32Less, leaveIf(0)],
        [v.get('mismatch'), constant(3), op.i32And, leaveIf(0)],
        // One leaf more than splits.
        [v.get('leaves'), constant(2), op.i32Multiply, v.get('size'), op.i32Subtract],
        [constant(1), op.i32Xor, leaveIf(0)],
        v.get('depth'),
        [v.get('deepest'), constant(2), op.i32ShiftRightUnsigned, constant(1), op.i32Subtract],
        op.i32Store,
      ),
    ],
    shared,
  );
}

const everyLane = (value: number): Code => lanes(value, value, value, value);

function prepare(v: Variables): Code {
  const every = (name: string, value: Code): Code => v.set(name, [value, simd.i32Splat], 'v128');
  return [
    every('features', v.get('mask')),
    every('end', v.get('beyond')),
    every('everyVector', v.get('vectors')),
    every('lastChild', [v.get('size'), constant(2), op.i32Subtract]),
    v.set('slot', lanes(0, 1, 2, 3), 'v128'),
    [v.get('known'), constant(0), v.get('size'), constant(1), op.i32Add, op.memoryFill],
  ];
}

/** Leaves whether any of the four slots at `at` breaks a rule that it can break alone. */
const judge = (v: Variables): Code => [
  v.set('low', [v.get('at'), load('v128', 0)], 'v128'),
  v.set('high', [v.get('at'), load('v128', 16)], 'v128'),
  v.set('operand', [v.get('low'), v.get('high'), shuffle(0, 2, 4, 6)], 'v128'),
  v.set('link', [v.get('low'), v.get('high'), shuffle(1, 3, 5, 7)], 'v128'),
  v.set('feature', [v.get('link'), v.get('features'), simd.and], 'v128'),
  v.set('child', [v.get('link'), v.get('shift'), simd.i32ShiftRightUnsigned], 'v128'),
  // Of a leaf: another link than its own, or no vector.
  [
    v.get('slot'),
    v.get('shift'),
    simd.i32ShiftLeft,
    v.get('end'),
    simd.or,
    v.get('link'),
    simd.xor,
  ],
  [v.get('operand'), v.get('everyVector'), simd.i32AtLeastUnsigned, simd.or],
  // Of a split: a feature beyond the last, children that do not follow or are not there, or no pair; a set of categories; NaN.
  [v.get('feature'), v.get('end'), simd.i32Greater],
  [v.get('child'), v.get('slot'), simd.i32AtMost, simd.or],
  [v.get('child'), v.get('lastChild'), simd.i32Greater, simd.or],
  [everyLane(1), v.get('child'), simd.andNot, simd.or],
  [everyLane(8), v.get('link'), simd.and, simd.or],
  [v.get('operand'), v.get('operand'), simd.f32NotEqual, simd.or],
  [v.get('feature'), v.get('end'), simd.i32Equal, simd.choose],
  simd.anyTrue,
];

/** Sets `…Pair` to twice the number of the pair that a link leads to. */
const findPair = (v: Variables, link: string): Code =>
  v.set(`${link}Pair`, [
    [v.get(link), v.get('shift'), op.i32ShiftRightUnsigned],
    [constant(1), op.i32Add, constant(-2), op.i32And],
  ]);

/** Notes for a link's children that they are in depth `next`, and which are leaves. A leaf leads to its own pair, of which all is known by then. */
const noteChildren = (v: Variables, link: string): Code => [
  findPair(v, link),
  [v.get('known'), v.get(`${link}Pair`), op.i32Add],
  [v.get(link), constant(1), op.i32ShiftRightUnsigned, constant(3), op.i32And],
  [v.get('next'), op.i32Or],
  op.i32Store16,
];

/** Compares what was noted of the pair `offset` bytes after `at` with it, and notes what it says of its children. */
function reachPair(v: Variables, offset: number): Code {
  const or = (name: string, value: Code): Code => v.set(name, [v.get(name), value, op.i32Or]);
  const isOwn = (link: string): Code => [v.get(`${link}Pair`), v.get('own'), op.i32Equal];
  return [
    v.set('own', [v.get('own'), constant(2), op.i32Add]),
    v.set('state', [v.get('known'), v.get('own'), op.i32Add, op.i32Load16Unsigned]),
    or('unreached', [v.get('state'), constant(8), op.i32Subtract]),
    v.set('deepest', [
      [v.get('state'), v.get('deepest')],
      [v.get('state'), v.get('deepest'), op.i32Greater, op.select],
    ]),
    v.set('next', [v.get('state'), constant(3), op.i32Or, constant(1), op.i32Add]),
    v.set('left', [v.get('at'), load('i32', offset + 4)]),
    v.set('right', [v.get('at'), load('i32', offset + 12)]),
    noteChildren(v, 'left'),
    noteChildren(v, 'right'),
    v.set('leftLeaf', isOwn('left')),
    v.set('rightLeaf', isOwn('right')),
    or('mismatch', [
      [v.get('leftLeaf'), v.get('rightLeaf'), constant(1), op.i32ShiftLeft, op.i32Or],
      [v.get('state'), op.i32Xor],
    ]),
    v.set('leaves', [v.get('leaves'), v.get('leftLeaf'), op.i32Add]),
    v.set('leaves', [v.get('leaves'), v.get('rightLeaf'), op.i32Add]),
  ];
}
