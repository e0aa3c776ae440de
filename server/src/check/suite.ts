import { type Static, Type } from '../typebox.js';

const closed = { additionalProperties: false } as const;
const names = Type.Array(Type.String(), { minItems: 1, maxItems: 1000 });
const limits = Type.Object(
  { least: Type.Optional(Type.Number()), most: Type.Optional(Type.Number()) },
  { ...closed, minProperties: 1 },
);

/** What a model must fulfil before it serves. */
export const suiteSchema = Type.Object(
  {
    data: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Rows as CSV with names of columns; a path from the suite on',
      }),
    ),
    label: Type.Optional(
      Type.String({ description: 'The column of the data that holds what should be answered' }),
    ),
    invariance: Type.Optional(
      Type.Array(
        Type.Object(
          {
            columns: names,
            tolerance: Type.Optional(
              Type.Number({ minimum: 0, description: 'How much a number may change; default: 0' }),
            ),
          },
          closed,
        ),
        {
          description:
            'Columns that must not matter: the values of other rows are put in their places',
        },
      ),
    ),
    direction: Type.Optional(
      Type.Array(
        Type.Object(
          {
            column: Type.String(),
            by: Type.Number({ description: 'What is added to the column' }),
            never: Type.Union([Type.Literal('lower'), Type.Literal('higher')], {
              description: 'What the answer must not be then',
            }),
            class: Type.Optional(
              Type.String({ description: 'The class whose probability is meant, of a classifier' }),
            ),
          },
          closed,
        ),
      ),
    ),
    metrics: Type.Optional(
      Type.Object(
        Object.fromEntries(
          (['accuracy', 'f1', 'roc_auc', 'log_loss', 'r2', 'mae', 'rmse'] as const).map((name) => [
            name,
            Type.Optional(limits),
          ]),
        ) as Record<
          'accuracy' | 'f1' | 'roc_auc' | 'log_loss' | 'r2' | 'mae' | 'rmse',
          ReturnType<typeof Type.Optional<typeof limits>>
        >,
        closed,
      ),
    ),
    latency: Type.Optional(
      Type.Object(
        { p99Ms: Type.Number({ exclusiveMinimum: 0, description: 'Of one row, in this process' }) },
        closed,
      ),
    ),
    size: Type.Optional(
      Type.Object(
        { mostBytes: Type.Integer({ minimum: 1, description: "Of the model's file" }) },
        closed,
      ),
    ),
    golden: Type.Optional(
      Type.Literal(true, { description: 'There are golden rows, and all of them hold' }),
    ),
  },
  closed,
);

export type Suite = Static<typeof suiteSchema>;
