import { NuthatchError, type Problem, printable } from '../../src/errors.js';
import type { InputSpec } from '../../src/ir/index.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import type { CellType } from './columns.js';
import { type GraphColumns, lowerInputs, lowerNodes, unknownOperator } from './graph.js';
import { type OnnxModel, readModel } from './model.js';
import { Gap, type Lowering } from './operator.js';
import { lowerOutputs } from './outputs.js';
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

/** All gaps in one error: of those that say the same the first place is named. */
function refusal(problems: readonly Problem[]): NuthatchError {
  const places = new Map<string, string[]>();
  for (const { path, message } of problems) {
    const own = places.get(message);
    if (own) own.push(path);
    else places.set(message, [path]);
  }
  const lines = [...places].map(([message, paths], i) => {
    const more = paths.length > 1 ? ` (and in ${paths.length - 1} more places)` : '';
    return `${i === 0 ? '' : `${printable(paths[0]!)}: `}${message}${more}`;
  });
  const listed = lines.slice(0, listedGaps);
  if (lines.length > listedGaps) listed.push(`and ${lines.length - listedGaps} more`);
  if (problems.some(({ message }) => message.startsWith(unknownOperator))) listed.push(scope);
  return new NuthatchError('unsupported', problems[0]!.path, listed.join('\n'), problems);
}

const scope =
  'Read are trees, linear models, support vector machines, scalers, encoders, and the operators on matrices that skl2onnx writes around them; deep networks are not';

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
