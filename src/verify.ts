import { compileModel } from './compile/compile.js';
import {
  boundAnswer,
  boundOfLogSum,
  boundOutputs,
  boundThroughExp,
  isTie,
  type UncertainScorer,
} from './compile/ensemble-bound.js';
import { compileBoundOf, compileErrorBound, type ErrorBound } from './compile/error-bound.js';
import {
  type ClassifierOutput,
  changeInPlace,
  compileClassifierOutputs,
  compileSamples,
  logarithmOf,
  singleProbabilities,
} from './compile/head.js';
import type { Scorer } from './compile/scorer.js';
import type { Transformer } from './compile/transformer.js';
import { NuthatchError } from './errors.js';
import type { Value } from './input/dense.js';
import { type Input, readInput } from './input/read.js';
import { createTarget } from './input/target.js';
import {
  type ClassifierHead,
  type GoldenOutput,
  type GoldenPart,
  type GoldenSet,
  goldenCell,
  goldenTable,
  type InputSpec,
  isThroughLogarithms,
  lastStep,
  type ModelDescription,
  type ProbabilityLink,
  treeCount,
} from './ir/index.js';
import { exp } from './math/exp.js';
import { log } from './math/log.js';
import { expm1 } from './math/near-one.js';
import { ulpDistance, ulpOf } from './math/ulp.js';
import {
  createModel,
  type MethodName,
  type Model,
  type ModelOptions,
  methodNames,
} from './model.js';
import { Matrix, SparseMatrix } from './result.js';

/**
 * How an answer may differ from the reference's.
 *
 * * `identical`: not at all. Labels, leaf ids, sums over trees. Labels that hang on a dot product are excused where the margin lies within its bound.
 * * `ulp`: by `ulpTolerance` steps of float64, given the reference's own scores: values through exp and log.
 * * `bound`: by the error bound of a dot product, (8 + √n)·2⁻⁵³·Σ|xᵢwᵢ|, and what errors of the parts before it make of it.
 */
export type Rule = 'identical' | 'ulp' | 'bound';

/** One method of one golden set, compared. */
export interface Comparison {
  readonly set: string;
  readonly method: string;
  readonly rule: Rule;
  readonly rows: number;
  readonly values: number;
  /** Values that are the same to the bit. */
  readonly identical: number;
  /** The largest difference, in units of the rule: steps of float64, or fractions of the bound; 0 for `identical`. */
  readonly worst: number;
  /** Values that differ, but by less than the rule allows or on a tie inside the bound. */
  readonly excused: number;
  /** Rows whose label is excused since their margin lies within its bound: another summation may decide otherwise. */
  readonly excusedRows: readonly number[];
  readonly failures: readonly Failure[];
  /** All values that break the rule; `failures` lists the first few. */
  readonly failed: number;
}

export interface Failure {
  readonly row: number;
  /** Column within the row, counted over all outputs. */
  readonly column: number;
  readonly expected: number | string | boolean;
  readonly found: number | string | boolean;
}

/**
 * One step for a logarithm. SciPy's expit divides by 1 + exp(−x) and so turns one step of the C library's exp into up to three
 * (measured on a million points); a softmax adds up the steps of its exps, of their sum and of the division.
 */
const ulpTolerance = {
  ...{ exp: 1, log: 1, expit: 3, softmax: 4 },
  ...{ 'exp-table': 0, 'signed-square': 0 },
} as const;
/** numpy's own float32 exp and log are up to 2.52 and 3.77 steps off (measured on eight million arguments). */
const singleTolerance = { ...ulpTolerance, exp: 3, log: 4, softmax: 8 } as const;
const listedFailures = 10;

/** Replays golden sets (by default the model's own) in this runtime. */
export function verify(
  description: ModelDescription,
  sets: readonly GoldenSet[] = description.golden,
  options: ModelOptions = {},
): Comparison[] {
  const model = createModel(description, options);
  const compiled = compileModel(description, options.accelerator);
  const bound = compileErrorBound(description);
  const boundOf = (answer: OtherAnswer) => compileBoundOf(description, answer);
  return sets.flatMap((set) => {
    const replay = new Replay(model, compiled, bound, boundOf, set);
    return set.outputs.map((output) => replay.compare(output));
  });
}

