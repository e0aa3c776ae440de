import { type Names, startOf, type Value, viewRows } from '../input/dense.js';
import {
  type Center,
  type Curve,
  type Elementwise,
  type Ensemble,
  type Gaussian,
  type GaussianProcess,
  inputNames,
  type LeafModels,
  type Linear,
  type Node,
  type RowNorm,
  type RunnableModel,
  type Scores,
  type SupportVectors,
  type Trees,
  tallyColumns,
  termColumns,
  typeOfInput,
  type Union,
  type ValueType,
} from '../ir/index.js';
import { ulpOf } from '../math/ulp.js';
import { allKinds, compileTransformer, createCompiler } from './compile.js';
import { boundCountSketch } from './count-sketch-bound.js';
import { boundDeviation } from './deviation-bound.js';
import { boundDonors } from './donors-bound.js';
import { ownErrors } from './elementwise-bound.js';
import { boundAnswer, boundEnsemble, type UncertainScorer } from './ensemble-bound.js';
import { boundFactorization } from './factorization-bound.js';
import { boundGaussian } from './gaussian-bound.js';
import { boundGaussianProcess } from './gaussian-process-bound.js';
import { boundKernel } from './kernel-bound.js';
import { boundLeafModels } from './leaf-models-bound.js';
import { boundMargins } from './margins-bound.js';
import { boundNeighbors } from './neighbors-bound.js';
import { boundPursuit } from './pursuit-bound.js';
import { boundRounds } from './rounds-bound.js';
import type { Scorer } from './scorer.js';
import { compileSelect } from './select.js';
import { boundSupportVectors } from './support-vectors-bound.js';
import { boundTally } from './tally-bound.js';
import { boundTrees } from './trees-bound.js';

/**
 * How far raw scores, or the cells that a transformer gives, [x.rows × columns], may lie from ours in a correct evaluation that
 * sums in another order; null where they are the same in every correct evaluation.
 */
export type ErrorBound = (x: Value) => Float64Array | null;

/** The same for a value between parts, of which each cell may be off already. `error` is dense, whatever the value is. */
interface Uncertain {
  readonly value: Value;
  readonly error: Float64Array | null;
  /** How far other answers of a last part may be off, where it has them: standard deviations, margins that are not its scores, what it makes of rows. */
  readonly deviations?: Float64Array | null;
  readonly decisions?: Float64Array | null;
  readonly transformed?: Float64Array | null;
  readonly probabilities?: Float64Array | null;
  readonly probable?: Float64Array | null | undefined;
  readonly choosing?: Float64Array | null | undefined;
}

interface Part {
  readonly gives: ValueType;
  readonly names: Names;
  run(x: Uncertain): Uncertain;
}

export function compileErrorBound({ root, input }: RunnableModel): ErrorBound {
  const part = compilePart(root, typeOfInput(input), inputNames(input));
  const size = Math.max(1, Math.floor(blockCells / widest(root)));
  return (value) => {
    const rowsOf = (start: number) => Math.min(size, value.rows - start);
    const starts = Array.from({ length: Math.ceil(value.rows / size) }, (_, i) => i * size);
    const errors = starts.map(
      (start) =>
        part.run({ value: viewRows(value, start, start + rowsOf(start)), error: null }).error,
    );
    if (errors.every((error) => error === null)) return null;
    const columns = part.gives.columns;
    const result = new Float64Array(value.rows * columns);
    errors.forEach((error, i) => {
      if (error) result.set(error, starts[i]! * columns);
    });
    return result;
  };
}

/** Rows are taken in blocks of about so many cells, zeros included: hashes of words have a million columns. */
const blockCells = 2 ** 22;

/** The most columns that a part is given or makes of documents. */
function widest(node: Node): number {
  switch (node.kind) {
    case 'pipeline':
      return Math.max(...node.steps.map(widest));
    case 'union':
      return Math.max(
        node.features,
        ...node.parts.map((part) => (part.node ? widest(part.node) : 1)),
      );
    case 'vectorize':
      return termColumns(node);
    case 'tally':
      return tallyColumns(node);
    default:
      return node.features;
  }
}

/** The same for other answers; null where there are none. */
export function compileBoundOf(
  { root, input }: RunnableModel,
  answer: 'deviations' | 'decisions' | 'transformed' | 'probabilities' | 'probable' | 'choosing',
): ErrorBound {
  const part = compilePart(root, typeOfInput(input), inputNames(input));
  return (value) => part.run({ value, error: null })[answer] ?? null;
}

