import { readFileSync, writeFileSync } from 'node:fs';

/** Puts a table between its marks in a document: `<!-- NAME: begin -->` and `<!-- NAME: end -->`, each on a line of its own. */
export function writeTable(path: string, name: string, table: string): void {
  const { before, after } = splitAtMarks(path, name);
  writeFileSync(path, `${before}${table}${after}`);
}

/**
 * Puts rows into the table between its marks. A row takes the place of those with the same first cell, without what that says in brackets: who
 * runs one version leaves those of the others.
 */
export function writeRows(path: string, name: string, rows: readonly string[]): void {
  const { before, table, after } = splitAtMarks(path, name);
  const firstCell = (row: string) => row.split('|')[1]!.split(' (')[0]!.trim();
  const keys = new Set(rows.map(firstCell));
  const lines = table.split('\n');
  const own = lines.findIndex((line) => keys.has(firstCell(line)));
  const others = lines.filter((line) => !keys.has(firstCell(line)));
  others.splice(own < 0 ? others.length : own, 0, ...rows);
  writeFileSync(path, `${before}${others.join('\n')}${after}`);
}

function splitAtMarks(path: string, name: string) {
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- ${name}: begin -->\n`, `\n<!-- ${name}: end -->`] as const;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${path} has no marks for the table ${name}`);
  const start = from + begin.length;
  return { before: text.slice(0, start), table: text.slice(start, to), after: text.slice(to) };
}