/** Whether every comparison held. */
export function passed(comparisons: readonly Comparison[]): boolean {
  return comparisons.every((comparison) => comparison.failed === 0);
}

type Values = ArrayLike<number | string | boolean>;

/** How far value `index` (found at row, column) may be from the reference's; in which unit it counts. */
interface Allowance {
  readonly rule: Rule;
  /** The difference in units of the rule; at most 1 (bound) or the tolerance (ulp) is allowed. */
  measure(expected: number, found: number, index: number): number;
  readonly limit: number;
}

const identical: Allowance = {
  rule: 'identical',
  measure: () => Number.POSITIVE_INFINITY,
  limit: 0,
};

/** Sums that are the same to the bit, through a link. */
const throughLink = (link: keyof typeof ulpTolerance, single: boolean): Allowance => ({
  rule: 'ulp',
  measure: (expected, found) => steps(expected, found, expected, single),
  limit: (single ? singleTolerance : ulpTolerance)[link],
});

type OtherAnswer = Parameters<typeof compileBoundOf>[1];

class Replay {
  readonly #model: Model;
  readonly #compiled: Scorer | Transformer;
  readonly #set: GoldenSet;
  readonly #x: Value;
  readonly #bounds: Float64Array | null;
  readonly #boundOf: (answer: OtherAnswer) => ErrorBound;
  /** Whether answers to these rows are float32. */
  readonly #single: boolean;

  constructor(
    model: Model,
    compiled: Scorer | Transformer,
    bound: ErrorBound,
    boundOf: (answer: OtherAnswer) => ErrorBound,
    set: GoldenSet,
  ) {
    this.#model = model;
    this.#compiled = compiled;
    this.#set = set;
    this.#x = goldenRows(model.description.input, set);
    this.#bounds = bound(this.#x);
    this.#boundOf = boundOf;
    const { rows } = this.#x;
    this.#single =
      'head' in compiled && compiled.score(this.#x, new Float64Array(rows * compiled.outputs));
  }

  compare(output: GoldenOutput): Comparison {
    const expected = flatten(output);
    const { found, allowance, excuse } = this.#answer(output.method as MethodName, expected);
    if (found.length !== expected.length) {
      throw new NuthatchError(
        'invalid-model',
        `golden set "${this.#set.name}", ${output.method}`,
        `the reference has ${expected.length} values, this model answers ${found.length}`,
      );
    }
    return this.#tally(output.method, expected, found, allowance, excuse);
  }

  #tally(
    method: string,
    expected: Values,
    found: Values,
    allowance: Allowance,
    excuse: (index: number) => boolean,
  ): Comparison {
    const { rows } = this.#x;
    const width = expected.length / rows;
    const failures: Failure[] = [];
    let same = 0;
    let excused = 0;
    const excusedRows: number[] = [];
    let failed = 0;
    let worst = 0;
    for (let i = 0; i < expected.length; i++) {
      const want = expected[i]!;
      // Boolean labels are stored as 0 and 1.
      const got = typeof found[i] === 'boolean' ? Number(found[i]) : found[i]!;
      if (Object.is(want, got)) {
        same++;
        continue;
      }
      if (want === got) {
        // A zero of the other sign: integers and compressed rows have no −0.
        excused++;
        continue;
      }
      const difference =
        typeof want === 'number' && typeof got === 'number'
          ? allowance.measure(want, got, i)
          : Number.POSITIVE_INFINITY;
      if (difference <= allowance.limit) {
        excused++;
        worst = Math.max(worst, difference);
      } else if (excuse(i)) {
        excused++;
        excusedRows.push(Math.floor(i / width));
      } else {
        failed++;
        worst = Math.max(worst, difference);
        if (failures.length < listedFailures) {
          failures.push({
            row: Math.floor(i / width),
            column: i % width,
            expected: want,
            found: got,
          });
        }
      }
    }
    const { rule } = allowance;
    return {
      set: this.#set.name,
      method,
      rule,
      rows,
      values: expected.length,
      identical: same,
      worst,
      excused,
      excusedRows,
      failures,
      failed,
    };
  }

