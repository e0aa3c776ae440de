import type { TypedArray } from 'nuthatch/ir';

/** The bits of an element in hexadecimal digits, the first ones first: what numbers keep of a NaN is up to the engine. */
export const bitsOf = (tensor: TypedArray, i: number): string =>
  Array.from(bytesOf(tensor, i), (byte) => byte.toString(16).padStart(2, '0'))
    .reverse()
    .join('');

/** Writes the bits that such digits stand for. */
export function putBits(tensor: TypedArray, i: number, digits: string): void {
  const bytes = bytesOf(tensor, i);
  for (let k = 0; k < bytes.length; k++)
    bytes[bytes.length - 1 - k] = Number.parseInt(digits.slice(2 * k, 2 * k + 2), 16);
}

const bytesOf = ({ buffer, byteOffset, BYTES_PER_ELEMENT }: TypedArray, i: number): Uint8Array =>
  new Uint8Array(buffer, byteOffset + i * BYTES_PER_ELEMENT, BYTES_PER_ELEMENT);

/** How a NaN of other bits than the usual ones is written. */
export const nanPattern = /^NaN:([0-9a-f]{8}|[0-9a-f]{16})$/;
export const usualNaNs: readonly string[] = ['7ff8000000000000', '7fc00000'];
