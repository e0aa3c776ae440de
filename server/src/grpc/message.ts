import type { MessageInitShape } from '@bufbuild/protobuf';
import { HttpError } from '../http-error.js';
import type { InferOutput, InferRequest } from '../protocols/v2/infer.js';
import { mostInputs } from '../protocols/v2/request.js';
import {
  checkHeader,
  checkValues,
  type Datatype,
  decode,
  decodeString,
  encode,
  type Tensor,
  type TensorData,
  toNumber,
} from '../protocols/v2/tensor.js';
import type {
  InferParameter,
  InferTensorContents,
  InferTensorContentsSchema,
  ModelInferRequest,
  ModelInferResponseSchema,
} from './generated/inference_pb.js';

type SentTensor = Pick<
  ModelInferRequest['inputs'][number],
  'name' | 'datatype' | 'shape' | 'contents'
>;
type Field = Exclude<keyof InferTensorContents, `$${string}`>;

/** Where the values of a type are; those of the others come raw alone. */
const fields: Readonly<Record<Datatype, Field | null>> = {
  BOOL: 'boolContents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  FP16: null,
  FP32: 'fp32Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
};

/**
 * What a message asks. Outputs are raw where inputs are, unless `binary_data_output` says otherwise; of one answer all or none are.
 *
 * @param cells elements that a tensor may have
 * @throws HttpError 400, 413
 */
export function readInfer(message: ModelInferRequest, cells: number): InferRequest {
  const { id, inputs, outputs, parameters, rawInputContents: raw } = message;
  if (inputs.length === 0) throw new HttpError(400, 'malformed', 'expected inputs');
  if (inputs.length > mostInputs)
    throw new HttpError(413, 'limit-exceeded', `more than ${mostInputs} inputs`);
  if (raw.length > 0 && raw.length !== inputs.length)
    throw new HttpError(
      400,
      'malformed',
      `expected the contents of ${inputs.length} inputs, found ${raw.length}`,
      'raw_input_contents',
    );
  const binary =
    truthOf(parameters, 'binary_data_output') ??
    (raw.length > 0 || outputs.some((output) => truthOf(output.parameters, 'binary_data')));
  return {
    id: id === '' ? null : id,
    inputs: inputs.map((input, i) => readTensor(input, raw[i] ?? null, cells, `inputs[${i}]`)),
    outputs: outputs.length === 0 ? null : outputs.map(({ name }) => ({ name, binary })),
    binary,
  };
}

function truthOf(
  parameters: Readonly<Record<string, InferParameter>>,
  name: string,
): boolean | undefined {
  if (!Object.hasOwn(parameters, name)) return undefined;
  return parameters[name]!.parameterChoice.value === true;
}

/** A tensor as it stands in a request or an answer, whose `raw` bytes are apart from it. @throws HttpError 400, 413 */
export function readTensor(
  { name, datatype, shape, contents }: SentTensor,
  raw: Uint8Array | null,
  cells: number,
  place: string,
): Tensor {
  const header = checkHeader({ name, datatype, shape: shape.map(Number) }, cells, place);
  const filled = Object.entries(contents ?? {}).filter(
    ([, values]) => Array.isArray(values) && values.length > 0,
  );
  const field = fields[header.datatype];
  const allowed = raw === null ? field : null;
  const other = filled.find(([own]) => own !== allowed)?.[0];
  if (other !== undefined || (raw === null && field === null)) {
    const wanted = allowed === null ? 'raw_input_contents' : nameOf(allowed);
    throw new HttpError(400, 'malformed', `expected ${datatype} in ${wanted} alone`, place);
  }
  if (raw !== null) return { ...header, data: decode(header, raw, place) };
  return { ...header, data: checkValues(header, valuesOf(contents?.[field!] ?? [], place), place) };
}

/** `fp64Contents` as the protocol has it. */
const nameOf = (field: Field): string => field.replace('Contents', '_contents');

/** Whole numbers of 64 bits as those that a model sees, bytes as text. */
function valuesOf(values: InferTensorContents[Field], place: string): readonly unknown[] {
  const [first] = values;
  if (typeof first === 'bigint') return (values as bigint[]).map(toNumber);
  if (first instanceof Uint8Array)
    return (values as Uint8Array[]).map((bytes) => decodeString(bytes, place));
  return values;
}

/** What is answered, but for who answers. */
export function writeInfer(
  id: string,
  outputs: readonly InferOutput[],
): MessageInitShape<typeof ModelInferResponseSchema> {
  const isRaw = outputs.some(({ binary }) => binary);
  return {
    id,
    outputs: outputs.map(({ tensor }) => ({
      name: tensor.name,
      datatype: tensor.datatype,
      shape: tensor.shape.map(BigInt),
      ...(!isRaw && { contents: contentsOf(tensor) }),
    })),
    rawOutputContents: isRaw ? outputs.map(({ tensor }) => encode(tensor)) : [],
  };
}

function contentsOf({
  datatype,
  data,
}: Tensor): MessageInitShape<typeof InferTensorContentsSchema> {
  const field = fields[datatype];
  if (field === null) throw new Error(`no answer is ${datatype}`);
  return { [field]: itemsOf(datatype, data) };
}

function itemsOf(datatype: Datatype, data: TensorData): readonly unknown[] {
  const items = Array.from<unknown>(data);
  if (datatype === 'BYTES') return items.map((text) => Buffer.from(String(text ?? '')));
  if (datatype === 'BOOL') return items.map(Boolean);
  if (datatype === 'INT64') return items.map((item) => BigInt(item as number));
  return items.map((item) => item ?? Number.NaN);
}
