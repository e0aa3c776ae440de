import { numbersOf, Refused, type Row } from './reference-values.js';

type Map = Readonly<Record<string, unknown>>;

/** How much of each component is in a row, as SPEC.md has it: row after row of matrices, where the library has flat arrays. */
export function factorize(node: Map, row: Row): Row {
  const { features, outputs, nonFinite } = node as Record<string, number>;
  const single = node.components instanceof Float32Array;
  const round = single ? Math.fround : Number;
  const cells = numbersOf(row).map(round);
  const isTaken = (value: number) =>
    Number.isFinite(value) ||
    (nonFinite as unknown) === 'any' ||
    ((nonFinite as unknown) === 'nan' && Number.isNaN(value));
  const { update } = node as Record<string, string>;
  const sum = cells.reduce((total, value) => total + value, 0);
  if (!cells.every(isTaken) || sum < 0) throw new Refused('not taken');
  if (!update!.endsWith('change') && cells.some((value) => value < 0)) throw new Refused('below 0');
  if (update !== 'variational' && row.type === 'float32') throw new Refused('float32');
  const all = Array.from(node.components as Float64Array);
  const places = cells.flatMap((value, i) => (value === 0 ? [] : [i]));
  const components = Array.from({ length: outputs! }, (_, k) =>
    places.map((place) => all[k * features! + place]!),
  );
  const there = places.map((place) => cells[place]!);
  const found =
    update === 'variational'
      ? topicsOf(node, there, components, round)
      : sharesOf(node, there, components, all);
  const type = single ? 'float32' : 'float64';
  return { sort: 'dense', type, width: outputs!, cells: found, places: found.map((_, i) => i) };
}

type Round = (value: number) => number;

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function topicsOf(
  node: Map,
  cells: readonly number[],
  components: readonly (readonly number[])[],
  round: Round,
): readonly number[] {
  const [prior] = node.penalties as Float64Array;
  const [tolerance] = node.tolerance as Float64Array;
  let shares: readonly number[] = components.map(() => 1);
  for (let step = 0; step < (node.iterations as number); step++) {
    const before = shares;
    const whole = psi(
      before.reduce((sum, value) => round(sum + value), 0),
      round,
    );
    const weights = before.map((value) => round(Math.exp(round(psi(value, round) - whole))));
    const ratios = cells.map((cell, j) => {
      const sum = dot(
        weights,
        components.map((component) => component[j]!),
      );
      return round(cell / round(round(sum) + (round === Number ? 2 ** -52 : 2 ** -23)));
    });
    shares = components.map((component, k) =>
      round(round(weights[k]! * round(dot(component, ratios))) + round(prior!)),
    );
    const moved = shares.reduce((sum, value, k) => sum + Math.abs(round(value - before[k]!)), 0);
    if (moved / shares.length < tolerance!) break;
  }
  return shares;
}

function sharesOf(
  node: Map,
  x: readonly number[],
  components: readonly (readonly number[])[],
  all: readonly number[],
): readonly number[] {
  const { update, features } = node as { update: string; features: number };
  const [penalty, square] = node.penalties as Float64Array;
  const [tolerance] = node.tolerance as Float64Array;
  const least = 2 ** -23;
  const whole = components.map((_, k) => all.slice(k * features, (k + 1) * features));
  const gram = whole.map((a) => whole.map((b) => dot(a, b)));
  const sums = whole.map((a) => a.reduce((sum, value) => sum + value, 0));
  const b = components.map((component) => dot(component, x));
  const rebuild = (w: readonly number[]) =>
    x.map((_, j) =>
      Math.max(
        components.reduce((sum, component, k) => sum + w[k]! * component[j]!, 0),
        least,
      ),
    );
  const loss = (w: readonly number[]): number => {
    const ratios = rebuild(w).map((y, j) => x[j]! / y);
    const total = update.startsWith('k')
      ? 2 *
        ratios.reduce(
          (s, r, j) => s + (x[j]! > least ? x[j]! * (Math.log(r) - 1) : 0),
          dot(w, sums),
        )
      : dot(x, x) + w.reduce((s, value, k) => s + value * (dot(gram[k]!, w) - 2 * b[k]!), 0);
    return Math.sqrt(Math.max(total, 0));
  };
  const norm = (v: readonly number[]) => Math.sqrt(dot(v, v));
  const mean = x.reduce((sum, value) => sum + value, 0) / features;
  let w = components.map(() =>
    update === 'coordinates' ? 0 : Math.sqrt(mean / components.length),
  );
  let first = loss(w);
  let last = first;
  for (let step = 1; step <= (node.iterations as number); step++) {
    const before = w;
    if (update === 'coordinates') {
      const now = [...w];
      let size = 0;
      now.forEach((was, k) => {
        const slope = penalty! - b[k]! + dot(gram[k]!, now) + square! * was;
        const curve = gram[k]![k]! + square!;
        size += was === 0 ? Math.max(0, -slope) : Math.abs(slope);
        if (curve !== 0) now[k] = Math.max(was - slope / curve, 0);
      });
      w = now;
      if (step === 1) first = size;
      if (first === 0 || size / first <= tolerance!) break;
      continue;
    }
    const y = rebuild(w);
    w = w.map((was, k) => {
      const leibler = update.startsWith('k');
      const ratios = x.map((value, j) => value / y[j]!);
      const above = leibler ? dot(components[k]!, ratios) : b[k]!;
      const below = (leibler ? sums[k]! : dot(gram[k]!, before)) + penalty! + square! * was;
      return was * (above / (below === 0 ? least : below));
    });
    if (update.endsWith('change')) {
      const change = norm(w.map((value, k) => value - before[k]!)) / norm(w);
      if (tolerance! > 0 && change <= tolerance!) break;
    } else if (step % 10 === 0 && tolerance! > 0) {
      const now = loss(w);
      if ((last - now) / first < tolerance!) break;
      last = now;
    }
  }
  return w;
}

function psi(x: number, round: Round): number {
  const steps = [x];
  while (steps[0]! < 6) steps.unshift(round(steps[0]! + 1));
  const [last] = steps;
  const begun = steps.slice(1).reduceRight((sum, value) => round(sum - 1 / value), 0);
  const s = round(1 / last!);
  const t = round(s * s);
  const sum = round(begun + (Math.log(last!) - s / 2));
  return round(sum - t * (1 / 12 - t * (1 / 120 - t * (1 / 252))));
}
