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
  type Variables,
  when,
} from './assemble.js';

/** What the code of walks is made for. */
export interface WalkCode {
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
  /** Whether each sum is rounded to float32. */
  readonly single: boolean;
  /**
   * The address of the leaf vectors, null where leaves hold their value. With vectors, leaves are their own children on the feature after the
   * last, which is NaN in all rows: a walk stays there.
   */
  readonly leaves: number | null;
  /** The address of what is known of each leaf vector (`vectorEntry`); null where nothing is. */
  readonly vectors: number | null;
  /** Whether threads share the memory. */
  readonly shared: boolean;
}

/** Walks that go in lock step. */
export const lanes = 8;

/**
 * What the code is told of a tree, in bytes from its entry on: int32 address of the root, steps (see `walkLanes`; 0 where it is a leaf only),
 * offset of the first score that its leaves are added to, steps of its group of eight trees; float64 weight.
 */
export const treeEntry = { root: 0, steps: 4, score: 8, groupSteps: 12, weight: 16, bytes: 24 };

/**
 * What the code is told of a leaf vector: the one number in it that is not 0, and the offset of the score that it is added to; a negative
 * offset where there are several. Of a classifier grown full nearly all leaves hold one class.
 */
export const vectorEntry = { value: 0, score: 8, bytes: 16 };

/** What a power of two is two to the power of. */
export const exponentOf = (power: number): number => 31 - Math.clz32(power);

export const cellBytes = ({ input }: Pick<WalkCode, 'input'>): number => (input === 'f32' ? 4 : 8);

export const slotBytes = ({ wide }: Pick<WalkCode, 'wide'>): number => (wide ? 16 : 8);

/** The type that cells and thresholds are compared in. */
export const comparedType = ({ wide }: Pick<WalkCode, 'wide'>): 'f32' | 'f64' =>
  wide ? 'f64' : 'f32';

export const ofLanes = (code: (lane: number) => Code): Code =>
  Array.from({ length: lanes }, (_, i) => code(i));

/** The second word of a split: flags, feature, and in narrow slots its child. */
export const splitWord = ({ wide }: WalkCode, slot: Code): Code => [
  slot,
  load('i32', wide ? 8 : 4),
];

/** A walk in lock step with others. */
export interface Lane {
  readonly name: number;
  /** The variable that holds the address of its tree's root. */
  readonly root: string;
  /** The address of the cell of the split whose word is on the stack. */
  readonly cell: Code;
}
export type EveryLane = (code: (lane: Lane) => Code) => Code;

/**
 * Takes every lane from its slot to its leaf's. No step has a branch, so none is mispredicted. Where leaves are their own children, walks
 * that have ended stay there; `steps` is half of those that the deepest leaf is away, rounded up. Elsewhere a mask drops what comes next;
 * `steps` is how many every walk takes.
 */
export const walkLanes = (code: WalkCode, v: Variables, every: EveryLane): Code =>
  code.leaves === null ? walkMasked(code, v, every) : walkUntilAllStay(code, v, every);

const walkUntilAllStay = (code: WalkCode, v: Variables, every: EveryLane): Code =>
  loop(
    every((lane) => [
      compare(code, v, lane, splitWord(code, slotOf(v, lane))),
      v.set(`slot${lane.name}`, child(code, v, lane)),
    ]),
    v.set('moved', constant(0)),
    every((lane) => [
      compare(code, v, lane, splitWord(code, slotOf(v, lane))),
      v.set('next', child(code, v, lane)),
      v.set('moved', [v.get('moved'), [v.get('next'), slotOf(v, lane), op.i32Xor], op.i32Or]),
      v.set(`slot${lane.name}`, v.get('next')),
    ]),
    v.set('steps', [v.get('steps'), constant(1), op.i32Subtract]),
    [constant(0), v.get('moved'), [v.get('steps'), constant(1), op.i32Less], op.select],
    repeatIf(0),
  );

