import { NuthatchError, type Problem, printable } from '../../src/errors.js';
import type { Head, InputSpec, Node, Pipeline } from '../../src/ir/index.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import {
  type CellType,
  type Choice,
  type Columns,
  classifierHead,
  positions,
  product,
  regressorHead,
  stepsOf,
  type Value,
} from './columns.js';
import { type GraphColumns, lowerInputs, lowerNodes } from './graph.js';
import { type OnnxModel, readModel } from './model.js';
import { Gap, type Lowering } from './operator.js';
import { Source, wires } from './protobuf.js';

/** The fields of a ModelProto, and how each is written. */
const modelFields: ReadonlyMap<number, number> = new Map([
  [1, wires.varint],
  [2, wires.bytes],
  [3, wires.bytes],
  [4, wires.bytes],
  [5, wires.varint],
  [6, wires.bytes],
  [7, wires.bytes],
  [8, wires.bytes],
  [14, wires.bytes],
  [20, wires.bytes],
  [25, wires.bytes],
]);

/** Whether the bytes look like a ModelProto, which has no magic: fields of it alone, up to a graph. */
export function isOnnx(bytes: Uint8Array): boolean {
  for (let at = 0, fields = 0; at < bytes.length && fields < 1000; fields++) {
    const tag = bytes[at]! < 128 ? bytes[at]! : bytes[at]! - 128 + 128 * bytes[at + 1]!;
    if (modelFields.get(tag >>> 3) !== (tag & 7)) return false;
    if (tag >>> 3 === 7) return true;
    at += tag < 128 ? 1 : 2;
    let length = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 2 ** 56) return false;
      length += (byte & 127) * shift;
      if (byte < 128) break;
    }
    if ((tag & 7) === wires.bytes) at += length;
  }
  return false;
}

/** Imports an ONNX file of operators of ai.onnx.ml and those around them. */
export function importOnnx(bytes: Uint8Array, options: ImportOptions): ImportedModel {
  const source = new Source(bytes, options.limits);
  const model = readModel(source);
  const lowering: Lowering = {
    ...options,
    source,
    versions: model.versions,
    values: new Map(),
    failed: new Set(),
    problems: [],
  };
  try {
    const columns = lowerInputs(model.graph, lowering.values, lowering);
    lowerNodes(model.graph, lowering);
    const root = lowerOutputs(model, lowering, columns);
    if (root && lowering.problems.length === 0)
      return {
        root,
        input: inputOf(columns),
        golden: [],
        provenance: {
          library: model.producer || 'unknown',
          libraryVersion: model.producerVersion || 'unknown',
          className: classOf(model),
          time: null,
        },
      };
  } catch (error) {
    if (!(error instanceof Gap)) throw error;
  }
  throw refusal(lowering.problems);
}

/** The last operator of ai.onnx.ml that is a model, or else the last of all: what people would call the class. */
function classOf({ graph }: OnnxModel): string {
  const models = graph.nodes.filter(({ operator }) =>
    /Classifier|Regressor|Ensemble/.test(operator),
  );
  return [...(models.length > 0 ? models : graph.nodes)].at(-1)?.operator ?? 'Identity';
}

const listedGaps = 50;

function refusal(problems: readonly Problem[]): NuthatchError {
  const [first, ...others] = problems;
  const more = others
    .slice(0, listedGaps - 1)
    .map(({ path, message }) => `${printable(path)}: ${message}`);
  if (problems.length > listedGaps) more.push(`and ${problems.length - listedGaps} more`);
  return new NuthatchError(
    'unsupported',
    first!.path,
    [first!.message, ...more].join('\n'),
    problems,
  );
}

function inputOf({ columns, named }: GraphColumns): InputSpec {
  const names = named ? columns.map(({ name }) => name) : null;
  if (columns.every(({ type }) => type !== 'string'))
    return { type: 'matrix', features: columns.length, names };
  const typeOf = (type: CellType) => (type === 'string' ? 'string' : 'number');
  return {
    type: 'columns',
    columns: columns.map(({ type }, i) => ({
      name: names?.[i] ?? null,
      type: typeOf(type),
      categories: null,
    })),
  };
}

