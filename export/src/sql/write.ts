import {
  columnsOf,
  inputColumns,
  inputNames,
  isItemForm,
  type ModelDescription,
  type Node,
} from 'nuthatch/ir';
import type { ExportOptions } from '../options.js';
import { refuse } from '../refuse.js';
import { type Cells, elsewhere } from './cells.js';
import { type Dialect, dialects } from './dialect.js';
import { requireCells } from './guards.js';
import { type Answer, writeHead } from './head.js';
import { Query } from './query.js';
import { writeProducts, writeStep } from './steps.js';
import { writeTrees } from './trees.js';

/** Characters of a query: SQLite and Snowflake take a million. */
const mostText = 1_000_000;

/** A query of one statement: the answers to the rows of a table, beside the columns that are kept. */
export function writeSql(
  { root, input }: ModelDescription,
  { table = 'rows', keep = [], dialect = 'standard' }: ExportOptions,
): string {
  const own = dialects[dialect];
  if (input.type === 'text') refuse('unsupported', 'model.input', `text ${elsewhere}`);
  const kept = keep.map((name) => {
    if (name.toLowerCase().startsWith('nh_'))
      refuse('usage', 'keep', 'columns that begin with nh_ are the query’s own');
    return own.name(name);
  });
  const query = new Query(own, readTable(own, input, table, kept));
  const given = readCells(query, input);
  const answers = writeAnswers(query, root, given, 'model.root');
  const text = query.finish(kept, answers);
  if (text.length > mostText)
    refuse(
      'limit-exceeded',
      'model',
      `a query of ${text.length} characters; engines take ${mostText}; use --to js`,
    );
  return text;
}

const cellName = (column: number): string => `nh_c${column}`;

/** The first stage: what is kept, and the model's columns under names of the query's own. */
function readTable(
  dialect: Dialect,
  input: ModelDescription['input'],
  table: string,
  kept: readonly string[],
): string {
  const names = inputNames(input);
  const cells = Array.from({ length: inputColumns(input) }, (_, i) => {
    const name = dialect.name(names?.[i] ?? `x${i}`);
    const type = columnsOf(input)?.[i]?.type ?? 'number';
    if (type === 'unused') return [];
    if (isItemForm(type))
      return refuse('unsupported', `column ${i}`, `a column of items ${elsewhere}`);
    const cell = {
      number: `CAST(${name} AS ${dialect.double})`,
      boolean: `CASE WHEN ${name} IS NULL THEN NULL WHEN ${name} THEN 1e0 ELSE 0e0 END`,
      string: name,
      category: name,
    }[type];
    return [`${cell} AS ${cellName(i)}`];
  }).flat();
  const from = table.split('.').map((part) => dialect.name(part));
  return `SELECT\n  ${[...kept, ...cells].join(',\n  ')}\nFROM ${from.join('.')}`;
}

/** NaN and infinity are told from missing cells: rows with such have no answer. */
function readCells(query: Query, input: ModelDescription['input']): Cells {
  const sql = Array.from({ length: inputColumns(input) }, (_, i) => {
    const type = columnsOf(input)?.[i]?.type ?? 'number';
    if (type === 'number') requireCells(query, [cellName(i)], 'any');
    return type === 'unused' ? 'NULL' : cellName(i);
  });
  return { sql, type: 'float64', sparse: false };
}

function writeAnswers(query: Query, node: Node, given: Cells, path: string): Answer[] {
  if (node.kind === 'pipeline') {
    if (node.chooser) refuse('unsupported', path, `a choice by other scores ${elsewhere}`);
    const last = node.steps.length - 1;
    const before = node.steps
      .slice(0, last)
      .reduce((cells, step, i) => writeStep(query, step, cells, `${path}.steps[${i}]`), given);
    return writeAnswers(query, node.steps[last]!, before, `${path}.steps[${last}]`);
  }
  const head = 'head' in node ? node.head : null;
  if (!head)
    return writeStep(query, node, given, path).sql.map((sql, i): Answer => [`value_${i}`, sql]);
  switch (node.kind) {
    case 'linear':
      return writeHead(query, head, writeProducts(query, node, given, path), path);
    case 'trees':
      return writeHead(query, head, writeTrees(query, node, given, path), path);
    case 'scores':
      if (given.type === 'float32')
        refuse('unsupported', path, `arithmetic of float32 ${elsewhere}`);
      return writeHead(query, head, given.sql, path);
    default:
      return refuse('unsupported', path, `a model of kind ${node.kind} ${elsewhere}`);
  }
}
