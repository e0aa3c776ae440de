import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { methodOf } from '../answer.js';
import type { Context } from '../context.js';
import { formatCsv, parseCsv } from '../csv.js';
import { HttpError } from '../http-error.js';
import { decodeText, isRecord, parseJson } from '../json.js';
import { tell } from '../refusal.js';
import { checkSize, type RowLimits } from '../rows.js';
import { probe } from '../security/guard.js';
import type { ServedModel } from '../served-model.js';

/**
 * The address that Amazon SageMaker and MLflow share. Of JSON, MLflow's `dataframe_split`, `dataframe_records`, `instances` and `inputs`,
 * and SageMaker's `instances`; JSON lines, a row each; CSV, with the names of columns in a first line or without.
 */
export function invocations(app: FastifyInstance, context: Context): void {
  const { metrics } = context;
  app.setErrorHandler((error, request, reply) => {
    const told = tell(error, request, reply, metrics);
    // MLflow's clients read these two.
    const error_code = told.statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR';
    return reply.status(told.statusCode).send({ error_code, message: told.message });
  });
  app.get('/ping', probe, (_request, reply) => sayHealth(context, reply, ''));
  app.get('/health', probe, (_request, reply) => sayHealth(context, reply, '\n'));
  app.get('/version', probe, () => '0.1.0');
  app.get('/execution-parameters', () => ({
    MaxConcurrentTransforms: 4,
    BatchStrategy: 'MultiRecord',
    MaxPayloadInMB: 6,
  }));
  const invoke = async (request: FastifyRequest, reply: FastifyReply, name: string | null) => {
    const served = context.choose(request, reply, name);
    const { rows, path, csv, lines } = readBody(served, request, context.limits);
    const [predictions] = await context.answer(request, [methodOf(served, null)], rows, path);
    const accept = String(request.headers.accept ?? '');
    if (accept.includes('text/csv') || (csv && !accept.includes('json'))) {
      reply.type('text/csv; charset=utf-8');
      return formatCsv(predictions!);
    }
    if (lines) {
      reply.type('application/jsonlines');
      return predictions!.map((answer) => `${JSON.stringify(answer)}\n`).join('');
    }
    return { predictions };
  };
  app.post('/invocations', (request, reply) => invoke(request, reply, null));
  app.post<{ Params: { model: string } }>('/models/:model/invoke', (request, reply) =>
    invoke(request, reply, request.params.model),
  );
}

function sayHealth({ repository }: Context, reply: FastifyReply, body: string) {
  return reply.status(repository.ready ? 200 : 503).send(body);
}

interface Body {
  readonly rows: unknown;
  readonly path: string;
  readonly csv: boolean;
  readonly lines: boolean;
}

function readBody(served: ServedModel, request: FastifyRequest, limits: RowLimits): Body {
  const body = (request.body as Uint8Array | undefined) ?? new Uint8Array();
  const [type] = String(request.headers['content-type'] ?? 'application/json')
    .toLowerCase()
    .split(';');
  switch (type!.trim()) {
    case 'text/csv':
      return {
        rows: rowsOfCsv(served, textOf(body), limits),
        path: 'body',
        csv: true,
        lines: false,
      };
    case 'application/jsonlines':
    case 'application/x-ndjson': {
      const lines = textOf(body)
        .split('\n')
        .filter((line) => line.trim() !== '');
      checkSize(lines.length, 1, 'body', limits);
      const rows = lines.map((line) => featuresOf(parseJson(Buffer.from(line))));
      return { rows, path: 'body', csv: false, lines: true };
    }
    case 'application/json':
    case 'application/x-www-form-urlencoded':
      return { ...rowsOfJson(parseJson(body), limits), csv: false, lines: false };
    default:
      throw new HttpError(
        415,
        'unsupported',
        'expected application/json, application/jsonlines or text/csv',
      );
  }
}

function textOf(body: Uint8Array): string {
  const text = decodeText(body);
  if (text === null) throw new HttpError(400, 'malformed', 'the body is not UTF-8');
  return text;
}

/** A line of SageMaker's may wrap its row. */
const featuresOf = (line: unknown): unknown =>
  isRecord(line) && Array.isArray(line.features) ? line.features : line;

const containers = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

function rowsOfJson(body: unknown, limits: RowLimits): { rows: unknown; path: string } {
  const found = isRecord(body) ? containers.filter((name) => Object.hasOwn(body, name)) : [];
  if (!isRecord(body) || found.length !== 1)
    throw new HttpError(400, 'malformed', `expected exactly one of ${containers.join(', ')}`);
  const path = found[0]!;
  const rows = body[path];
  if (path !== 'dataframe_split') return { rows: unwrap(rows), path };
  if (!isRecord(rows) || !Array.isArray(rows.data))
    throw new HttpError(400, 'malformed', 'expected {"data": [rows]}', path);
  const { columns, data } = rows;
  return { rows: columns === undefined ? data : byName(columns, data, path, limits), path };
}

/** Instances of SageMaker's may each be `{"features": row}`. */
const unwrap = (rows: unknown): unknown => (Array.isArray(rows) ? rows.map(featuresOf) : rows);

function byName(
  columns: unknown,
  data: readonly unknown[],
  path: string,
  limits: RowLimits,
): unknown {
  const areNames = Array.isArray(columns) && columns.every((name) => typeof name === 'string');
  // A frame without names has 0, 1, 2 …
  if (!areNames) return data;
  checkSize(data.length, columns.length, path, limits);
  return data.map((row, i) => {
    if (!Array.isArray(row) || row.length !== columns.length)
      throw new HttpError(400, 'input-shape', `row ${i}: expected ${columns.length} values`, path);
    return Object.fromEntries(columns.map((name, col) => [name, row[col]]));
  });
}

/** A first line that holds the model's names is one of names. */
function rowsOfCsv({ model }: ServedModel, text: string, limits: RowLimits): unknown {
  const [first, ...others] = parseCsv(text, limits);
  if (first === undefined) return [];
  const names = model.featureNames ?? [];
  const isHeader = first.some((cell) => typeof cell === 'string' && names.includes(cell));
  return isHeader ? byName(first, others, 'body', limits) : [first, ...others];
}
