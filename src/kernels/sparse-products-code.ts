import {
  block,
  type Code,
  constant,
  leaveIf,
  load,
  loadTwice,
  loop,
  op,
  repeat,
  repeatIf,
  simd,
  store,
  Variables,
  zeros,
} from './assemble.js';

/** What products of compressed rows are assembled for. */
export interface SparseProductsCode {
  /** Two at a time: those of an odd one are made with another, which nobody looks at. */
  readonly outputs: number;
  /** Whether each product and each sum of products is rounded to float32, and their sums with intercepts. */
  readonly singleProduct: boolean;
  readonly singleSum: boolean;
  /** Addresses of int32 [rows + 1], where each row's cells begin, from the first on, and of the columns of the cells. */
  readonly indptr: number;
  readonly indices: number;
  /** Addresses of float64 [cells]; [features × outputs], whose even number is `width`; [width]; [rows × outputs] and room for one more. */
  readonly inputs: number;
  readonly coefficients: number;
  readonly intercepts: number;
  readonly scores: number;
}

/** Columns of the coefficients: vectors of two begin where a row does. */
export const sparseWidth = (outputs: number): number => outputs + (outputs & 1);

/** Vectors of two outputs whose sums are made together. */
const vectorsTogether = 4;

/**
 * A module whose function `f(rows)` makes scores of the compressed rows in its memory, cell after cell as `multiplySparse` does: coefficients of a
 * column lie together, so that a cell comes upon those of all outputs at once.
 */
export function assembleSparseProducts(code: SparseProductsCode): Uint8Array<ArrayBuffer> {
  const { outputs } = code;
  const v = new Variables('rows');
  const vectors = sparseWidth(outputs) / 2;
  const groups = Math.floor(vectors / vectorsTogether);
  const rest = vectors % vectorsTogether;
  return v.assemble([
    v.set('row', constant(code.indptr)),
    v.set('score', constant(code.scores)),
    loop(
      v.set('output', constant(0)),
      groups > 0
        ? loop(
            multiplyRow(code, v, vectorsTogether),
            add(v, 'output', vectorsTogether * 16),
            [v.get('output'), constant(groups * vectorsTogether * 16), op.i32LessUnsigned],
            repeatIf(0),
          )
        : [],
      rest > 0 ? multiplyRow(code, v, rest) : [],
      add(v, 'row', 4),
      add(v, 'score', outputs * 8),
      v.tee('rows', [v.get('rows'), constant(1), op.i32Subtract]),
      repeatIf(0),
    ),
  ]);
}

const add = (v: Variables, name: string, value: number): Code =>
  v.set(name, [v.get(name), constant(value), op.i32Add]);

/** Multiplies a row with some vectors of outputs, from the address `output` of a row of coefficients on. */
function multiplyRow(code: SparseProductsCode, v: Variables, vectors: number): Code {
  const each = (make: (name: string, offset: number) => Code): Code =>
    Array.from({ length: vectors }, (_, i) => make(`sum${i}`, i * 16));
  const round = (single: boolean): Code => (single ? [simd.f32FromF64, simd.f64FromF32] : []);
  const column = [
    [v.get('cell'), constant(2), op.i32ShiftLeft, load('i32', code.indices)],
    [constant(sparseWidth(code.outputs) * 8), op.i32Multiply],
  ];
  return [
    each((name) => v.set(name, zeros, 'v128')),
    v.set('cell', [v.get('row'), load('i32', 0)]),
    block(
      loop(
        // Rows may have no cells.
        [v.get('cell'), v.get('row'), load('i32', 4), op.i32Less, op.i32Eqz, leaveIf(1)],
        v.set('factor', [column, v.get('output'), op.i32Add]),
        v.set('x', [v.get('cell'), constant(3), op.i32ShiftLeft, loadTwice(code.inputs)], 'v128'),
        each((name, offset) => {
          const factor = [v.get('factor'), load('v128', code.coefficients + offset)];
          const product = [v.get('x'), factor, simd.f64Multiply, round(code.singleProduct)];
          return v.set(
            name,
            [v.get(name), product, simd.f64Add, round(code.singleProduct)],
            'v128',
          );
        }),
        add(v, 'cell', 1),
        repeat(0),
      ),
    ),
    each((name, offset) => [
      [v.get('score'), v.get('output'), constant(offset), op.i32Add, op.i32Add],
      [v.get(name), v.get('output'), load('v128', code.intercepts + offset), simd.f64Add],
      [round(code.singleSum), store(0)],
    ]),
  ];
}
