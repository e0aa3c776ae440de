import { escapeControls } from '../errors.js';

/**
 * Rows of cells as aligned columns, two spaces apart. Columns that hold numbers below the first row go to the right.
 * Control characters are escaped: names from a file must not steer a terminal.
 */
export function formatTable(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map((cell) => escapeControls(cell)));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const numeric = widths.map(
    (_, i) => rows.length > 1 && rows.slice(1).every((row) => /^[\d.,%–]+$/.test(row[i] ?? '')),
  );
  const pad = (cell: string, i: number) =>
    numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** An integer with thousands separated. */
export function formatCount(value: number): string {
  // `toLocaleString` loads what it knows of all languages, which takes 13 ms.
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A count with its noun. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share from 0 to 1 as a bar and a number. */
export function formatBar(share: number): string {
  const filled = Math.round(share * barWidth);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${percent} %`;
}

const barWidth = 24;

/** A line that is rewritten in place on a terminal, at most ten times a second; nothing in a pipe. */
export class Progress {
  #last = 0;
  #shown = false;

  /** The text is told how many characters there is room for: what wraps could not be rewritten. */
  update(text: (width: number) => string): void {
    const { isTTY, columns } = process.stderr;
    if (!isTTY || process.env.TERM === 'dumb') return;
    const now = Date.now();
    if (now - this.#last < 100) return;
    this.#last = now;
    this.#shown = true;
    // Some terminals wrap when the last column is written; some do not say how wide they are.
    const width = (columns || 80) - 1;
    process.stderr.write(`\r\u001b[K${text(width).slice(0, width)}`);
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }
}
