import {
  block,
  type Code,
  constant,
  leave,
  leaveIf,
  load,
  load16,
  loop,
  op,
  repeat,
  repeatIf,
  simd,
  store,
  Variables,
  when,
} from './assemble.js';
import {
  addLeaf,
  addTo,
  cellBytes,
  comparedType,
  entryOf,
  exponentOf,
  type ForRows,
  featureOf,
  findVector,
  lanes,
  leafValue,
  leftChild,
  nextTree,
  ofLanes,
  slotBytes,
  splitWord,
  startMask,
  startScore,
  treeEntry,
  vectorEntry,
  type WalkCode,
  walkLanes,
} from './walk-code.js';

/** What the code of a partition is made for; the addresses of what it needs beside. */
export interface PartitionCode extends WalkCode {
  /** Three lists of rows, `listBytes` apart, of `rowBytes` each. The first list is that of all rows. */
  readonly lists: number;
  readonly listBytes: number;
  /** Parts of the batch that are still to be split: `partEntry` each. */
  readonly parts: number;
  /** Rows that walk on alone, with the slots they have come to: `walkerBytes` each. */
  readonly walkers: number;
  /** What `writeShuffles` has written. */
  readonly shuffles: number;
  /** What the two leaves of a split add: `pairBytes`. */
  readonly pair: number;
}

/** Rows of a part that is not split any more, which takes longer: they walk to their leaves in lock step. 8 or more. */
const smallPart = 8;

const partEntry = { slot: 0, start: 4, end: 8, toOther: 12, bytes: 16 };
export const partBytes = partEntry.bytes;
export const walkerBytes = 8;
export const pairBytes = 2 * vectorEntry.bytes;

/** Rows are uint16. */
export const rowBytes = 2;

/** A shuffle for each of the ways in which eight rows may go: those that go left from the left on, the others from the right on. */
const shuffleBytes = 16;
export const shufflesBytes = 256 * shuffleBytes;

/** Writes which bytes of eight rows come where, for each of the ways in which they may go: bit i is set where row i goes right. */
export function writeShuffles(to: Uint8Array): void {
  for (let ways = 0; ways < 256; ways++) {
    let left = ways * shuffleBytes;
    let right = left + shuffleBytes;
    for (let row = 0; row < 8; row++) {
      const goesRight = ((ways >> row) & 1) === 1;
      if (goesRight) right -= rowBytes;
      const at = goesRight ? right : left;
      if (!goesRight) left += rowBytes;
      for (let byte = 0; byte < rowBytes; byte++) to[at + byte] = row * rowBytes + byte;
    }
  }
}

/**
 * A module whose function takes a batch of rows through tree after tree and adds their leaves to their scores. The batch is split as the
 * tree splits it: rows that are at the same node are listed together, and one comparison after another sends them to the list's left or
 * right end. So nothing waits for anything: cells are read ahead, no branch depends on them, and eight rows go at once.
 *
 * `f(x, scores, tree, end, rows, stride)` is given the addresses of the first column, of the scores, of the first tree's entry and the last
 * one's end; rows; bytes from one column to the next, one row longer than the batch at least.
 */
