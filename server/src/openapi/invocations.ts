import type { DocumentedModel } from './model-schemas.js';
import { versionHeader } from './plain.js';
import { predictionRefusals, refusals } from './responses.js';
import { anyOf, arrayOf, content, exampleOf, object, type Piece, text } from './schema.js';

const lines = { 'text/csv': { schema: text }, 'application/jsonlines': { schema: text } };

/** `POST /invocations` of Amazon SageMaker and MLflow. */
export function documentInvocations({
  features: any,
  answer,
  example,
  signature,
}: DocumentedModel): Piece {
  const { form, features } = signature;
  const split = object(
    {
      data: arrayOf(arrayOf({}, { minItems: features.length, maxItems: features.length })),
      columns: {},
      index: {},
    },
    ['data'],
  );
  const ways = {
    instances: any,
    inputs: any,
    ...(form === 'rows' && { dataframe_records: any, dataframe_split: split }),
  };
  const names = ['instances', 'inputs', 'dataframe_records', 'dataframe_split'];
  const request = anyOf(
    Object.entries(ways).map(([name, schema]) => ({
      ...object({ [name]: schema }, [name]),
      not: anyOf(names.filter((other) => other !== name).map((other) => ({ required: [other] }))),
    })),
  );
  return {
    post: {
      tags: ['SageMaker, MLflow'],
      summary: 'Predicts',
      requestBody: {
        required: true,
        content: {
          ...content(request, exampleOf(example === null ? null : { instances: [example] })),
          ...lines,
        },
      },
      responses: {
        200: {
          description: 'As the body came, or as Accept asks: JSON, a line a row, or CSV.',
          headers: versionHeader,
          content: {
            ...content(object({ predictions: arrayOf(answer) }, ['predictions'])),
            ...lines,
          },
        },
        ...refusals('mlflow', predictionRefusals),
      },
    },
  };
}

/** `POST /score` of Azure ML, and what Vertex AI is told to ask. */
export function documentInstances({ rows, answer, example, signature }: DocumentedModel): Piece {
  const request = object(
    {
      instances: rows,
      parameters: object({ method: { enum: [...signature.methods, null] } }),
    },
    ['instances'],
  );
  const answers = anyOf([answer, {}]);
  return {
    post: {
      tags: ['Vertex AI, Azure ML'],
      summary: 'Predicts',
      requestBody: {
        required: true,
        content: content(request, exampleOf(example === null ? null : { instances: [example] })),
      },
      responses: {
        200: {
          description: 'One prediction for each instance.',
          headers: versionHeader,
          content: content(object({ predictions: arrayOf(answers) }, ['predictions'])),
        },
        ...refusals('plain', predictionRefusals),
      },
    },
  };
}
