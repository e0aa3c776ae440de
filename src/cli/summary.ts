import { createHash } from 'node:crypto';
import { isNut, readNutContent, type TensorEntry, writeNut } from '../../formats/nut/index.js';
import type { Label, Labels, ModelDescription, Node } from '../ir/index.js';
import {
  columnsOf,
  headColumns,
  inputNames,
  labelValues,
  lastStep,
  outputOf,
  readReference,
  slotCount,
  treeCount,
  typeOfInput,
} from '../ir/index.js';
import { createModel, type MethodName } from '../model.js';
import type { Matrix } from '../result.js';
import { listParts, type Part } from './parts.js';

/** What `inspect` tells of a model; with `--json`, exactly this. */
export interface Summary {
  /** The kind of the part that answers; `steps` has the others. */
  readonly kind: Node['kind'];
  readonly steps: readonly Node['kind'][];
  readonly task: string;
  readonly methods: readonly MethodName[];
  readonly features: readonly Feature[];
  /** What rows pass, in order, a composition before what is inside it. */
  readonly parts: readonly Part[];
  /** One entry for each output of a classifier; null for regressors. */
  readonly classes:
    | readonly { readonly dtype: Labels['dtype']; readonly values: readonly Label[] }[]
    | null;
  /** Number of outputs (classifier), targets (regressor) or columns (transformer). */
  readonly outputs: number;
  /** Of tree models; null otherwise. Depth is the largest of all trees. */
  readonly trees: number | null;
  readonly nodes: number | null;
  readonly depth: number | null;
  readonly leaves: number | null;
  readonly tensors: readonly Pick<TensorEntry, 'name' | 'dtype' | 'shape' | 'length'>[];
  readonly golden: readonly {
    readonly name: string;
    readonly rows: number;
    readonly methods: readonly string[];
  }[];
  /** Statistics of the training rows: how many, of how many columns, of which methods' answers. */
  readonly reference: {
    readonly rows: number;
    readonly columns: number;
    readonly answers: readonly string[];
  } | null;
  readonly provenance: ModelDescription['provenance'];
  /** Version of the .nut format: the file's own, or the one it would be converted to. */
  readonly formatVersion: string;
  /** Bytes of the file, and as .nut. */
  readonly fileBytes: number;
  readonly nutBytes: number;
  /** Digest of the file. */
  readonly digest: string;
}

export interface Feature {
  readonly name: string | null;
  /** `number`, `string`, `boolean`, `category` (a string too), `record`, `pairs` or `list` (of items), or `unused`: it may be left out. */
  readonly type: string;
  /** How many categories an encoder knows of it; null where none does. */
  readonly categories: number | null;
}

export function summarize(file: Uint8Array, model: ModelDescription): Summary {
  const nut = isNut(file) ? file : writeNut(model);
  const { tensors, version } = readNutContent(nut);
  const answering = lastStep(model.root);
  const steps =
    model.root.kind === 'pipeline' ? model.root.steps.map((step) => step.kind) : [model.root.kind];
  const head = 'head' in answering ? answering.head : null;
  const walking = answering.kind === 'leaf-models' ? lastStep(answering.node) : answering;
  const trees = walking.kind === 'trees' ? walking : null;
  const nodes = trees === null ? null : slotCount(trees);
  const { parts, categories } = listParts(model);
  const made = createModel(model);
  const { task, methods } = made;
  const reference = readReference(model);
  return {
    kind: answering.kind,
    steps,
    task,
    methods,
    features: featuresOf(model, categories),
    parts,
    classes:
      head?.task === 'classifier'
        ? head.labels.map((labels) => ({ dtype: labels.dtype, values: labelValues(labels) }))
        : null,
    outputs:
      head === null
        ? outputOf(model.root, typeOfInput(model.input), 'model', Number.POSITIVE_INFINITY).columns
        : head.task === 'classifier'
          ? head.labels.length
          : made.task === 'transformer'
            ? (made.transform([]) as Matrix).cols
            : headColumns(head),
    trees: trees === null ? null : treeCount(trees),
    nodes,
    depth: trees === null ? null : largest(trees.depths),
    // A binary tree has one leaf more than it has splits.
    leaves: trees === null ? null : (nodes! + treeCount(trees)) / 2,
    tensors: tensors.map(({ name, dtype, shape, length }) => ({ name, dtype, shape, length })),
    golden: model.golden.map((set) => ({
      name: set.name,
      rows: set.input.rows,
      methods: set.outputs.map((output) => output.method),
    })),
    reference: reference && {
      rows: reference.rows,
      columns: reference.columns.filter(({ type }) => type !== 'none').length,
      answers: reference.answers.map(({ method }) => method),
    },
    provenance: model.provenance,
    formatVersion: version,
    fileBytes: file.length,
    nutBytes: nut.length,
    digest: `sha256:${createHash('sha256').update(file).digest('hex')}`,
  };
}

/** Not `Math.max(...values)`: the stack holds a hundred thousand at most. */
function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}

function featuresOf(
  { input }: ModelDescription,
  categories: readonly (number | null)[],
): Feature[] {
  const names = inputNames(input);
  return categories.map((count, i) => ({
    name: names?.[i] ?? null,
    type: columnsOf(input)?.[i]?.type ?? 'number',
    categories: count,
  }));
}
