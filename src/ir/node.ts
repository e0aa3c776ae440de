import { quote, refuse } from '../errors.js';
import { headOf } from './answering.js';
import { type Answers, answersRules } from './answers.js';
import { type Center, centerRules } from './center.js';
import { type CountSketch, countSketchRules } from './count-sketch.js';
import { type Curve, curveRules } from './curve.js';
import { type Donors, donorsRules } from './donors.js';
import { type Elementwise, elementwiseRules } from './elementwise.js';
import { type Encode, encodeRules } from './encode.js';
import { type Ensemble, ensembleRules } from './ensemble.js';
import { type Factorization, factorizationRules } from './factorization.js';
import { fieldsOf, invalid, oneOf, read, text, upTo } from './fields.js';
import { type Gaussian, gaussianRules } from './gaussian.js';
import { type GaussianProcess, gaussianProcessRules } from './gaussian-process.js';
import { type Impute, imputeRules } from './impute.js';
import { type Kernel, kernelRules } from './kernel.js';
import { type LeafModels, leafModelsRules } from './leaf-models.js';
import type { Limits } from './limits.js';
import { type Linear, linearRules } from './linear.js';
import { type Neighbors, neighborsRules } from './neighbors.js';
import { type Pipeline, pipelineRules } from './pipeline.js';
import { type Polynomial, polynomialRules } from './polynomial.js';
import { type Pursuit, pursuitRules } from './pursuit.js';
import { type Rounds, roundsRules } from './rounds.js';
import { type RowNorm, rowNormRules } from './row-norm.js';
import type { PartRules } from './rules.js';
import { type Scores, scoresRules } from './scores.js';
import { type Select, selectRules } from './select.js';
import { type Spline, splineRules } from './spline.js';
import { type SupportVectors, supportVectorsRules } from './support-vectors.js';
import { type Tally, tallyRules } from './tally.js';
import { type Trees, treesRules } from './trees.js';
import { type Union, unionRules } from './union.js';
import { nonFinitePolicies, type ValueType } from './value.js';
import { type Vectorize, vectorizeRules } from './vectorize.js';

/** One part of a model. */
export type Node =
  | Trees
  | Linear
  | Scores
  | Gaussian
  | Select
  | Elementwise
  | Curve
  | Center
  | Spline
  | Rounds<Node>
  | Impute
  | Donors
  | Encode
  | RowNorm
  | Kernel
  | CountSketch
  | SupportVectors
  | GaussianProcess
  | Polynomial
  | Pursuit
  | Factorization
  | Vectorize
  | Tally
  | Neighbors
  | Union<Node>
  | LeafModels<Node>
  | Ensemble<Node>
  | Answers<Node>
  | Pipeline<Node>;
export type Kind = Node['kind'];

/** One line for each kind: its rules. */
const allRules: { readonly [K in Kind]: PartRules<Node> & { readonly kind: K } } = {
  trees: treesRules,
  linear: linearRules,
  scores: scoresRules,
  gaussian: gaussianRules,
  select: selectRules,
  elementwise: elementwiseRules,
  curve: curveRules,
  center: centerRules,
  spline: splineRules,
  rounds: roundsRules,
  impute: imputeRules,
  donors: donorsRules,
  encode: encodeRules,
  'row-norm': rowNormRules,
  kernel: kernelRules,
  'count-sketch': countSketchRules,
  'support-vectors': supportVectorsRules,
  'gaussian-process': gaussianProcessRules,
  polynomial: polynomialRules,
  pursuit: pursuitRules,
  factorization: factorizationRules,
  vectorize: vectorizeRules,
  tally: tallyRules,
  neighbors: neighborsRules,
  union: unionRules,
  'leaf-models': leafModelsRules,
  ensemble: ensembleRules,
  answers: answersRules,
  pipeline: pipelineRules,
};

/** The rules of the kinds that a program knows, by name; undefined for others. */
export type RulesOf = (kind: string) => PartRules<Node> | undefined;

/** Knows every kind. */
export const rulesOfAll: RulesOf = (kind) =>
  Object.hasOwn(allRules, kind) ? allRules[kind as Kind] : undefined;

/** `validateNodeWith` of every kind. */
export const validateNode = (value: unknown, path: string, limits: Limits): Node =>
  validateNodeWith(rulesOfAll, value, path, limits);

/** `outputWith` of every kind. */
export const outputOf = (node: Node, given: ValueType, path: string, widest: number): ValueType =>
  outputWith(rulesOfAll, node, given, path, widest);

/** Checks untrusted plain data and returns it as a node; throws `invalid-model`, or `unsupported` for a kind not known, naming the place. */
export function validateNodeWith(
  rulesOf: RulesOf,
  value: unknown,
  path: string,
  limits: Limits,
  depth = 0,
): Node {
  if (depth > limits.nesting)
    refuse('limit-exceeded', path, `nested deeper than ${limits.nesting}`);
  const f = fieldsOf(value, path, limits);
  const kind = read(f, 'kind', text);
  const rules =
    rulesOf(kind) ??
    refuse(
      'unsupported',
      `${path}.kind`,
      `unknown kind ${quote(kind)}: update nuthatch or add it to loadWith`,
    );
  const hasFeatures = rules.takes !== null;
  const features = hasFeatures ? read(f, 'features', upTo('features')) : 0;
  return {
    kind,
    ...(hasFeatures && { features }),
    ...(!rules.takesAny && { nonFinite: read(f, 'nonFinite', oneOf(...nonFinitePolicies)) }),
    ...rules.validate(f, features, (head) => (part, place) => {
      const node = validateNodeWith(rulesOf, part, place, limits, depth + 1);
      if (answers(node) ? !head : head === 'must')
        invalid(place, head ? 'has no head' : 'may not have a head');
      return node;
    }),
  } as Node;
}

/** What a node makes of a value of type `given`, at most `widest` columns; throws `invalid-model` where it cannot. */
export function outputWith(
  rulesOf: RulesOf,
  node: Node,
  given: ValueType,
  path: string,
  widest: number,
): ValueType {
  const { takes, gives } = rulesOf(node.kind)!;
  if (takes !== null) {
    const kinds = takes?.(node as never) ?? ['dense', 'sparse'];
    const { kind, columns } = given;
    const { features } = node as Exclude<Node, Pipeline<Node>>;
    if (!kinds.includes(kind) || columns !== features) {
      const message = `takes ${features} columns (${kinds.join(' or ')}), is given ${columns} (${kind})`;
      invalid(path, message);
    }
  }
  const inside = (part: Node, seen: ValueType, place: string) =>
    outputWith(rulesOf, part, seen, place, widest);
  return gives?.(node as never, given, path, inside, widest) ?? given;
}

/** Whether a node has a head, its own or that of its last part: it gives scores then and transforms nothing. */
export const answers = (node: Node): boolean => headOf(node) !== null;

/** The part that answers: a pipeline's last, else the node itself. */
export const lastStep = (node: Node): Exclude<Node, Pipeline<Node>> =>
  node.kind === 'pipeline' ? lastStep(node.steps[node.steps.length - 1]!) : node;
