import { readFileSync, writeFileSync } from 'node:fs';

const measured = ['<!-- measured -->', '<!-- end of what was measured -->'] as const;

/** A table whose first line is of heads; columns of numbers go to the right. */
export function markdown([head, ...rows]: readonly (readonly string[])[]): string {
  const rule = head!.map((_, i) => (rows.every((row) => /\d/.test(row[i] ?? '')) ? '---:' : '---'));
  return [head!, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Writes a section between two marks of a document. */
export function writeSection(
  path: string,
  section: string,
  marks: readonly [string, string] = measured,
): void {
  const text = readFileSync(path, 'utf8');
  const [start, end] = marks.map((mark) => text.indexOf(mark));
  if (start === -1 || end! < start!) throw new Error(`${path} has no ${marks[0]}`);
  const before = text.slice(0, start! + marks[0].length);
  writeFileSync(path, `${before}\n\n${section}\n\n${text.slice(end)}`);
}
