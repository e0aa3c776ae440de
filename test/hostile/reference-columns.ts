type Map = Readonly<Record<string, unknown>>;
type Numbers = Float64Array | Float32Array;

/** Reference evaluation of operations that have more than an operand for a column; null for others. `single`: the cell is float32. */
export function operateOnColumn(
  one: Map,
  column: number,
  a: number,
  single: boolean,
): number | null {
  if (one.operation === 'interpolate') return lineAt(one, column, a, single);
  if (!/box-cox|yeo-johnson/.test(String(one.operation))) return null;
  return powerOf(one, one.lambdas as Numbers, column, a, single ? Math.fround : Number);
}

/** A scan of the points for what SPEC.md says of each rule. */
function lineAt(
  { rule, margin, outside, ...one }: Map,
  column: number,
  a: number,
  single: boolean,
): number {
  const bounds = (one.starts as Uint32Array).subarray(column, column + 2);
  const p = Array.from((one.places as Numbers).subarray(bounds[0], bounds[1]));
  const v = Array.from((one.values as Numbers).subarray(bounds[0], bounds[1]));
  const last = p.length - 1;
  const cast = single ? Math.fround : Number;
  if (Number.isNaN(a)) return a;
  if (margin instanceof Float64Array) {
    const d = margin[0]!;
    if (d > 0 ? cast(a - cast(d)) < p[0]! : a === p[0]) return v[0]!;
    if (d > 0 ? cast(a + cast(d)) > p[last]! : a === p[last]) return v[last]!;
  }
  const isOutside = a < p[0]! || a > p[last]!;
  if (isOutside && outside) return Number.NaN;
  if (a < p[0]! || last === 0) return v[0]!;
  if (a > p[last]!) return v[last]!;
  const f = rule === 'single' ? Math.fround : Number;
  const slope = (i: number) => f(f(v[i + 1]! - v[i]!) / f(p[i + 1]! - p[i]!));
  const from = (i: number) => f(f(slope(i) * f(a - p[i]!)) + v[i]!);
  const below = p.filter((place) => place < a).length;
  if (rule === 'single') return from(Math.max(0, below - 1));
  const reached = p.filter((place) => place <= a).length - 1;
  const up = p[reached] === a ? v[reached]! : from(reached);
  if (rule === 'below') return up;
  const down = p[below] === a ? -v[below]! : slope(below - 1) * (p[below]! - a) - v[below]!;
  return 0.5 * (up - down);
}

/** By the engine's own functions: near, and not to the bit. */
function powerOf(
  { operation, rounded }: Map,
  lambdas: Numbers,
  column: number,
  a: number,
  cast: (value: number) => number,
): number {
  const isSingle = lambdas instanceof Float32Array;
  const f = rounded || isSingle ? cast : Number;
  const own = isSingle ? Math.fround : Number;
  const l = lambdas[column]!;
  const [rounding, size] = [f(l), Math.abs(f(l))];
  switch (operation) {
    case 'box-cox': {
      const product = rounding * Math.log(a);
      if (size < 1e-19) return Math.log(a);
      return product < 709.78
        ? Math.expm1(product) / rounding
        : Math.sign(l) * Math.exp(product - Math.log(size)) - 1 / rounding;
    }
    case 'inverse-box-cox':
      if (rounding === 0) return Math.exp(a);
      return rounding * a < 1.79e308
        ? Math.exp(Math.log1p(rounding * a) / rounding)
        : Math.exp((Math.log(Math.sign(l) * (a + 1 / rounding)) + Math.log(size)) / rounding);
    case 'inverse-box-cox-power':
      return l === 0 ? cast(Math.exp(a)) : f(f(f(a * rounding) + 1) ** f(own(1 / l)));
    default: {
      const up = a >= 0;
      const x = up ? a : -a;
      const power = up ? rounding : f(own(2 - l));
      const least = operation === 'yeo-johnson' && f === Math.fround ? 2 ** -23 : 2 ** -52;
      const zero = up ? Math.abs(power) < least : Math.abs(power) <= least;
      const found =
        operation === 'inverse-yeo-johnson-power'
          ? zero
            ? cast(cast(Math.exp(x)) - 1)
            : f(f(f(f(x * power) + 1) ** f(own(1 / power))) - 1)
          : zero
            ? cast(Math.log1p(x))
            : operation === 'yeo-johnson'
              ? f(f(Math.expm1(f(power * cast(Math.log1p(x))))) / power)
              : f(f(f(cast(x + 1) ** power) - 1) / power);
      return up ? found : -found;
    }
  }
}

