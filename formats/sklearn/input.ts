import { quote } from '../../src/errors.js';
import {
  type Column,
  type InputSpec,
  isItemForm,
  itemForms,
  type Node,
  type Union,
} from '../../src/ir/index.js';
import { readDictionary, sparseCoder } from './dictionary-learning.js';
import { labelClasses } from './encoders.js';
import { Estimator, isObject, sequenceItems } from './estimator.js';
import { itemClasses } from './feature-extraction.js';
import { foreignColumns } from './foreign.js';
import { givenAfter, handsOn } from './given.js';
import { isotonicRegression } from './isotonic.js';
import { multioutputClasses } from './multioutput.js';
import { compositionClasses, isIdentity } from './pipeline.js';
import { functionTransformer } from './preprocessing.js';
import { selectFromModel } from './select-from-model.js';
import { stackingClasses } from './stacking.js';
import { transformedTarget } from './target.js';
import { vectorizers } from './text.js';
import { thresholdClasses } from './threshold.js';
import { votingClasses } from './voting.js';
import { wrappedParts } from './wrappers.js';

const takesLabels = ({ object }: Estimator): boolean =>
  Object.values<string>(labelClasses).includes(object.className);

/** Number of columns that the model was fitted with, where it or a part that sees all of them says so. */
export function fittedColumns(estimator: Estimator): number | null {
  if (takesLabels(estimator) || estimator.object.className === isotonicRegression) return 1;
  return firstFitted(estimator, (part) => {
    if ([...vectorizers, ...itemClasses].includes(part.object.className)) return 1;
    if (part.object.className === sparseCoder) return readDictionary(part).columns;
    const foreign = foreignColumns(part);
    if (foreign !== null) return foreign.count;
    return part.has(part.featuresAttribute) ? part.features() : null;
  });
}

/** Where compositions that may not say it have the parts that are given the model's own input: an estimator, several, or tuples with their names. */
const partsAttributes = new Map([
  [compositionClasses.Pipeline, 'steps'],
  [compositionClasses.FeatureUnion, 'transformer_list'],
  ...Object.values(votingClasses).map((name) => [name, 'estimators_'] as const),
  ...Object.values(stackingClasses).map((name) => [name, 'estimators_'] as const),
  ...Object.values(multioutputClasses).map((name) => [name, 'estimators_'] as const),
  ...wrappedParts,
  [selectFromModel, 'estimator_'],
  [transformedTarget, 'regressor_'],
  ...thresholdClasses.map((name) => [name, 'estimator_'] as const),
] as readonly (readonly [string, string])[]);

/** What `read` finds in the model, else in the first part that is given the model's own input. */
function firstFitted<T>(estimator: Estimator, read: (part: Estimator) => T | null): T | null {
  const own = read(estimator);
  if (own !== null) return own;
  const { className } = estimator.object;
  const isPipeline = className === compositionClasses.Pipeline;
  const attribute = partsAttributes.get(className);
  if (attribute === undefined) return null;
  const owners = [...estimator.lowering.owners, estimator.object];
  const value = estimator.maybe(attribute);
  const parts = sequenceItems(value) ?? [value];
  for (const [i, item] of parts.entries()) {
    const part = isObject(item) ? item : (sequenceItems(item)?.[1] ?? null);
    if (!isObject(part) || owners.includes(part)) continue;
    const place = `${estimator.path}.${attribute}[${i}]`;
    const lowering = { ...estimator.lowering, owners };
    const found = firstFitted(new Estimator(part, place, lowering), read);
    if (found !== null) return found;
    // A function hands on what it is given; any other step makes something new.
    if (isPipeline && part.className !== functionTransformer) return null;
  }
  return null;
}

/** How a column is used: bits. */
const uses = {
  read: 1,
  number: 2,
  string: 4,
  boolean: 8,
  record: 16,
  pairs: 32,
  list: 64,
} as const;

/**
 * The model's input, from what its parts do with the columns: a matrix where all are numbers and none is picked by
 * name, else columns; and the root as it takes that input.
 */
export function inputOf(
  estimator: Estimator,
  root: Node,
  stringColumns: ReadonlySet<string | number>,
): { input: InputSpec; root: Node } {
  const { given, booleans } = estimator.lowering;
  const columns = given.columns ?? estimator.features();
  const names = firstFitted(estimator, namesOf);
  const found = usesOf(root, columns, null, booleans);
  const types = found.map((use, i) => {
    const name = names?.[i] ?? `${i}`;
    const handedOn = use === uses.read && stringColumns.has(names?.[i] ?? i);
    return handedOn ? 'string' : typeOfUse(estimator, use, name);
  });
  const isMatrix =
    types.every((type) => type === 'number' || type === 'unused') &&
    !(names !== null && picksColumns(root)) &&
    !takesLabels(estimator);
  if (columns === 1 && names === null && readsDocuments(root))
    return { input: { type: 'text' }, root };
  if (isMatrix) return { input: { type: 'matrix', features: columns, names }, root };
  return {
    input: {
      type: 'columns',
      columns: types.map((type, i) => ({ name: names?.[i] ?? null, type, categories: null })),
    },
    // Of items there is one column, which all parts are given.
    root: columns === 1 && isItemForm(types[0]!) ? root : ofTable(root),
  };
}

function namesOf(part: Estimator): readonly string[] | null {
  const foreign = foreignColumns(part);
  return foreign === null ? part.featureNames() : foreign.names;
}

