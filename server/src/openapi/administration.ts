import { refusals } from './responses.js';
import { arrayOf, content, object, type Piece, text } from './schema.js';

const tags = ['Administration'];
const free: Piece = { type: 'object' };
const description = 'By tokens for admin alone; without tokens, nobody may.';
const model = object({ modelName: text, modelUrl: text }, ['modelName', 'modelUrl']);
const done = { 200: { description: 'It is done.', content: content(free) } };
const told = (schema: Piece): Piece => ({
  200: { description: 'As asked.', content: content(schema) },
});
/** Also of what cannot be read, is there already, or has no room. */
const loadRefusals = [400, 404, 409, 413, 415, 429, 501, 503, 507] as const;

/** Amazon SageMaker's: which models there are, and one more. */
export const administration: Piece = {
  '/models': {
    get: {
      ...{ tags, description },
      summary: 'The models that are loaded',
      responses: {
        ...told(object({ models: arrayOf(model) }, ['models'])),
        ...refusals('plain', [429, 503]),
      },
    },
    post: {
      ...{ tags, description },
      summary: 'Loads a model of the folder that is served',
      requestBody: {
        required: true,
        content: content(
          object({ model_name: { ...text, minLength: 1, maxLength: 300 }, url: text }, [
            'model_name',
            'url',
          ]),
        ),
      },
      responses: { ...told(model), ...refusals('plain', loadRefusals) },
    },
  },
  '/v2/models/stats': {
    get: {
      tags: ['Open Inference Protocol V2'],
      summary: 'What all models have done',
      responses: { ...told(free), ...refusals('inference', [429, 503]) },
    },
  },
};

/** Of one model. */
export const documentLoaded = (): Piece => ({
  get: {
    ...{ tags, description },
    summary: 'Where the model lies',
    responses: { ...told(model), ...refusals('plain', [404, 429, 503]) },
  },
  delete: {
    ...{ tags, description },
    summary: 'Unloads the model',
    responses: { ...done, ...refusals('plain', [404, 429, 503]) },
  },
});

/** The Open Inference Protocol's way. */
export const documentLoad = (summary: string): Piece => ({
  post: {
    ...{ tags, description, summary },
    requestBody: { content: content(object({ parameters: free })) },
    responses: { ...done, ...refusals('inference', loadRefusals) },
  },
});

/** Triton's `config` and `stats`. */
export const documentIntrospection = (summary: string): Piece => ({
  get: {
    tags: ['Open Inference Protocol V2'],
    summary,
    responses: { ...told(free), ...refusals('inference', [404, 429, 503]) },
  },
});
