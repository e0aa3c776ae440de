import type { Model } from '../../src/index.js';

/** Steps that predictions may be off: exp, and what is made of it. Raw scores are the same to the bit. */
export const mostSteps = 4;

/** Little-endian float64 numbers in base64. */
export function numbersOf(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

export interface Rows {
  readonly data: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

/** What a method answers, row after row. */
export function ask(model: Model, method: string, X: Rows): number[] {
  const found = (model as unknown as Record<string, (X: Rows) => unknown>)[method]!(X);
  return Array.from((found as { data?: Float64Array }).data ?? (found as Float64Array), Number);
}
