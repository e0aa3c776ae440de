import { refusals } from './responses.js';
import { content, object, type Piece, text } from './schema.js';

const status = object({ status: text }, ['status']);
const plainText = { 'text/plain': { schema: text } };

const probe = (summary: string, answers: Piece): Piece => ({
  get: { tags: ['Operations'], summary, security: [], responses: answers },
});

/** What asks after the server and not after a model. */
export const operations: Piece = {
  '/': probe('Whether the process lives; to browsers, a page where models are tried', {
    200: {
      description: 'It does.',
      content: { ...content(status), 'text/html': { schema: text } },
    },
  }),
  '/healthz': probe('Whether the process lives', {
    200: { description: 'It does.', content: content(status) },
  }),
  '/readyz': probe('Whether the server should be sent work', {
    200: { description: 'It should.', content: content(status) },
    503: { description: 'Not now.', content: content(status) },
  }),
  '/ping': probe("SageMaker's and MLflow's probe", {
    200: { description: 'Ready.' },
    503: { description: 'Not ready.' },
  }),
  '/health': probe("MLflow's probe", {
    200: { description: 'Ready.', content: plainText },
    503: { description: 'Not ready.', content: plainText },
  }),
  '/version': probe('The version of the server', {
    200: { description: 'As text.', content: plainText },
  }),
  '/execution-parameters': {
    get: {
      tags: ['SageMaker, MLflow'],
      summary: "What SageMaker's batch transform may send",
      responses: {
        200: {
          description: 'Its limits.',
          content: content(
            object({
              MaxConcurrentTransforms: { type: 'integer' },
              BatchStrategy: text,
              MaxPayloadInMB: { type: 'integer' },
            }),
          ),
        },
        ...refusals('mlflow', [429, 503]),
      },
    },
  },
  '/metrics': {
    get: {
      tags: ['Operations'],
      summary: 'Metrics for Prometheus',
      responses: {
        200: { description: "Prometheus' text format.", content: plainText },
        ...refusals('plain', [429, 503]),
      },
    },
  },
};