function compilePart(node: Node, given: ValueType, names: Names): Part {
  switch (node.kind) {
    case 'pipeline': {
      let part: Part = { gives: given, names, run: (x) => x };
      for (const step of node.steps) {
        const before = part;
        const next = compilePart(step, before.gives, before.names);
        part = {
          ...next,
          run: (x) => {
            const between = before.run(x);
            const found = next.run(between);
            return node.transforms ? { ...found, transformed: between.error } : found;
          },
        };
      }
      const { beside, chooser } = node;
      const { run } = part;
      const aside = beside && compilePart(beside, given, names);
      const chooses = chooser && compilePart(chooser, given, names);
      return {
        ...part,
        run: (x) => ({
          ...run(x),
          ...(aside && { transformed: aside.run(x).error }),
          ...(chooses && { choosing: chooses.run(x).error }),
        }),
      };
    }
    case 'linear':
      if (node.head === null) return compileTransforming(node, given, names);
      return {
        ...compileLast(node, (x) => boundLinear(node, x)),
        run: (x) => ({
          value: x.value,
          error: boundLinear(node, x),
          deviations:
            node.deviation && boundDeviation(node, cellsOf(x.value), x.error, isSingle(x.value)),
        }),
      };
    case 'trees':
      return compileLast(node, ({ value, error }) =>
        boundTrees(node, value, cellsOf(value), error),
      );
    case 'gaussian':
      return compileLast(node, ({ value, error }) =>
        boundGaussian(node, cellsOf(value), error, isSingle(value)),
      );
    case 'scores':
      return compileLast(node, ({ error }) => error);
    case 'support-vectors':
      return {
        ...compileLast(node, () => null),
        run: (x) => ({ value: x.value, ...boundSupportVectors(node, cellsOf(x.value), x.error) }),
      };
    case 'gaussian-process':
      return {
        ...compileLast(node, () => null),
        run: (x) => ({ value: x.value, ...boundGaussianProcess(node, cellsOf(x.value), x.error) }),
      };
    case 'leaf-models': {
      const inside = compileScorer(node.node, given, names);
      return compileLast(node, (x) => boundLeafModels(node, cellsOf(x.value), x.error, inside(x)));
    }
    case 'ensemble':
      return compileEnsemble(node, given, names);
    case 'answers': {
      const inside = compileScorer(node.node, given, names);
      const transforming = compileTransforming(node, given, names);
      return {
        ...transforming,
        run: (x) => {
          const { value } = transforming.run(x);
          const error = boundAnswer(inside(x), node.method);
          return { value, error: error && withoutFirst(error, value, node.skip) };
        },
      };
    }
    default:
      return compileTransforming(node, given, names);
  }
}

/** A part that answers, and its own bounds. */
function compileScorer(
  node: Node,
  given: ValueType,
  names: Names,
): (x: Uncertain) => UncertainScorer {
  const part = compilePart(node, given, names);
  const scorer = createCompiler(allKinds())(node, given, names) as Scorer;
  return (x) => {
    return { ...part.run(x), scorer, value: x.value };
  };
}

function compileEnsemble(node: Ensemble<Node>, given: ValueType, names: Names): Part {
  const parts = node.parts.map(({ columns, node: part }) => {
    const selected = columns && compileSelect(columns, given, names, true);
    const seen = selected?.gives ?? given;
    const inside = compileScorer(part, seen, selected ? selected.names : names);
    return (x: Uncertain) =>
      inside({
        // What is selected lives until the next selection.
        value: selected === null ? x.value : copyOf(selected.transform(x.value)),
        error: x.error && columns ? selectErrors(x, columns) : x.error,
      });
  });
  const bound = node.combine.startsWith('one-vs') ? boundMargins : boundEnsemble;
  return {
    gives: { kind: 'dense', columns: node.outputs },
    names: null,
    run: (x) => ({
      value: x.value,
      ...bound(
        node,
        parts.map((part) => part(x)),
        x.value.rows,
      ),
    }),
  };
}

const copyOf = (value: Value): Value => ({
  ...value,
  data: value.data.slice(),
  indices: value.indices?.slice(),
  indptr: value.indptr?.slice(),
  rows: value.rows,
  cols: value.cols,
  names: value.names,
});

function withoutFirst(error: Float64Array, { rows, cols }: Value, skip: number): Float64Array {
  return Float64Array.from({ length: rows * cols }, (_, i) => {
    const row = Math.floor(i / cols);
    return error[row * (cols + skip) + skip + (i % cols)]!;
  });
}

function compileLast(
  node: Linear | Trees | Scores | Gaussian | SupportVectors | GaussianProcess | LeafModels<Node>,
  bound: (x: Uncertain) => Float64Array | null,
): Part {
  return {
    gives: { kind: 'dense', columns: 'outputs' in node ? node.outputs : node.features },
    names: null,
    run: (x) => ({ value: x.value, error: bound(x) }),
  };
}

