/** Where the number ended that was read last; −1 where there was none. */
export let numberEnd = -1;

const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** The upper half of the bits of each power, and the lower: products with them are exact. */
const upper = powers.map((power) => upperHalf(power));
const lower = powers.map((power, i) => power - upper[i]!);

function upperHalf(value: number): number {
  const scaled = value * 134217729;
  return scaled - (scaled - value);
}

/**
 * The number that the cell at `start` is, as Python's `float` reads it: the nearest float64, ties to even. The bytes must have a line break behind
 * the cell. Where the cell is empty it is NaN, and missing; where it is no plain number (quoted, spaces around it, a word) `numberEnd` is −1.
 *
 * Up to 15 digits are exact, and so is one multiplication or division by a power up to 10²². Up to 19 digits are divided in twice the
 * precision, which decides nearly always; what it leaves open, and everything else, is read by the engine from a string, which takes five times as
 * long.
 */
export function readNumber(bytes: Buffer, start: number): number {
  let at = start;
  let byte = bytes[at]!;
  const negative = byte === 45;
  if (negative || byte === 43) byte = bytes[++at]!;
  let digits = 0;
  let seen = 0;
  let head = 0;
  let tail = 0;
  let tailPower = 0;
  let exponent = 0;
  let fraction = false;
  for (;;) {
    const digit = byte - 48;
    if (digit >= 0 && digit <= 9) {
      seen++;
      if (digits < 15) {
        head = head * 10 + digit;
        if (head !== 0) digits++;
      } else {
        digits++;
        if (digits <= 19) {
          tail = tail * 10 + digit;
          tailPower++;
        }
      }
      if (fraction) exponent--;
    } else if (byte === 46 && !fraction) fraction = true;
    else break;
    byte = bytes[++at]!;
  }
  let plain = digits <= 19;
  if ((byte === 101 || byte === 69) && seen > 0) {
    byte = bytes[++at]!;
    const down = byte === 45;
    if (down || byte === 43) byte = bytes[++at]!;
    const from = at;
    let power = 0;
    for (; byte >= 48 && byte <= 57; byte = bytes[++at]!) {
      if (power < 10_000) power = power * 10 + (byte - 48);
    }
    if (at === from) seen = 0;
    exponent += down ? -power : power;
  }
  const ends = byte === 44 || byte === 10 || (byte === 13 && bytes[at + 1] === 10);
  if (!ends || (seen === 0 && at !== start)) {
    numberEnd = -1;
    return Number.NaN;
  }
  numberEnd = at;
  if (at === start) return Number.NaN;
  if (plain && exponent <= 0 && exponent >= -22) {
    if (digits <= 15) {
      const value = exponent === 0 ? head : head / powers[-exponent]!;
      return negative ? -value : value;
    }
    const value = divide(head, tailPower, tail, -exponent);
    if (!Number.isNaN(value)) return negative ? -value : value;
    plain = false;
  }
  if (plain && digits <= 15 && exponent > 0 && exponent <= 22) {
    const value = head * powers[exponent]!;
    return negative ? -value : value;
  }
  return Number(bytes.toString('latin1', start, at));
}

/** (head · 10^tailPower + tail) / 10^power, rounded once; NaN where it lies too near to the middle of two numbers to tell. */
function divide(head: number, tailPower: number, tail: number, power: number): number {
  // head · 10^tailPower + tail = high + low, without an error.
  const product = head * powers[tailPower]!;
  const headUpper = upperHalf(head);
  const headLower = head - headUpper;
  const error = errorOf(product, headUpper, headLower, upper[tailPower]!, lower[tailPower]!);
  const sum = product + tail;
  const rest = product - sum + tail + error;
  const high = sum + rest;
  const low = rest - (high - sum);
  if (power === 0) return high;
  const divisor = powers[power]!;
  const quotient = high / divisor;
  const back = quotient * divisor;
  const quotientUpper = upperHalf(quotient);
  const lost = errorOf(back, quotientUpper, quotient - quotientUpper, upper[power]!, lower[power]!);
  const correction = (high - back - lost + low) / divisor;
  // The quotient and its correction are off by less than 2⁻¹⁰².
  const doubt = quotient * 2 ** -100;
  const value = quotient + (correction + doubt);
  return value === quotient + (correction - doubt) ? value : Number.NaN;
}

/** What a product lost by rounding. */
function errorOf(
  product: number,
  aUpper: number,
  aLower: number,
  bUpper: number,
  bLower: number,
): number {
  return aUpper * bUpper - product + aUpper * bLower + aLower * bUpper + aLower * bLower;
}
