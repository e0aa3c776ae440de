import type { Terms } from '../../src/ir/index.js';

/** Strings one after another, in bytes where all of them are Latin-1. */
export function packTerms(strings: readonly string[]): Terms {
  const starts = new Uint32Array(strings.length + 1);
  strings.forEach((string, i) => {
    starts[i + 1] = starts[i]! + string.length;
  });
  const text = strings.join('');
  const wide = /[^\0-\xff]/.test(text);
  const units = new (wide ? Uint16Array : Uint8Array)(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return { units, starts };
}
