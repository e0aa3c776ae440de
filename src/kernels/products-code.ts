import {
  block,
  type Code,
  constant,
  lane,
  leaveIf,
  load,
  loop,
  op,
  repeat,
  repeatIf,
  simd,
  store,
  Variables,
  zeros,
} from './assemble.js';

/** Arithmetic that is done for two cells at once. */
export const vectorNames = ['add', 'subtract', 'multiply', 'divide', 'fill'] as const;
export type VectorName = (typeof vectorNames)[number];

/** What a cell becomes before it is multiplied. */
export interface CellOperation {
  readonly operation: VectorName;
  /** The address of the operands: of the columns of `operandRows` rows. */
  readonly operands: number;
  /** Whether results are rounded to float32. */
  readonly single: boolean;
}

/** What products are assembled for; addresses are of float64. */
export interface ProductsCode {
  readonly features: number;
  readonly outputs: number;
  readonly operations: readonly CellOperation[];
  /** Whether products, and their sums with intercepts, are rounded to float32. */
  readonly singleProduct: boolean;
  readonly singleSum: boolean;
  /** [rows × features], and what becomes of them: room for a multiple of `operandRows` rows. */
  readonly inputs: number;
  readonly cells: number;
  /** [outputs × features]. */
  readonly coefficients: number;
  /** [outputs]. */
  readonly intercepts: number;
  /** [rows × outputs]. */
  readonly scores: number;
}

/** Rows that operations take at once: vectors of two cells must end where they do. */
export const operandRows = (features: number): number => 1 + (features & 1);

/**
 * Outputs and rows whose products are made together, half of each sum at a time: what is loaded serves several of them, and their sums fit the registers
 * (figures are in docs/decisions/0009).
 */
const outputsTogether = 4;
const rowsTogether = 2;

/**
 * A module whose function `f(rows)` makes scores of the rows in its memory: products of 64 features with 10 outputs in 0.07 µs a row, where one after
 * another in JavaScript took 0.6.
 *
 * Two vectors hold the four partial sums of `multiply`, so that bits are the same.
 */
export function assembleProducts(code: ProductsCode): Uint8Array<ArrayBuffer> {
  const v = new Variables('rows');
  const changed = code.operations.length > 0;
  return v.assemble([
    changed ? changeCells(code, v) : [],
    multiplyRows(code, v, changed ? code.cells : code.inputs),
  ]);
}

const add = (v: Variables, name: string, value: number): Code =>
  v.set(name, [v.get(name), constant(value), op.i32Add]);

function changeCells({ features, operations, inputs, cells }: ProductsCode, v: Variables): Code {
  const period = operandRows(features) * features * 8;
  return [
    v.set('cell', constant(0)),
    v.set('end', [v.get('rows'), constant(features * 8), op.i32Multiply]),
    loop(
      v.set('column', constant(0)),
      loop(
        v.set('value', [v.get('cell'), load('v128', inputs)], 'v128'),
        operations.map((one) => changeCell(one, v)),
        [[v.get('cell'), constant(cells), op.i32Add], v.get('value'), store(0)],
        add(v, 'cell', 16),
        add(v, 'column', 16),
        [v.get('column'), constant(period), op.i32LessUnsigned, repeatIf(0)],
      ),
      [v.get('cell'), v.get('end'), op.i32LessUnsigned, repeatIf(0)],
    ),
  ];
}

const vectorOps = {
  add: simd.f64Add,
  subtract: simd.f64Subtract,
  multiply: simd.f64Multiply,
  divide: simd.f64Divide,
} as const;

function changeCell({ operation, operands, single }: CellOperation, v: Variables): Code {
  const value = v.get('value');
  const operand = [v.get('column'), load('v128', operands)];
  // What is missing is not equal to itself.
  const result =
    operation === 'fill'
      ? [value, operand, [value, value, simd.f64Equal], simd.choose]
      : [value, operand, vectorOps[operation]];
  return v.set('value', [result, single ? [simd.f32FromF64, simd.f64FromF32] : []], 'v128');
}

