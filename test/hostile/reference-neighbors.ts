/**
 * What a node of kind `neighbors` makes of one row: part of the reference evaluator, written from formats/nut/SPEC.md alone.
 */

type Numbers = ArrayLike<number>;

interface NeighborsNode {
  readonly features: number;
  readonly rows: Numbers;
  readonly metric: string;
  readonly power?: Numbers | null;
  readonly scales?: Numbers | null;
  readonly nearest?: number | null;
  readonly radius?: Numbers | null;
  readonly tree?: { form: string; levels: number; order: Numbers } | null;
  readonly source: string;
  readonly combine: string;
  readonly weigh: string;
  readonly widths?: Numbers | null;
  readonly classes?: Numbers | null;
  readonly targets?: Numbers | null;
  readonly empty?: Numbers | null;
}

type Neighbor = readonly [distance: number, row: number];

const total = (terms: readonly number[]) => terms.reduce((sum, term) => sum + term, 0);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The cells of a row, all of its columns, and whether they are float32; null where the row is refused. */
export function combineNeighbors(map: unknown, x: readonly number[], singleRow: boolean) {
  const node = map as NeighborsNode;
  const found = neighborsOf(node, x, singleRow);
  const stored = node.rows.length / node.features;
  const double = (cells: readonly number[]) => ({ cells, single: false });
  if (node.nearest && found.length < node.nearest) return null;
  if (node.combine === 'shares') {
    if (found.length === 0 && !node.empty) return null;
    return double(shares(node, found));
  }
  if (node.combine === 'means') return means(node, found);
  if (node.combine === 'outlier-factor') return outlierFactor(node, found, singleRow);
  if (node.combine === 'sums') {
    const outputs = node.targets!.length / stored;
    return double(
      range(outputs).map((k) => total(found.map(([, row]) => node.targets![row * outputs + k]!))),
    );
  }
  const cells = new Array<number>(stored).fill(0);
  for (const [distance, row] of found) cells[row] = node.combine === 'distances' ? distance : 1;
  return double(cells);
}

function neighborsOf(node: NeighborsNode, x: readonly number[], singleRow: boolean): Neighbor[] {
  const { features, nearest, tree } = node;
  const single = singleRow && node.rows instanceof Float32Array && node.source === 'exact' && !tree;
  const stored = range(node.rows.length / features).map((row) =>
    x.map((_, i) => node.rows[row * features + i]!),
  );
  const places: [number, number][] = range(nearest ?? 0).map(() => [Infinity, 0]);
  const within: Neighbor[] = [];
  const most = () => (nearest ? places[0]![0] : toReduced(node, node.radius![0]!));
  const meet = (row: number) => {
    const far = reduced(node, x, stored[row]!, single);
    if (!nearest) {
      if (far <= most()) within.push([far, row]);
      return;
    }
    takePlace(places, far, row);
  };
  if (tree) walk(node, x, stored, most, meet);
  else range(stored.length).forEach(meet);
  const sorted = nearest
    ? places.sort((a, b) => a[0] - b[0]).filter(([far]) => far < Infinity)
    : within;
  return sorted.map(([far, row]) => [toDistance(node, far), row]);
}

/** Puts a row that is nearer than the one at place 0 there, and then moves it down. */
export function takePlace(places: [number, number][], far: number, row: number): void {
  if (!(far < places[0]![0])) return;
  let p = 0;
  places[0] = [far, row];
  for (;;) {
    const below = [2 * p + 1, 2 * p + 2].filter((place) => place < places.length);
    const next = below.reduce((a, b) => (places[b]![0] > places[a]![0] ? b : a), below[0] ?? p);
    if (!(places[next]![0] > far)) break;
    [places[p], places[next]] = [places[next]!, places[p]!];
    p = next;
  }
}

function walk(
  node: NeighborsNode,
  x: readonly number[],
  stored: readonly (readonly number[])[],
  most: () => number,
  meet: (row: number) => void,
): void {
  const { levels, order } = node.tree!;
  const visit = (level: number, rows: readonly number[], bound: number) => {
    if (bound > most()) return;
    if (level === levels || rows.length < 2) {
      rows.forEach(meet);
      return;
    }
    const middle = Math.floor(rows.length / 2);
    const children = [rows.slice(0, middle), rows.slice(middle)];
    const bounds = children.map((child) =>
      boundOf(
        node,
        x,
        child.map((row) => stored[row]!),
      ),
    );
    const inOrder = !node.nearest || bounds[0]! <= bounds[1]!;
    for (const i of inOrder ? [0, 1] : [1, 0]) visit(level + 1, children[i]!, bounds[i]!);
  };
  const all = Array.from(order);
  visit(
    1,
    all,
    boundOf(
      node,
      x,
      all.map((row) => stored[row]!),
    ),
  );
}

