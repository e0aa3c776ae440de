import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FastifyInstance } from 'fastify';
import { NuthatchError } from 'nuthatch';
import { createApp } from '../app.js';
import { Context } from '../context.js';
import { parseCsv } from '../csv.js';
import { isRecord } from '../json.js';
import { Metrics } from '../metrics.js';
import { Repository } from '../repository.js';
import { compare, type Differences, noDifferences } from './differences.js';

export interface Replayed extends Differences {
  /** Of the candidate: the median, and what 99 of 100 requests take at most. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Kept {
  readonly path: string;
  readonly model: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly output: Side;
}

interface Side {
  readonly type: string;
  readonly text: string;
}

const mostBytes = 999_999_999;

/**
 * Asks a candidate what a server was asked and kept, in this process, and compares its answers with those kept or, where `against` is a
 * model too, with that one's.
 *
 * @throws NuthatchError of the models; `io`, `malformed` where what was kept cannot be read
 */
export async function replay(
  source: string,
  candidate: string,
  against: string | null,
): Promise<Replayed> {
  const differences = noDifferences();
  const times: number[] = [];
  const apps = new Map<string, { candidate: FastifyInstance; other: FastifyInstance | null }>();
  try {
    for await (const kept of readKept(source)) {
      const known = apps.get(kept.model) ?? {
        candidate: await open(candidate, kept.model),
        other: against === null ? null : await open(against, kept.model),
      };
      apps.set(kept.model, known);
      const expected = known.other === null ? kept.output : await ask(known.other, kept);
      const started = performance.now();
      const found = await ask(known.candidate, kept);
      times.push(performance.now() - started);
      differences.requests++;
      if (expected !== null && found !== null)
        compare(answerOf(expected), answerOf(found), differences);
      else if (expected !== found) differences.errors++;
    }
  } finally {
    for (const { candidate: first, other } of apps.values())
      await Promise.all([first.close(), other?.close()]);
  }
  if (times.length === 0)
    throw new NuthatchError('usage', basename(source), 'it holds no request that was kept');
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(times.length * share) - 1]!;
  return { ...differences, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function open(path: string, name: string): Promise<FastifyInstance> {
  const repository = new Repository();
  const context = new Context(repository, new Metrics(), { rows: 10_000_000, cells: mostBytes });
  const app = createApp(context, {
    logLevel: false,
    limits: { bodyBytes: mostBytes },
    security: {},
    tls: null,
    docs: false,
  });
  await repository.load(path, name);
  app.addHook('onClose', () => repository.close());
  return app;
}

/** The answer; null where the request is refused. */
async function ask(app: FastifyInstance, { path, contentType, body }: Kept): Promise<Side | null> {
  const headers = { 'content-type': contentType };
  const answer = await app.inject({ method: 'POST', url: path, headers, payload: body });
  if (answer.statusCode !== 200) return null;
  return { type: String(answer.headers['content-type']), text: answer.body };
}

function answerOf({ type, text }: Side): unknown {
  if (type.includes('csv')) return parseCsv(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function* readKept(source: string): AsyncGenerator<Kept> {
  for (const path of await filesOf(source)) {
    let number = 0;
    for await (const line of createInterface({ input: createReadStream(path) })) {
      number++;
      if (line.trim() !== '') yield keptOf(line, `${basename(path)}, line ${number}`);
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
    const { endpointInput: input, endpointOutput: output } = captureData;
    const { path = '/invocations', model = 'model' } = isRecord(eventMetadata) ? eventMetadata : {};
    return {
      // Of the candidate there is one version.
      path: String(path).replace(/\/versions\/[^/:]+(?=[/:])/, ''),
      model: String(model),
      contentType: String(input.observedContentType),
      body: bytesOf(input),
      output: { type: String(output.observedContentType), text: bytesOf(output).toString() },
    };
  } catch {
    throw new NuthatchError('malformed', place, 'this is no line of data capture');
  }
}

const bytesOf = ({ data, encoding }: { readonly data: string; readonly encoding: string }) =>
  Buffer.from(data, encoding === 'BASE64' ? 'base64' : 'utf8');
