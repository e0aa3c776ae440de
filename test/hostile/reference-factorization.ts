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
  if (!cells.every(isTaken) || cells.some((value) => value < 0)) throw new Refused('not taken');
  const all = Array.from(node.components as Float64Array);
  const places = cells.flatMap((value, i) => (value === 0 ? [] : [i]));
  const components = Array.from({ length: outputs! }, (_, k) =>
    places.map((place) => all[k * features! + place]!),
  );
  const found = topicsOf(
    node,
    places.map((place) => cells[place]!),
    components,
    round,
  );
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
  const [prior] = node.prior as Float64Array;
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
