/** Primes of CityHash. */
const [k0, k1, k2, k3] = [
  0xc3a5c85c97cb3127n,
  0xb492b66fbe98f273n,
  0x9ae16a3b2f90404fn,
  0xc949d7c7509e6557n,
] as const;
const multiplier = 0x9ddfea08eb382d69n;

const low = (value: bigint): bigint => BigInt.asUintN(64, value);
const mixed = (value: bigint): bigint => value ^ (value >> 47n);
const rotated = (value: bigint, by: number): bigint => {
  const own = low(value);
  return low((own >> BigInt(by)) | (own << BigInt(64 - by)));
};

/** One of two numbers of 64 bits. */
function joined(u: bigint, v: bigint): bigint {
  const a = mixed(low((low(u) ^ low(v)) * multiplier));
  return low(mixed(low((low(v) ^ a) * multiplier)) * multiplier);
}

/**
 * The hash that CatBoost has a category by: the low half of CityHash64, version 1.0, of its UTF-8, as an int32. Slow: files are asked whether they
 * name their categories rightly, and no rows.
 */
export function categoryHash(category: string): number {
  const bytes = new TextEncoder().encode(category);
  return Number(
    BigInt.asIntN(32, cityHash64(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))),
  );
}

function cityHash64(view: DataView): bigint {
  const length = view.byteLength;
  if (length <= 16) return ofFew(view, length);
  if (length <= 32) return ofUpTo32(view, length);
  return length <= 64 ? ofUpTo64(view, length) : ofMany(view, length);
}

function ofFew(view: DataView, length: number): bigint {
  const size = BigInt(length);
  if (length > 8) {
    const end = view.getBigUint64(length - 8, true);
    return joined(view.getBigUint64(0, true), rotated(end + size, length)) ^ end;
  }
  if (length >= 4)
    return joined(
      size + (BigInt(view.getUint32(0, true)) << 3n),
      BigInt(view.getUint32(length - 4, true)),
    );
  if (length === 0) return k2;
  const y = BigInt(view.getUint8(0) + (view.getUint8(length >> 1) << 8));
  const z = BigInt(length + (view.getUint8(length - 1) << 2));
  return low(mixed(low(y * k2) ^ low(z * k3)) * k2);
}

function ofUpTo32(view: DataView, length: number): bigint {
  const word = (at: number) => view.getBigUint64(at, true);
  const a = low(word(0) * k1);
  const b = word(8);
  const c = low(word(length - 8) * k2);
  const d = low(word(length - 16) * k0);
  return joined(
    rotated(a - b, 43) + rotated(c, 30) + d,
    a + rotated(b ^ k3, 20) - c + BigInt(length),
  );
}

function ofUpTo64(view: DataView, length: number): bigint {
  const word = (at: number) => view.getBigUint64(at, true);
  /** Two numbers of four words from `at` on, of which `first` is the first. */
  const pairOf = (first: bigint, at: number): readonly [bigint, bigint] => {
    const second = first + word(at + 8);
    const third = second + word(at + 16);
    const last = word(at + 24);
    return [
      low(third + last),
      low(rotated(first + last, 52) + rotated(third, 31) + rotated(first, 37) + rotated(second, 7)),
    ];
  };
  const size = BigInt(length);
  const [v0, v1] = pairOf(word(0) + (size + word(length - 16)) * k0, 0);
  const [w0, w1] = pairOf(word(16) + word(length - 32), length - 32);
  const r = mixed(low((v0 + w1) * k2 + (w0 + v1) * k0));
  return low(mixed(low(r * k0 + v1)) * k2);
}

/** Texts of more than 64 bytes: the end first, and then 64 bytes after another. */
function ofMany(view: DataView, length: number): bigint {
  const word = (at: number) => view.getBigUint64(at, true);
  const weak = (at: number, seed: bigint, other: bigint): readonly [bigint, bigint] => {
    const first = low(seed + word(at));
    const all = low(first + word(at + 8) + word(at + 16));
    const b = rotated(other + first + word(at + 24), 21) + rotated(all, 44);
    return [low(all + word(at + 24)), low(b + first)];
  };
  const size = BigInt(length);
  let x = word(0);
  let y = word(length - 16) ^ k1;
  let z = word(length - 56) ^ k0;
  let v = weak(length - 64, size, y);
  let w = weak(length - 32, size * k1, k0);
  z = low(z + mixed(v[1]) * k1);
  x = low(rotated(z + x, 39) * k1);
  y = low(rotated(y, 33) * k1);
  const whole = (length - 1) & ~63;
  for (let at = 0; at < whole; at += 64) {
    x = low(rotated(x + y + v[0] + word(at + 16), 37) * k1) ^ w[1];
    y = low(rotated(y + v[1] + word(at + 48), 42) * k1) ^ v[0];
    z = rotated(z ^ w[0], 33);
    v = weak(at, v[1] * k1, x + w[0]);
    w = weak(at + 32, z + w[1], y);
    [x, z] = [z, x];
  }
  return joined(joined(v[0], w[0]) + mixed(y) * k1 + z, joined(v[1], w[1]) + x);
}
