import {
  block,
  type Code,
  constant,
  leaveIf,
  load,
  loop,
  op,
  repeat,
  repeatIf,
  Variables,
} from './assemble.js';

/** What a walk's code is made for. */
export interface WalkCode {
  /** Eight rows of a block at a time through tree after tree, or one row through eight trees at a time. */
  readonly of: 'rows' | 'row';
  /** Whether cells may be missing. */
  readonly gaps: boolean;
  readonly wide: boolean;
  /** What inputs are stored as. */
  readonly input: 'f32' | 'f64';
  /** Columns of the input, and of the scores. */
  readonly features: number;
  readonly outputs: number;
  readonly featureBits: number;
  /** Columns of a leaf's value. */
  readonly leafColumns: number;
  /** The address of the leaf vectors; null where leaves hold their value. */
  readonly leaves: number | null;
  /** Whether threads share the memory. */
  readonly shared: boolean;
}

/** Walks that go in lock step. */
export const lanes = 8;

/**
 * What the code is told of a tree, in bytes from its entry on: int32 address of the root, steps that every walk takes, offset of the first
 * score that its leaves are added to, steps that every walk of its group of eight trees takes; float64 weight.
 */
export const treeEntry = { root: 0, steps: 4, score: 8, groupSteps: 12, weight: 16, bytes: 24 };

/** Bits of the numbers of features and the one after: wherever a walk strays, it reads no cell beyond them. */
export const cellBits = (features: number): number => 32 - Math.clz32(features);

/**
 * A module whose function walks rows through trees and adds their leaves to scores, tree after tree.
 *
 * `f(x, scores, tree, end, rows)` is given the addresses of the inputs, of the scores, and of the first tree's entry and the last one's end. Rows are
 * taken by eights and must be a multiple of that. So are trees of one row: seven more entries must follow, which are walked for nothing.
 *
 * No step has a branch, so none is mispredicted: of a walk that has ended, a mask drops what comes next. Steps that every walk takes go without masks.
 */
export function assembleWalk(code: WalkCode): Uint8Array<ArrayBuffer> {
  const v = new Variables('x', 'scores', 'tree', 'end', 'rows');
  const body = code.of === 'rows' ? rowsThroughTrees(code, v) : rowThroughTrees(code, v);
  return v.assemble(body, code.shared);
}

const everyLane = (code: (lane: number) => Code): Code =>
  Array.from({ length: lanes }, (_, i) => code(i));

function rowsThroughTrees(code: WalkCode, v: Variables): Code {
  const rowBytes = code.features * (code.input === 'f32' ? 4 : 8);
  return loop(
    v.set('root', [v.get('tree'), load('i32', treeEntry.root)]),
    startScore(v),
    v.set('cells', v.get('x')),
    v.set('left', v.get('rows')),
    loop(
      v.set('steps', [v.get('tree'), load('i32', treeEntry.steps)]),
      everyLane((lane) => [
        v.set(`cells${lane}`, [v.get('cells'), constant(lane * rowBytes), op.i32Add]),
        v.set(`slot${lane}`, v.get('root')),
        startMask(v, lane, v.get('steps')),
      ]),
      walk(code, v, () => 'root'),
      everyLane((lane) => [
        addLeaf(code, v, lane),
        v.set('score', [v.get('score'), constant(code.outputs * 8), op.i32Add]),
      ]),
      v.set('cells', [v.get('cells'), constant(lanes * rowBytes), op.i32Add]),
      v.tee('left', [v.get('left'), constant(lanes), op.i32Subtract]),
      [constant(0), op.i32Greater, repeatIf(0)],
    ),
    [nextTree(v), repeatIf(0)],
  );
}

function rowThroughTrees(code: WalkCode, v: Variables): Code {
  return [
    everyLane((lane) => v.set(`cells${lane}`, v.get('x'))),
    block(
      loop(
        v.set('steps', [v.get('tree'), load('i32', treeEntry.groupSteps)]),
        everyLane((lane) => {
          const ofEntry = (offset: number): Code => [
            v.get('tree'),
            load('i32', lane * treeEntry.bytes + offset),
          ];
          return [
            v.set(`slot${lane}`, v.tee(`root${lane}`, ofEntry(treeEntry.root))),
            startMask(v, lane, ofEntry(treeEntry.steps)),
          ];
        }),
        walk(code, v, (lane) => `root${lane}`),
        everyLane((lane) => [
          startScore(v),
          addLeaf(code, v, lane),
          [nextTree(v), op.i32Eqz, leaveIf(1)],
        ]),
        repeat(0),
      ),
    ),
  ];
}

/** The weight of the tree's leaves, and the first score that they are added to. */
const startScore = (v: Variables): Code => [
  v.set('weight', [v.get('tree'), load('f64', treeEntry.weight)], 'f64'),
  v.set('score', [v.get('scores'), v.get('tree'), load('i32', treeEntry.score), op.i32Add]),
];

/** All ones while the lane walks, 0 once it has ended: from the start where the root is a leaf. */
const startMask = (v: Variables, lane: number, steps: Code): Code =>
  v.set(`mask${lane}`, [steps, op.i32Eqz, constant(1), op.i32Subtract]);

