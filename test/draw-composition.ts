import { holdsStrings, type InputSpec, validateRunnable } from '../src/ir/index.js';
import type { Random } from './hostile/random.js';
import {
  arithmetic,
  elementwise,
  fill,
  gap,
  impute,
  integers,
  linear,
  oneHot,
  part,
  pipeline,
  polynomial,
  rowNorm,
  stumps,
  texts,
  union,
} from './hostile/transformers.js';

/** Compositions drawn at random: a union on a table or a matrix, then transformers, then linear scores, trees or nothing. */
export interface Composition {
  readonly input: InputSpec;
  /** Of the pipeline that is the model's root. */
  readonly steps: readonly object[];
  readonly rows: readonly (readonly Cell[])[];
}

type Cell = number | string | boolean | null;

interface Wishes {
  /** Leave out what compressed rows and matrices are told apart by: norms, and products of three. */
  readonly plain: boolean;
}

const words = ['a', 'b', '__proto__', '', 'größe'];
const names = ['age', 'constructor', '', '__proto__', 'größe', 'length'];

export function drawComposition(random: Random, wishes: Wishes = { plain: false }): Composition {
  const input = drawInput(random);
  const isText =
    input.type === 'columns'
      ? input.columns.map(holdsStrings)
      : new Array<boolean>((input as { features: number }).features).fill(false);
  const steps: object[] = [drawParts(random, isText)];
  const widthOf = () => giveOf(input, steps);
  for (let count = random.below(3); count > 0 && widthOf().kind !== 'columns'; count--) {
    const { kind, columns } = widthOf();
    if (columns > 40) break;
    steps.push(drawStep(random, columns, kind === 'sparse', wishes));
  }
  const { kind, columns } = widthOf();
  const end = random.below(4);
  const type = random.below(2) === 0 ? Float64Array : Float32Array;
  if (kind !== 'columns' && end < 2) steps.push(linear(columns, type));
  if (kind !== 'columns' && end === 2) steps.push(stumps(columns));
  const count = 1 + random.below(12);
  const rows = Array.from({ length: count }, () => isText.map((text) => drawCell(random, text)));
  return { input, steps, rows };
}

/** What the steps so far give, found by validation: it names the width that another step would have to take. */
function giveOf(input: InputSpec, steps: readonly object[]): { kind: string; columns: number } {
  try {
    const other = { kind: 'row-norm', features: 999_999, nonFinite: 'any', norm: 'l1' };
    validateRunnable({ root: pipeline(...steps, other), input });
  } catch (error) {
    const [, columns, kind] = /is given (\d+) \((\w+)\)/.exec((error as Error).message) ?? [];
    if (kind !== undefined) return { kind, columns: Number(columns) };
    throw error;
  }
  throw new Error('a width that no composition has');
}

function drawInput(random: Random): InputSpec {
  const count = 1 + random.below(5);
  const named = random.below(3) > 0;
  if (random.below(3) === 0)
    return { type: 'matrix', features: count, names: named ? names.slice(0, count) : null };
  const columns = Array.from({ length: count }, (_, i) => {
    const type = random.pick(['number', 'number', 'string', 'boolean', 'category'] as const);
    const categories = type === 'category' ? words.slice(0, 2) : null;
    return { name: named ? names[i]! : null, type, categories };
  });
  return { type: 'columns', columns };
}

function drawCell(random: Random, text: boolean): Cell {
  if (random.below(6) === 0) return null;
  if (text) return random.pick([...words, 'unheard of']);
  return random.pick([0, -0, 1, -1, 0.1, 2, true, false, random.next() * 20 - 10, Number.NaN]);
}

function drawParts(random: Random, isText: readonly boolean[]): object {
  const all = isText.map((_, i) => i);
  const numbers = all.filter((i) => !isText[i]);
  const strings = all.filter((i) => isText[i]);
  const some = (from: readonly number[]) =>
    Array.from({ length: 1 + random.below(3) }, () => random.pick(from));
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    if (strings.length > 0 && (numbers.length === 0 || random.below(2) === 0))
      return drawWords(random, some(strings));
    return drawNumbers(random, some(numbers));
  });
  // Now and then strings are handed on, and nothing follows.
  if (strings.length > 0 && random.below(6) === 0)
    return union(isText.length, false, ...parts, part(some(strings)));
  return union(isText.length, random.below(2) === 0, ...parts);
}

function drawWords(random: Random, columns: readonly number[]) {
  const type = random.pick([null, 'float32', 'float64'] as const);
  const marks = columns.map(() =>
    random.below(2) === 0
      ? texts(['a', 'b', '__proto__'], true, [0, 1, 2, -1], -1)
      : texts(['', 'b'], false, [1, 0], 1),
  );
  const steps: object[] = [oneHot(random.below(2) === 0, type, ...marks)];
  if (random.below(2) === 0) steps.unshift(impute(null, ...columns.map(() => 'b')));
  return part(columns, pipeline(...steps));
}

function drawNumbers(random: Random, columns: readonly number[]) {
  const count = columns.length;
  const filled = fill(...columns.map(() => 0.5));
  switch (random.below(3)) {
    case 0: {
      const mask = oneHot(random.below(2) === 0, 'uint8', ...columns.map(() => gap(true)));
      return part(columns, union(count, false, part(null, filled), part(null, mask)));
    }
    case 1:
      return part(
        columns,
        oneHot(
          random.below(2) === 0,
          random.pick(['float64', 'float32'] as const),
          ...columns.map(() => integers([0, 1, -1], true, [0, 1, 1, 2], 0)),
        ),
      );
    default:
      return part(columns, pipeline(filled, elementwise(count, 'any', 'square', 'sqrt')));
  }
}

function drawStep(random: Random, width: number, sparse: boolean, { plain }: Wishes): object {
  const column = () => random.below(width);
  const columns = () => Uint32Array.from({ length: 1 + random.below(4) }, column);
  const factors = () => Array.from({ length: random.below(plain ? 3 : 4) }, column);
  const operands = () => Array.from({ length: width }, () => random.pick([0.3, 2, -3, 1.7, 10]));
  switch (random.below(plain ? 5 : 7)) {
    case 0:
      return { kind: 'select', features: width, columns: columns() };
    case 1:
      return elementwise(width, 'any', arithmetic('divide', ...operands()), 'negative');
    case 2:
      return sparse
        ? elementwise(width, 'any', 'rint', arithmetic('multiply', ...operands()))
        : elementwise(width, 'any', arithmetic('subtract', ...operands()), 'floor');
    case 3:
      return polynomial(width, [], factors(), factors(), [column()]);
    case 4: {
      const sizes = elementwise(1, 'any', 'absolute');
      return union(width, random.below(2) === 0, part([column()], sizes), part([...columns()]));
    }
    case 5:
      return rowNorm(width, random.pick(['l1', 'l2', 'max'] as const));
    default:
      return sparse
        ? rowNorm(width, 'l2')
        : {
            ...elementwise(width, 'refuse', {
              operation: 'bin',
              starts: Uint32Array.from({ length: width + 1 }, (_, i) => i * 2),
              edges: Float64Array.from({ length: width * 2 }, (_, i) => (i % 2) * 1.1 - 0.3),
            }),
            type: random.pick([null, 'float32'] as const),
          };
  }
}
