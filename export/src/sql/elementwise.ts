import type { ArithmeticName, Bin, Elementwise, FunctionName } from 'nuthatch/ir';
import { refuse } from '../refuse.js';
import { type Cells, elsewhere } from './cells.js';
import { number } from './dialect.js';
import { requireCells } from './guards.js';
import type { Query } from './query.js';

/** What becomes of each cell. Of functions there are those that every engine computes alike, since trees may come after them. */
export function writeElementwise(
  query: Query,
  node: Elementwise,
  given: Cells,
  path: string,
): Cells {
  const type = node.type ?? (given.type === 'float32' ? 'float32' : 'float64');
  if (type === 'float32') refuse('unsupported', path, `arithmetic of float32 ${elsewhere}`);
  requireCells(query, given.sql, node.nonFinite);
  let sql = given.sql;
  node.operations.forEach((one, k) => {
    const place = `${path}.operations[${k}]`;
    if (one.operation === 'bin' && node.nonFinite !== 'refuse')
      refuse('unsupported', place, `bins of missing values ${elsewhere}`);
    const next = sql.map((cell, i) => {
      if (one.operation === 'bin') return bin(one, cell, i, place);
      if ('operands' in one) return arithmetic(one.operation, cell, one.operands[i]!, place);
      return call(one.operation, cell, place);
    });
    sql = query.name(next);
  });
  return { sql, type, sparse: given.sparse };
}

function arithmetic(operation: ArithmeticName, a: string, value: number, path: string): string {
  if (operation === 'minimum' && value === Number.POSITIVE_INFINITY) return a;
  if (operation === 'maximum' && value === Number.NEGATIVE_INFINITY) return a;
  if (operation === 'divide' && value === 0)
    refuse('unsupported', path, `a division by 0 ${elsewhere}`);
  const b = number(value, path);
  const minus = number(-value, path);
  const written: Readonly<Record<ArithmeticName, string>> = {
    add: `${a} + ${b}`,
    subtract: `${a} - ${b}`,
    multiply: `${a} * ${b}`,
    divide: `${a} / ${b}`,
    minimum: `CASE WHEN ${a} > ${b} THEN ${b} ELSE ${a} END`,
    maximum: `CASE WHEN ${a} < ${b} THEN ${b} ELSE ${a} END`,
    greater: `CASE WHEN ${a} > ${b} THEN 1e0 ELSE 0e0 END`,
    void: `CASE WHEN ${a} = ${b} THEN NULL ELSE ${a} END`,
    fill: `COALESCE(${a}, ${b})`,
    shrink: `CASE WHEN ${a} > ${b} THEN ${a} - ${b} WHEN ${a} < ${minus} THEN ${a} + ${b} ELSE 0e0 END`,
    flush: `CASE WHEN ABS(${a}) <= ${b} THEN 0e0 ELSE ${a} END`,
  };
  return written[operation];
}

function bin({ starts, edges }: Bin, a: string, column: number, path: string): string {
  const own = edges.slice(starts[column]!, starts[column + 1]!);
  const when = Array.from(own, (edge, k) => `WHEN ${a} < ${number(edge, path)} THEN ${k}e0`);
  return own.length === 0 ? '0e0' : `CASE ${when.join(' ')} ELSE ${own.length}e0 END`;
}

function call(name: FunctionName, a: string, path: string): string {
  const written: { readonly [F in FunctionName]?: string } = {
    positive: a,
    absolute: `ABS(${a})`,
    negative: `-${a}`,
    square: `${a} * ${a}`,
    sqrt: `CASE WHEN ${a} >= 0e0 THEN SQRT(${a}) END`,
    floor: `FLOOR(${a})`,
    ceil: `CEIL(${a})`,
    sign: `CASE WHEN ${a} > 0e0 THEN 1e0 WHEN ${a} < 0e0 THEN -1e0 WHEN ${a} = 0e0 THEN 0e0 END`,
  };
  return written[name] ?? refuse('unsupported', path, `${name} ${elsewhere}`);
}
