import {
  type Code,
  constant,
  lane,
  load,
  loop,
  op,
  repeatIf,
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
 * Outputs whose products with a row are made together. A cell is loaded once for them, and their sums fit the registers: five took 1.3 times, one 1.35
 * times as long (64 features, 10 outputs).
 */
const together = 3;

/**
 * A module whose function `f(rows)` makes scores of the rows in its memory: products of 64 features with 10 outputs in 0.08 µs a row, where one after
 * another in JavaScript took 0.6.
 *
 * Two vectors hold the four partial sums of `dot`, so that bits are the same.
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
        [[v.get('cell'), constant(cells), op.i32Add], v.get('value'), op.v128Store],
        add(v, 'cell', 16),
        add(v, 'column', 16),
        [v.get('column'), constant(period), op.i32LessUnsigned, repeatIf(0)],
      ),
      [v.get('cell'), v.get('end'), op.i32LessUnsigned, repeatIf(0)],
    ),
  ];
}

const vectorOps = {
  add: op.f64x2Add,
  subtract: op.f64x2Subtract,
  multiply: op.f64x2Multiply,
  divide: op.f64x2Divide,
} as const;

function changeCell({ operation, operands, single }: CellOperation, v: Variables): Code {
  const value = v.get('value');
  const operand = [v.get('column'), load('v128', operands)];
  // What is missing is not equal to itself.
  const result =
    operation === 'fill'
      ? [value, operand, [value, value, op.f64x2Equal], op.v128Select]
      : [value, operand, vectorOps[operation]];
  return v.set('value', [result, single ? [op.f32x4FromF64x2, op.f64x2FromF32x4] : []], 'v128');
}

/** Goes through all rows for some outputs, whose coefficients then stay at hand, before the next ones. */
function multiplyRows(code: ProductsCode, v: Variables, cells: number): Code {
  const { features, outputs } = code;
  const groups = Math.floor(outputs / together);
  const rest = outputs % together;
  return [
    v.set('coefficients', constant(code.coefficients)),
    v.set('output', constant(0)),
    groups > 0
      ? loop(
          multiplySome(code, v, cells, together),
          add(v, 'coefficients', together * features * 8),
          add(v, 'output', together * 8),
          [v.get('output'), constant(groups * together * 8), op.i32LessUnsigned, repeatIf(0)],
        )
      : [],
    rest > 0 ? multiplySome(code, v, cells, rest) : [],
  ];
}

function multiplySome(code: ProductsCode, v: Variables, cells: number, count: number): Code {
  const { features, outputs } = code;
  const fours = Math.floor(features / 4);
  const each = (make: (output: number) => Code): Code =>
    Array.from({ length: count }, (_, i) => make(i));
  /** Two of the four partial sums of each output. */
  const addHalf = (half: 0 | 1): Code => [
    v.set('x', [v.get('cell'), load('v128', half * 16)], 'v128'),
    each((i) => {
      const sum = `sum${half}${i}`;
      const factor = [v.get('factor'), load('v128', i * features * 8 + half * 16)];
      const product = [v.get('x'), factor, op.f64x2Multiply];
      return v.set(sum, [v.get(sum), product, op.f64x2Add], 'v128');
    }),
  ];
  return [
    v.set('row', constant(cells)),
    v.set('score', [v.get('output'), constant(code.scores), op.i32Add]),
    v.set('left', v.get('rows')),
    loop(
      each((i) => [v.set(`sum0${i}`, zeros, 'v128'), v.set(`sum1${i}`, zeros, 'v128')]),
      v.set('cell', v.get('row')),
      v.set('factor', v.get('coefficients')),
      fours > 0
        ? loop(addHalf(0), addHalf(1), add(v, 'cell', 32), add(v, 'factor', 32), [
            [v.get('cell'), v.get('row'), op.i32Subtract],
            [constant(fours * 32), op.i32LessUnsigned, repeatIf(0)],
          ])
        : [],
      each((i) => storeScore(code, v, i)),
      add(v, 'row', features * 8),
      add(v, 'score', outputs * 8),
      v.tee('left', [v.get('left'), constant(1), op.i32Subtract]),
      repeatIf(0),
    ),
  ];
}

/** Adds up as `dot` does: what is left of the row goes to the first sum. `cell` and `factor` are where it begins. */
function storeScore(code: ProductsCode, v: Variables, output: number): Code {
  const { features, singleProduct, singleSum } = code;
  const sum = (half: 0 | 1, one: 0 | 1): Code => [v.get(`sum${half}${output}`), lane(one)];
  const rest = Array.from(
    { length: features % 4 },
    (_, i): Code => [
      [v.get('cell'), load('f64', i * 8)],
      [v.get('factor'), load('f64', (output * features + i) * 8)],
      [op.f64Multiply, op.f64Add],
    ],
  );
  const round = (single: boolean): Code => (single ? [op.f32FromF64, op.f64FromF32] : []);
  const product = [
    [sum(0, 0), rest, sum(0, 1), op.f64Add],
    [sum(1, 0), sum(1, 1), op.f64Add, op.f64Add],
    round(singleProduct),
  ];
  const intercept = [v.get('output'), load('f64', code.intercepts + output * 8)];
  return [
    [v.get('score'), constant(output * 8), op.i32Add],
    [product, intercept, op.f64Add, round(singleSum)],
    op.f64Store,
  ];
}
