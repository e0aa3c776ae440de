import type { DocumentedModel } from './model-schemas.js';
import { predictionRefusals, refusals } from './responses.js';
import { anyOf, arrayOf, content, object, type Piece, truth } from './schema.js';

/** `POST /predict`, of one model. */
export function documentPlain(one: DocumentedModel): Piece {
  const { signature, features, example, served } = one;
  const { methods } = signature;
  const hasProbabilities = methods.includes('predict_proba');
  const request = object(
    {
      features: {
        ...features,
        description: 'A row, rows, a record, records, or lists by column name.',
      },
      method: { enum: [...methods, null], description: `Default: ${methods[0]}.` },
      probabilities: {
        ...(hasProbabilities ? truth : { enum: [false] }),
        description: "Whether to add a classifier's probabilities.",
      },
    },
    ['features'],
  );
  const response = object(
    {
      prediction: arrayOf(anyOf(methods.map((method) => one.answerOf(method)))),
      ...(hasProbabilities && {
        probabilities: arrayOf(one.answerOf('predict_proba')),
        classes: arrayOf({}),
      }),
    },
    ['prediction'],
  );
  const answer = signature.example?.answer;
  return {
    post: {
      tags: ['Predict'],
      summary: `Predicts by ${served.name}`,
      requestBody: {
        required: true,
        content: content(request, {
          ...(example !== null && {
            examples: {
              one: { summary: 'One row', value: { features: example } },
              some: { summary: 'Several rows', value: { features: [example, example] } },
              ...(hasProbabilities && {
                probabilities: {
                  summary: 'With probabilities',
                  value: { features: [example], probabilities: true },
                },
              }),
            },
          }),
        }),
      },
      responses: {
        200: {
          description: 'What the model answers, row after row.',
          headers: versionHeader,
          content: content(response, {
            ...(example !== null && { example: { prediction: [answer] } }),
          }),
        },
        ...refusals('plain', predictionRefusals),
      },
    },
  };
}

export const versionHeader: Piece = {
  'Nuthatch-Model-Version': {
    description: 'The version that answered.',
    schema: { type: 'string' },
  },
};
