import { quote, refuse } from '../errors.js';
import { type Bin, validateBin } from './bin.js';
import { typeOfCategories } from './categories.js';
import { type Elementwise, keepsZero, validateElementwise } from './elementwise.js';
import {
  type Encode,
  type OneHot,
  validateEncode,
  validateOneHot,
  widthOfOneHot,
} from './encode.js';
import { Fields } from './fields.js';
import type { Limits } from './limits.js';
import { type Linear, validateLinear } from './linear.js';
import {
  type Impute,
  type MissingMask,
  typesOfImpute,
  validateImpute,
  validateMissingMask,
} from './missing.js';
import { type Pipeline, validatePipeline } from './pipeline.js';
import { type Polynomial, validatePolynomial } from './polynomial.js';
import { type RowNorm, validateRowNorm } from './row-norm.js';
import { type Select, validateSelect } from './select.js';
import { type Trees, validateTrees } from './trees.js';
import { outputOfUnion, type Union, validateUnion } from './union.js';
import {
  cellKinds,
  expectCells,
  expectValue,
  matrixKinds,
  type ValueType,
  wholeKinds,
} from './value.js';

/** One part of a model. */
export type Node =
  | Trees
  | Linear
  | Select
  | Elementwise
  | Impute
  | MissingMask
  | OneHot
  | Encode
  | Bin
  | RowNorm
  | Polynomial
  | Union<Node>
  | Pipeline<Node>;
export type Kind = Node['kind'];

/** One line for each kind: its validator. */
const validators: { readonly [K in Kind]: (f: Fields, depth: number) => Node } = {
  trees: validateTrees,
  linear: validateLinear,
  select: validateSelect,
  elementwise: validateElementwise,
  impute: validateImpute,
  'missing-mask': validateMissingMask,
  'one-hot': validateOneHot,
  encode: validateEncode,
  bin: validateBin,
  'row-norm': validateRowNorm,
  polynomial: validatePolynomial,
  union: (f, depth) => validateUnion(f, inside(f, depth), answers),
  pipeline: (f, depth) => validatePipeline(f, inside(f, depth), answers),
};

export const kinds = Object.keys(validators) as Kind[];

/** Checks untrusted plain data and returns it as a node; throws `invalid-model` naming the place. */
export function validateNode(value: unknown, path: string, limits: Limits, depth = 0): Node {
  if (depth > limits.nesting)
    refuse('limit-exceeded', path, `nested deeper than ${limits.nesting}`);
  const f = new Fields(value, path, limits);
  const kind = f.text('kind');
  if (!Object.hasOwn(validators, kind)) {
    refuse(
      'unsupported',
      `${path}.kind`,
      `this release does not know the kind ${quote(kind)}; update nuthatch`,
    );
  }
  return validators[kind as Kind](f, depth);
}

function inside({ limits }: Fields, depth: number): (value: unknown, path: string) => Node {
  return (value, path) => validateNode(value, path, limits, depth + 1);
}

/** What a node makes of a value of type `given`, at most `widest` columns; throws `invalid-model` where it cannot. */
export function outputOf(node: Node, given: ValueType, path: string, widest: number): ValueType {
  const { kind } = given;
  switch (node.kind) {
    case 'pipeline':
      return node.steps.reduce(
        (value, step, i) => outputOf(step, value, `${path}.steps[${i}]`, widest),
        given,
      );
    case 'union':
      return outputOfUnion(node, given, path, widest, (part, seen, place) =>
        outputOf(part, seen, place, widest),
      );
    case 'one-hot':
      expectCells(given, wholeKinds, node.columns.map(typeOfCategories), path);
      return { kind: node.sparse ? 'sparse' : 'dense', columns: widthOfOneHot(node.columns) };
    case 'encode':
      expectCells(given, wholeKinds, node.columns.map(typeOfCategories), path);
      return { kind: 'dense', columns: node.columns.length * node.width };
    case 'impute':
      expectCells(
        given,
        node.missing.number?.[0] === 0 ? wholeKinds : cellKinds,
        typesOfImpute(node),
        path,
      );
      return given;
    case 'missing-mask':
      expectValue(given, wholeKinds, node.features, path);
      return { kind: node.sparse ? 'sparse' : 'dense', columns: node.columns.length };
    case 'bin':
      expectValue(given, ['dense'], node.features, path);
      return given;
    case 'elementwise':
      expectValue(given, keepsZero(node) ? matrixKinds : ['dense'], node.features, path);
      return given;
    case 'row-norm':
      expectValue(given, matrixKinds, node.features, path);
      return given;
    case 'select':
      expectValue(given, matrixKinds, node.features, path);
      return { kind, columns: node.columns.length };
    case 'polynomial':
      expectValue(given, matrixKinds, node.features, path);
      return { kind, columns: node.starts.length - 1 };
    default:
      expectValue(given, matrixKinds, node.features, path);
      return { kind: 'dense', columns: node.outputs };
  }
}

/** Whether a node has a head, its own or that of its last part: it gives scores then and transforms nothing. */
export function answers(node: Node): boolean {
  return 'head' in lastStep(node);
}

/** The part that answers: a pipeline's last, else the node itself. */
export function lastStep(node: Node): Exclude<Node, Pipeline<Node>> {
  return node.kind === 'pipeline' ? lastStep(node.steps[node.steps.length - 1]!) : node;
}