/** Goes on to the next tree, and leaves whether there is one. */
const nextTree = (v: Variables): Code => [
  v.tee('tree', [v.get('tree'), constant(treeEntry.bytes), op.i32Add]),
  v.get('end'),
  op.i32LessUnsigned,
];

/** Takes every lane from its slot to its leaf's. */
const walk = (code: WalkCode, v: Variables, root: (lane: number) => string): Code => [
  block(
    loop(
      // The last step that every walk takes may end it.
      [v.get('steps'), constant(2), op.i32Less, leaveIf(1)],
      v.set('steps', [v.get('steps'), constant(1), op.i32Subtract]),
      everyLane((lane) => [
        compare(code, v, lane),
        v.set(`slot${lane}`, child(code, v, lane, root(lane))),
      ]),
      repeat(0),
    ),
  ),
  block(
    loop(
      everyLane((lane) => [v.get(`mask${lane}`), lane > 0 ? op.i32Or : []]),
      [op.i32Eqz, leaveIf(1)],
      everyLane((lane) => {
        const slot = v.get(`slot${lane}`);
        const mask = v.get(`mask${lane}`);
        const isLeaf = [
          [v.get('word'), v.get('right'), constant(1), op.i32Add, op.i32ShiftRightUnsigned],
          [constant(1), op.i32And],
        ];
        return [
          compare(code, v, lane),
          v.set(`slot${lane}`, [
            slot,
            [child(code, v, lane, root(lane)), slot, op.i32Subtract, mask, op.i32And],
            op.i32Add,
          ]),
          v.set(`mask${lane}`, [mask, isLeaf, constant(1), op.i32Subtract, op.i32And]),
        ];
      }),
      repeat(0),
    ),
  ),
];

/** Sets `word` to what the lane's slot says beside its threshold, and `right` to 1 where its cell is above that, or missing and sent there; else to 0. */
function compare(
  { gaps, wide, input, features, featureBits }: WalkCode,
  v: Variables,
  lane: number,
): Code {
  const slot = v.get(`slot${lane}`);
  const size = input === 'f32' ? 2 : 3;
  const bits = Math.min(featureBits, cellBits(features));
  // Bits 4 and up of the word, times the bytes of a cell.
  const cell = [
    v.get(`cells${lane}`),
    [
      v.tee('word', [slot, load('i32', wide ? 8 : 4)]),
      [constant(4 - size), op.i32ShiftRightUnsigned],
      [constant(((1 << bits) - 1) << size), op.i32And],
    ],
    op.i32Add,
    load(input, 0),
  ];
  const compared = wide ? 'f64' : 'f32';
  const value = wide && input === 'f32' ? [cell, op.f64FromF32] : cell;
  const threshold = [slot, load(compared, 0)];
  const above = wide ? op.f64Greater : op.f32Greater;
  if (!gaps) return v.set('right', [value, threshold, above]);
  // What is missing is above nothing, and not equal to itself. The word's first bit says whether it goes right.
  const first = v.tee('cell', value, compared);
  const unequal = [v.get('cell'), v.get('cell'), wide ? op.f64NotEqual : op.f32NotEqual];
  return v.set('right', [first, threshold, above, [unequal, v.get('word'), op.i32And], op.i32Or]);
}

/** The address of the child that `right` and `word` tell, in the tree with this root. */
function child({ wide, featureBits }: WalkCode, v: Variables, lane: number, root: string): Code {
  const size = wide ? 4 : 3;
  const left = wide
    ? [v.get(`slot${lane}`), load('i32', 12), constant(size), op.i32ShiftLeft]
    : [
        [v.get('word'), constant(4 + featureBits - size), op.i32ShiftRightUnsigned],
        [constant(-1 << size), op.i32And],
      ];
  const right = [v.get('right'), constant(size), op.i32ShiftLeft];
  return [v.get(root), left, op.i32Add, right, op.i32Add];
}

/** Adds what the lane has arrived at to the scores from `score` on. */
function addLeaf({ wide, leafColumns, leaves }: WalkCode, v: Variables, lane: number): Code {
  const slot = v.get(`slot${lane}`);
  const add = (to: Code, leaf: Code): Code => [
    to,
    [to, load('f64', 0), [leaf, load('f64', 0), v.get('weight'), op.f64Multiply], op.f64Add],
    op.f64Store,
  ];
  if (leaves === null) return add(v.get('score'), slot);
  const index = wide ? [slot, load('f64', 0), op.i32FromF64] : [slot, load('i32', 0)];
  const step = (name: string): Code => v.set(name, [v.get(name), constant(8), op.i32Add]);
  return [
    v.set('leaf', [index, constant(leafColumns * 8), op.i32Multiply, constant(leaves), op.i32Add]),
    v.set('to', v.get('score')),
    v.set('past', [v.get('leaf'), constant(leafColumns * 8), op.i32Add]),
    loop(add(v.get('to'), v.get('leaf')), step('to'), step('leaf'), [
      v.get('leaf'),
      v.get('past'),
      op.i32LessUnsigned,
      repeatIf(0),
    ]),
  ];
}