export function assemblePartition(code: PartitionCode): Uint8Array<ArrayBuffer> {
  const v = new Variables('x', 'scores', 'tree', 'end', 'rows', 'stride');
  const add = (name: string, bytes: number): Code => [v.get(name), constant(bytes), op.i32Add];
  const isLess = (a: Code, b: Code): Code => [a, b, op.i32LessUnsigned];
  const size = [v.get('stop'), v.get('start'), op.i32Subtract];

  const listAllRows = [
    v.set('k', constant(code.lists)),
    v.set('row', constant(0)),
    loop(
      [v.get('k'), v.get('row'), op.i32Store16],
      v.set('row', add('row', 1)),
      v.set('k', add('k', rowBytes)),
      [isLess(v.get('k'), v.get('allRows')), repeatIf(0)],
    ),
  ];

  const forListed: ForRows = (base, addToScore) => {
    const addListed = (i: number): Code =>
      addToScore([base, scoresOf(code, rowAfter(v, i)), op.i32Add]);
    return [
      v.set('k', v.get('start')),
      [size, constant(rowBytes), op.i32And],
      when([addListed(0), v.set('k', add('k', rowBytes))]),
      block(
        loop(
          [v.get('k'), v.get('stop'), op.i32Equal, leaveIf(1)],
          [addListed(0), addListed(1)],
          v.set('k', add('k', 2 * rowBytes)),
          repeat(0),
        ),
      ),
    ];
  };

  const letWalk = [
    v.set('k', v.get('start')),
    loop(
      [v.get('walker'), v.get('slot'), op.i32Store],
      [add('walker', 4), cellOf(code, rowAfter(v, 0)), op.i32Store],
      v.set('walker', add('walker', walkerBytes)),
      v.set('k', add('k', rowBytes)),
      [isLess(v.get('k'), v.get('stop')), repeatIf(0)],
    ),
  ];

  /** Notes a part, if there is anyone. `isLeaf` leaves a number that is not 0 where a leaf is what it has come to. */
  const note = (start: Code, end: Code, slot: Code, isLeaf: Code): Code => [
    isLess(start, end),
    when([
      [v.get('part'), slot, op.i32Store],
      [add('part', partEntry.start), start, op.i32Store],
      [add('part', partEntry.end), end, op.i32Store],
      // A leaf's part goes nowhere.
      [add('part', partEntry.toOther), [constant(0), v.get('toNext'), isLeaf, op.select]],
      op.i32Store,
      v.set('part', add('part', partEntry.bytes)),
    ]),
  ];

  const isLeaf = (flags: number): Code => [v.get('word'), constant(flags), op.i32And];
  const rightChild = add('child', slotBytes(code));

  const splitPart = [
    v.set('left', v.tee('first', [v.get('start'), v.get('toOther'), op.i32Add])),
    v.set('beyond', v.tee('right', [v.get('left'), size, op.i32Add])),
    // The first list is of all rows, whose cells lie side by side.
    v.get('turn'),
    when(splitRows(code, v, size, true), splitRows(code, v, size, false)),
    // After it the other two take turns.
    v.set('toNext', [v.get('turn'), v.get('toOther'), op.i32Subtract]),
    v.set('turn', constant(0)),
    note(v.get('left'), v.get('beyond'), rightChild, isLeaf(4)),
    note(v.get('first'), v.get('left'), v.get('child'), isLeaf(2)),
  ];

  const splitOrSend = [
    v.set('word', splitWord(code, v.get('slot'))),
    v.set('threshold', [v.get('slot'), load(comparedType(code), 0)], comparedType(code)),
    v.set('thresholds', [v.get('threshold'), code.wide ? simd.f64Splat : simd.f32Splat], 'v128'),
    code.gaps
      ? v.set(
          'missing',
          [constant(0), [v.get('word'), constant(1), op.i32And], op.i32Subtract, simd.i32Splat],
          'v128',
        )
      : [],
    v.set('cells', [
      v.get('x'),
      [v.get('word'), featureOf(code, 1), v.get('stride'), op.i32Multiply],
      op.i32Add,
    ]),
    v.set('child', leftChild(code, v, v.get('slot'), 'root')),
    v.set('k', v.get('start')),
    block(
      block(
        [isLeaf(2), isLeaf(4), constant(1), op.i32ShiftRightUnsigned, op.i32And],
        [op.i32Eqz, leaveIf(0)],
        bothLeaves(code, v, v.get('child'), rightChild, leaveIf(0)),
        [sendToLeaves(code, v, size), leave(1)],
      ),
      splitPart,
    ),
  ];

  const takePart = [
    v.set('part', add('part', -partEntry.bytes)),
    v.set('slot', [v.get('part'), load('i32', partEntry.slot)]),
    v.set('start', [v.get('part'), load('i32', partEntry.start)]),
    v.set('stop', [v.get('part'), load('i32', partEntry.end)]),
    v.set('toOther', [v.get('part'), load('i32', partEntry.toOther)]),
    [v.get('toOther'), op.i32Eqz],
    when(addLeaf(code, v, v.get('slot'), forListed), [
      isLess(constant(smallPart * rowBytes), size),
      when(splitOrSend, letWalk),
    ]),
  ];

  return v.assemble(
    [
      v.set('allRows', [
        constant(code.lists),
        [v.get('rows'), constant(exponentOf(rowBytes)), op.i32ShiftLeft],
        op.i32Add,
      ]),
      listAllRows,
      loop(
        startScore(v),
        v.set('root', [v.get('tree'), load('i32', treeEntry.root)]),
        v.set('walker', constant(code.walkers)),
        v.set('part', constant(code.parts)),
        v.set('turn', constant(2 * code.listBytes)),
        v.set('toNext', constant(code.listBytes)),
        note(constant(code.lists), v.get('allRows'), v.get('root'), [
          v.get('tree'),
          load('i32', treeEntry.steps),
          op.i32Eqz,
        ]),
        loop(takePart, [isLess(constant(code.parts), v.get('part')), repeatIf(0)]),
        walkOn(code, v),
        [nextTree(v), repeatIf(0)],
      ),
    ],
    code.shared,
  );
}

