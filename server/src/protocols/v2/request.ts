import { HttpError } from '../../http-error.js';
import { isRecord, parseJson } from '../../json.js';
import type { InferRequest } from './infer.js';
import { checkHeader, checkValues, decode, isLength, type Tensor } from './tensor.js';

export const mostInputs = 10_000;

/**
 * Reads a request: JSON, and behind it, where a header says how long that is, the bytes of tensors one after another.
 *
 * @param header `Inference-Header-Content-Length`
 * @param cells elements that a tensor may have
 * @throws HttpError 400, 413
 */
export function readRequest(
  body: Uint8Array,
  header: string | undefined,
  cells: number,
): InferRequest {
  const length = header === undefined ? body.length : Number(header);
  if (!(Number.isInteger(length) && length >= 0 && length <= body.length))
    throw new HttpError(400, 'malformed', 'Inference-Header-Content-Length is not within the body');
  const document = parseJson(body.subarray(0, length));
  if (!isRecord(document) || !Array.isArray(document.inputs) || document.inputs.length === 0)
    throw new HttpError(400, 'malformed', 'expected {"inputs": [tensors]}');
  if (document.inputs.length > mostInputs)
    throw new HttpError(413, 'limit-exceeded', `more than ${mostInputs} inputs`);
  const rest = new Rest(body.subarray(length));
  const inputs = document.inputs.map((input, i) => readTensor(input, cells, `inputs[${i}]`, rest));
  rest.end();
  const { outputs, id } = document;
  if (outputs !== undefined && outputs !== null && !Array.isArray(outputs))
    throw new HttpError(400, 'malformed', 'expected a list', 'outputs');
  if (id !== undefined && id !== null && typeof id !== 'string')
    throw new HttpError(400, 'malformed', 'expected a string', 'id');
  const binary = parameterOf(document, 'binary_data_output') === true;
  return {
    id: id ?? null,
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

function readTensor(input: unknown, cells: number, place: string, rest: Rest): Tensor {
  if (!isRecord(input)) throw new HttpError(400, 'malformed', 'expected a tensor', place);
  const header = checkHeader(input, cells, place);
  const binary = parameterOf(input, 'binary_data_size');
  if (binary !== undefined) {
    if (!isLength(binary))
      throw new HttpError(400, 'malformed', 'binary_data_size is no whole number', place);
    return { ...header, data: decode(header, rest.take(binary, place), place) };
  }
  if (!Array.isArray(input.data)) throw new HttpError(400, 'malformed', 'expected data', place);
  return { ...header, data: checkValues(header, (input.data as unknown[]).flat(8), place) };
}

const readOutput = (binary: boolean) => (output: unknown, i: number) => {
  if (!isRecord(output) || typeof output.name !== 'string')
    throw new HttpError(400, 'malformed', 'expected an output with a name', `outputs[${i}]`);
  const own = parameterOf(output, 'binary_data');
  return { name: output.name, binary: own === undefined ? binary : own === true };
};

function parameterOf(of: Readonly<Record<string, unknown>>, name: string): unknown {
  const { parameters } = of;
  if (parameters === undefined || parameters === null) return undefined;
  if (!isRecord(parameters))
    throw new HttpError(400, 'malformed', 'expected parameters by name', 'parameters');
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}