/** Lets lanes begin with the steps that every walk takes: they need no masks but for the last, which may be that to a leaf. */
export const walkCertainSteps = (code: WalkCode, v: Variables, every: EveryLane): Code =>
  code.leaves !== null
    ? []
    : block(
        loop(
          [v.get('steps'), constant(2), op.i32Less, leaveIf(1)],
          v.set('steps', [v.get('steps'), constant(1), op.i32Subtract]),
          every((lane) => [
            compare(code, v, lane, splitWord(code, slotOf(v, lane))),
            v.set(`slot${lane.name}`, child(code, v, lane)),
          ]),
          repeat(0),
        ),
      );

const walkMasked = (code: WalkCode, v: Variables, every: EveryLane): Code =>
  block(
    loop(
      every(({ name }) => [v.get(`mask${name}`), name > 0 ? op.i32Or : []]),
      [op.i32Eqz, leaveIf(1)],
      every((lane) => {
        const slot = slotOf(v, lane);
        const mask = v.get(`mask${lane.name}`);
        const isLeaf = [
          [v.get('word'), v.get('right'), constant(1), op.i32Add, op.i32ShiftRightUnsigned],
          [constant(1), op.i32And],
        ];
        return [
          // Without its bits, what has ended reads the first feature.
          compare(code, v, lane, [splitWord(code, slot), mask, op.i32And]),
          v.set(`slot${lane.name}`, [
            slot,
            [child(code, v, lane), slot, op.i32Subtract, mask, op.i32And],
            op.i32Add,
          ]),
          v.set(`mask${lane.name}`, [mask, isLeaf, constant(1), op.i32Subtract, op.i32And]),
        ];
      }),
      repeat(0),
    ),
  );

/** All ones while the lane walks, 0 once it has ended: from the start where `steps` leaves 0, as the root is a leaf. */
export const startMask = (code: WalkCode, v: Variables, lane: number, steps: Code): Code =>
  code.leaves !== null ? [] : v.set(`mask${lane}`, [steps, op.i32Eqz, constant(1), op.i32Subtract]);

const slotOf = (v: Variables, { name }: Lane): Code => v.get(`slot${name}`);

/** Sets `word` to what the lane's slot says beside its threshold, and `right` to 1 where its cell is above that, or missing and sent there; else to 0. */
function compare(code: WalkCode, v: Variables, lane: Lane, word: Code): Code {
  const { gaps, wide, input } = code;
  const compared = comparedType(code);
  const cell = [v.tee('word', word), lane.cell, load(input, 0)];
  const value = wide && input === 'f32' ? [cell, op.f64FromF32] : cell;
  const threshold = [slotOf(v, lane), load(compared, 0)];
  const above = wide ? op.f64Greater : op.f32Greater;
  if (!gaps) return v.set('right', [value, threshold, above]);
  // What is missing is above nothing, and not equal to itself. The word's first bit says whether it goes right.
  const first = v.tee('cell', value, compared);
  const unequal = [v.get('cell'), v.get('cell'), wide ? op.f64NotEqual : op.f32NotEqual];
  return v.set('right', [first, threshold, above, [unequal, v.get('word'), op.i32And], op.i32Or]);
}

/** The number of the feature of the word on the stack times `size`, a power of two. */
export function featureOf({ featureBits }: WalkCode, size: number): Code {
  const shift = exponentOf(size);
  return [
    [constant(4 - shift), op.i32ShiftRightUnsigned],
    [constant(((1 << featureBits) - 1) << shift), op.i32And],
  ];
}

/** The address of the left child of the split in `slot`, whose word is in `word`. */
export function leftChild(code: WalkCode, v: Variables, slot: Code, root: string): Code {
  const size = exponentOf(slotBytes(code));
  const offset = code.wide
    ? [slot, load('i32', 12), constant(size), op.i32ShiftLeft]
    : [
        [v.get('word'), constant(4 + code.featureBits - size), op.i32ShiftRightUnsigned],
        [constant(-1 << size), op.i32And],
      ];
  return [v.get(root), offset, op.i32Add];
}

/** The address of the child that `right` and `word` tell. */
const child = (code: WalkCode, v: Variables, lane: Lane): Code => [
  leftChild(code, v, slotOf(v, lane), lane.root),
  [v.get('right'), constant(exponentOf(slotBytes(code))), op.i32ShiftLeft],
  op.i32Add,
];

