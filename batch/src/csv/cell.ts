const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none']);
const infinities: Record<string, number> = {
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
};

/** The number in a cell; NaN where it is missing; null where it is none. */
export function csvNumber(cell: string): number | null {
  const text = cell.trim().toLowerCase();
  if (missing.has(text)) return Number.NaN;
  // Not \d+\.?\d*, which takes the square of the length where it fails.
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/.test(text)) return Number(text);
  return Object.hasOwn(infinities, text) ? infinities[text]! : null;
}

/** A cell as CSV: quoted where it must be, empty where it is missing. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
