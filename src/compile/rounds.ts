import type { Value } from '../input/dense.js';
import { arrayTypes, type Node, type Rounds, roundsRules } from '../ir/index.js';
import { zeros } from '../math/zeros.js';
import { compileAnswer } from './answers.js';
import { floatsOf, ValueBuffer } from './buffer.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

export const rounds: NodeKind<Rounds<Node>> = {
  rules: roundsRules,
  compile({ features, fills, lows, highs, parts }, { gives, names, compile }) {
    const out = new ValueBuffer(gives, names);
    const predictors = parts.map(({ columns, node }) => {
      const scorer = compile(node, { kind: 'dense', columns: columns.length }, null) as Scorer;
      return compileAnswer(scorer, 'predict').write;
    });
    return {
      gives,
      names,
      transform(x) {
        const gaps = gapsOf(x.data, x.rows * features);
        const to = out.shapeLike(x, floatsOf(x));
        for (let i = 0; i < x.rows * features; i++)
          to[i] = gaps[i] ? fills[i % features]! : x.data[i]!;
        parts.forEach(({ column, columns }, k) => {
          const rows = rowsWith(gaps, x.rows, features, column);
          if (rows.length === 0) return;
          const found = zeros(rows.length);
          predictors[k]!(chooseRows(out, rows, columns), found);
          rows.forEach((row, i) => {
            to[row * features + column] = clip(found[i]!, lows[column]!, highs[column]!);
          });
        });
        return out;
      },
    };
  },
};

/** 1 for each of the first `count` cells that is missing, else 0. */
export const gapsOf = (cells: ArrayLike<number>, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => Number(Number.isNaN(cells[i]!)));

/** Rows in which a column's cell is missing. */
export const rowsWith = (
  gaps: ArrayLike<number>,
  rows: number,
  features: number,
  column: number,
): number[] =>
  Array.from({ length: rows }, (_, row) => row).filter((row) => gaps[row * features + column]);

/** Some rows and columns of a dense value, in memory of their own. */
export function chooseRows(value: Value, rows: readonly number[], columns: Uint32Array): Value {
  const { length } = columns;
  const data = new arrayTypes[floatsOf(value)](rows.length * length);
  for (let i = 0; i < data.length; i++)
    data[i] = value.data[rows[Math.floor(i / length)]! * value.cols + columns[i % length]!]!;
  return { data, rows: rows.length, cols: length, names: null };
}

const clip = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value;
