import { defaultOutput, inputsOf, outputsOf } from '../protocols/v2/signature.js';
import { datatypes } from '../protocols/v2/tensor.js';
import type { DocumentedModel } from './model-schemas.js';
import { versionHeader } from './plain.js';
import { predictionRefusals, refusals } from './responses.js';
import {
  anyOf,
  arrayOf,
  content,
  exampleOf,
  object,
  type Piece,
  ref,
  text,
  truth,
} from './schema.js';

const tags = ['Open Inference Protocol V2'];
const shape = arrayOf({ type: 'integer', minimum: -1 });
const parameters = { type: ['object', 'null'] };
const datatype = { enum: datatypes };

export const inferenceSchemas: Piece = {
  'input-tensor': object(
    {
      name: text,
      datatype,
      shape: arrayOf({ type: 'integer', minimum: 0 }, { maxItems: 8 }),
      data: { type: 'array', description: 'Nested or flat; left out of a binary tensor.' },
      parameters,
    },
    ['name', 'datatype', 'shape'],
  ),
  'output-tensor': object({ name: text, datatype, shape, data: { type: 'array' }, parameters }, [
    'name',
    'datatype',
    'shape',
  ]),
  'tensor-metadata': object({ name: text, datatype, shape }, ['name', 'datatype', 'shape']),
};

/** `POST …/infer`, of one model. */
export function documentInfer({ served, signature }: DocumentedModel): Piece {
  const inputs = inputsOf(served);
  const outputs = outputsOf(served);
  const example = exampleRequest({ served, signature });
  const request = object(
    {
      id: { type: ['string', 'null'] },
      inputs: arrayOf(ref('input-tensor'), {
        minItems: 1,
        description: `Of this model: ${JSON.stringify(inputs.slice(0, 20))}`,
      }),
      outputs: anyOf([
        { type: 'null' },
        arrayOf(object({ name: { enum: outputs.map(({ name }) => name) }, parameters }, ['name'])),
      ]),
      parameters,
    },
    ['inputs'],
  );
  const response = object(
    { model_name: text, model_version: text, id: text, outputs: arrayOf(ref('output-tensor')) },
    ['model_name', 'outputs'],
  );
  return {
    post: {
      tags,
      summary: `Predicts by ${served.name}`,
      requestBody: {
        required: true,
        content: {
          ...content(request, exampleOf(example)),
          'application/octet-stream': {
            schema: { type: 'string', format: 'binary' },
          },
        },
      },
      responses: {
        200: {
          description: 'The outputs; in binary form where that is asked for.',
          headers: versionHeader,
          content: {
            ...content(response),
            'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
          },
        },
        ...refusals('inference', predictionRefusals),
      },
    },
  };
}

/** The example row as tensors, of a model that takes numbers or words; null where there is none. */
function exampleRequest({ served, signature }: Pick<DocumentedModel, 'served' | 'signature'>) {
  const inputs = inputsOf(served);
  const { example, features } = signature;
  if (example === null) return null;
  const used = features.flatMap(({ type }, i) => (type === 'unused' ? [] : [i]));
  const cells = used.map((i) => example.cells[i]);
  if (cells.some((cell) => cell === null || typeof cell === 'object')) return null;
  const isMatrix = served.description.input.type === 'matrix';
  // Truths are numbers here.
  const data = cells.map((cell) => (typeof cell === 'boolean' ? Number(cell) : cell));
  return {
    inputs: isMatrix
      ? [{ ...inputs[0]!, shape: [1, data.length], data }]
      : inputs.map((input, i) => ({ ...input, shape: [1], data: [data[i]] })),
    outputs: [{ name: defaultOutput(served) }],
  };
}

/** `GET` of one model. */
export const documentMetadata = (): Piece => ({
  get: {
    tags,
    summary: 'What the model takes and gives',
    responses: {
      200: {
        description: 'Its tensors.',
        content: content(
          object(
            {
              name: text,
              versions: arrayOf(text),
              platform: text,
              inputs: arrayOf(ref('tensor-metadata')),
              outputs: arrayOf(ref('tensor-metadata')),
            },
            ['name', 'versions', 'platform', 'inputs', 'outputs'],
          ),
        ),
      },
      ...refusals('inference', [404, 429, 503]),
    },
  },
});

const ready = object({ ready: truth }, ['ready']);

/** `GET …/ready`, of a model or the server. */
export const documentReady = (ofModel: boolean): Piece => ({
  get: {
    tags,
    summary: ofModel ? 'Whether the model is ready' : 'Whether the server is ready',
    security: [],
    responses: {
      200: { description: 'It is.', content: content(ready) },
      ...(ofModel && refusals('inference', [404])),
      503: { description: 'It is not.', content: content(ready) },
    },
  },
});

/** What is not of one model. */
export const documentServer = (): Piece => ({
  '/v2': {
    get: {
      tags,
      summary: 'The server and its extensions',
      responses: {
        200: {
          description: 'Its name and version.',
          content: content(
            object({ name: text, version: text, extensions: arrayOf(text) }, ['name', 'version']),
          ),
        },
        ...refusals('inference', [429, 503]),
      },
    },
  },
  '/v2/health/live': {
    get: {
      tags,
      summary: 'Whether the server lives',
      security: [],
      responses: {
        200: { description: 'It does.', content: content(object({ live: truth }, ['live'])) },
      },
    },
  },
  '/v2/health/ready': documentReady(false),
  '/v2/repository/index': {
    post: {
      tags,
      summary: 'The models and their versions',
      responses: {
        200: {
          description: 'One entry for each version.',
          content: content(
            arrayOf(
              object({ name: text, version: text, state: text, reason: text }, ['name', 'state']),
            ),
          ),
        },
        ...refusals('inference', [400, 413, 429, 503]),
      },
    },
  },
});
