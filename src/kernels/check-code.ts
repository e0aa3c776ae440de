import {
  type Code,
  constant,
  lanes,
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
 * A module whose function drops bytes of a checksum, as formats/nut/crc32.ts does words: sixteen bytes at a time, for which the same exponents hold.
 *
 * `f(at, end, dropped)` is given the addresses of the bytes, a multiple of `foldBytes`, and of the scratch.
 */
export function assembleFold(): Uint8Array<ArrayBuffer> {
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
 * First each slot is judged alone, four at a time: it is a leaf where its feature says so. Then every pair notes for its children their depth + 1, and which
 * of the two must be leaves. With every pair reached, by as many splits, each slot has one parent. No branch depends on the file.
 */
export function assembleProof(): Uint8Array<ArrayBuffer> {
  const v = new Variables('nodes', 'size', 'known', 'depth', 'shift', 'mask', 'beyond', 'vectors');
  const check = [judgeSlots(v), reachPairs(v)];
  const wrong = [
    [v.get('wrong'), simd.anyTrue],
    [v.get('unreached'), constant(0), op.i32Less, op.i32Or],
    [v.get('mismatch'), constant(3), op.i32And, op.i32Or],
    // One leaf more than splits.
    [v.get('leaves'), constant(2), op.i32Multiply, v.get('size'), op.i32Subtract],
    [constant(1), op.i32Xor, op.i32Or],
  ];
  const depth = [
    v.get('deepest'),
    constant(2),
    op.i32ShiftRightUnsigned,
    constant(1),
    op.i32Subtract,
  ];
  return v.assemble([check, [v.get('depth'), constant(-1), depth, wrong, op.select, op.i32Store]]);
}

/** Leaves ones in `wrong` if any slot breaks a rule that it can break alone. */
function judgeSlots(v: Variables): Code {
  const every = (name: string, value: Code): Code => v.set(name, [value, simd.splat], 'v128');
  const first = lanes(0, 1, 2, 3);
  const bits = (value: number): Code => lanes(value, value, value, value);
  const judge = (): Code => [
    v.set('low', [v.get('at'), load('v128', 0)], 'v128'),
    v.set('high', [v.get('at'), load('v128', 16)], 'v128'),
    v.set('operand', [v.get('low'), v.get('high'), shuffle(0, 2, 4, 6)], 'v128'),
    v.set('link', [v.get('low'), v.get('high'), shuffle(1, 3, 5, 7)], 'v128'),
    v.set('feature', [v.get('link'), v.get('features'), simd.and], 'v128'),
    v.set('child', [v.get('link'), v.get('shift'), simd.shiftRightUnsigned], 'v128'),
    v.get('wrong'),
    // Of a leaf: another link than its own, or no vector.
    [v.get('slot'), v.get('shift'), simd.shiftLeft, v.get('end'), simd.or, v.get('link'), simd.xor],
    [v.get('operand'), v.get('everyVector'), simd.greaterOrEqualUnsigned, simd.or],
    // Of a split: a feature beyond the last, children that do not follow or are not there, or no pair; a set of categories; NaN.
    [v.get('feature'), v.get('end'), simd.greater],
    [v.get('child'), v.get('slot'), simd.lessOrEqual, simd.or],
    [v.get('child'), v.get('lastChild'), simd.greater, simd.or],
    [bits(1), v.get('child'), simd.andNot, simd.or],
    [bits(8), v.get('link'), simd.and, simd.or],
    [v.get('operand'), v.get('operand'), simd.f32NotEqual, simd.or],
    [v.get('feature'), v.get('end'), simd.equal, simd.choose],
    simd.or,
  ];
  return [
    every('features', v.get('mask')),
    every('end', v.get('beyond')),
    every('everyVector', v.get('vectors')),
    every('lastChild', [v.get('size'), constant(2), op.i32Subtract]),
    v.set('slot', first, 'v128'),
    v.set('wrong', bits(0), 'v128'),
    v.set('at', v.get('nodes')),
    // The last four, some of them perhaps a second time.
    v.set('lastFour', [
      v.get('nodes'),
      [v.get('size'), constant(4), op.i32Subtract, constant(3), op.i32ShiftLeft],
      op.i32Add,
    ]),
    loop(
      v.set('wrong', judge(), 'v128'),
      v.set('slot', [v.get('slot'), bits(4), simd.add], 'v128'),
      v.tee('at', [v.get('at'), constant(32), op.i32Add]),
      [v.get('lastFour'), op.i32LessUnsigned, repeatIf(0)],
    ),
    v.set('at', v.get('lastFour')),
    v.set(
      'slot',
      [v.get('size'), constant(4), op.i32Subtract, simd.splat, first, simd.add],
      'v128',
    ),
    v.set('wrong', judge(), 'v128'),
  ];
}

/**
 * Passes all pairs of children. What is noted of one is 4 × (its depth + 1), and 1 and 2 for leaves; 0 while it is unreached. Leaves are their own children,
 * so they note something for their own pair, when nobody reads it any more.
 */
function reachPairs(v: Variables): Code {
  /** Twice the number of the pair that a link leads to. */
  const leadsTo = (link: string): Code => [
    [v.get(link), v.get('shift'), op.i32ShiftRightUnsigned],
    [constant(1), op.i32Add, constant(-2), op.i32And],
  ];
  const note = (pair: string, link: string): Code => [
    [v.get('known'), v.get(pair), op.i32Add],
    [v.get(link), constant(1), op.i32ShiftRightUnsigned, constant(3), op.i32And],
    [v.get('next'), op.i32Or],
    op.i32Store16,
  ];
  const or = (name: string, value: Code): Code => v.set(name, [v.get(name), value, op.i32Or]);
  const isOwn = (pair: string): Code => [v.get(pair), v.get('own'), op.i32Equal];
  return [
    [v.get('known'), constant(0), v.get('size'), constant(1), op.i32Add, op.memoryFill],
    v.set('left', [v.get('nodes'), load('i32', 4)]),
    v.set('next', constant(8)),
    v.set('leftPair', leadsTo('left')),
    note('leftPair', 'left'),
    v.set('pair', v.get('nodes')),
    v.set('last', [v.get('size'), constant(1), op.i32Subtract]),
    loop(
      v.set('own', [v.get('own'), constant(2), op.i32Add]),
      v.set('state', [v.get('known'), v.get('own'), op.i32Add, op.i32Load16Unsigned]),
      or('unreached', [v.get('state'), constant(8), op.i32Subtract]),
      v.set('deepest', [
        [v.get('state'), v.get('deepest')],
        [v.get('state'), v.get('deepest'), op.i32Greater, op.select],
      ]),
      v.set('left', [v.get('pair'), load('i32', 12)]),
      v.set('right', [v.get('pair'), load('i32', 20)]),
      v.set('leftPair', leadsTo('left')),
      v.set('rightPair', leadsTo('right')),
      v.set('leftLeaf', isOwn('leftPair')),
      v.set('rightLeaf', isOwn('rightPair')),
      or('mismatch', [
        [v.get('leftLeaf'), v.get('rightLeaf'), constant(1), op.i32ShiftLeft, op.i32Or],
        [v.get('state'), op.i32Xor],
      ]),
      v.set('leaves', [
        [v.get('leaves'), v.get('leftLeaf'), op.i32Add],
        [v.get('rightLeaf'), op.i32Add],
      ]),
      v.set('next', [v.get('state'), constant(3), op.i32Or, constant(1), op.i32Add]),
      note('leftPair', 'left'),
      note('rightPair', 'right'),
      v.set('pair', [v.get('pair'), constant(16), op.i32Add]),
      [v.get('own'), v.get('last'), op.i32LessUnsigned, repeatIf(0)],
    ),
  ];
}
