/**
 * A reference evaluator, written from formats/nut/SPEC.md alone: node by node, number by number. It takes the plain data of a
 * header with typed arrays in place and shares no code with the runtime. Where a file is changed and still accepted, the
 * runtime must answer what this answers.
 */

import {
  machineDecisions,
  machineProbabilities,
  machineScores,
  processDeviations,
  processProbabilities,
  processScores,
} from './reference-machines.js';
import {
  choose,
  numbersOf,
  Refused,
  type Row,
  readRow,
  stringColumns,
  type Transformed,
  transform,
} from './reference-values.js';

type Map = Readonly<Record<string, unknown>>;
type Numbers = ArrayLike<number>;

/** What the part with the head is given of a row, or null where a part before refuses it. */
function valueOfHead(model: Map, cells: readonly unknown[]): Transformed | null {
  const input = model.input as Map;
  try {
    const value = { row: readRow(input, cells, false), strings: stringColumns(input) };
    return reach(model.root as Map, value);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function inputOfHead(model: Map, cells: readonly unknown[]): Row | null {
  return valueOfHead(model, cells)?.row ?? null;
}

const reach = (node: Map, value: Transformed): Transformed =>
  stepsBefore(node).reduce((before, step) => transform(step, before), value);

/** What a method answers for a row that is taken. */
export const answered = (model: Map, cells: readonly unknown[], method: string): number[] =>
  answerOf(answeringNode(model.root as Map), valueOfHead(model, cells)!, method).numbers;

/** What a pipeline's rows pass before its last step. */
function stepsBefore(node: Map): Map[] {
  if (node.kind !== 'pipeline') return [];
  const steps = node.steps as Map[];
  return [...steps.slice(0, -1), ...stepsBefore(steps[steps.length - 1]!)];
}

/** Raw scores of one row, or null where the model refuses it. */
export function rawScores(model: Map, cells: readonly unknown[]): number[] | null {
  const value = valueOfHead(model, cells);
  if (value === null) return null;
  try {
    return scoresOf(answeringNode(model.root as Map), value).numbers;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** The scores that a row's labels are chosen by, or null where the model refuses it. */
export function choiceScores(model: Map, cells: readonly unknown[]): number[] | null {
  const input = model.input as Map;
  try {
    const value = { row: readRow(input, cells, false), strings: stringColumns(input) };
    return choosing(model.root as Map, value).numbers;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** The same of a node with a head: its own, or those of a pipeline's chooser. */
function choosing(node: Map, value: Transformed): Found {
  if (node.kind !== 'pipeline') return scoresOf(node, value);
  if (node.chooser) {
    const chooser = node.chooser as Map;
    return scoresOf(answeringNode(chooser), reach(chooser, value));
  }
  const steps = node.steps as Map[];
  return choosing(
    steps[steps.length - 1]!,
    steps.slice(0, -1).reduce((before, step) => transform(step, before), value),
  );
}

/** Numbers, and whether they are float32. */
interface Found {
  readonly numbers: number[];
  readonly single: boolean;
}

/** Scores of a node with a head, no pipeline. */
function scoresOf(node: Map, value: Transformed): Found {
  if (node.kind === 'ensemble') return ensembleScores(node, value);
  if (node.kind === 'leaf-models') return { numbers: leafModelScores(node, value), single: false };
  const numbers = numbersOf(value.row);
  const single = value.row.type === 'float32';
  if (node.kind === 'scores') return { numbers, single };
  if (node.kind === 'support-vectors')
    return { numbers: machineScores(node, numbers), single: false };
  if (node.kind === 'gaussian') return gaussianScores(node, numbers, single);
  if (node.kind === 'gaussian-process')
    return { numbers: processScores(node, numbers), single: false };
  const scores =
    node.kind === 'trees'
      ? treeScores(node, numbers)
      : linearScores(node, numbers, single, value.row.sort === 'sparse');
  if (scores === null) throw new Refused('not taken');
  const isSingle = (values: unknown) => values instanceof Float32Array;
  return {
    numbers: scores,
    single:
      Boolean(node.sums) || (single && isSingle(node.coefficients) && isSingle(node.intercepts)),
  };
}

function seenBy(part: Map, value: Transformed): Transformed {
  return part.columns ? choose(part.columns as Numbers, value) : value;
}

/** What a method of a part answers for a row. */
export function answerOf(node: Map, value: Transformed, method: unknown): Found {
  const given = reach(node, value);
  const last = answeringNode(node);
  const head = last.head as Map;
  const { numbers, single } = scoresOf(last, given);
  if (method === 'apply') return { numbers: leavesOf(last, numbersOf(given.row)), single: false };
  if (method === 'raw') return { numbers, single };
  if (head.task === 'regressor') return { numbers: linked(head, numbers, single), single };
  const labels = (head.labels as Map[])[0]!;
  if (method === 'predict') {
    const outliers = (head.outlierLabels as Map[] | null | undefined)?.[0]?.values as Numbers;
    const chosen = chosenClasses(head, choosing(node, value).numbers)[0]!;
    const label = (labels.values as Numbers)[chosen] ?? outliers[0]!;
    return { numbers: [label], single: labels.dtype === 'float32' };
  }
  if (method === 'predict_proba' && head.probability === 'own')
    return {
      numbers: (last.kind === 'gaussian-process' ? processProbabilities : machineProbabilities)(
        last,
        numbersOf(given.row),
      ),
      single: false,
    };
  if (method === 'decision_function' && last.kind === 'support-vectors')
    return { numbers: machineDecisions(last, numbersOf(given.row)), single: false };
  if (method === 'predict_proba' && last.combine === 'one-vs-rest') {
    const seconds = (last.parts as Map[]).map(
      (part) => answerOf(part.node as Map, seenBy(part, given), method).numbers[1]!,
    );
    return { numbers: probabilities(head, seconds), single };
  }
  if (method === 'predict_proba')
    return { numbers: probabilities(head, numbers), single: single && head.probability !== 'clip' };
  if (last.decisions) {
    const all = (last.parts as Map[]).map(
      (part) => answerOf(part.node as Map, seenBy(part, given), method).numbers,
    );
    return {
      numbers: all[0]!.map((_, k) => total(all.map((one) => one[k]!)) / all.length),
      single: false,
    };
  }
  const offset = (head.decisionOffset as Numbers | null | undefined)?.[0] ?? 0;
  if (head.folded) return { numbers: [numbers[1]! - numbers[0]!], single };
  return { numbers: numbers.map((score) => score - offset), single };
}

/** A part's margin for the second of its classes. */
function marginOf(part: Map, value: Transformed): Found {
  const node = part.node as Map;
  const head = answeringNode(node).head as Map;
  if (head.task === 'regressor') return answerOf(node, value, 'predict');
  if (head.decisionFunction) return answerOf(node, value, 'decision_function');
  const { numbers, single } = answerOf(node, value, 'predict_proba');
  return { numbers: [numbers[1]!], single };
}

/** Votes of a part for each pair of classes, and shares of votes that margins make. */
function votesOfPairs(node: Map, value: Transformed): number[] {
  const parts = node.parts as Map[];
  const outputs = node.outputs as number;
  const classes = Math.max(outputs, 2);
  const votes = new Array<number>(classes).fill(0);
  const sums = new Array<number>(classes).fill(0);
  let at = 0;
  for (let i = 0; i < classes; i++)
    for (let j = i + 1; j < classes; j++) {
      const part = parts[at++]!;
      const seen = seenBy(part, value);
      const last = answeringNode(part.node as Map);
      const { numbers, single } = choosing(part.node as Map, seen);
      const [chosen] = chosenClasses(last.head as Map, numbers, single);
      const margin = marginOf(part, seen).numbers[0]!;
      sums[i]! -= margin;
      sums[j]! += margin;
      votes[chosen === 0 ? i : j]!++;
    }
  const all = votes.map((vote, k) => vote + sums[k]! / (3 * (Math.abs(sums[k]!) + 1)));
  return all.slice(classes - outputs);
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function ensembleScores(node: Map, value: Transformed): Found {
  const parts = node.parts as Map[];
  const { combine, folded, outputs } = node;
  if (combine === 'one-vs-one') return { numbers: votesOfPairs(node, value), single: false };
  if (combine === 'one-vs-rest') {
    const margins = parts.map((part) => marginOf(part, seenBy(part, value)));
    return {
      numbers: margins.map(({ numbers }) => numbers[0]!),
      single: margins.every((margin) => margin.single),
    };
  }
  const weights = (node.weights ?? parts.map(() => 1)) as Numbers;
  const sums = new Array<number>(folded ? 2 : (outputs as number)).fill(0);
  const asked = parts.map((part, i) => {
    const seen = seenBy(part, value);
    const last = answeringNode(part.node as Map);
    const head = last.head as Map;
    const classes = Array.from((part.classes ?? []) as Numbers);
    if (combine === 'vote') {
      const { numbers } = choosing(part.node as Map, seen);
      const hit = classes[chosenClasses(head, numbers)[0]!];
      const miss = (node.misses as Numbers | null | undefined)?.[i] ?? 0;
      sums.forEach((_, k) => {
        sums[k]! += k === hit ? weights[i]! : miss;
      });
      return { numbers: [], single: false };
    }
    return answerOf(
      part.node as Map,
      seen,
      head.task === 'regressor' ? 'predict' : 'predict_proba',
    );
  });
  const single = asked.every((answer) => answer.single);
  if (combine === 'median') {
    const order = asked
      .map((_, i) => i)
      .sort((a, b) => asked[a]!.numbers[0]! - asked[b]!.numbers[0]!);
    const all = total(order.map((i) => weights[i]!));
    let reached = 0;
    const at = order.find((i) => {
      reached += weights[i]!;
      return reached >= 0.5 * all;
    });
    return { numbers: asked[at ?? order[order.length - 1]!]!.numbers, single };
  }
  asked.forEach(({ numbers }, i) => {
    const logarithms = numbers.map((p) => Math.log(Math.max(p, 2 ** -52)));
    const classes = parts[i]!.classes as Numbers | null | undefined;
    numbers.forEach((number, k) => {
      const added =
        combine === 'samme-r'
          ? (numbers.length - 1) * (logarithms[k]! - total(logarithms) / numbers.length)
          : number;
      sums[classes ? classes[k]! : k]! += weights[i]! * added;
    });
  });
  const divisor = (node.divisor as Numbers | null | undefined)?.[0] ?? 1;
  const divided = sums.map((sum) => sum / divisor);
  const isSingle = single && combine === 'mean' && !node.weights && !node.precision;
  return { numbers: folded ? [divided[1]! - divided[0]!] : divided, single: isSingle };
}

/** What a transformer makes of one row, with its zeros; null where it refuses the row. */
export function transformed(
  model: Map,
  cells: readonly unknown[],
  single: boolean,
): (number | string | null)[] | null {
  const input = model.input as Map;
  try {
    const value = { row: readRow(input, cells, single), strings: stringColumns(input) };
    const root = model.root as Map;
    const { row } = transform((root.beside ?? root) as Map, value);
    return row.sort === 'columns' ? [...row.cells] : numbersOf(row);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function refused(policy: unknown, value: number): boolean {
  if (Number.isFinite(value) || policy === 'any') return false;
  return !(policy === 'nan' && Number.isNaN(value));
}

export function linearScores(
  node: Map,
  row: readonly number[],
  single: boolean,
  sparse: boolean,
): number[] | null {
  const { features, outputs, nonFinite } = node as Record<string, number>;
  const coefficients = node.coefficients as Numbers;
  const intercepts = node.intercepts as Numbers;
  if (row.some((value) => refused(nonFinite, value))) return null;
  const round = single && coefficients instanceof Float32Array ? Math.fround : Number;
  const roundSum = round === Math.fround && intercepts instanceof Float32Array ? round : Number;
  const step = sparse ? round : Number;
  return Array.from({ length: outputs! }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < features!; j++)
      sum = step(sum + step(row[j]! * coefficients[k * features! + j]!));
    return roundSum(round(sum) + intercepts[k]!);
  });
}

/** Logarithms of Gaussian densities of one row. */
function gaussianScores(node: Map, row: readonly number[], single: boolean): Found {
  if (row.some((value) => refused(node.nonFinite, value))) throw new Refused('not taken');
  const { features, outputs } = node as Record<string, number>;
  const [means, scales, constants] = ['means', 'scales', 'constants'].map(
    (key) => node[key] as Numbers,
  );
  const ofSingles = (values: unknown) => values instanceof Float32Array;
  const singleDistance = single && ofSingles(means) && ofSingles(scales);
  const round = singleDistance ? Math.fround : Number;
  const length = scales!.length / outputs!;
  const numbers = Array.from({ length: outputs! }, (_, k) => {
    const own = Array.from(scales!).slice(k * length, (k + 1) * length);
    const z = row.map((value, i) => round(value - means![k * features! + i]!));
    const rows = Array.from({ length: length / features! }, (_, r) =>
      own.slice(r * features!, (r + 1) * features!),
    );
    const products = rows.map((factor) => total(factor.map((one, i) => one * z[i]!)));
    const distance = total(
      node.distance === 'variances'
        ? z.map((value, i) => value ** 2 / own[i]!)
        : products.map((product, i) => product * (node.distance === 'factors' ? product : z[i]!)),
    );
    const added = Array.from(constants!).filter((_, i) => i >= outputs! && i % outputs! === k);
    return total([-0.5 * (distance + constants![k]!), ...added]);
  });
  return { numbers, single: singleDistance && ofSingles(constants) };
}

/** The standard deviation of one row's prediction. */
export function standardDeviations(model: Map, cells: readonly unknown[]): number[] {
  const row = numbersOf(inputOfHead(model, cells)!);
  const node = answeringNode(model.root as Map);
  if (node.kind === 'gaussian-process') return processDeviations(node, row);
  const { offsets, scales, covariance, noise } = node.deviation as Record<string, Numbers>;
  const z = Array.from(row, (cell, i) => (cell - (offsets?.[i] ?? 0)) / (scales?.[i] ?? 1));
  const sum = (terms: number[]) => terms.reduce((total, term) => total + term, 0);
  const { length } = z;
  const square = z.map((a, i) => sum(z.map((b, j) => b * covariance![i * length + j]!)) * a);
  return [Math.sqrt(sum(square) + noise![0]!)];
}

/** The id of the leaf that one row reaches in each tree: scikit-learn's `apply`. */
export function leafIds(model: Map, cells: readonly unknown[]): number[] {
  return leavesOf(answeringNode(model.root as Map), numbersOf(inputOfHead(model, cells)!));
}

function leavesOf(node: Map, row: readonly number[]): number[] {
  const x = row.map((value) => (node.precision === 'float32' ? Math.fround(value) : value));
  const starts = Array.from(node.starts as Numbers);
  return starts.slice(0, -1).map((root, t) => {
    const leaf = walk(node, x, root, starts[t + 1]! - root);
    const ids = node.nodeIds as Numbers | null | undefined;
    return ids ? ids[leaf]! : preorder(node, root, starts[t + 1]! - root).indexOf(leaf);
  });
}

/** A tree's slots in the order of a depth-first walk, left before right. */
function preorder(node: Map, root: number, size: number): number[] {
  const visit = (slot: number, leaf: boolean): number[] => {
    if (leaf) return [slot];
    const { child, flags } = linkOf(node, slot);
    const left = visit(root + child, (flags & 2) !== 0);
    return [slot, ...left, ...visit(root + child + 1, (flags & 4) !== 0)];
  };
  return visit(root, size === 1);
}

/** A split's fields. */
function linkOf(node: Map, slot: number): { flags: number; feature: number; child: number } {
  const words = node.nodes as Uint32Array;
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  const wide = node.layout === 'wide';
  const bits = node.featureBits as number;
  const at = slot * (wide ? 16 : 8);
  const link = BigInt(view.getUint32(at + (wide ? 8 : 4), true));
  return {
    flags: Number(link & 15n),
    feature: Number((link >> 4n) & ((1n << BigInt(wide ? 28 : bits)) - 1n)),
    child: wide ? view.getUint32(at + 12, true) : Number(link >> BigInt(4 + bits)),
  };
}

/** What a regressor predicts of a row's scores, with the engine's own exp. */
export function linked(
  { link, factor }: Map,
  scores: readonly number[],
  single: boolean,
): number[] {
  const own = scores.map((score) => {
    const product = ((factor as Numbers | undefined)?.[0] ?? 1) * score;
    // A large factor leaves what float32 holds.
    return single ? Math.fround(product) : product;
  });
  if (link === 'softmax') {
    const powers = own.map((score) => Math.exp(score - Math.max(...own)));
    return powers.map((power) => power / powers.reduce((sum, one) => sum + one, 0));
  }
  return own.map((score) => {
    if (link === 'exp' || link === 'exp-table') return Math.exp(score);
    if (link === 'expit') return 1 / (1 + Math.exp(-score));
    return link === 'signed-square' ? score * Math.abs(score) : score;
  });
}

/** Sums of linear models, which a part chooses. */
function leafModelScores(node: Map, value: Transformed): number[] {
  const x = numbersOf(value.row);
  const fields = node as Readonly<Record<string, Numbers | null | undefined>>;
  const { constants, starts, columns, coefficients, gaps, treeOutputs } = fields;
  const sums = new Array<number>(node.outputs as number).fill(0);
  answerOf(node.node as Map, value, 'raw').numbers.forEach((model, tree) => {
    if (!(Number.isInteger(model) && model >= 0 && model < constants!.length))
      throw new Refused('no model');
    const [from, to] = [starts![model]!, starts![model + 1]!];
    const cells = Array.from(columns!)
      .slice(from, to)
      .map((column) => x[column]!);
    const found = cells.reduce(
      (sum, cell, i) => sum + cell * coefficients![from + i]!,
      constants![model]!,
    );
    sums[treeOutputs![tree]!]! += cells.some(Number.isNaN) ? gaps![model]! : found;
  });
  return sums;
}

function treeScores(node: Map, row: readonly number[]): number[] | null {
  const x = row.map((value) => (node.precision === 'float32' ? Math.fround(value) : value));
  if (x.some((value) => refused(node.nonFinite, value))) return null;
  const outputs = node.outputs as number;
  const base = node.base as Numbers | null | undefined;
  const zero = node.aggregation === 'mean' ? 0 : -0;
  const round = node.sums ? Math.fround : Number;
  const sums = Array.from({ length: outputs }, (_, k) => round(base?.[k] ?? zero));
  const starts = node.starts as Numbers;
  const weights = node.treeWeights as Numbers | null | undefined;
  for (let t = 0; t + 1 < starts.length; t++) {
    const leaf = walk(node, x, starts[t]!, starts[t + 1]! - starts[t]!);
    const weight = weights?.[t] ?? 1;
    if (node.leafColumns === 1) {
      const column = ((node.treeOutputs as Numbers | null | undefined) ?? [])[t] ?? 0;
      sums[column] = round(sums[column]! + weight * leafValue(node, leaf));
    } else {
      const leaves = node.leaves as Numbers;
      const vector = leafVector(node, leaf);
      for (let k = 0; k < outputs; k++)
        sums[k] = round(sums[k]! + weight * leaves[vector * outputs + k]!);
    }
  }
  const lengths = (node.isolation as Numbers | null | undefined)?.[0];
  if (lengths === 0) return sums.map(() => -0.5);
  if (lengths !== undefined) return sums.map((sum) => -(2 ** -(sum / lengths)));
  const divisor = (node.divisor as Numbers | null | undefined)?.[0] ?? starts.length - 1;
  return node.aggregation === 'mean' ? sums.map((sum) => sum / divisor) : sums;
}

/** The slot of the leaf; throws where the trees are not such as to end in one. */
function walk(node: Map, x: readonly number[], root: number, size: number): number {
  const words = node.nodes as Uint32Array;
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  const wide = node.layout === 'wide';
  let slot = root;
  if (size === 1) return slot;
  for (let steps = 0; steps <= size; steps++) {
    const at = slot * (wide ? 16 : 8);
    const { flags, feature, child } = linkOf(node, slot);
    const value = x[feature];
    if (value === undefined) throw new RangeError('reference: no such feature');
    let right: boolean;
    if (Number.isNaN(value)) right = (flags & 1) !== 0;
    else if ((flags & 8) !== 0) {
      const set = wide ? view.getFloat64(at, true) : view.getUint32(at, true);
      right = goesRight(node.categories as Map, set, value, (flags & 1) !== 0);
    } else right = !(value <= (wide ? view.getFloat64(at, true) : view.getFloat32(at, true)));
    slot = root + child + (right ? 1 : 0);
    if (slot >= root + size) throw new RangeError('reference: a child outside its tree');
    if ((flags & (right ? 4 : 2)) !== 0) return slot;
  }
  throw new RangeError('reference: a walk without end');
}

function goesRight(categories: Map, set: number, value: number, missingRight: boolean): boolean {
  const starts = categories.starts as Numbers;
  const words = categories.words as Numbers;
  const rule = (categories.unlisted as Numbers)[set];
  if (rule === undefined) throw new RangeError('reference: no such set');
  const half = (starts[set + 1]! - starts[set]!) / 2;
  const category = categoryOf(value, categories.reading);
  if (category >= 0 && category < half * 32) {
    const word = starts[set]! + Math.floor(category / 32);
    const has = (at: number) => Math.floor(words[at]! / 2 ** (category % 32)) % 2 === 1;
    if (has(word)) return false;
    if (has(word + half)) return true;
  }
  return rule === 2 ? missingRight : rule === 1;
}

function categoryOf(value: number, reading: unknown): number {
  const truncated = Math.trunc(value);
  if (`${reading}`.startsWith('positive') && value < 0) return -1;
  if (reading !== 'byte' && reading !== 'positive-byte') return truncated;
  const fits = truncated >= -(2 ** 31) && truncated < 2 ** 31;
  return fits ? ((truncated % 256) + 256) % 256 : 0;
}

function leafValue(node: Map, slot: number): number {
  const words = node.nodes as Uint32Array;
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  return view.getFloat64(slot * (node.layout === 'wide' ? 16 : 8), true);
}

function leafVector(node: Map, slot: number): number {
  const words = node.nodes as Uint32Array;
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  return node.layout === 'wide' ? view.getFloat64(slot * 16, true) : view.getUint32(slot * 8, true);
}

/** The part with the head. */
export function answeringNode(node: Map): Map {
  if (node.kind !== 'pipeline') return node;
  const steps = node.steps as Map[];
  return answeringNode(steps[steps.length - 1]!);
}

/** The index of each output's class for one row's scores. */
export function chosenClasses(head: Map, scores: readonly number[], single = false): number[] {
  const threshold = head.threshold as Map | null | undefined;
  if (threshold) return [aboveThreshold(head, threshold, scores, single)];
  let at = 0;
  const offset = (head.decisionOffset as Numbers | null | undefined)?.[0] ?? 0;
  return (head.labels as Map[]).map((labels, output) => {
    const { decide, probability } = readingOf(head, output);
    if (decide === 'positive') return scores[at++]! - offset > 0 ? 1 : 0;
    if (decide === 'nonNegative') return scores[at++]! - offset >= 0 ? 1 : 0;
    const count = columnsOf(readingOf(head, output), labels);
    const taken = scores.slice(at, at + count);
    at += count;
    if (head.outlierLabels && taken.every((score) => score === 0)) return count;
    const sign = decide === 'argmin' ? -1 : 1;
    const part = decide === 'probable' ? link(probability, taken) : taken.map((s) => sign * s);
    let best = 0;
    part.forEach((score, i) => {
      if (decide === 'argmaxLast' ? score >= part[best]! : score > part[best]!) best = i;
    });
    return best;
  });
}

/** How an output is read: as the head says of it, or of all. */
const readingOf = (head: Map, output: number): Map =>
  (head.each as Map[] | null | undefined)?.[output] ?? head;

function aboveThreshold(
  head: Map,
  { of, positive, value }: Map,
  scores: readonly number[],
  single: boolean,
): number {
  const offset = (head.decisionOffset as Numbers | null | undefined)?.[0] ?? 0;
  const decision = head.folded ? scores[1]! - scores[0]! : scores[0]! - offset;
  const answer =
    of === 'predict_proba'
      ? probabilities(head, scores)[positive as number]!
      : decision * (positive === 1 ? 1 : -1);
  const least = (value as Numbers)[0]!;
  const passes = answer >= (single && head.probability !== 'clip' ? Math.fround(least) : least);
  return passes ? (positive as number) : 1 - (positive as number);
}

/** Columns of the scores of one output. */
function columnsOf(head: Map, labels: Map): number {
  const ofOne = /^(complement|expit|clip$|softmax-pair)/.test(String(head.probability));
  const all = /^arg/.test(String(head.decide)) || (head.decide === 'probable' && !ofOne);
  return all ? (labels.values as Numbers).length : 1;
}

/** Probabilities of every output, side by side, for one row's scores. */
export function probabilities(head: Map, scores: readonly number[]): number[] {
  let at = 0;
  return (head.labels as Map[]).flatMap((labels, output) => {
    const reading = readingOf(head, output);
    const count = columnsOf(reading, labels);
    const part = scores.slice(at, at + count);
    at += count;
    const found = link(reading.probability, part);
    return head.seconds ? [found[1]!] : found;
  });
}

function link(name: unknown, s: readonly number[]): number[] {
  const share = (values: readonly number[]) => values.map((value) => value / total(values));
  const shareOrUniform = (values: readonly number[]) =>
    total(values) === 0 ? values.map(() => 1 / values.length) : share(values);
  const clip = (value: number) => (Math.min(Math.max(value, -1), 1) + 1) / 2;
  const expit = (value: number) => 1 / (1 + Math.exp(-value));
  switch (name) {
    case 'identity':
      return [...s];
    case 'normalize':
      return total(s) === 0 ? [...s] : share(s);
    case 'normalize-nan':
      return share(s);
    case 'normalize-uniform':
      return shareOrUniform(s);
    case 'complement':
      return [1 - s[0]!, Math.min(s[0]!, 1)];
    case 'expit': {
      const p = expit(s[0]!);
      return [1 - p, p];
    }
    case 'expit-twice':
      return link('expit', [2 * s[0]!]);
    case 'softmax-log-max':
    case 'softmax-log': {
      const largest = Math.max(...s);
      const terms = s.map((value) => Math.exp(value - largest));
      return s.map((value) => Math.exp(value - (Math.log(total(terms)) + largest)));
    }
    case 'softmax-pair-half':
      return link('softmax', [-s[0]! / 2, s[0]! / 2]);
    case 'softmax-shared':
      return link(
        'softmax',
        s.map((value) => value / (s.length - 1)),
      );
    case 'expit-pair':
      return link('softmax', [-s[0]!, s[0]!]);
    case 'expit-each':
      return s.map(expit);
    case 'softmax-table':
    case 'softmax':
      return share(s.map((value) => Math.exp(value - Math.max(...s))));
    case 'clip': {
      const p = clip(s[0]!);
      return [1 - p, p];
    }
    case 'clip-one-vs-rest':
      return shareOrUniform(s.map(clip));
    case 'one-vs-rest-uniform':
      return shareOrUniform(s.map(expit));
    default:
      return share(s.map(expit));
  }
}
