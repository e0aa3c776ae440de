import { sumError } from './double-double.js';
import { TO_INTEGER } from './exp-core.js';

/** π/2 in four parts; whole multiples of the first three up to 2^21 are exact. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487111665e-21;
const HALF_PI_4 = 8.4784276603689e-32;
const QUARTERS_PER_UNIT = 0.6366197723675814; // 2/π
/** From here on the parts of π/2 would not do. */
const LARGE = 2 ** 20;

/** The rest of an argument less whole quarter turns, within π/4: a high and a low half. */
const rest: Float64Array = /* @__PURE__ */ new Float64Array(2);

/** The sine of x radians, within one unit in the last place; NaN of what is not finite. */
export const sin = (x: number): number =>
  // −0 stays, and nothing this small changes.
  Math.abs(x) < 2 ** -27 ? x : turn(reduce(x));

/** The cosine of x radians, within one unit in the last place; NaN of what is not finite. */
export const cos = (x: number): number => turn(reduce(x) + 1);

/** The sine of the rest after `quarters` quarter turns. */
function turn(quarters: number): number {
  const r = rest[0]!;
  const rLow = rest[1]!;
  const square = r * r;
  const value = quarters & 1 ? cosine(r, rLow, square) : sine(r, rLow, square);
  return quarters & 2 ? -value : value;
}

/** Series within π/4: the first terms that are left out are below 2^-66 of the result. */
function sine(r: number, rLow: number, square: number): number {
  return r + (r * square * sineTail(square) + rLow * (1 - square / 2));
}

function sineTail(square: number): number {
  return (
    -1 / 6 +
    square *
      (1 / 120 +
        square *
          (-1 / 5040 +
            square *
              (1 / 362880 +
                square *
                  (-1 / 39916800 + square * (1 / 6227020800 - square * (1 / 1307674368000))))))
  );
}

function cosine(r: number, rLow: number, square: number): number {
  const half = square / 2;
  const high = 1 - half;
  // What 1 − half lost, and the low half's share, −r · rLow.
  return high + (1 - high - half + (square * square * cosineTail(square) - r * rLow));
}

function cosineTail(square: number): number {
  return (
    1 / 24 +
    square *
      (-1 / 720 +
        square *
          (1 / 40320 +
            square *
              (-1 / 3628800 +
                square *
                  (1 / 479001600 + square * (-1 / 87178291200 + square * (1 / 20922789888000))))))
  );
}

/** Takes whole quarter turns off x, leaves the rest in `rest`, and returns their number modulo 4. */
function reduce(x: number): number {
  if (!(Math.abs(x) < LARGE)) return reduceLarge(x);
  const k = x * QUARTERS_PER_UNIT + TO_INTEGER - TO_INTEGER;
  const first = x - k * HALF_PI_1;
  const second = k * HALF_PI_2;
  const high = first - second;
  const third = k * HALF_PI_3;
  const sum = high - third;
  const low = sumError(first, -second, high) + sumError(high, -third, sum) - k * HALF_PI_4;
  rest[0] = sum + low;
  rest[1] = low - (rest[0]! - sum);
  return k & 3;
}

/** As many bits of π as an argument has before its point, and 176 more. */
const BITS = 1200n;
let halfPi = 0n;

/** The same of any number, in integers: multiples of 2^-1200. */
function reduceLarge(x: number): number {
  if (x - x !== 0) {
    rest.fill(Number.NaN);
    return 0;
  }
  halfPi ||= 2n * (4n * inverseTangent(5n) - inverseTangent(239n));
  // There are at most 32 bits after the point.
  const whole = Math.abs(x) < 2 ** 53 ? BigInt(x * 2 ** 32) : BigInt(x) << 32n;
  const fixed = whole << (BITS - 32n);
  let quarters = fixed / halfPi;
  let left = fixed - quarters * halfPi;
  if (2n * (left < 0n ? -left : left) > halfPi) {
    const step = left < 0n ? -1n : 1n;
    quarters += step;
    left -= step * halfPi;
  }
  const short = left >> (BITS - 180n);
  rest[0] = Number(short) * 2 ** -180;
  rest[1] = Number(short - BigInt(Number(short))) * 2 ** -180;
  return Number(BigInt.asIntN(3, quarters)) & 3;
}

/** The angle whose tangent is 1/x, in multiples of 2^-1200; the last bits are off. */
function inverseTangent(x: bigint): bigint {
  let power = (1n << BITS) / x;
  let sum = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power /= -x * x;
    sum += power / n;
  }
  return sum;
}
