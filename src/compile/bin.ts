import type { Dense, Names } from '../input/dense.js';
import type { Bin, ValueType } from '../ir/index.js';
import { floatsOf, MatrixBuffer, resultArrays } from './buffer.js';
import { checkFinite } from './finite.js';
import type { Transformer } from './transformer.js';

export function compileBin(
  { features, type, starts, edges }: Bin,
  gives: ValueType,
  names: Names,
): Transformer {
  const out = new MatrixBuffer(features, names);

  function transform(x: Dense): Dense {
    checkFinite('refuse', x);
    const data = out.shape(x, type === null ? floatsOf(x) : resultArrays[type]);
    const single = data instanceof Float32Array;
    for (let i = 0; i < x.rows * features; i++) {
      const column = i % features;
      const value = single ? Math.fround(x.data[i]!) : x.data[i]!;
      const first = starts[column]!;
      let low = first;
      let high = starts[column + 1]!;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (edges[middle]! <= value) low = middle + 1;
        else high = middle;
      }
      data[i] = low - first;
    }
    return out.value as Dense;
  }
  return { gives, names, transform: transform as Transformer['transform'] };
}
