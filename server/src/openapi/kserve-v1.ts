import type { DocumentedModel } from './model-schemas.js';
import { versionHeader } from './plain.js';
import { predictionRefusals, refusals } from './responses.js';
import { anyOf, arrayOf, content, exampleOf, object, type Piece, text, truth } from './schema.js';

/** `POST …:predict`, of one model. */
export function documentKserveV1({ served, features, answer, example }: DocumentedModel): Piece {
  const ways = [
    { takes: 'instances', gives: 'predictions' },
    { takes: 'inputs', gives: 'outputs' },
  ] as const;
  const value = example === null ? null : { instances: [example] };
  return {
    post: {
      tags: ['KServe V1, TensorFlow Serving'],
      summary: `Predicts by ${served.name}`,
      requestBody: {
        required: true,
        content: content(
          anyOf(ways.map(({ takes }) => object({ [takes]: features }, [takes]))),
          exampleOf(value),
        ),
      },
      responses: {
        200: {
          description: 'One prediction for each instance.',
          headers: versionHeader,
          content: content(
            anyOf(ways.map(({ gives }) => object({ [gives]: arrayOf(answer) }, [gives]))),
          ),
        },
        ...refusals('plain', predictionRefusals),
      },
    },
  };
}

const status = object({
  version: text,
  state: text,
  status: object({ error_code: text, error_message: text }),
});
const state = object({ name: text, ready: truth, model_version_status: arrayOf(status) }, [
  'name',
  'ready',
]);

/** `GET` of one model, ready or not. */
export const documentState = (): Piece => ({
  get: {
    tags: ['KServe V1, TensorFlow Serving'],
    summary: 'Whether the model is ready',
    responses: {
      200: { description: 'It is.', content: content(state) },
      ...refusals('plain', [404, 429]),
      503: { description: 'It is not.', content: content(state) },
    },
  },
});

/** `GET /v1/models`. */
export const documentNames = (): Piece => ({
  get: {
    tags: ['KServe V1, TensorFlow Serving'],
    summary: 'The models',
    responses: {
      200: {
        description: 'Their names.',
        content: content(object({ models: arrayOf(text) }, ['models'])),
      },
      ...refusals('plain', [429, 503]),
    },
  },
});
