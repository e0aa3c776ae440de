/**
 * Decompresses a block of LZ4. (No kept package does so to a known length and says when a block ends too early.)
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */
export function unpackLz4(bytes: Uint8Array, out: Uint8Array): Uint8Array {
  const size = out.length;
  let at = 0;
  let to = 0;
  const lengthFrom = (start: number): number => {
    let length = start;
    if (start !== 15) return length;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('it ends too early');
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (at < bytes.length) {
    const token = bytes[at++]!;
    const literals = lengthFrom(token >> 4);
    if (literals > bytes.length - at || literals > size - to)
      throw new RangeError('literals are too long');
    out.set(bytes.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === bytes.length) break;
    if (bytes.length - at < 2) throw new RangeError('it ends too early');
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    const length = lengthFrom(token & 15) + 4;
    if (distance === 0 || distance > to || length > size - to)
      throw new RangeError('a match lies outside');
    if (distance >= length) out.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) out[to + i] = out[to + i - distance]!;
    to += length;
  }
  return out.subarray(0, to);
}

/** Blocks behind their sizes, as Hadoop writes them; or a bare one, as others did under the same name. */
export function unpackLz4Frames(bytes: Uint8Array, out: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = out.length;
  let at = 0;
  let total = 0;
  while (bytes.length - at >= 8) {
    const plain = view.getUint32(at);
    const packed = view.getUint32(at + 4);
    if (packed > bytes.length - at - 8 || plain > size - total) break;
    const part = unpackLz4(
      bytes.subarray(at + 8, at + 8 + packed),
      out.subarray(total, total + plain),
    );
    if (part.length !== plain) break;
    at += 8 + packed;
    total += plain;
  }
  return at === bytes.length && total === size ? out : unpackLz4(bytes, out);
}
