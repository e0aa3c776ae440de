/**
 * Decompresses a block of Snappy into memory that is there: packages take some anew for each. Long literals, of which numbers that do not repeat consist, are
 * copied at once.
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 */
export function unpackSnappy(bytes: Uint8Array, out: Uint8Array): Uint8Array {
  let at = 0;
  let size = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined || scale > 2 ** 28) throw new RangeError('its length has no end');
    size += (byte & 127) * scale;
    if (byte < 128) break;
  }
  if (size !== out.length) throw new RangeError(`it says ${size} bytes`);
  let to = 0;
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    // Bytes of the length of a literal, or of a distance.
    const width = kind === 0 ? Math.max(0, (tag >> 2) - 59) : kind === 3 ? 4 : kind;
    if (width > bytes.length - at) throw new RangeError('it ends too early');
    let number = 0;
    for (let i = 0; i < width; i++) number += bytes[at++]! * 2 ** (8 * i);
    if (kind === 0) {
      const length = (width === 0 ? tag >> 2 : number) + 1;
      if (length > bytes.length - at || length > size - to)
        throw new RangeError('a literal is too long');
      if (length > 32) out.set(bytes.subarray(at, at + length), to);
      else for (let i = 0; i < length; i++) out[to + i] = bytes[at + i]!;
      at += length;
      to += length;
      continue;
    }
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const distance = kind === 1 ? number + (tag >> 5) * 256 : number;
    if (distance === 0 || distance > to || length > size - to)
      throw new RangeError('a copy lies outside');
    for (let i = 0; i < length; i++) out[to + i] = out[to + i - distance]!;
    to += length;
  }
  if (to !== size) throw new RangeError('it ends too early');
  return out;
}
