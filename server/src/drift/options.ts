import { type Static, Type } from '../typebox.js';

const closed = { additionalProperties: false } as const;
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

/** Settings of how drift is measured, of models that hold statistics of their training rows. */
export const driftOptions = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ description: 'Measure drift; default: true' })),
    rows: whole(
      100,
      100_000,
      'Rows that are looked at: the last ones or, of more traffic, some that are spread over the time; default: 5000',
    ),
    seconds: whole(1, 31_536_000, 'Seconds that are looked back; default: 3600'),
    leastRows: whole(1, 100_000, 'Rows below which nothing is said; default: 200'),
    columns: whole(1, 1000, 'Features and answers of a model that are measured; default: 100'),
  },
  closed,
);

export type DriftOptions = Static<typeof driftOptions>;