/** The weight of the tree's leaves, and the first score that they are added to. */
export const startScore = (v: Variables): Code => [
  v.set('weight', [v.get('tree'), load('f64', treeEntry.weight)], 'f64'),
  v.set('score', [v.get('scores'), v.get('tree'), load('i32', treeEntry.score), op.i32Add]),
];

/** Goes on to the next tree, and leaves whether there is one. */
export const nextTree = (v: Variables): Code => [
  v.tee('tree', [v.get('tree'), constant(treeEntry.bytes), op.i32Add]),
  v.get('end'),
  op.i32LessUnsigned,
];

/** Adds the value to the score at the address. */
export const addTo = (
  { single }: Pick<WalkCode, 'single'>,
  v: Variables,
  address: Code,
  value: Code,
): Code => [
  v.tee('to', address),
  [v.get('to'), load('f64', 0), value, op.f64Add],
  single ? [op.f32FromF64, op.f64FromF32] : [],
  op.f64Store,
];

/** Makes the code that runs for each row; `add` for the address of the score that belongs to it as `base` to the first row. */
export type ForRows = (base: Code, add: (score: Code) => Code) => Code;

/** Adds the leaf in `slot` to scores of rows from `score` on. */
export function addLeaf(code: WalkCode, v: Variables, slot: Code, forRows: ForRows): Code {
  const { leafColumns, leaves, vectors } = code;
  const weighted = (value: Code): Code => [value, v.get('weight', 'f64'), op.f64Multiply];
  const addOne = (value: Code, first: Code): Code => [
    v.set('value', weighted(value), 'f64'),
    v.set('base', first),
    forRows(v.get('base'), (score) => addTo(code, v, score, v.get('value'))),
  ];
  if (leafColumns === 1) return addOne(leafValue(code, slot), v.get('score'));
  const step = (name: string): Code => v.set(name, [v.get(name), constant(8), op.i32Add]);
  const startOfVector = [
    [v.get('vector'), constant(leafColumns * 8), op.i32Multiply],
    [constant(leaves!), op.i32Add],
  ];
  const addAll = forRows(v.get('score'), (score) => [
    v.set('column', score),
    v.set('leaf', startOfVector),
    v.set('past', [v.get('leaf'), constant(leafColumns * 8), op.i32Add]),
    loop(
      addTo(code, v, v.get('column'), weighted([v.get('leaf'), load('f64', 0)])),
      step('column'),
      step('leaf'),
      [v.get('leaf'), v.get('past'), op.i32LessUnsigned, repeatIf(0)],
    ),
  ]);
  const find = findVector(code, v, slot);
  if (vectors === null) return [find, addAll];
  const value = [v.get('entry'), load('f64', vectorEntry.value)];
  return [
    find,
    v.set('offset', [v.tee('entry', entryOf(v, vectors)), load('i32', vectorEntry.score)]),
    [v.get('offset'), constant(0), op.i32Less],
    when(addAll, addOne(value, [v.get('score'), v.get('offset'), op.i32Add])),
  ];
}

/** The number of the vector that the leaf in `slot` holds. */
const vectorOf = ({ wide }: WalkCode, slot: Code): Code =>
  wide ? [slot, load('f64', 0), op.i32FromF64] : [slot, load('i32', 0)];

/** The value of the leaf in `slot`, where leaves have one. */
export const leafValue = (code: WalkCode, slot: Code): Code =>
  code.leaves === null
    ? [slot, load('f64', 0)]
    : [
        [vectorOf(code, slot), constant(3), op.i32ShiftLeft],
        [constant(code.leaves), op.i32Add, load('f64', 0)],
      ];

/** Sets `vector` to the number of the vector that the leaf in `slot` holds. */
export const findVector = (code: WalkCode, v: Variables, slot: Code): Code =>
  v.set('vector', vectorOf(code, slot));

/** The address of what is known of that vector. */
export const entryOf = (v: Variables, vectors: number): Code => [
  [v.get('vector'), constant(exponentOf(vectorEntry.bytes)), op.i32ShiftLeft],
  [constant(vectors), op.i32Add],
];
