const magic = 0x184d2204;

/**
 * Decompresses a frame of LZ4 to exactly `length` bytes. (LZ4's packages for JavaScript read past both ends of damaged input, or are native.)
 *
 * @throws RangeError where it is none
 */
export function decompressLz4(frame: Buffer, length: number): Buffer {
  if (frame.readUInt32LE(0) !== magic) throw new RangeError('no frame of LZ4');
  const flags = frame.readUInt8(4);
  const [hasBlockSums, hasSize, hasDictionary] = [flags & 16, flags & 8, flags & 1];
  if (flags >> 6 !== 1 || hasDictionary) throw new RangeError('a frame of LZ4 that is not known');
  const output = Buffer.allocUnsafe(length);
  let written = 0;
  for (let at = hasSize ? 15 : 7; ; ) {
    const size = frame.readUInt32LE(at);
    if (size === 0) break;
    const start = at + 4;
    const end = start + (size & 0x7fffffff);
    if (end > frame.length) throw new RangeError('a block of LZ4 is cut');
    if (size >>> 31) {
      if (written + end - start > length) throw new RangeError('more than its length');
      written += frame.copy(output, written, start, end);
    } else written = readBlock(frame, start, end, output, written);
    at = end + (hasBlockSums ? 4 : 0);
  }
  if (written !== length) throw new RangeError('less than its length');
  return output;
}

/** Decompresses a block behind `written` bytes, which it may refer to; says where it ends. */
function readBlock(
  input: Buffer,
  start: number,
  end: number,
  output: Buffer,
  written: number,
): number {
  let at = start;
  let to = written;
  /** A length of four bits, and what follows where they are all set. */
  const lengthOf = (bits: number): number => {
    let length = bits;
    for (let byte = bits === 15 ? 255 : 0; byte === 255; length += byte) {
      if (at >= end) throw new RangeError('a length of LZ4 is cut');
      byte = input[at++]!;
    }
    return length;
  };
  while (at < end) {
    const token = input[at++]!;
    const literals = lengthOf(token >> 4);
    if (at + literals > end || to + literals > output.length)
      throw new RangeError('more than its length');
    if (literals > 32) input.copy(output, to, at, at + literals);
    else for (let i = 0; i < literals; i++) output[to + i] = input[at + i]!;
    at += literals;
    to += literals;
    if (at === end) break;
    if (at + 2 > end) throw new RangeError('a block of LZ4 is cut');
    const distance = input[at]! | (input[at + 1]! << 8);
    at += 2;
    const length = lengthOf(token & 15) + 4;
    if (distance === 0 || distance > to || to + length > output.length)
      throw new RangeError('a place that is not there');
    if (length > 32 && distance >= length)
      output.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) output[to + i] = output[to + i - distance]!;
    to += length;
  }
  return to;
}
