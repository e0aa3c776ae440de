/**
 * The generator of fixtures/math/make.py, word for word: point i of a family takes words 3i, 3i + 1
 * and 3i + 2 of its seed's stream.
 */
export type Family =
  | { kind: 'uniform'; from: number; to: number; count: number; seed: number }
  | { kind: 'steps'; from: number; step: number; steps: number; count: number; seed: number }
  | {
      kind: 'bits';
      from: number;
      to: number;
      signed: boolean;
      count: number;
      seed: number;
    };

function drawWord(seed: number, index: number): number {
  let x = (Math.imul(index + 1, 0x9e3779b9) + seed) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

export function drawArguments(family: Family): Float64Array {
  const values = new Float64Array(family.count);
  const patterns = new DataView(values.buffer);
  for (let i = 0; i < family.count; i++) {
    const first = drawWord(family.seed, 3 * i);
    const second = drawWord(family.seed, 3 * i + 1);
    const third = drawWord(family.seed, 3 * i + 2);
    const unit = ((first >>> 5) * 67108864 + (second >>> 6)) / 2 ** 53;
    if (family.kind === 'uniform') {
      values[i] = family.from + (family.to - family.from) * unit;
    } else if (family.kind === 'steps') {
      values[i] = family.from + Math.floor(unit * family.steps) * family.step;
    } else {
      const exponent = family.from + Math.floor(unit * (family.to - family.from + 1));
      const sign = family.signed ? second >>> 31 : 0;
      const high = ((sign << 31) | (exponent << 20) | (second & 0xfffff)) >>> 0;
      patterns.setBigUint64(8 * i, (BigInt(high) << 32n) | BigInt(third), true);
    }
  }
  return values;
}