function typeOfUse(estimator: Estimator, use: number, name: string): Column['type'] {
  const form = itemForms.find((one) => (use & uses[one]) !== 0);
  if (form !== undefined)
    return (use & ~uses.read) === uses[form]
      ? form
      : estimator.refuse('', `the column ${quote(name)} is used in several ways`);
  const isNumber = (use & (uses.number | uses.boolean)) !== 0;
  if ((use & uses.string) !== 0)
    return isNumber
      ? estimator.refuse('', `the column ${quote(name)} is used as strings and as numbers`)
      : 'string';
  if (use === 0) return 'unused';
  return (use & uses.boolean) !== 0 && (use & uses.number) === 0 ? 'boolean' : 'number';
}

/** How a node uses its columns; `asked` is how those of its output are used, null where it is the model's. */
function usesOf(
  node: Node,
  columns: number,
  asked: readonly number[] | null,
  booleans: ReadonlyMap<Node, readonly boolean[]>,
): number[] {
  const typed = (i: number, use: number): number => (booleans.get(node)?.[i] ? uses.boolean : use);
  switch (node.kind) {
    case 'pipeline': {
      const widths = [columns];
      for (const step of node.steps) widths.push(widthAfter(step, widths[widths.length - 1]!));
      return node.steps.reduceRight<readonly number[] | null>(
        (after, step, i) => usesOf(step, widths[i]!, after, booleans),
        asked,
      ) as number[];
    }
    case 'union':
      return usesOfUnion(node, asked, booleans);
    case 'encode':
      return node.columns.map(({ strings, numbers }, i) =>
        typed(i, strings ? uses.string : numbers ? uses.number : uses.read),
      );
    case 'vectorize':
      return [uses.string];
    case 'tally':
      return [uses[node.form]];
    case 'ensemble':
      return usesOfUnion(node, null, booleans);
    case 'answers':
      return usesOf(node.node, columns, null, booleans);
    case 'impute':
      return new Array<number>(columns).fill(uses.string);
    case 'elementwise': {
      const use = isIdentity(node) ? uses.read : uses.number;
      return Array.from(
        { length: columns },
        (_, i) => typed(i, use) | (handsOn(node) ? (asked?.[i] ?? 0) : 0),
      );
    }
    default:
      return new Array<number>(columns).fill(uses.number);
  }
}

function usesOfUnion(
  union: Pick<Union<Node>, 'features' | 'parts'>,
  asked: readonly number[] | null,
  booleans: ReadonlyMap<Node, readonly boolean[]>,
): number[] {
  const result = new Array<number>(union.features).fill(0);
  let at = 0;
  for (const { columns, node } of union.parts) {
    const seen = columns?.length ?? union.features;
    const width = node === null ? seen : widthAfter(node, seen);
    const after = asked?.slice(at, at + width) ?? null;
    at += width;
    const found = node === null ? (after ?? []) : usesOf(node, seen, after, booleans);
    for (let i = 0; i < seen; i++) {
      const column = columns === null ? i : columns[i]!;
      result[column]! |= uses.read | (found[i] ?? 0);
    }
  }
  return result;
}

function widthAfter(node: Node, columns: number): number {
  return givenAfter(node, { columns, sparse: false, small: false }).columns!;
}

/** Whether the model's own columns are picked, part by part. */
function picksColumns(node: Node): boolean {
  if (node.kind === 'pipeline') return picksColumns(node.steps[0]!);
  if (node.kind === 'answers') return picksColumns(node.node);
  return (
    (node.kind === 'union' || node.kind === 'ensemble') &&
    node.parts.some((part) => part.columns !== null || (part.node && picksColumns(part.node)))
  );
}

/** Whether the model's own input is documents: then no column was picked for them. */
function readsDocuments(node: Node): boolean {
  if (node.kind === 'pipeline') return readsDocuments(node.steps[0]!);
  if (node.kind === 'union')
    return node.parts.every(
      (part) => part.columns === null && part.node !== null && readsDocuments(part.node),
    );
  return node.kind === 'vectorize';
}

/** The root as it takes a table: parts that see all of it see a matrix where all of it is numbers. */
function ofTable(node: Node): Node {
  if (isIdentity(node)) {
    const parts = [{ columns: null, node: null }];
    return { kind: 'union', features: node.features, parts, sparse: false };
  }
  if (node.kind === 'pipeline') {
    const [first, ...others] = node.steps;
    const { beside, chooser } = node;
    return {
      ...node,
      steps: [ofTable(first!), ...others],
      ...(beside && { beside: ofTable(beside) }),
      ...(chooser && { chooser: ofTable(chooser) }),
    };
  }
  if (node.kind === 'answers') return { ...node, node: ofTable(node.node) };
  if (node.kind === 'ensemble') return { ...node, parts: node.parts.map(partOfTable(node)) };
  return node.kind === 'union' ? { ...node, parts: node.parts.map(partOfTable(node)) } : node;
}

/** A part that sees all of a table. */
function partOfTable({ features }: { readonly features: number }) {
  const all = Uint32Array.from({ length: features }, (_, i) => i);
  return <Part extends { readonly columns: Uint32Array | null; readonly node: Node | null }>(
    part: Part,
  ): Part => {
    if (part.columns !== null || part.node === null) return part;
    return picksColumns(part.node)
      ? { ...part, node: ofTable(part.node) }
      : { ...part, columns: all };
  };
}
