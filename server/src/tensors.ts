/** The arrays of numbers in plain data. */
export function tensorsOf(value: unknown): readonly Uint8Array[] {
  if (ArrayBuffer.isView(value)) return [value as Uint8Array];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(tensorsOf);
}

/** Bytes that they take. */
export const tensorBytes = (value: unknown): number =>
  tensorsOf(value).reduce((sum, { byteLength }) => sum + byteLength, 0);
