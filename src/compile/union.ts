import type { Dense, Names, Sparse, Value } from '../input/dense.js';
import { type Node, outputOf, type Union, type ValueType } from '../ir/index.js';
import { MatrixBuffer, type NumbersType, TableBuffer } from './buffer.js';
import { compileSelect } from './select.js';
import { chain, type Transformer } from './transformer.js';

/** Compiles a part, whatever it is. */
export type CompileTransformer = (node: Node, given: ValueType, names: Names) => Transformer;

export function compileUnion(
  node: Union<Node>,
  given: ValueType,
  names: Names,
  compile: CompileTransformer,
): Transformer {
  const parts = node.parts.map((part) => {
    const selected = part.columns && compileSelect(part.columns, given, names);
    const [seen, seenNames] = [selected?.gives ?? given, selected ? selected.names : names];
    const made = part.node && compile(part.node, seen, seenNames);
    return chain(
      given,
      names,
      [selected, made].filter((one) => one !== null),
    );
  });
  const gives = outputOf(node, given, '', Infinity);
  const known = parts.some((part) => part.names !== null);
  const outNames = known
    ? parts.flatMap((part) => part.names ?? new Array<string>(part.gives.columns).fill(''))
    : null;
  const out = new MatrixBuffer(gives.columns, outNames);
  const table = new TableBuffer(gives.columns, outNames);
  const values = new Array<Value>(parts.length);

  /** float64 if any part is, else float32 if any is, as numpy's hstack decides. */
  function typeOfAll(): NumbersType {
    let type: NumbersType = Uint8Array;
    for (const value of values as (Dense | Sparse)[]) {
      if (value.data instanceof Float64Array) return Float64Array;
      if (value.data instanceof Float32Array) type = Float32Array;
    }
    return type;
  }

  /** Copies the cells of a part's row to `to` from `at` on. */
  function copyRow(value: Dense | Sparse, row: number, to: { [at: number]: number }, at: number) {
    const { data, indptr, cols } = value;
    if (indptr === undefined) {
      for (let i = 0; i < cols; i++) to[at + i] = data[row * cols + i]!;
      return;
    }
    for (let i = 0; i < cols; i++) to[at + i] = 0;
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) to[at + value.indices[i]!] = data[i]!;
  }

  function writeDense(x: Value): Value {
    const data = out.shape(x, typeOfAll());
    for (let row = 0, at = 0; row < x.rows; row++) {
      for (const value of values) {
        copyRow(value as Dense | Sparse, row, data, at);
        at += value.cols;
      }
    }
    return out.value;
  }

  function writeSparse(x: Value): Value {
    let cells = 0;
    for (const value of values as (Dense | Sparse)[])
      cells += value.indptr === undefined ? x.rows * value.cols : value.indptr[x.rows]!;
    const data = out.shapeSparse(x, typeOfAll(), cells);
    const indices = out.indices!;
    let end = 0;
    for (let row = 0; row < x.rows; row++) {
      let first = 0;
      for (const value of values as (Dense | Sparse)[]) {
        const start = value.indptr === undefined ? row * value.cols : value.indptr[row]!;
        const stop = value.indptr === undefined ? start + value.cols : value.indptr[row + 1]!;
        for (let i = start; i < stop; i++) {
          if (value.data[i] === 0) continue;
          indices[end] = first + (value.indptr === undefined ? i - start : value.indices[i]!);
          data[end++] = value.data[i]!;
        }
        first += value.cols;
      }
      out.indptr![row + 1] = end;
    }
    return out.value;
  }

  function writeTable(x: Value): Value {
    const { numbers, strings } = table.shape(x);
    for (let row = 0, at = 0; row < x.rows; row++) {
      for (const value of values) {
        if ('numbers' in value) {
          for (let i = 0; i < value.cols; i++) {
            numbers[at + i] = value.numbers[row * value.cols + i]!;
            strings[at + i] = value.strings[row * value.cols + i]!;
          }
        } else {
          copyRow(value, row, numbers, at);
          for (let i = 0; i < value.cols; i++) strings[at + i] = null;
        }
        at += value.cols;
      }
    }
    return table;
  }

  const write = { dense: writeDense, sparse: writeSparse, columns: writeTable, text: writeDense }[
    gives.kind
  ];
  return {
    gives,
    names: outNames,
    transform(x) {
      for (let i = 0; i < parts.length; i++) values[i] = parts[i]!.transform(x);
      return write(x);
    },
  };
}