function compileTransforming(node: Node, given: ValueType, names: Names): Part {
  if ((node.kind === 'elementwise' || node.kind === 'curve') && node.operations.length > 1)
    return compilePart(oneByOne(node), given, names);
  const { gives, names: outNames, transform } = compileTransformer(node, given, names);
  const errorOf = compileErrorOf(node, given, names);
  return {
    gives,
    names: outNames,
    run(x) {
      const value = transform(x.value);
      return { value, error: errorOf(x, cellsOf(value)) };
    },
  };
}

/** How far what a transformer found may be off. */
function compileErrorOf(
  node: Node,
  given: ValueType,
  names: Names,
): (x: Uncertain, found: Float64Array) => Float64Array | null {
  switch (node.kind) {
    case 'union':
      return compileUnionError(node, given, names);
    case 'row-norm':
      return (x) => errorOfNorm(node, x);
    case 'center':
      return (x, found) => errorOfCenter(node, x, found);
    case 'rounds': {
      const parts = node.parts.map(({ columns, node: part }) =>
        compileScorer(part, { kind: 'dense', columns: columns.length }, null),
      );
      return (x) => boundRounds(node, x, parts);
    }
    case 'linear':
      return (x) => boundLinear(node, x);
    case 'pursuit':
      return ({ value, error }) => boundPursuit(node, cellsOf(value), error, isSingle(value));
    case 'factorization':
      return ({ value, error }) => boundFactorization(node, cellsOf(value), error);
    case 'count-sketch':
      return ({ value, error }) => boundCountSketch(node, cellsOf(value), error);
    case 'kernel':
      return ({ value, error }) => boundKernel(node, value, cellsOf(value), error, isSingle(value));
    case 'tally':
      return ({ value }) => boundTally(node, value);
    case 'donors':
      return ({ value, error }) => boundDonors(node, cellsOf(value), error, isSingle(value));
    case 'neighbors':
      return ({ value, error }) => boundNeighbors(node, cellsOf(value), error, isSingle(value));
    default:
      return (x, found) => errorOfCells(node, given, names, x, found);
  }
}

/** The operations in nodes of their own: each may make more of the errors of those before it. */
const oneByOne = (node: Elementwise | Curve): Node => ({
  kind: 'pipeline',
  steps: node.operations.map(
    (one, i) =>
      ({ ...node, operations: [one], nonFinite: i === 0 ? node.nonFinite : 'any' }) as Node,
  ),
});

/** The error of results that each depend on one cell, or are products, which grow with the size of their factors. */
function errorOfCells(
  node: Node,
  given: ValueType,
  names: Names,
  x: Uncertain,
  found: Float64Array,
): Float64Array | null {
  const { value, error } = x;
  const step = isSingle(value) ? 2 ** 29 : 1;
  const [operation] = node.kind === 'elementwise' || node.kind === 'curve' ? node.operations : [];
  const own = operation ? ownErrors(operation, cellsOf(value), found, isSingle(value)) : null;
  // A range is checked and nothing is changed.
  if (error === null || operation?.operation === 'within') return own ?? error;
  const { transform } = compileTransformer(
    node,
    { ...given, kind: given.types ? 'columns' : 'dense' },
    names,
  );
  const moved = (cells: Float64Array): Float64Array => {
    const data = isSingle(value) ? Float32Array.from(cells) : cells;
    return cellsOf(transform({ ...value, data, indptr: undefined, indices: undefined }));
  };
  const products = node.kind === 'polynomial';
  const cells = products ? cellsOf(value).map(Math.abs) : cellsOf(value);
  const here = moved(cells);
  const up = moved(cells.map((cell, i) => cell + error[i]!));
  const down = products ? here : moved(cells.map((cell, i) => cell - error[i]!));
  return found.map((result, i) => {
    const most = own?.[i] ?? 0;
    const move = Math.max(Math.abs(up[i]! - here[i]!), Math.abs(down[i]! - here[i]!));
    // The last steps of the operations themselves.
    return move > 0 ? most + move + 4 * step * ulpOf(result) : most;
  });
}

function compileUnionError(
  node: Union<Node>,
  given: ValueType,
  names: Names,
): (x: Uncertain) => Float64Array | null {
  const parts = node.parts.map(({ columns, node: part }) => {
    const selected = columns && compileSelect(columns, given, names, true);
    const seen = selected?.gives ?? given;
    const inside = part && compilePart(part, seen, selected ? selected.names : names);
    return (x: Uncertain) => {
      const error = x.error && columns ? selectErrors(x, columns) : x.error;
      const value = selected === null ? x.value : selected.transform(x.value);
      const result = inside === null ? error : inside.run({ value, error }).error;
      return { error: result, width: (inside?.gives ?? seen).columns };
    };
  });
  return (x) =>
    sideBySide(
      parts.map((part) => part(x)),
      x.value.rows,
    );
}

