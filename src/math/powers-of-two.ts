import { zeros } from './zeros.js';
/**
 * 2^k for k from -1023 to 1023, at index k + 1023. A multiplication by an entry takes the place of
 * writing exponent bits: an integer store followed by a float load stalls, about 5 ns.
 */
export const powersOfTwo: Float64Array = /* @__PURE__ */ makePowersOfTwo();

function makePowersOfTwo(): Float64Array {
  const table = zeros(2047);
  table[1023] = 1;
  for (let k = 1; k < 1024; k++) {
    table[1023 + k] = table[1022 + k]! * 2;
    table[1023 - k] = table[1024 - k]! / 2;
  }
  return table;
}

/**
 * `(high + lowPart) * 2^exponent`, rounded once, subnormal and overflowing results included;
 * -1086 < exponent < 1025, the sum in [1/2, 4).
 */
export function scale(high: number, lowPart: number, exponent: number): number {
  let sum = high + lowPart;
  if (exponent > -1021) return sum * powersOfTwo[exponent + 1022]! * 2;
  // The smallest normal number, seen at this exponent: adding it aligns the last bit of a subnormal.
  const normal = powersOfTwo[1 - exponent]!;
  if (sum < normal) {
    sum = normal + high;
    sum = sum + (normal - sum + high + lowPart) - normal;
  }
  // In two exact steps, as 2^exponent itself may be too small for a double.
  return sum * powersOfTwo[exponent + 1087]! * 2 ** -64;
}