/** The offset of a row's scores. */
const scoresOf = (code: WalkCode, row: Code): Code => [
  row,
  constant(code.outputs * 8),
  op.i32Multiply,
];

/** The offset of a row's cell in a column. */
const cellOf = (code: WalkCode, row: Code): Code => [
  row,
  constant(exponentOf(cellBytes(code))),
  op.i32ShiftLeft,
];

/** The row that is `i` after `k` in its list. */
const rowAfter = (v: Variables, i: number): Code => [v.get('k'), load16(i * rowBytes)];

/** Leaves 1 where the row in `row` goes right, else 0. */
function compareOne(code: WalkCode, v: Variables): Code {
  const { gaps, wide, input } = code;
  const compared = comparedType(code);
  const cell = [v.get('cells'), cellOf(code, v.get('row')), op.i32Add, load(input, 0)];
  const unequal = [v.get('cell', compared), v.get('cell'), wide ? op.f64NotEqual : op.f32NotEqual];
  return [
    v.tee('cell', wide && input === 'f32' ? [cell, op.f64FromF32] : cell, compared),
    v.get('threshold', compared),
    wide ? op.f64Greater : op.f32Greater,
    gaps ? [unequal, v.get('word'), op.i32And, op.i32Or] : [],
  ];
}

/** Leaves four bits: which of the four rows from `first` after `k` on go right. Cells of rows that are `adjacent` are read at once. */
function compareFour(code: WalkCode, v: Variables, first: number, adjacent: boolean): Code {
  const { gaps, wide, input } = code;
  const cell = (i: number): Code => [
    v.get('cells'),
    cellOf(code, rowAfter(v, first + i)),
    op.i32Add,
  ];
  const gather = (name: string, from: number): Code => {
    if (adjacent) return v.set(name, [cell(from), load('v128', 0)], 'v128');
    const [one, next, last] =
      input === 'f32' ? [simd.load32, simd.load32Lane, 3] : [simd.load64, simd.load64Lane, 1];
    return [
      v.set(name, [cell(from), one], 'v128'),
      Array.from({ length: last }, (_, i) =>
        v.set(name, [cell(from + i + 1), v.get(name), next(i + 1)]),
      ),
    ];
  };
  const unequal = wide ? simd.f64NotEqual : simd.f32NotEqual;
  const above = (name: string): Code => [
    [v.get(name), v.get('thresholds', 'v128'), wide ? simd.f64Greater : simd.f32Greater],
    gaps ? [v.get(name), v.get(name), unequal, v.get('missing', 'v128'), simd.and, simd.or] : [],
  ];
  const secondHalf = [8, 9, 10, 11, 12, 13, 14, 15];
  if (!wide) return [gather('a', 0), above('a'), simd.i32Bits];
  return [
    gather('a', 0),
    input === 'f64'
      ? gather('b', 2)
      : [
          v.set(
            'b',
            [v.get('a'), v.get('a'), simd.shuffle(...secondHalf, ...secondHalf), simd.f64FromF32],
            'v128',
          ),
          v.set('a', [v.get('a'), simd.f64FromF32]),
        ],
    // The low halves of four answers.
    [above('a'), above('b')],
    simd.shuffle(...[0, 8, 16, 24].flatMap((at) => [at, at + 1, at + 2, at + 3])),
    simd.i32Bits,
  ];
}

