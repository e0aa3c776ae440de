import { HttpError } from '../../http-error.js';
import { isRecord, parseJson } from '../../json.js';
import { type Datatype, datatypes, decode, sizeOf, type Tensor } from './tensor.js';

/** What is asked of a model. */
export interface InferRequest {
  readonly id: string | null;
  readonly inputs: readonly Tensor[];
  /** Outputs by name, and whether each is to come in binary form; null where none are named. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[] | null;
  /** Whether outputs that say nothing else come in binary form. */
  readonly binary: boolean;
}

const mostInputs = 10_000;
const mostLength = 2 ** 31;

/**
 * Reads a request: JSON, and behind it, where a header says how long that is, the bytes of tensors one after another.
 *
 * @param header `Inference-Header-Content-Length`
 * @throws HttpError 400
 */
export function readRequest(body: Uint8Array, header: string | undefined): InferRequest {
  const length = header === undefined ? body.length : Number(header);
  if (!(Number.isInteger(length) && length >= 0 && length <= body.length))
    throw new HttpError(400, 'malformed', 'Inference-Header-Content-Length is not within the body');
  const document = parseJson(body.subarray(0, length));
  if (!isRecord(document) || !Array.isArray(document.inputs) || document.inputs.length === 0)
    throw new HttpError(400, 'malformed', 'expected {"inputs": [tensors]}');
  if (document.inputs.length > mostInputs)
    throw new HttpError(413, 'limit-exceeded', `more than ${mostInputs} inputs`);
  const rest = new Rest(body.subarray(length));
  const inputs = document.inputs.map((input, i) => readTensor(input, `inputs[${i}]`, rest));
  rest.end();
  const { outputs, id } = document;
  const binary = parameterOf(document, 'binary_data_output') === true;
  return {
    id: typeof id === 'string' ? id : null,
    inputs,
    binary,
    outputs: Array.isArray(outputs) && outputs.length > 0 ? outputs.map(readOutput(binary)) : null,
  };
}

/** The bytes behind the JSON, which tensors take in turn. */
class Rest {
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number, place: string): Uint8Array {
    if (length > this.#bytes.length)
      throw new HttpError(400, 'truncated', `${length} bytes are announced and not there`, place);
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  end(): void {
    if (this.#bytes.length > 0)
      throw new HttpError(400, 'malformed', `${this.#bytes.length} bytes that no input announces`);
  }
}

function readTensor(input: unknown, place: string, rest: Rest): Tensor {
  const fail = (message: string): never => {
    throw new HttpError(400, 'malformed', message, place);
  };
  if (!isRecord(input) || typeof input.name !== 'string')
    return fail('expected a tensor with a name');
  const { name, datatype, shape } = input;
  if (typeof datatype !== 'string' || !datatypes.includes(datatype))
    return fail(`expected a datatype of ${datatypes.join(', ')}`);
  const isLength = (length: unknown): length is number =>
    Number.isInteger(length) && (length as number) >= 0 && (length as number) < mostLength;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isLength))
    return fail('expected a shape of whole numbers');
  const binary = parameterOf(input, 'binary_data_size');
  const type = datatype as Datatype;
  if (binary !== undefined) {
    if (!isLength(binary)) return fail('binary_data_size is no whole number');
    return {
      name,
      datatype: type,
      shape,
      data: decode(type, shape, rest.take(binary, place), place),
    };
  }
  if (!Array.isArray(input.data)) return fail('expected data');
  const data = (input.data as unknown[]).flat(8) as Tensor['data'];
  if (data.length !== sizeOf(shape))
    throw new HttpError(
      400,
      'input-shape',
      `the shape has ${sizeOf(shape)} elements, data ${data.length}`,
      place,
    );
  return { name, datatype: type, shape, data };
}

const readOutput = (binary: boolean) => (output: unknown, i: number) => {
  if (!isRecord(output) || typeof output.name !== 'string')
    throw new HttpError(400, 'malformed', 'expected an output with a name', `outputs[${i}]`);
  const own = parameterOf(output, 'binary_data');
  return { name: output.name, binary: own === undefined ? binary : own === true };
};

function parameterOf(of: Readonly<Record<string, unknown>>, name: string): unknown {
  const { parameters } = of;
  return isRecord(parameters) && Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}