  /** What this runtime answers, and what it is held to. */
  #answer(
    method: MethodName,
    expected: Values,
  ): { found: Values; allowance: Allowance; excuse: (index: number) => boolean } {
    const never = () => false;
    const bounds = this.#bounds;
    if ('head' in this.#compiled) {
      const { head } = this.#compiled;
      const chosen = this.#compiled.choosing ? this.#boundOf('choosing')(this.#x) : bounds;
      if (chosen !== null && head.task === 'classifier' && method === 'predict')
        return { found: this.#run(method), allowance: identical, excuse: this.#tie(head, chosen) };
      if (head.task === 'classifier') {
        if (head.labels.length > 1 && method === 'predict_proba') {
          const allowed = boundOutputs(this.#uncertain(this.#compiled));
          const allowance = allowed.some((one) => one > 0) ? withinBound(allowed) : identical;
          return { found: this.#run(method), allowance, excuse: never };
        }
        const { decisions, probabilities, probable } = this.#compiled;
        const areMargins =
          head.decisionFunction && !decisions && !probabilities && !probable && !head.folded;
        if (isOfLogarithms(head, method)) return this.#throughLogarithms(head, method, areMargins);
        const isApart = bounds === null || this.#golden('decision_function') !== null;
        if (areMargins && isApart && method === 'predict_proba')
          return this.#probabilities(compileClassifierOutputs(head)[0]!, head.probability!);
      }
      if (head.task === 'regressor' && head.link !== 'identity' && method === 'predict') {
        const allowance =
          bounds === null
            ? throughLink(head.link, this.#single)
            : withinBound(boundAnswer(this.#uncertain(this.#compiled), method)!);
        return { found: this.#run(method), allowance, excuse: never };
      }
    }
    if (method === 'predict_log_proba')
      return { ...(this.#logarithmsOfParts() ?? this.#logarithms(expected)), excuse: never };
    if ('head' in this.#compiled && method === 'score_samples') {
      const { head } = this.#compiled;
      if (head.task === 'density' && head.components)
        return this.#densities(head.components, head.uncertainty?.[0] ?? 0);
    }
    const found = this.#run(method);
    const allowed = this.#boundsOf(method, found as ArrayLike<number>);
    const allowance = allowed === null ? identical : withinBound(allowed);
    return { found, allowance, excuse: never };
  }

  /** How far what a method found may be off; null where it may not. */
  #boundsOf(method: MethodName, found: ArrayLike<number>): Float64Array | null {
    if (method === 'predict_std') return this.#boundOf('deviations')(this.#x);
    if ('head' in this.#compiled && method === 'transform')
      return this.#boundOf('transformed')(this.#x);
    if ('head' in this.#compiled && method === 'decision_function' && this.#compiled.decisions)
      return this.#boundOf('decisions')(this.#x);
    if ('head' in this.#compiled && method === 'predict_proba' && this.#compiled.probabilities)
      return this.#boundOf('probabilities')(this.#x);
    const bounds = this.#bounds;
    if (method === 'predict_proba' && 'head' in this.#compiled) {
      const { head } = this.#compiled;
      if (head.task === 'classifier' && head.labels.length === 1)
        return boundAnswer(this.#uncertain(this.#compiled), method);
    }
    const step = (i: number) => stepAt(found[i]!, this.#single);
    if (bounds === null || !('head' in this.#compiled)) return bounds;
    const { head } = this.#compiled;
    if (head.task === 'classifier') {
      if (head.folded && method === 'decision_function')
        return Float64Array.from(found, (_, i) => bounds[2 * i]! + bounds[2 * i + 1]! + step(i));
      const isOffset = head.decisionOffset !== null && method === 'decision_function';
      return isOffset || method === 'score_samples'
        ? bounds.map((bound, i) => bound + step(i))
        : bounds;
    }
    return bounds;
  }

  /** Logarithms of sums of densities, by how far the sums may be off: where others are left of one by rounding alone, its logarithm may be anything below. */
  #densities(columns: number, uncertainty: number) {
    const found = this.#run('score_samples') as Float64Array;
    const scores = this.#run('raw') as Float64Array;
    const off = found.map((_, row) => {
      const start = row * columns;
      const own = scores.subarray(start, start + columns);
      let error = uncertainty;
      own.forEach((score, i) => {
        const moved = this.#bounds?.[start + i] ?? 0;
        const steps = 4 * ulpOf(Math.abs(score) + 1);
        if (score > -Infinity || moved === Infinity)
          error += exp(score) * expm1(moved + steps) || moved;
      });
      return log(error);
    });
    const allowance: Allowance = {
      rule: 'bound',
      limit: 1,
      measure: (want, got, row) =>
        -expm1(-Math.abs(want - got)) * exp(Math.max(want, got) - off[row]!),
    };
    return { found, allowance, excuse: () => false };
  }

  #uncertain(scorer: Scorer): UncertainScorer {
    const probable = scorer.probable && this.#boundOf('probable')(this.#x);
    return { scorer, value: this.#x, error: this.#bounds, probable };
  }

  #run(method: MethodName): Values {
    const name = Object.hasOwn(methodNames, method) ? methodNames[method] : undefined;
    const run =
      name === undefined ? undefined : (this.#model as unknown as Record<string, unknown>)[name];
    if (typeof run !== 'function') {
      throw new NuthatchError(
        'invalid-model',
        `golden set "${this.#set.name}"`,
        `the model has no method ${method}`,
      );
    }
    return flattenAnswer(run(goldenInput(this.#set, this.#model.featureNames)));
  }

  #golden(method: MethodName): Values | null {
    const output = this.#set.outputs.find((candidate) => candidate.method === method);
    return output === undefined ? null : flatten(output);
  }

  /** Probabilities of the reference's own margins: the link is judged apart from the dot product. */
  #probabilities(output: ClassifierOutput, link: ProbabilityLink) {
    const single = this.#singleProbabilities;
    const margins = this.#golden('decision_function') ?? this.#run('decision_function');
    const { classes } = output;
    const found = new Float64Array(this.#x.rows * classes);
    output.probabilities!(
      Float64Array.from(margins as ArrayLike<number>),
      this.#x.rows,
      this.#single,
      found,
    );
    const tolerance = single ? singleTolerance : ulpTolerance;
    const isExpit = link === 'expit' || link === 'expit-twice';
    const limit = isExpit ? tolerance.expit : tolerance.softmax;
    // 1 − p may cancel: a step of p is then many steps of 1 − p, so 1 − p is measured in steps of p where those are larger.
    const measure = (expected: number, got: number, i: number) => {
      const scale = isExpit && i % classes === 0 ? Math.max(expected, found[i + 1]!) : expected;
      return steps(expected, got, scale, single);
    };
    const allowance: Allowance = { rule: 'ulp', limit, measure };
    return { found, allowance, excuse: () => false };
  }

  /** What is made of logarithms of sums of exps: of the reference's own scores where it offers them, else by the bounds of ours. */
  #throughLogarithms(head: ClassifierHead, method: MethodName, areMargins: boolean) {
    const reference = areMargins
      ? this.#golden('decision_function')
      : this.#golden('predict_joint_log_proba');
    const scores = Float64Array.from((reference ?? this.#run('raw')) as ArrayLike<number>);
    const errors = reference === null ? this.#bounds : null;
    const { rows } = this.#x;
    const single = this.#single;
    const classes = scores.length / rows;
    const [output] = compileClassifierOutputs(head);
    const ofSamples = method === 'score_samples';
    const found = ofSamples ? scores.slice() : new Float64Array(scores.length);
    const write = method === 'predict_proba' ? output!.probabilities : output!.logarithms;
    if (ofSamples) compileSamples(head)!(found, rows, single);
    else write!(scores, rows, single, found);
    const width = ofSamples ? 1 : classes;
    const { softmax } = single ? singleTolerance : ulpTolerance;
    const allowed = found.slice(0, rows * width).map((value, i) => {
      const start = Math.floor(i / width) * classes;
      const moved = errors?.subarray(start, start + classes) ?? [0];
      const own = boundOfLogSum(scores, start, classes) * (single ? 2 ** 29 : 1);
      const sum = own + Math.max(...moved);
      if (ofSamples) return sum + stepAt(value, single);
      const logarithm = sum + (moved[i % width] ?? 0);
      return method === 'predict_proba'
        ? boundThroughExp(value, logarithm) + softmax * stepAt(value, single)
        : logarithm + stepAt(value, single);
    });
    return {
      found: found.subarray(0, rows * width),
      allowance: withinBound(allowed),
      excuse: () => false,
    };
  }

  /** Logarithms that an ensemble adds up part by part, each to a few steps; null where they are the probabilities'. */
  #logarithmsOfParts(): { found: Values; allowance: Allowance } | null {
    const { logarithms, head } = this.#compiled as Scorer;
    if (!logarithms) return null;
    const last = lastStep(this.#model.description.root);
    const parts =
      last.kind === 'ensemble' ? last.parts.length : last.kind === 'trees' ? treeCount(last) : 1;
    const found = this.#run('predict_log_proba') as Float64Array;
    const probabilities = this.#run('predict_proba');
    const bounds = this.#bounds;
    const single = head.task === 'classifier' && this.#singleProbabilities;
    const relatives = found.map((_, i) =>
      bounds === null || Number(probabilities[i]) === 0 ? 0 : bounds[i]! / Number(probabilities[i]),
    );
    const width = found.length / this.#x.rows;
    const allowed = found.map((value, i) => {
      // Of a probability of 0 as many times what the others of the row are off as there may be parts that make it.
      const others = relatives.subarray(i - (i % width), i - (i % width) + width);
      const relative = Number(probabilities[i]) === 0 ? parts * Math.max(...others) : relatives[i]!;
      return (4 + 4 * parts) * stepAt(Math.max(1, Math.abs(value)), single) + relative;
    });
    return { found, allowance: withinBound(allowed) };
  }

  /** Logarithms of the reference's own probabilities. */
  #logarithms(expected: Values) {
    const head = (this.#compiled as Scorer).head as ClassifierHead;
    const reference = this.#golden('predict_proba');
    const single = this.#singleProbabilities;
    const allowance: Allowance = {
      rule: 'ulp',
      limit: (single ? singleTolerance : ulpTolerance).log,
      measure: (want, got) => steps(want, got, want, single),
    };
    if (reference === null || reference.length !== expected.length) {
      const found = this.#run('predict_log_proba');
      const off = this.#boundsOf('predict_proba', found as ArrayLike<number>);
      if (off === null) return { found, allowance };
      const probabilities = this.#run('predict_proba') as ArrayLike<number>;
      const allowed = off.map((error, i) => {
        const relative = error / probabilities[i]!;
        const moved = relative < 1 ? relative / (1 - relative) : Infinity;
        return moved + allowance.limit * stepAt(Number(found[i]), single);
      });
      return { found, allowance: withinBound(allowed) };
    }
    const found = Float64Array.from(reference as ArrayLike<number>);
    changeInPlace(found, found.length, single, logarithmOf(head, single));
    return { found, allowance };
  }

  get #singleProbabilities(): boolean {
    const { head } = this.#compiled as Scorer;
    return head.task === 'classifier' && singleProbabilities(head, this.#single);
  }

  /** Whether an output's margin lies within the bound of its dot products, so that another summation may decide otherwise. */
  #tie(head: ClassifierHead, bounds: Float64Array): (index: number) => boolean {
    const { outputs, score, choosing } = this.#compiled as Scorer;
    const scores = new Float64Array(bounds.length);
    (choosing ?? score)(this.#x, scores);
    const count = head.labels.length;
    return (index) => {
      const output = index % count;
      return isTie(head, scores, bounds, ((index - output) / count) * outputs, output);
    };
  }
}

/** The difference in steps of float64 (or of float32, where answers are) at `scale`. */
function steps(expected: number, got: number, scale: number, single: boolean): number {
  if (scale === expected && !single) return ulpDistance(expected, got);
  return Math.abs(expected - got) / stepAt(scale, single);
}

/** One step of float64, or of float32, at `value`. */
function stepAt(value: number, single: boolean): number {
  return single ? Math.max(ulpOf(value) * 2 ** 29, 2 ** -149) : ulpOf(value);
}

/** Whether a method answers through logarithms of sums of exps. */
const isOfLogarithms = (head: ClassifierHead, method: MethodName): boolean =>
  (method === 'predict_proba' && isThroughLogarithms(head)) ||
  (method === 'predict_log_proba' && head.logProbability === 'scores') ||
  (method === 'score_samples' && head.joint === 'sum');

function withinBound(bounds: Float64Array): Allowance {
  return {
    rule: 'bound',
    limit: 1,
    measure: (expected, found, i) => Math.abs(expected - found) / bounds[i]!,
  };
}

/** The rows of a golden set as the model's parts see them. */
function goldenRows(spec: InputSpec, { input }: GoldenSet): Value {
  const { rows, columns } = input;
  if (input.type === 'matrix') {
    const matrix = { data: input.data, rows, cols: columns };
    return readInput(spec, matrix, createTarget(spec, 0));
  }
  const singles = input.values.map((column) => column instanceof Float32Array);
  const target = createTarget(spec, rows, singles);
  input.values.forEach((column, col) => {
    for (let row = 0; row < rows; row++) target.set(goldenCell(column, row), row, col);
  });
  return target;
}

/** The same rows as a person would give them. */
function goldenInput({ input }: GoldenSet, names: readonly string[] | null): Input {
  const { rows, columns } = input;
  if (input.type === 'matrix') return { data: input.data, rows, cols: columns };
  return goldenTable(input, names) as Input;
}

/** A golden output's values in rows: several arrays side by side, labels in their own type. */
function flatten(output: GoldenOutput): Values {
  const arrays = output.parts.map((part) => ({
    values: cellsOfPart(part),
    width: part.shape.length === 1 ? 1 : part.shape[1]!,
  }));
  return sideBySide(arrays, output.parts[0]?.shape[0] ?? 0);
}

/** The cells of an array: strings where there are, else numbers. */
function cellsOfPart({ values, strings }: GoldenPart): Values {
  return strings === null ? values : strings.map((value, i) => value ?? values[i]!);
}

function flattenAnswer(answer: unknown): Values {
  if (answer instanceof SparseMatrix) return answer.toMatrix().data;
  const one = (value: unknown) =>
    value instanceof Matrix
      ? { values: value.data as Values, width: value.cols, rows: value.rows }
      : { values: value as Values, width: 1, rows: (value as Values).length };
  if (Array.isArray(answer) && answer[0] instanceof Matrix)
    return sideBySide(answer.map(one), answer[0].rows);
  // A missing string and a missing number are both NaN to Python.
  if (Array.isArray(answer) && Array.isArray(answer[0]))
    return answer.flat().map((cell) => (cell === null ? Number.NaN : cell)) as (string | number)[];
  return one(answer).values;
}

function sideBySide(
  arrays: readonly { readonly values: Values; readonly width: number }[],
  rows: number,
): Values {
  if (arrays.length === 1) return arrays[0]!.values;
  const result: (number | string | boolean)[] = [];
  for (let row = 0; row < rows; row++) {
    for (const { values, width } of arrays) {
      for (let column = 0; column < width; column++) result.push(values[row * width + column]!);
    }
  }
  return result;
}
