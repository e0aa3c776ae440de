import {
  type Code,
  constant,
  load,
  loop,
  op,
  repeatIf,
  simd,
  store,
  Variables,
} from './assemble.js';
import { cellBytes, type WalkCode } from './walk-code.js';

/** What the code that turns rows into columns is made for. */
export interface ColumnsCode extends Pick<WalkCode, 'input' | 'features' | 'shared'> {
  /** The address of four int32 that are 0: where cells were not finite, one of them is not 0 any more. */
  readonly nonFinite: number;
}

/** Rows are taken by fours. */
export const rowsTogether = 4;

/**
 * A module whose function turns rows into columns.
 *
 * `f(from, to, rows, stride)` is given the addresses of the rows, which lie one after another, and of the first column's cells for them; how
 * many they are, a multiple of four; bytes from one column to the next.
 */
export function assembleColumns(code: ColumnsCode): Uint8Array<ArrayBuffer> {
  const { features, input } = code;
  const v = new Variables('from', 'to', 'rows', 'stride');
  const bytes = cellBytes(code);
  const rowBytes = features * bytes;
  /** Cells of a vector: a square of as many rows and columns is turned at a time. */
  const side = 16 / bytes;
  const squares = Math.floor(features / side);
  const each = (make: (i: number) => Code): Code => Array.from({ length: side }, (_, i) => make(i));
  const step = (name: string, by: number): Code =>
    v.set(name, [v.get(name), constant(by), op.i32Add]);
  const storeCell = input === 'f32' ? op.f32Store : op.f64Store;

  const turnSquare = [
    each((i) => [
      v.set(`row${i}`, [v.get('cell'), load('v128', i * rowBytes)], 'v128'),
      // x − x is 0, or NaN where x is not finite.
      v.set('odd', [
        v.get('odd', 'v128'),
        [v.get(`row${i}`), v.get(`row${i}`), input === 'f32' ? simd.f32Subtract : simd.f64Subtract],
        simd.or,
      ]),
    ]),
    turn(v, input).map((column, i) => [v.get(`column${i}`), column, store(0)]),
    each((i) => step(`column${i}`, 16)),
    step('cell', side * rowBytes),
  ];
  const startOfColumn = (column: Code): Code => [v.get('to'), column, op.i32Add];
  const takeSquares = [
    v.set('square', constant(0)),
    v.set('first', v.get('from')),
    loop(
      v.set('cell', v.get('first')),
      each((i) =>
        v.set(
          `column${i}`,
          startOfColumn([
            [v.get('square'), constant(i), op.i32Add],
            [v.get('stride'), op.i32Multiply],
          ]),
        ),
      ),
      untilLastRow(v, turnSquare, rowBytes),
      step('first', 16),
      v.set('square', [v.get('square'), constant(side), op.i32Add]),
      [v.get('square'), constant(squares * side), op.i32Less, repeatIf(0)],
    ),
  ];
  const takeColumn = (column: number): Code => [
    v.set('cell', [v.get('from'), constant(column * bytes), op.i32Add]),
    v.set('column0', startOfColumn([constant(column), v.get('stride'), op.i32Multiply])),
    untilLastRow(
      v,
      [
        v.set('value', [v.get('cell'), load(input, 0)], input),
        [v.get('column0'), v.get('value'), storeCell],
        v.set('odd', [
          v.get('odd', 'v128'),
          [v.get('value'), v.get('value'), input === 'f32' ? op.f32Subtract : op.f64Subtract],
          [input === 'f32' ? simd.f32Splat : simd.f64Splat, simd.or],
        ]),
        step('column0', bytes),
        step('cell', rowBytes),
      ],
      rowBytes,
    ),
  ];
  const others = Array.from({ length: features % side }, (_, i) => squares * side + i);
  return v.assemble(
    [
      squares > 0 ? takeSquares : [],
      others.map(takeColumn),
      constant(code.nonFinite),
      [constant(code.nonFinite), load('v128', 0), v.get('odd', 'v128'), simd.or],
      store(0),
    ],
    code.shared,
  );
}

/** Repeats what takes `cell` on until it is beyond the last row. */
const untilLastRow = (v: Variables, body: Code, rowBytes: number): Code => [
  v.set('beyond', [v.get('cell'), [v.get('rows'), constant(rowBytes), op.i32Multiply], op.i32Add]),
  loop(body, [v.get('cell'), v.get('beyond'), op.i32LessUnsigned, repeatIf(0)]),
];

/** The columns of the square whose rows are in `row0`, `row1` and so on. */
function turn(v: Variables, input: WalkCode['input']): Code[] {
  const lowOrHigh = (a: Code, b: Code, high: boolean): Code => [
    a,
    b,
    simd.shuffle(
      ...Array.from({ length: 16 }, (_, i) => (i & 7) + (high ? 8 : 0) + (i < 8 ? 0 : 16)),
    ),
  ];
  const row = (i: number): Code => v.get(`row${i}`);
  if (input === 'f64') return [lowOrHigh(row(0), row(1), false), lowOrHigh(row(0), row(1), true)];
  /** The cells of two rows in turn, of their first or second halves. */
  const mixed = (a: number, start: number): Code => [
    row(a),
    row(a + 1),
    simd.shuffle(
      ...[start, start + 16, start + 4, start + 20].flatMap((at) => [at, at + 1, at + 2, at + 3]),
    ),
  ];
  return [0, 8].flatMap((half) =>
    [false, true].map((high) => lowOrHigh(mixed(0, half), mixed(2, half), high)),
  );
}
