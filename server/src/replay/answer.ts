import { messageType } from '../capture/record.js';
import { parseCsv } from '../csv.js';
import { isRecord } from '../json.js';
import { checkHeader, decode } from '../protocols/v2/tensor.js';
import type { Side } from './kept.js';

/** What an answer says, in whichever form it came: as JSON has it, so that two can be compared. What cannot be read is its text. */
export async function readAnswer(side: Side): Promise<unknown> {
  try {
    return await parse(side);
  } catch {
    return side.bytes.toString('latin1');
  }
}

async function parse({ type, bytes, jsonBytes }: Side): Promise<unknown> {
  if (type.startsWith(messageType)) {
    const tensors = (await import('./call.js')).tensorsOf(bytes);
    return {
      outputs: tensors.map(({ data, ...tensor }) => ({ ...tensor, data: Array.from(data) })),
    };
  }
  if (type.includes('csv')) return parseCsv(bytes.toString());
  if (type.includes('jsonlines'))
    return bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  if (jsonBytes === null) return JSON.parse(bytes.toString());
  const document = JSON.parse(bytes.toString('utf8', 0, jsonBytes));
  let at = jsonBytes;
  const outputs = document.outputs.map((output: unknown, i: number) => {
    if (!isRecord(output) || !isRecord(output.parameters)) return output;
    const { parameters, ...tensor } = output;
    const end = at + Number(parameters.binary_data_size);
    const header = checkHeader(output, bytes.length, `outputs[${i}]`);
    const data = decode(header, bytes.subarray(at, end), `outputs[${i}]`);
    at = end;
    return { ...tensor, data: Array.from(data) };
  });
  return { ...document, outputs };
}
