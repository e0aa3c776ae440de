import type { Encode, EncodeColumn, Impute, Linear, Node } from 'nuthatch/ir';
import { refuse } from '../refuse.js';
import { type Cells, elsewhere } from './cells.js';
import { number } from './dialect.js';
import { writeElementwise } from './elementwise.js';
import { requireCells } from './guards.js';
import type { Query } from './query.js';

/** What a part without a head makes of its cells. */
export function writeStep(query: Query, node: Node, given: Cells, path: string): Cells {
  switch (node.kind) {
    case 'pipeline':
      return node.steps.reduce(
        (cells, step, i) => writeStep(query, step, cells, `${path}.steps[${i}]`),
        given,
      );
    case 'select':
      return { ...given, sql: Array.from(node.columns, (column) => given.sql[column]!) };
    case 'union': {
      const parts = node.parts.map(({ columns, node: part }, i) => {
        const sql = columns ? Array.from(columns, (column) => given.sql[column]!) : given.sql;
        const seen = { ...given, sql };
        return part ? writeStep(query, part, seen, `${path}.parts[${i}].node`) : seen;
      });
      const types = parts.map(({ type }) => type);
      const type = (['float64', 'float32'] as const).find((one) => types.includes(one)) ?? 'uint8';
      return { sql: parts.flatMap(({ sql }) => sql), type, sparse: node.sparse };
    }
    case 'elementwise':
      return writeElementwise(query, node, given, path);
    case 'impute':
      return { ...given, sql: query.name(writeImpute(query, node, given)) };
    case 'encode':
      return writeEncode(query, node, given, path);
    case 'linear': {
      const sql = query.name(writeProducts(query, node, given, path));
      return { sql, type: 'float64', sparse: false };
    }
    default:
      return refuse('unsupported', path, `a part of kind ${node.kind} ${elsewhere}`);
  }
}

const writeImpute = ({ dialect }: Query, { missing, strings }: Impute, { sql }: Cells): string[] =>
  sql.map((cell, i) => {
    const fill = dialect.text(strings[i]!);
    if (missing === null) return `COALESCE(${cell}, ${fill})`;
    return `CASE WHEN ${cell} = ${dialect.text(missing)} THEN ${fill} ELSE ${cell} END`;
  });

function writeEncode(query: Query, node: Encode, given: Cells, path: string): Cells {
  const type = node.type ?? (given.type === 'float32' ? 'float32' : 'float64');
  const round = type === 'float32' ? Math.fround : Number;
  const sql = node.columns.flatMap((column, i) => {
    const cell = given.sql[i]!;
    const place = `${path}.columns[${i}]`;
    if (column.strings === null && column.numbers !== null)
      requireCells(query, [cell], node.nonFinite);
    return writeCodes(query, column, cell, (value) => number(round(value), place));
  });
  return { sql: query.name(sql), type, sparse: node.sparse };
}

/** The columns that become of one. */
function writeCodes(
  query: Query,
  { strings, numbers, missing, unknown, width, values, marks }: EncodeColumn,
  cell: string,
  write: (value: number) => string,
): string[] {
  const known = strings
    ? strings.map((text) => query.dialect.text(text))
    : Array.from(numbers ?? [], write);
  const gap = known.length;
  const other = known.length + Number(missing);
  if (!missing) query.require(`${cell} IS NOT NULL`);
  if (!unknown)
    query.require(
      known.length === 0
        ? `${cell} IS NULL`
        : `(${cell} IS NULL OR ${cell} IN (${known.join(', ')}))`,
    );
  return Array.from({ length: width }, (_, j) => {
    const of = (code: number) => (values ? values[code * width + j]! : Number(marks![code] === j));
    const cases = new Map<string, string[]>();
    known.forEach((value, code) => {
      const result = write(of(code));
      cases.set(result, [...(cases.get(result) ?? []), value]);
    });
    const rest = write(unknown ? of(other) : 0);
    cases.delete(rest);
    const when = [...cases].map(
      ([result, list]) => `WHEN ${cell} IN (${list.join(', ')}) THEN ${result}`,
    );
    const first = missing ? [`WHEN ${cell} IS NULL THEN ${write(of(gap))}`] : [];
    return first.length + when.length === 0
      ? rest
      : `CASE ${[...first, ...when].join(' ')} ELSE ${rest} END`;
  });
}

/** Dot products, added in the library's order: the same bits wherever float64 is what it should be. */
export function writeProducts(query: Query, node: Linear, given: Cells, path: string): string[] {
  const { features, outputs, coefficients, intercepts, nonFinite } = node;
  if (given.type === 'float32' && coefficients instanceof Float32Array)
    refuse('unsupported', path, `arithmetic of float32 ${elsewhere}`);
  requireCells(query, given.sql, nonFinite);
  return Array.from({ length: outputs }, (_, output) => {
    const term = (i: number) =>
      `${given.sql[i]!} * ${number(coefficients[output * features + i]!, path)}`;
    const all = Array.from({ length: features }, (_, i) => term(i));
    const intercept = number(intercepts[output]!, path);
    if (given.sparse) return `${query.sum(all)} + ${intercept}`;
    // Four sums side by side; what is left over goes to the first.
    const whole = features - (features % 4);
    const [s0, s1, s2, s3] = [0, 1, 2, 3].map((k) =>
      query.sum(all.filter((_, i) => (i < whole ? i % 4 === k : k === 0))),
    );
    return whole === 0
      ? `${s0} + ${intercept}`
      : `(${s0} + ${s1} + (${s2} + ${s3})) + ${intercept}`;
  });
}
