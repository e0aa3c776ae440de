import type { Node, Operation } from '../../src/ir/index.js';
import { type Columns, stepsOf } from './columns.js';
import type { Operator } from './operator.js';

/** Values side by side. Steps that all have in common are done once. */
export function joined(operator: Operator, values: readonly Columns[]): Columns {
  const [first] = values as [Columns];
  if (values.length === 0) operator.refuse('input', 'nothing to put side by side');
  if (values.length === 1) return first;
  if (values.some(({ type }) => type !== first.type))
    operator.refuse('input', 'of values of different types is not supported');
  const width = values.reduce((sum, value) => sum + value.width, 0);
  if (width > operator.lowering.limits.features) operator.refuse('input', 'too many columns');
  const range = rangeOf(values);
  const cost = values.reduce((sum, value) => sum + value.cost, 200 * values.length);
  // Values of values of values grow with each use.
  operator.lowering.source.spend(cost);
  const predicts = values.every((value) => value.predicts) && { predicts: true as const };
  const { type } = first;
  const own = { kind: 'columns' as const, cost, width, type, ...(range && { range }), ...predicts };
  if (values.every(({ steps }) => steps.length === 0)) {
    const source = Uint32Array.from(values.flatMap((value) => Array.from(value.source)));
    return { ...own, source, steps: [] };
  }
  const all = values.map(stepsOf);
  let common = 0;
  if (values.every(({ source }) => source === first.source))
    while (common < all[0]!.length - 1 && all.every((steps) => steps[common] === all[0]![common]))
      common++;
  // Without steps in common each part chooses its columns itself.
  const source =
    common > 0
      ? first.source
      : Uint32Array.from(new Set(values.flatMap((value) => Array.from(value.source))));
  const places = new Map(Array.from(source, (column, i) => [column, i]));
  const parts = values.map((value, i) => {
    const steps = all[i]!.slice(common);
    const columns =
      common > 0 ? null : Uint32Array.from(value.source, (column) => places.get(column)!);
    const node: Node | null = steps.length > 1 ? { kind: 'pipeline', steps } : (steps[0] ?? null);
    return { columns, node };
  });
  const features = common > 0 ? widthAfter(operator, first, common) : source.length;
  const union: Node = { kind: 'union', features, parts, sparse: false };
  const [second] = values.slice(1);
  const isPair = values.length === 2 && isOpposite(first, second!);
  const link = isPair && { link: { of: second!, probability: 'margins' as const } };
  return { ...own, source, steps: [...all[0]!.slice(0, common), union], ...link };
}

function rangeOf(values: readonly Columns[]): Columns['range'] {
  if (values.every(({ range }) => range === 'unit')) return 'unit';
  return values.every(({ range }) => range) ? 'positive' : undefined;
}

/** Whether a column is the opposite of another. */
function isOpposite(column: Columns, of: Columns): boolean {
  const last = column.steps.at(-1);
  const isSame =
    column.width === 1 &&
    column.source === of.source &&
    column.steps.length === of.steps.length + 1 &&
    of.steps.every((step, i) => step === column.steps[i]);
  if (!isSame || last?.kind !== 'elementwise' || last.operations.length !== 1) return false;
  const [one] = last.operations as [Operation];
  return one.operation === 'negative' || (one.operation === 'multiply' && one.operands[0] === -1);
}

/** Columns that a step is given. */
function widthAfter(operator: Operator, { steps, source }: Columns, count: number): number {
  const next = steps[count];
  if (count === 0) return source.length;
  return next && 'features' in next ? next.features : operator.refuse('input', 'not supported');
}
