import {
  answers,
  type Elementwise,
  type Node,
  type Pipeline,
  type Union,
  type UnionPart,
} from '../../src/ir/index.js';
import { type Estimator, lowerEach, sequenceItems, unwrapScalar } from './estimator.js';
import { type Given, givenAfter } from './given.js';
import { withoutJoint } from './naive-bayes.js';
import { constant, elementwise } from './preprocessing.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

export const compositionClasses = {
  Pipeline: 'sklearn.pipeline.Pipeline',
  FeatureUnion: 'sklearn.pipeline.FeatureUnion',
} as const;

/** sklearn.pipeline */
export const pipelineTable: LoweringTable = {
  [compositionClasses.Pipeline]: lowerPipeline,
  [compositionClasses.FeatureUnion]: lowerFeatureUnion,
};

/** The name and the object of a step; `rest` is what follows them. */
export interface NamedPart {
  readonly name: string;
  readonly part: PyValue;
  readonly rest: readonly PyValue[];
}

/** The items of an attribute that are tuples (name, object, …). */
export function namedParts(estimator: Estimator, attribute: string): NamedPart[] {
  return estimator.items(attribute).map((item, i) => {
    const [name, part, ...rest] = sequenceItems(item) ?? [];
    return typeof name === 'string' && part !== undefined
      ? { name, part, rest }
      : estimator.refuse(
          `${attribute}[${i}]`,
          `expected a name and an estimator, found ${describePython(item)}`,
        );
  });
}

function lowerPipeline(pipeline: Estimator): Node {
  const parts = namedParts(pipeline, 'steps');
  let { given } = pipeline.lowering;
  const steps = lowerEach(parts, ({ part }, i) => {
    const place = `steps[${i}]`;
    if (part === null || part === 'passthrough') return null;
    const lowered = pipeline.lowerPart(part, place, given);
    const node =
      i === parts.length - 1
        ? lowered
        : (transformingPart(lowered) ??
          pipeline.refuse(place, 'an estimator that predicts is no step before the last'));
    given = givenAfter(node, given);
    return isIdentity(node) && parts.length > 1 ? null : node;
  }).flatMap((node) => (isPlainPipeline(node) ? node.steps : node));
  if (steps.length === 0) return identity(pipeline);
  const offered = steps.map(withoutPaths);
  return offered.length === 1 ? offered[0]! : { kind: 'pipeline', steps: offered };
}

const isPlainPipeline = (node: Node): node is Pipeline<Node> =>
  node.kind === 'pipeline' && !node.transforms && !node.beside && !node.chooser;

/** What `transform` makes of rows, of a node that may answer, too; null where it does not transform. */
export function transformingPart(node: Node): Node | null {
  if (!answers(node)) return node;
  if (node.kind !== 'pipeline') return null;
  const { steps, transforms, beside } = node;
  if (beside) return beside;
  const before = steps.slice(0, -1);
  const last = transforms ? [] : [transformingPart(steps[steps.length - 1]!)];
  return last.includes(null) ? null : { kind: 'pipeline', steps: [...before, ...(last as Node[])] };
}

/** A Pipeline has no `apply`, no `decision_path` and no `predict_joint_log_proba`, whatever its steps have. */
function withoutPaths(node: Node): Node {
  if (node.kind === 'answers') {
    const { paths: _, ...answers } = node;
    return answers;
  }
  return node.kind === 'trees'
    ? { ...node, paths: null, pathsMissing: null, pathsNonFinite: null, nodeIds: null }
    : withoutJoint(node);
}

function identity(estimator: Estimator): Node {
  const { columns } = estimator.lowering.given;
  return columns === null
    ? estimator.refuse('', 'does not say how many columns it takes')
    : elementwise(columns, 'any', []);
}

export function isIdentity(node: Node): node is Elementwise {
  return node.kind === 'elementwise' && node.operations.length === 0 && node.nonFinite === 'any';
}

function lowerFeatureUnion(union: Estimator): Union<Node> {
  const { given } = union.lowering;
  const weights = readWeights(union);
  const parts = lowerEach(namedParts(union, 'transformer_list'), ({ name, part }, i) => {
    if (part === 'drop') return null;
    return lowerUnionPart(union, part, `transformer_list[${i}]`, null, given, weights.get(name));
  });
  const sparse = parts.some(({ node }) => (node === null ? given : givenAfter(node, given)).sparse);
  return assembleUnion(union, parts, sparse);
}

/** A part on some columns; `part` is "passthrough" or a transformer. */
export function lowerUnionPart(
  union: Estimator,
  part: PyValue,
  place: string,
  columns: Uint32Array | null,
  given: Given,
  weight: number | undefined,
): UnionPart<Node> {
  const seen = columns === null ? given : { ...given, columns: columns.length };
  const lowered =
    part === 'passthrough'
      ? null
      : (transformingPart(union.lowerPart(part, place, seen)) ??
        union.refuse(place, 'is no transformer'));
  const node = lowered === null || isIdentity(lowered) ? null : lowered;
  if (weight === undefined) return { columns, node };
  const gives = node === null ? seen : givenAfter(node, seen);
  if (gives.small || gives.columns === null)
    return union.refuse(place, 'a weight of integers of less than 32 bits is not supported');
  const weighted = elementwise(gives.columns, 'any', [
    constant(union, 'multiply', weight, gives.columns),
  ]);
  if (node === null) return { columns, node: weighted };
  const steps = node.kind === 'pipeline' ? [...node.steps, weighted] : [node, weighted];
  return { columns, node: { kind: 'pipeline', steps } };
}

/** `transformer_weights`, by the transformers' names. */
export function readWeights(union: Estimator): Map<string, number> {
  const weights = new Map<string, number>();
  const value = union.maybe('transformer_weights');
  if (value === null) return weights;
  if (typeof value !== 'object' || value.type !== 'dict')
    return union.refuse('transformer_weights', `expected a dict, found ${describePython(value)}`);
  for (const [name, given] of value.entries) {
    const weight = unwrapScalar(given);
    if (weight === null) continue;
    const weak = typeof given === 'number' || Math.fround(weight as number) === weight;
    if (typeof name !== 'string' || typeof weight !== 'number' || !weak)
      return union.refuse(
        'transformer_weights',
        `expected Python numbers, found ${describePython(given)}`,
      );
    weights.set(name, weight);
  }
  return weights;
}

export function assembleUnion(
  union: Estimator,
  parts: readonly UnionPart<Node>[],
  sparse: boolean,
): Union<Node> {
  const features = union.lowering.given.columns;
  if (features === null) return union.refuse('', 'does not say how many columns it takes');
  const node: Union<Node> = { kind: 'union', features, parts, sparse };
  const gives = givenAfter(node, union.lowering.given).columns!;
  const most = union.lowering.limits.features;
  if (gives < 1 || gives > most) union.refuse('', `gives ${gives} columns, not 1 to ${most}`);
  return node;
}
