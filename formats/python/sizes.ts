import type { PyValue } from '../sklearn/python.js';

/** Bytes of memory that one more item, and one more key with its value, take about. */
export const itemSize = 16;
export const entrySize = 96;

/** Bytes of memory that a value takes about, without what its items are. */
export function sizeOf(value: PyValue): number {
  if (typeof value === 'string') return 32 + value.length;
  if (value === null || typeof value !== 'object') return itemSize;
  switch (value.type) {
    case 'array':
      return 320 + value.bytes.length + 8 * (value.objects?.length ?? 0);
    case 'bytes':
      return 160 + value.bytes.length;
    case 'object':
      return 192 + 8 * (value.args.length + value.items.length + value.entries.length);
    case 'list':
    case 'tuple':
    case 'set':
    case 'frozenset':
    case 'slice':
      return 80 + 8 * value.items.length;
    default:
      return 80;
  }
}
