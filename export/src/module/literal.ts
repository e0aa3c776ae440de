import { arrayTypeOf, type TypedArray } from 'nuthatch/ir';

/** Names of the typed arrays of a model, as programs call them. */
const constructors = {
  uint8: 'Uint8Array',
  uint16: 'Uint16Array',
  uint32: 'Uint32Array',
  int32: 'Int32Array',
  float32: 'Float32Array',
  float64: 'Float64Array',
} as const;

/** Keys that no answer depends on. */
const idle = new Set(['covers', 'uncertainty']);

/** Plain data as an expression of JavaScript; typed arrays are calls of `tensor`, a function of a type and base64. */
export function writeLiteral(value: unknown): string {
  const dtype = arrayTypeOf(value);
  if (dtype !== null) return `tensor(${constructors[dtype]},"${toBase64(value as TypedArray)}")`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(writeLiteral).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${JSON.stringify(key)}:${idle.has(key) ? null : writeLiteral(item)}`);
  return `{${entries.join(',')}}`;
}

const toBase64 = ({ buffer, byteOffset, byteLength }: TypedArray): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64').replace(/=+$/, '');

/** The function that such expressions call. It asks nothing of its surroundings but typed arrays: some have no `atob`. */
export const tensorSource = `
const codes = new Uint8Array(128);
for (let i = 0; i < 64; i++)
  codes['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i;
function tensor(Type, text) {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) throw new Error('needs a little-endian machine');
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  const code = (i) => codes[text.charCodeAt(i)];
  for (let i = 0, at = 0; i < text.length; i += 4) {
    const bits = (code(i) << 18) | (code(i + 1) << 12) | (code(i + 2) << 6) | code(i + 3);
    bytes[at++] = bits >> 16;
    bytes[at++] = bits >> 8;
    bytes[at++] = bits;
  }
  return new Type(bytes.buffer);
}
`;
