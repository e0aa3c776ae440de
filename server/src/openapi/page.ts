import { refusals } from './responses.js';
import { arrayOf, content, number, object, type Piece, text, truth } from './schema.js';

const tags = ['Page'];
const free: Piece = { type: 'object' };
const series = arrayOf(number);

/** What the page at `/` asks. */
export const pagePaths: Piece = {
  '/ui/models': {
    get: {
      tags,
      summary: 'The models and their versions',
      responses: {
        200: {
          description: 'Each with its versions, the newest last.',
          content: content(
            object(
              {
                models: arrayOf(
                  object({ name: text, versions: arrayOf(text) }, ['name', 'versions']),
                ),
                drift: truth,
                docs: truth,
              },
              ['models', 'drift', 'docs'],
            ),
          ),
        },
        ...refusals('plain', [429, 503]),
      },
    },
  },
  '/ui/statistics': {
    get: {
      tags,
      summary: 'Traffic of the last 15 minutes',
      parameters: [
        {
          name: 'since',
          in: 'query',
          description: 'Milliseconds since 1970: what is known until then is left out.',
          schema: { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 },
        },
      ],
      responses: {
        200: {
          description: 'Of each moment what has been since the one before, each second.',
          content: content(
            object(
              {
                time: series,
                ...{ requests: series, rows: series, errors: series },
                ...{ p50: series, p95: series, p99: series },
                ...{ inFlight: series, memory: series },
                errorCodes: arrayOf({ type: 'array' }),
              },
              ['time', 'requests', 'rows', 'errors', 'p50', 'p95', 'p99', 'inFlight', 'memory'],
            ),
          ),
        },
        ...refusals('plain', [400, 429, 503]),
      },
    },
  },
};

/** `GET /ui/models/NAME/versions/V` */
export const documentPageModel = (): Piece => ({
  get: {
    tags,
    summary: 'What a person needs to know of the model to ask it',
    responses: {
      200: {
        description: 'Its columns, methods, classes, and rows to try.',
        content: content(
          object({ name: text, version: text, features: arrayOf(free), examples: arrayOf({}) }, [
            'name',
            'version',
            'features',
            'examples',
          ]),
        ),
      },
      ...refusals('plain', [404, 429, 503]),
    },
  },
});

export const driftPath: Piece = {
  '/drift': {
    get: {
      tags: ['Operations'],
      summary: 'How far columns and answers lie from those of the training rows',
      responses: {
        200: {
          description: 'A report of each version of each model.',
          content: content(
            object(
              {
                models: arrayOf(
                  object({ model: text, version: text, status: text, series: arrayOf(free) }, [
                    'model',
                    'version',
                    'status',
                    'series',
                  ]),
                ),
              },
              ['models'],
            ),
          ),
        },
        ...refusals('plain', [429, 503]),
      },
    },
  },
};