/** Goes through all rows for some outputs, whose coefficients then stay at hand, before the next ones. */
function multiplyRows(code: ProductsCode, v: Variables, cells: number): Code {
  const { features, outputs } = code;
  const groups = Math.floor(outputs / outputsTogether);
  const rest = outputs % outputsTogether;
  const all = (count: number): Code => [
    v.set('row', constant(cells)),
    v.set('score', [v.get('output'), constant(code.scores), op.i32Add]),
    v.set('left', v.get('rows')),
    block(
      loop(
        [v.get('left'), constant(rowsTogether), op.i32Less, leaveIf(1)],
        multiplySome(code, v, rowsTogether, count),
        repeat(0),
      ),
    ),
    block([v.get('left'), op.i32Eqz, leaveIf(0)], multiplySome(code, v, 1, count)),
  ];
  return [
    v.set('coefficients', constant(code.coefficients)),
    v.set('output', constant(0)),
    groups > 0
      ? loop(
          all(outputsTogether),
          add(v, 'coefficients', outputsTogether * features * 8),
          add(v, 'output', outputsTogether * 8),
          [
            v.get('output'),
            constant(groups * outputsTogether * 8),
            op.i32LessUnsigned,
            repeatIf(0),
          ],
        )
      : [],
    rest > 0 ? all(rest) : [],
  ];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Multiplies some rows, from `row` on, with some outputs, and goes on to the next rows. */
function multiplySome(code: ProductsCode, v: Variables, rows: number, count: number): Code {
  const { features, outputs } = code;
  const fours = Math.floor(features / 4);
  const pairs = range(rows).flatMap((row) => range(count).map((output) => [row, output] as const));
  const each = (make: (name: string, row: number, output: number) => Code): Code =>
    pairs.map(([row, output]) => make(`${row}${output}`, row, output));
  /** Two of the four partial sums of each product. `cell` and `factor` are then where the rest of the row begins. */
  const addHalf = (half: 0 | 1): Code => [
    each((name) => v.set(`sum${name}`, zeros, 'v128')),
    v.set('cell', v.get('row')),
    v.set('factor', v.get('coefficients')),
    fours > 0
      ? loop(
          range(rows).map((row) => {
            const x = load('v128', row * features * 8 + half * 16);
            return v.set(`x${row}`, [v.get('cell'), x], 'v128');
          }),
          range(count).map((output) => [
            v.set('w', [v.get('factor'), load('v128', output * features * 8 + half * 16)], 'v128'),
            range(rows).map((row) => {
              const sum = `sum${row}${output}`;
              const product = [v.get(`x${row}`), v.get('w'), simd.f64Multiply];
              return v.set(sum, [v.get(sum), product, simd.f64Add], 'v128');
            }),
          ]),
          add(v, 'cell', 32),
          add(v, 'factor', 32),
          [v.get('cell'), v.get('row'), op.i32Subtract],
          [constant(fours * 32), op.i32LessUnsigned, repeatIf(0)],
        )
      : [],
  ];
  const lanesOf = (name: string): [Code, Code] => [
    [v.get(`sum${name}`), lane(0)],
    [v.get(`sum${name}`), lane(1)],
  ];
  return [
    addHalf(0),
    each((name, row, output) => {
      // As `multiply` does: what is left of the row goes to the first sum.
      const rest = range(features % 4).map((i) => [
        [v.get('cell'), load('f64', (row * features + i) * 8)],
        [v.get('factor'), load('f64', (output * features + i) * 8)],
        [op.f64Multiply, op.f64Add],
      ]);
      const [first, second] = lanesOf(name);
      return v.set(`half${name}`, [first, rest, second, op.f64Add], 'f64');
    }),
    addHalf(1),
    each((name, row, output) => {
      const product = [v.get(`half${name}`), lanesOf(name), op.f64Add, op.f64Add];
      const intercept = [v.get('output'), load('f64', code.intercepts + output * 8)];
      return [
        [v.get('score'), constant((row * outputs + output) * 8), op.i32Add],
        [product, round(code.singleProduct), intercept, op.f64Add, round(code.singleSum)],
        op.f64Store,
      ];
    }),
    add(v, 'row', rows * features * 8),
    add(v, 'score', rows * outputs * 8),
    v.set('left', [v.get('left'), constant(rows), op.i32Subtract]),
  ];
}

const round = (single: boolean): Code => (single ? [op.f32FromF64, op.f64FromF32] : []);