/** What the graph answers: a label and what it was chosen by, or numbers. */
function lowerOutputs(
  { graph: { outputs } }: OnnxModel,
  { values, failed, problems }: Lowering,
  given: GraphColumns,
): Node | null {
  const found = outputs.map((name) => values.get(name));
  if (outputs.some((name) => failed.has(name))) return null;
  const refuse = (message: string) => {
    problems.push({ path: 'graph.output', message });
    return null;
  };
  if (given.columns.length === 0) return refuse('of a graph without inputs');
  if (found.some((value) => value === undefined)) return refuse('of no operator');
  const known = found as readonly Value[];
  const choices = known.filter((value) => value.kind === 'choice');
  const columns = known.filter((value) => value.kind === 'columns');
  if (choices.length + columns.length !== known.length || known.length > 2)
    return refuse('other outputs than a label and numbers are not supported');
  const [choice] = choices;
  const [numbers] = columns;
  const total = given.columns;
  if (choice && choices.length === 1) return classifier(choice, numbers ?? null, total, refuse);
  if (!numbers || choice || columns.length > 1)
    return refuse('two matrices or two labels are not supported');
  if (numbers.predicts) return answering(numbers, regressorHead(numbers.width), total);
  return pipeline([...selection(numbers, total), ...stepsOf(numbers)], numbers);
}

/** A classifier of what is chosen, and the numbers beside it: decisions, if they are what it is chosen by, or else probabilities. */
function classifier(
  { scores, decide, labels: own }: Choice,
  numbers: Columns | null,
  given: Given,
  refuse: (message: string) => null,
): Node | null {
  const classes = decide === 'positive' ? 2 : scores.width;
  const labels = own ?? positions(classes);
  const head = classifierHead(labels, decide, null);
  if (!numbers) return answering(scores, { ...head, decisionFunction: false }, given);
  if (decide === 'argmin') return refuse('numbers beside the smallest are not supported');
  const { link } = numbers;
  // Decisions of two classes are one number, that of the second.
  if (link?.probability === 'margins' && (link.of === scores || numbers === scores))
    return answering(link.of, classifierHead(labels, 'positive', null), given);
  const isUnit = numbers.range === 'unit';
  if (numbers === scores && !isUnit && (classes > 2 || scores.width === 1))
    return answering(scores, head, given);
  if (link?.of === scores && link.probability !== 'margins')
    return answering(scores, classifierHead(labels, decide, link.probability), given);
  if (numbers.width !== classes)
    return refuse(`${numbers.width} numbers beside a label of ${classes} classes`);
  const main = answering(numbers, classifierHead(labels, 'argmax', 'identity'), given);
  if (numbers === scores) return main;
  const opposites =
    decide === 'positive' ? product(scores, Float32Array.of(-1, 1), Float32Array.of(0, 0)) : scores;
  const chooser = answering(
    opposites,
    { ...head, decide: 'argmax', decisionFunction: false },
    given,
  );
  return { ...asPipeline(main), chooser };
}

type Given = GraphColumns['columns'];

const isAll = (source: Uint32Array, given: Given): boolean =>
  source.length === given.length && source.every((column, i) => column === i);

/** What chooses the columns of the model's input that the first step is given. */
function selection({ source }: Columns, given: Given): Node[] {
  if (isAll(source, given)) return [];
  const features = given.length;
  if (given.every(({ type }) => type !== 'string'))
    return [{ kind: 'select', features, columns: source }];
  return [{ kind: 'union', features, parts: [{ columns: source, node: null }], sparse: false }];
}

/** Columns as a node without a head. */
function pipeline(steps: readonly Node[], { width }: Columns): Node {
  if (steps.length === 1) return steps[0]!;
  if (steps.length > 1) return { kind: 'pipeline', steps };
  return { kind: 'union', features: width, parts: [{ columns: null, node: null }], sparse: false };
}

/** Columns as the scores of a head: that of their last step, if it makes scores. */
function answering(columns: Columns, head: Head, given: Given): Node {
  const steps = [...selection(columns, given), ...stepsOf(columns)];
  const last = steps.pop();
  if (last?.kind === 'linear') steps.push({ ...last, head });
  else if (last?.kind === 'answers' && last.method === 'raw' && last.node.kind === 'trees')
    steps.push({ ...last.node, head });
  else {
    if (last) steps.push(last);
    steps.push({ kind: 'scores', features: columns.width, head });
  }
  return pipeline(steps, columns);
}

const asPipeline = (node: Node): Pipeline<Node> =>
  node.kind === 'pipeline' ? node : { kind: 'pipeline', steps: [node] };
