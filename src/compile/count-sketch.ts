import { copyRow } from '../input/dense.js';
import { type CountSketch, countSketchRules, sketchedCells } from '../ir/index.js';
import { zeros } from '../math/zeros.js';
import type { NodeKind } from './kind.js';
import { writeRows } from './write-rows.js';

export const countSketch: NodeKind<CountSketch> = {
  rules: countSketchRules,
  transform: (node, out) => {
    const { features, outputs, constant, columns, negative } = node;
    const count = sketchedCells(node);
    const cells = zeros(count);
    const sum = zeros(outputs);
    let product = zeros(outputs);
    let next = zeros(outputs);

    function addUp(first: number, to: Float64Array): void {
      to.fill(0);
      for (let i = 0; i < count; i++) {
        const cell = cells[i]!;
        to[columns[first + i]!]! += negative[first + i] === 1 ? -cell : cell;
      }
    }

    return (x) => {
      if (constant) cells[features] = constant[0]!;
      return writeRows(out, x, 'float64', (row) => {
        copyRow(x, row, cells);
        addUp(0, product);
        for (let first = count; first < columns.length; first += count) {
          addUp(first, sum);
          convolve(product, sum, next);
          [product, next] = [next, product];
        }
        for (let i = 0; i < outputs; i++) out.put(i, product[i]!);
      });
    };
  },
};

/** The circular convolution: of `b`, only what is not 0 takes time, and a sketch has no more such numbers than a row has cells. */
function convolve(a: Float64Array, b: Float64Array, out: Float64Array): void {
  const { length } = a;
  out.fill(0);
  for (let shift = 0; shift < length; shift++) {
    const factor = b[shift]!;
    if (factor === 0) continue;
    for (let i = 0, at = shift; i < length; i++, at = at + 1 === length ? 0 : at + 1)
      out[at]! += a[i]! * factor;
  }
}
