import type {
  Arithmetic,
  ArithmeticName,
  Elementwise,
  FunctionName,
  Head,
  Node,
  Operation,
  UnionPart,
} from '../../src/ir/index.js';
import { bucketOf, type Calculation, type Column, type Group, ownOf } from './column.js';
import type { Lowering } from './lowering.js';

/** Columns side by side. */
export interface Arranged {
  /** What makes them of a row of the model's input; null where they are that. */
  readonly node: Node | null;
  /** Where each of the columns asked for is. */
  readonly places: readonly number[];
  readonly width: number;
}

/** Puts columns side by side, those first that are made alike. */
export function arrange(lowering: Lowering, columns: readonly Column[]): Arranged {
  const buckets = new Map<string, Map<string, Column>>();
  const keys = columns.map((column) => {
    const bucket = bucketOf(column);
    const own = ownOf(column);
    lowering.memory.spend(200 + 2 * own.length);
    const alike = buckets.get(bucket) ?? new Map<string, Column>();
    buckets.set(bucket, alike.set(own, column));
    return `${bucket}|${own}`;
  });
  const places = new Map<string, number>();
  const parts: UnionPart<Node>[] = [];
  for (const [bucket, alike] of buckets) {
    const sorted = [...alike].sort(([, a], [, b]) => indexOf(a) - indexOf(b));
    for (const [own] of sorted) places.set(`${bucket}|${own}`, places.size);
    parts.push(
      partOf(
        lowering,
        sorted.map(([, column]) => column),
      ),
    );
  }
  return {
    node: join(parts, lowering.given),
    places: keys.map((key) => places.get(key)!),
    width: places.size,
  };
}

const indexOf = ({ base }: Column): number => (typeof base === 'number' ? base : base.index);

/** Columns with the same base and steps that differ in numbers alone. */
function partOf(lowering: Lowering, alike: readonly Column[]): UnionPart<Node> {
  const { base } = alike[0]!;
  const indices = alike.map(indexOf);
  const after = nodesOf(alike);
  if (typeof base === 'number')
    return {
      columns: Uint32Array.from(indices),
      node: after.length === 0 ? null : pipelineOf(after),
    };
  const { group } = base;
  const isWhole = indices.length === group.width && indices.every((index, i) => index === i);
  const chosen: Node = {
    kind: 'select',
    features: group.width,
    columns: Uint32Array.from(indices),
  };
  const nodes = [...madeOf(lowering, group, null), ...(isWhole ? [] : [chosen]), ...after];
  return { columns: null, node: pipelineOf(nodes) };
}

/** A group with what it is made of, from the model's input on. */
export function madeOf(lowering: Lowering, group: Group, head: Head | null): Node[] {
  lowering.memory.spend(group.cost);
  if (group.columns === null) return [group.make([], lowering.given, head)];
  const { node, places, width } = arrange(lowering, group.columns());
  return [...(node ? [node] : []), group.make(places, width, head)];
}

/** One part by itself, or several side by side; null for the model's input as it is. */
function join(parts: readonly UnionPart<Node>[], features: number): Node | null {
  const [first] = parts;
  const isAll = (columns: Uint32Array | null) =>
    columns === null || (columns.length === features && columns.every((one, i) => one === i));
  if (first && parts.length === 1 && isAll(first.columns)) return first.node;
  return { kind: 'union', features, parts, sparse: false };
}

export const pipelineOf = (nodes: readonly Node[]): Node => {
  const steps = nodes.flatMap((node) =>
    node.kind === 'pipeline' && !node.chooser ? node.steps : [node],
  );
  return steps.length === 1 ? steps[0]! : { kind: 'pipeline', steps };
};

/** What the steps of columns that differ in numbers alone are as nodes. */
function nodesOf(alike: readonly Column[]): Node[] {
  const nodes: Node[] = [];
  const features = alike.length;
  const { steps } = alike[0]!;
  for (let at = 0; at < steps.length; ) {
    const step = steps[at]!;
    const own = alike.map((column) => column.steps[at]!);
    at++;
    if (step.kind === 'encode')
      nodes.push({
        kind: 'encode',
        features,
        nonFinite: 'any',
        type: 'float64',
        sparse: false,
        columns: own.map((one) => (one as typeof step).column),
      });
    else if (step.kind === 'within')
      nodes.push({
        kind: 'curve',
        features,
        nonFinite: 'any',
        operations: [
          {
            operation: 'within',
            lows: Float64Array.from(own, (one) => (one as typeof step).low),
            highs: Float64Array.from(own, (one) => (one as typeof step).high),
          },
        ],
      });
    else if (step.kind === 'bin')
      nodes.push({
        kind: 'elementwise',
        features,
        nonFinite: step.refuses ? 'refuse' : 'any',
        type: 'float64',
        operations: [binOf(own.map((one) => (one as typeof step).edges))],
      });
    else {
      const operation = operationOf(own as Calculation[]);
      const last = nodes[nodes.length - 1];
      const policy = step.refuses ? 'refuse' : 'any';
      // One step after another of the same type is one node.
      if (last?.kind === 'elementwise' && step.type === null && policy === 'any')
        (last.operations as Operation[]).push(operation);
      else
        nodes.push({
          kind: 'elementwise',
          features,
          nonFinite: policy,
          type: step.type,
          operations: [operation],
        } satisfies Elementwise);
    }
  }
  return nodes;
}

function operationOf(own: readonly Calculation[]): Operation {
  const { operation, operand } = own[0]!;
  if (operand === null) return { operation: operation as FunctionName };
  return {
    operation: operation as ArithmeticName,
    operands: Float64Array.from(own, (one) => one.operand!),
    rounded: true,
  } satisfies Arithmetic;
}

function binOf(edges: readonly (readonly number[])[]): Operation {
  const starts = new Uint32Array(edges.length + 1);
  edges.forEach((own, i) => {
    starts[i + 1] = starts[i]! + own.length;
  });
  return { operation: 'bin', starts, edges: Float64Array.from(edges.flat()) };
}