function boundOf(
  node: NeighborsNode,
  x: readonly number[],
  rows: readonly (readonly number[])[],
): number {
  if (node.tree!.form === 'kd') {
    const nearestPoint = x.map((cell, i) => {
      const column = rows.map((row) => row[i]!);
      return Math.min(Math.max(cell, Math.min(...column)), Math.max(...column));
    });
    return reduced(node, x, nearestPoint, false);
  }
  const mean = x.map((_, i) => total(rows.map((row) => row[i]!)) / rows.length);
  const size = Math.max(...rows.map((row) => reduced(node, mean, row, false)));
  const far = toDistance(node, reduced(node, x, mean, false)) - toDistance(node, size);
  return toReduced(node, Math.max(0, far));
}

function reduced(
  { metric, power, scales }: NeighborsNode,
  x: readonly number[],
  y: readonly number[],
  single: boolean,
): number {
  const round = single ? Math.fround : Number;
  const d = x.map((cell, i) => round(cell - y[i]!));
  const sizes = x.map((cell, i) => Math.abs(cell) + Math.abs(y[i]!));
  switch (metric) {
    case 'euclidean':
      return round(total(d.map((one) => one * one)));
    case 'seuclidean':
      return round(total(d.map((one, i) => (one * one) / scales![i]!)));
    case 'manhattan':
      return round(total(d.map(Math.abs)));
    case 'chebyshev':
      return round(d.reduce((most, one) => (Math.abs(one) > most ? Math.abs(one) : most), 0));
    case 'minkowski':
      return round(total(d.map((one, i) => (scales?.[i] ?? 1) * Math.abs(one) ** power![0]!)));
    case 'canberra':
      return round(total(d.map((one, i) => (sizes[i]! > 0 ? Math.abs(one) / sizes[i]! : 0))));
    case 'braycurtis':
      return total(sizes) > 0 ? round(total(d.map(Math.abs)) / total(sizes)) : 0;
    case 'cosine':
      return Math.min(Math.max(1 - total(x.map((cell, i) => cell * y[i]!)), 0), 2);
    default:
      throw new RangeError(`reference: no metric ${metric}`);
  }
}

function toDistance({ metric, power }: NeighborsNode, value: number): number {
  if (metric === 'euclidean' || metric === 'seuclidean') return Math.sqrt(value);
  return metric === 'minkowski' ? value ** (1 / power![0]!) : value;
}

function toReduced({ metric, power }: NeighborsNode, distance: number): number {
  if (metric === 'euclidean' || metric === 'seuclidean') return distance * distance;
  return metric === 'minkowski' ? distance ** power![0]! : distance;
}

function weightsOf({ weigh }: NeighborsNode, found: readonly Neighbor[]): number[] {
  if (weigh === 'uniform') return found.map(() => 1);
  const weights = found.map(([distance]) => 1 / distance);
  return weights.includes(Infinity) ? weights.map((one) => Number(one === Infinity)) : weights;
}

function shares(node: NeighborsNode, found: readonly Neighbor[]): number[] {
  const weights = weightsOf(node, found);
  const widths = Array.from(node.widths!);
  return widths.flatMap((width, k) => {
    const sums = new Array<number>(width).fill(0);
    found.forEach(([, row], i) => {
      sums[node.classes![row * widths.length + k]!]! += weights[i]!;
    });
    if (found.length === 0 && node.empty![k]! >= 0) sums[node.empty![k]!] = 1;
    const sum = total(sums);
    return sums.map((one) => one / (sum || 1));
  });
}

function means(node: NeighborsNode, found: readonly Neighbor[]) {
  const single = node.weigh === 'uniform' && node.targets instanceof Float32Array;
  const round = single ? Math.fround : Number;
  const weights = weightsOf(node, found);
  const outputs = node.targets!.length / (node.rows.length / node.features);
  const cells = range(outputs).map((k) => {
    if (found.length === 0) return round(node.empty?.[k] ?? NaN);
    const terms = found.map(([, row], i) => node.targets![row * outputs + k]! * weights[i]!);
    return round(terms.reduce((sum, term) => round(sum + term), 0) / total(weights));
  });
  return { cells, single };
}

function outlierFactor(node: NeighborsNode, found: readonly Neighbor[], singleRow: boolean) {
  const single = singleRow && node.targets instanceof Float32Array;
  const round = single ? Math.fround : Number;
  const mean = (terms: readonly number[]) =>
    round(terms.reduce((sum, term) => round(sum + term), 0) / terms.length);
  const stored = singleRow ? Math.fround : Number;
  const reach = mean(found.map(([far, row]) => Math.max(stored(far), node.targets![row * 2]!)));
  const own = round(1 / round(reach + round(1e-10)));
  return {
    cells: [-mean(found.map(([, row]) => round(node.targets![row * 2 + 1]! / own)))],
    single,
  };
}
