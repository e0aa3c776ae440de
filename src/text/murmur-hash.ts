/** MurmurHash3 of 32 bits, seed 0, of the first `length` bytes: scikit-learn's `murmurhash3_bytes_s32`. A signed integer. */
function murmurHash(bytes: Uint8Array, length: number): number {
  let hash = 0;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash ^= scramble(word);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let i = length - 1; i >= whole; i--) rest = (rest << 8) | bytes[i]!;
  hash ^= scramble(rest) ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Hashes terms by their code units; null where half a surrogate pair has no UTF-8. */
export function createHash(): (units: Uint16Array, from: number, to: number) => number | null {
  let bytes = new Uint8Array(64);
  return (units, from, to) => {
    if (bytes.length < 3 * (to - from)) bytes = new Uint8Array(6 * (to - from));
    const length = writeUtf8(units, from, to, bytes);
    return length < 0 ? null : murmurHash(bytes, length);
  };
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

/**
 * Writes code units as UTF-8 to `bytes`, which has room for three bytes each, and returns how many bytes they are; −1 where half a
 * surrogate pair has none.
 */
function writeUtf8(units: Uint16Array, from: number, to: number, bytes: Uint8Array): number {
  let at = 0;
  for (let i = from; i < to; i++) {
    let point = units[i]!;
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if ((point & 0xf800) === 0xd800) {
      const next = i + 1 < to ? units[i + 1]! : 0;
      if ((point & 0xfc00) !== 0xd800 || (next & 0xfc00) !== 0xdc00) return -1;
      point = (point << 10) + next - 0x35fdc00;
      i++;
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 63);
    } else if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
      bytes[at++] = 0x80 | (point & 63);
      continue;
    } else bytes[at++] = 0xe0 | (point >> 12);
    bytes[at++] = 0x80 | ((point >> 6) & 63);
    bytes[at++] = 0x80 | (point & 63);
  }
  return at;
}
