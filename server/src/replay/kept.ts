import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { NuthatchError } from 'nuthatch';
import { isRecord } from '../json.js';

/** A request that was kept, and what it was answered. */
export interface Kept {
  /** The line that it is, for messages. */
  readonly place: string;
  /** The address that was asked, or of gRPC `/package.Service/Method`. */
  readonly path: string;
  readonly model: string;
  readonly input: Side;
  readonly output: Side;
}

/** A request or an answer. */
export interface Side {
  readonly type: string;
  readonly bytes: Buffer;
  /** How much of that is JSON, where tensors follow it. */
  readonly jsonBytes: number | null;
}

/** Lines of data capture, of a file or of all in a folder. @throws NuthatchError `io`, `malformed` */
export async function* readKept(source: string): AsyncGenerator<Kept> {
  for (const path of await filesOf(source)) {
    let number = 0;
    const name = relative(source, path) || basename(path);
    for await (const line of createInterface({ input: createReadStream(path) })) {
      number++;
      if (line.trim() !== '') yield keptOf(line, `${name}, line ${number}`);
    }
  }
}

async function filesOf(source: string): Promise<readonly string[]> {
  try {
    if (!(await stat(source)).isDirectory()) return [source];
    const found = await readdir(source, { recursive: true });
    return found
      .filter((path) => path.endsWith('.jsonl'))
      .sort()
      .map((path) => join(source, path));
  } catch (error) {
    throw new NuthatchError('io', basename(source), (error as Error).message);
  }
}

/** A line of SageMaker's data capture, its own or ours. */
function keptOf(line: string, place: string): Kept {
  try {
    const { captureData, eventMetadata } = JSON.parse(line);
    const { endpointInput, endpointOutput } = captureData;
    const own = isRecord(eventMetadata) ? eventMetadata : {};
    const { path = '/invocations', model = 'model' } = own;
    const jsonBytes = isRecord(own.jsonBytes) ? own.jsonBytes : {};
    return {
      place,
      // Of the candidate there is one version.
      path: String(path).replace(/\/versions\/[^/:]+(?=[/:])/, ''),
      model: String(model),
      input: sideOf(endpointInput, jsonBytes.input),
      output: sideOf(endpointOutput, jsonBytes.output),
    };
  } catch {
    throw new NuthatchError('malformed', place, 'this is no line of data capture');
  }
}

interface KeptSide {
  readonly observedContentType: string;
  readonly data: string;
  readonly encoding: string;
}

const sideOf = ({ observedContentType, data, encoding }: KeptSide, jsonBytes: unknown): Side => ({
  type: String(observedContentType),
  bytes: Buffer.from(data, encoding === 'BASE64' ? 'base64' : 'utf8'),
  jsonBytes: Number.isInteger(jsonBytes) ? (jsonBytes as number) : null,
});