/** The normal distribution by a series, and by its tail's continued fraction; its inverse by halving. */
export function normalBelow(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size > 40) return x > 0 ? 1 : 0;
  const density = Math.exp((-size * size) / 2) / Math.sqrt(2 * Math.PI);
  if (size < 3) {
    let [term, sum] = [size, size];
    for (let n = 3; n < 200; n += 2) {
      term *= (size * size) / n;
      sum += term;
    }
    return 0.5 + Math.sign(x) * density * sum;
  }
  let fraction = size;
  for (let n = 300; n > 0; n--) fraction = size + n / fraction;
  return x > 0 ? 1 - density / fraction : density / fraction;
}

export function normalInverse(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  let [low, high] = [-40, 40];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** The splines of each cell, side by side. */
export function splinesOf(node: Map, cells: readonly number[]): number[] {
  const all = Array.from(node.knots as Numbers);
  const count = all.length / cells.length;
  return cells.flatMap((cell, i) =>
    splinesOfCell(node, all.slice(i * count, (i + 1) * count), cell),
  );
}

function splinesOfCell({ beyond, withoutLast, ...node }: Map, t: number[], a: number): number[] {
  const degree = node.degree as number;
  const count = t.length - degree - 1;
  const [low, high] = [t[degree]!, t[count]!];
  let row = new Array<number>(count).fill(0);
  let x = a;
  if (beyond === 'periodic') {
    const rest = (a - low) % (high - low);
    x = high > low ? low + (rest < 0 ? rest + (high - low) : rest) : 0;
  } else if (beyond !== 'continue') x = a < low ? low : a > high ? high : a;
  if (Number.isNaN(x) && !Number.isNaN(a)) row.fill(x);
  else if (!Number.isNaN(a)) {
    let span = degree;
    for (let i = degree; i < count; i++) if (t[i]! <= x) span = i;
    const values = recur(t, span, degree, x, false);
    if (beyond === 'linear' && a !== x) {
      const slopes = degree > 0 ? recur(t, span, degree, x, true) : [0];
      for (let i = 0; i < (degree > 1 ? degree : degree + 1); i++) {
        const at = a < low ? i : degree - i;
        row[span - degree + at] = 0 + values[at]! + (a - x) * slopes[at]!;
      }
    } else
      values.forEach((value, i) => {
        row[span - degree + i] = 0 + value;
      });
  }
  if (beyond === 'periodic') {
    const kept = count - degree;
    const isFound = !row.some(Number.isNaN);
    if (isFound) for (let i = kept; i < count; i++) row[i % kept] = row[i % kept]! + row[i]!;
    row = row.slice(0, kept);
  }
  return withoutLast ? row.slice(0, -1) : row;
}

function recur(t: readonly number[], span: number, degree: number, x: number, slope: boolean) {
  const h = [1, ...new Array<number>(degree).fill(0)];
  for (let j = 1; j <= degree; j++) {
    const g = [...h];
    const last = slope && j === degree;
    h[0] = 0;
    for (let n = 1; n <= j; n++) {
      const [b, a] = [t[span + n]!, t[span + n - j]!];
      if (b === a) h[last ? 1 : n] = 0;
      else {
        const w = (last ? j * g[n - 1]! : g[n - 1]!) / (b - a);
        h[n - 1] = last ? h[n - 1]! - w : h[n - 1]! + w * (b - x);
        h[n] = last ? w : w * (x - a);
      }
    }
  }
  return h;
}