function selectErrors({ value, error }: Uncertain, columns: Uint32Array): Float64Array {
  const width = columns.length;
  return Float64Array.from({ length: value.rows * width }, (_, i) => {
    const col = i % width;
    return error![((i - col) / width) * value.cols + columns[col]!]!;
  });
}

function sideBySide(
  parts: readonly { error: Float64Array | null; width: number }[],
  rows: number,
): Float64Array | null {
  if (parts.every(({ error }) => error === null)) return null;
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const result = new Float64Array(rows * width);
  let first = 0;
  for (const { error, width: own } of parts) {
    if (error !== null) {
      for (let row = 0; row < rows; row++)
        result.set(error.subarray(row * own, (row + 1) * own), row * width + first);
    }
    first += own;
  }
  return result;
}

/** Of cells that are off, their row's mean is, too, and sums of others round otherwise. */
function errorOfCenter(
  { features, means }: Center,
  { value, error }: Uncertain,
  found: Float64Array,
) {
  // float32 sums are float64 ones here, rounded once.
  if (error === null && !isSingle(value)) return null;
  const unit = isSingle(value) ? 2 ** -24 : 2 ** -53;
  const cells = cellsOf(value);
  return found.map((result, i) => {
    const start = i - (i % features);
    const sum = (values: Float64Array) =>
      values.subarray(start, start + features).reduce((total, one) => total + Math.abs(one), 0);
    const size =
      Math.abs(cells[i]!) + Math.abs(means[i - start]!) + Math.abs(result) + sum(cells) / features;
    const moved = error === null ? 0 : error[i]! + sum(error) / features;
    return moved + (8 + Math.sqrt(features)) * unit * size;
  });
}

/** The norm's own rounding error, and what the cells' errors make of it. */
function errorOfNorm({ norm, features }: RowNorm, x: Uncertain) {
  const single = isSingle(x.value);
  const own = norm === 'max' ? 0 : (10 + Math.sqrt(features)) * (single ? 2 ** -24 : 2 ** -53);
  if (own === 0 && x.error === null) return null;
  const cells = cellsOf(x.value);
  const result = new Float64Array(cells.length);
  for (let start = 0; start < cells.length; start += features) {
    const row = cells.subarray(start, start + features);
    const sizes = row.map(Math.abs);
    const length =
      norm === 'l1'
        ? sizes.reduce((sum, size) => sum + size, 0)
        : norm === 'l2'
          ? Math.sqrt(sizes.reduce((sum, size) => sum + size * size, 0))
          : Math.max(...sizes);
    const errors = x.error?.subarray(start, start + features);
    const moved = errors?.reduce((sum, error) => sum + error, 0) ?? 0;
    for (let i = 0; i < features; i++) {
      const relative = own + moved / length;
      result[start + i] = (sizes[i]! * relative + (errors?.[i] ?? 0)) / length || 0;
    }
  }
  return result;
}

/** (8 + √n) · u · (Σ|xᵢwᵢ| + |b|), u the unit roundoff: BLAS's own distance from an exact sum, measured, and ours; Σ|eᵢwᵢ|; and what is not known of the numbers themselves. */
function boundLinear(
  { features, outputs, coefficients, intercepts, uncertainty }: Linear,
  { value, error }: Uncertain,
): Float64Array {
  const x = cellsOf(value);
  const single = isSingle(value) && coefficients instanceof Float32Array;
  // Products below the smallest normal float32 lose their last bits.
  const tiny = single ? features * 2 ** -149 : 0;
  const scale = (8 + Math.sqrt(features)) * (single ? 2 ** -24 : 2 ** -53);
  return Float64Array.from({ length: value.rows * outputs }, (_, i) => {
    const output = i % outputs;
    const row = (i - output) / outputs;
    let size = Math.abs(intercepts[output]!);
    let moved = uncertainty?.intercepts?.[output] ?? 0;
    for (let col = 0; col < features; col++) {
      const unsure = uncertainty?.coefficients?.[output * features + col] ?? 0;
      const coefficient = coefficients[output * features + col]!;
      size += Math.abs(x[row * features + col]! * coefficient);
      moved += Math.abs(x[row * features + col]!) * unsure;
      if (error !== null) moved += error[row * features + col]! * (Math.abs(coefficient) + unsure);
    }
    return scale * size + moved + tiny;
  });
}

function isSingle(x: Value): boolean {
  return x.data instanceof Float32Array;
}

/** The numbers of a value [rows × columns], zeros of compressed rows included; 0 where it holds strings. */
function cellsOf(x: Value): Float64Array {
  if (x.indptr === undefined) return Float64Array.from(x.data.subarray(0, x.rows * x.cols));
  const result = new Float64Array(x.rows * x.cols);
  for (let row = 0; row < x.rows; row++) {
    for (let i = startOf(x, row); i < startOf(x, row + 1); i++)
      result[row * x.cols + x.indices![i]!] = x.data[i]!;
  }
  return result;
}