/** Leaves eight bits: which of the eight rows from `k` on go right. */
const compareEight = (code: WalkCode, v: Variables, adjacent: boolean): Code => [
  compareFour(code, v, 0, adjacent),
  [compareFour(code, v, 4, adjacent), constant(4), op.i32ShiftLeft],
  op.i32Or,
];

/**
 * Copies the rows of the list from `k` to `stop`, more than eight, to `left` and the addresses after it, or to those before `right`. Eight
 * are stored at either end, of which those that belong there are kept; there is room for them, until the last eight fill what is left.
 */
function splitRows(code: PartitionCode, v: Variables, size: Code, adjacent: boolean): Code {
  const eight = (rows: Code, ways: Code): Code => [
    v.set('ways', compareEight(code, v, adjacent)),
    v.set(
      'eight',
      [
        [v.get('k'), load('v128', 0)],
        [v.get('ways'), constant(exponentOf(shuffleBytes)), op.i32ShiftLeft],
        [load('v128', code.shuffles), simd.swizzle],
      ],
      'v128',
    ),
    [v.get('left'), v.get('eight'), store(0)],
    [v.get('right'), constant(8 * rowBytes), op.i32Subtract, v.get('eight'), store(0)],
    v.set('wentRight', [ways, op.i32CountOnes, constant(exponentOf(rowBytes)), op.i32ShiftLeft]),
    v.set('left', [v.get('left'), rows, v.get('wentRight'), op.i32Subtract, op.i32Add]),
    v.set('right', [v.get('right'), v.get('wentRight'), op.i32Subtract]),
    v.set('k', [v.get('k'), rows, op.i32Add]),
  ];
  // Of the first eight only those count that leave a multiple of eight.
  const odd = v.get('odd');
  const counted = [
    [constant(1), odd, constant(exponentOf(rowBytes)), op.i32ShiftRightUnsigned, op.i32ShiftLeft],
    [constant(1), op.i32Subtract, v.get('ways'), op.i32And],
  ];
  return [
    v.set('odd', [
      [size, constant(rowBytes), op.i32Subtract, constant(7 * rowBytes), op.i32And],
      [constant(rowBytes), op.i32Add],
    ]),
    eight(odd, counted),
    loop(eight(constant(8 * rowBytes), v.get('ways')), [
      v.get('k'),
      v.get('stop'),
      op.i32LessUnsigned,
      repeatIf(0),
    ]),
  ];
}

/** Writes to `pair` what the leaves of a split add, weighted, and to which of a row's scores; `leave` leaves if it is to several. */
function bothLeaves(code: PartitionCode, v: Variables, left: Code, right: Code, leave: Code): Code {
  const { leafColumns, vectors } = code;
  const write = (at: number, value: Code): Code => [
    constant(code.pair + at),
    [value, v.get('weight', 'f64'), op.f64Multiply],
    op.f64Store,
  ];
  if (leafColumns === 1)
    return [write(0, leafValue(code, left)), write(vectorEntry.bytes, leafValue(code, right))];
  if (vectors === null) return [constant(1), leave];
  return [left, right].map((slot, i) => [
    findVector(code, v, slot),
    v.set('offset', [v.tee('entry', entryOf(v, vectors)), load('i32', vectorEntry.score)]),
    [v.get('offset'), constant(0), op.i32Less, leave],
    write(i * vectorEntry.bytes, [v.get('entry'), load('f64', vectorEntry.value)]),
    [constant(code.pair + i * vectorEntry.bytes + vectorEntry.score), v.get('offset'), op.i32Store],
  ]);
}

