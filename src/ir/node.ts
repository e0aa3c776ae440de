import { quote, refuse } from '../errors.js';
import { type Elementwise, keepsZero, validateElementwise } from './elementwise.js';
import { type Encode, validateEncode, widthOf } from './encode.js';
import { Fields } from './fields.js';
import { type Impute, validateImpute } from './impute.js';
import type { Limits } from './limits.js';
import { type Linear, validateLinear } from './linear.js';
import { type Pipeline, validatePipeline } from './pipeline.js';
import { type Polynomial, validatePolynomial } from './polynomial.js';
import { type RowNorm, validateRowNorm } from './row-norm.js';
import { type Select, validateSelect } from './select.js';
import { type Trees, validateTrees } from './trees.js';
import { outputOfUnion, type Union, validateUnion } from './union.js';
import {
  type CellType,
  nonFinitePolicies,
  type Own,
  typeOfColumn,
  type ValueKind,
  type ValueType,
} from './value.js';

/** One part of a model. */
export type Node =
  | Trees
  | Linear
  | Select
  | Elementwise
  | Impute
  | Encode
  | RowNorm
  | Polynomial
  | Union<Node>
  | Pipeline<Node>;
export type Kind = Node['kind'];

/** Checks a part of a part: one that has no head, or `mayAnswer`. */
type Inside = (value: unknown, path: string, mayAnswer?: boolean) => Node;

/** One line for each kind: its validator. */
const validators: {
  readonly [K in Kind]: (
    f: Fields,
    features: number,
    inside: Inside,
  ) => Own<Extract<Node, { kind: K }>>;
} = {
  trees: validateTrees,
  linear: validateLinear,
  select: validateSelect,
  elementwise: validateElementwise,
  impute: validateImpute,
  encode: validateEncode,
  'row-norm': validateRowNorm,
  polynomial: validatePolynomial,
  union: validateUnion,
  pipeline: (f, _features, inside) => validatePipeline(f, inside),
};

export const kinds = Object.keys(validators) as Kind[];

/** Kinds that look at no numbers themselves. */
const unchecked: readonly string[] = ['select', 'impute', 'union', 'pipeline'];

/** Checks untrusted plain data and returns it as a node; throws `invalid-model` naming the place. */
export function validateNode(value: unknown, path: string, limits: Limits, depth = 0): Node {
  if (depth > limits.nesting)
    refuse('limit-exceeded', path, `nested deeper than ${limits.nesting}`);
  const f = new Fields(value, path, limits);
  const kind = f.text('kind') as Kind;
  if (!Object.hasOwn(validators, kind)) {
    const message = `this release does not know the kind ${quote(kind)}; update nuthatch`;
    refuse('unsupported', `${path}.kind`, message);
  }
  const features = kind === 'pipeline' ? 0 : f.integer('features', 1, limits.features);
  const inside: Inside = (part, place, mayAnswer) => {
    const node = validateNode(part, place, limits, depth + 1);
    if (answers(node) && !mayAnswer)
      refuse('invalid-model', place, 'only the last may have a head');
    return node;
  };
  return {
    kind,
    ...(kind !== 'pipeline' && { features }),
    ...(!unchecked.includes(kind) && { nonFinite: f.oneOf('nonFinite', nonFinitePolicies) }),
    ...validators[kind](f, features, inside),
  } as Node;
}

/** The kinds of value that a node takes. */
function taken(node: Node): readonly ValueKind[] {
  switch (node.kind) {
    case 'union':
      return ['dense', 'sparse', 'columns'];
    case 'encode':
      return ['dense', 'columns'];
    case 'impute':
      return ['columns'];
    default:
      return node.kind !== 'elementwise' || keepsZero(node) ? ['dense', 'sparse'] : ['dense'];
  }
}

/** What a node makes of a value of type `given`, at most `widest` columns; throws `invalid-model` where it cannot. */
export function outputOf(node: Node, given: ValueType, path: string, widest: number): ValueType {
  if (node.kind === 'pipeline')
    return node.steps.reduce(
      (value, step, i) => outputOf(step, value, `${path}.steps[${i}]`, widest),
      given,
    );
  const { kind, columns } = given;
  const kinds = taken(node);
  if (!kinds.includes(kind) || columns !== node.features) {
    const message = `takes ${node.features} columns (${kinds.join(' or ')}), is given ${columns} (${kind})`;
    refuse('invalid-model', path, message);
  }
  const expectType = (type: CellType, i: number): void => {
    if (typeOfColumn(given, i) !== type) refuse('invalid-model', path, `column ${i} is no ${type}`);
  };
  switch (node.kind) {
    case 'union':
      return outputOfUnion(node, given, path, widest, (part, seen, place) =>
        outputOf(part, seen, place, widest),
      );
    case 'encode':
      node.columns.forEach(({ strings, numbers }, i) => {
        if (strings || numbers) expectType(strings ? 'string' : 'number', i);
      });
      return { kind: node.sparse ? 'sparse' : 'dense', columns: widthOf(node.columns) };
    case 'impute':
      node.strings.forEach((_, i) => {
        expectType('string', i);
      });
      return given;
    case 'select':
      return { kind, columns: node.columns.length };
    case 'polynomial':
      return { kind, columns: node.starts.length - 1 };
    case 'trees':
    case 'linear':
      return { kind: 'dense', columns: node.outputs };
    default:
      return given;
  }
}

/** Whether a node has a head, its own or that of its last part: it gives scores then and transforms nothing. */
export const answers = (node: Node): boolean => 'head' in lastStep(node);

/** The part that answers: a pipeline's last, else the node itself. */
export const lastStep = (node: Node): Exclude<Node, Pipeline<Node>> =>
  node.kind === 'pipeline' ? lastStep(node.steps[node.steps.length - 1]!) : node;
