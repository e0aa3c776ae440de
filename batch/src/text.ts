/** A cell of a column of texts; what is of another type is written as JSON. */
export function textOf(cell: unknown): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}