/** Adds to the scores of the rows from `k` to `stop` the leaf of `pair` that each goes to. */
function sendToLeaves(code: PartitionCode, v: Variables, size: Code): Code {
  const entryExponent = exponentOf(vectorEntry.bytes);
  const send = (row: Code, leaf: Code): Code => [
    v.set('entry', leaf),
    addTo(
      code,
      v,
      [
        [v.get('score'), scoresOf(code, row), op.i32Add],
        code.leafColumns === 1
          ? []
          : [[v.get('entry'), load('i32', code.pair + vectorEntry.score)], op.i32Add],
      ],
      [v.get('entry'), load('f64', code.pair)],
    ),
  ];
  return [
    // Those left over by fours come first, one after another.
    v.set('fours', [v.get('k'), [size, constant(3 * rowBytes), op.i32And], op.i32Add]),
    block(
      loop(
        [v.get('k'), v.get('fours'), op.i32Equal, leaveIf(1)],
        v.set('row', rowAfter(v, 0)),
        send(v.get('row'), [compareOne(code, v), constant(entryExponent), op.i32ShiftLeft]),
        v.set('k', [v.get('k'), constant(rowBytes), op.i32Add]),
        repeat(0),
      ),
    ),
    loop(
      v.set('ways', compareFour(code, v, 0, false)),
      [0, 1, 2, 3].map((i) =>
        send(rowAfter(v, i), [
          [v.get('ways'), constant(entryExponent - i), op.i32ShiftLeft],
          [constant(1 << entryExponent), op.i32And],
        ]),
      ),
      v.set('k', [v.get('k'), constant(4 * rowBytes), op.i32Add]),
      [v.get('k'), v.get('stop'), op.i32LessUnsigned, repeatIf(0)],
    ),
  ];
}

/** Takes the rows that walk alone to their leaves, eight at a time, and adds these to their scores. */
function walkOn(code: PartitionCode, v: Variables): Code {
  const atEnd = (lane: number, offset: number): Code => [
    v.get('walker'),
    constant(lane * walkerBytes + offset),
    op.i32Add,
  ];
  const rowOf = (lane: number): Code => [
    [v.get(`cells${lane}`), v.get('x'), op.i32Subtract],
    [constant(exponentOf(cellBytes(code))), op.i32ShiftRightUnsigned],
  ];
  return [
    [constant(code.walkers), v.get('walker'), op.i32LessUnsigned],
    when([
      // The last eight are made up with the row after the batch, from where the last one walks on.
      v.set('slot', [atEnd(-1, 0), load('i32', 0)]),
      v.set('row', [v.get('rows'), constant(cellBytes(code)), op.i32Multiply]),
      Array.from({ length: lanes - 1 }, (_, lane) => [
        [atEnd(lane, 0), v.get('slot'), op.i32Store],
        [atEnd(lane, 4), v.get('row'), op.i32Store],
      ]),
      v.set('k', constant(code.walkers)),
      loop(
        v.set('steps', [v.get('tree'), load('i32', treeEntry.steps)]),
        ofLanes((lane) => [
          v.set(`slot${lane}`, [v.get('k'), load('i32', lane * walkerBytes)]),
          v.set(`cells${lane}`, [
            v.get('x'),
            [v.get('k'), load('i32', lane * walkerBytes + 4)],
            op.i32Add,
          ]),
          startMask(code, v, lane, constant(1)),
        ]),
        walkLanes(code, v, (part) =>
          ofLanes((name) => {
            const column = [featureOf(code, 1), v.get('stride'), op.i32Multiply];
            return part({ name, root: 'root', cell: [column, v.get(`cells${name}`), op.i32Add] });
          }),
        ),
        ofLanes((lane) =>
          addLeaf(code, v, v.get(`slot${lane}`), (base, addToScore) =>
            addToScore([base, scoresOf(code, rowOf(lane)), op.i32Add]),
          ),
        ),
        v.tee('k', [v.get('k'), constant(lanes * walkerBytes), op.i32Add]),
        [v.get('walker'), op.i32LessUnsigned, repeatIf(0)],
      ),
    ]),
  ];
}
