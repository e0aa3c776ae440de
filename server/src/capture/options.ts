import { type Static, Type } from '../typebox.js';

const whole = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

/** Settings of what requests and answers are kept. */
export const captureOptions = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      description: 'Where requests and answers are kept, in files that only their owner can read',
    }),
    sample: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'The share of requests; default: 1' }),
    ),
    endpoint: Type.Optional(
      Type.String({ minLength: 1, description: "The name of a folder; default: the model's name" }),
    ),
    fileBytes: whole(1024, 2 ** 40, 'Bytes after which a new file begins; default: 64 MiB'),
    fileSeconds: whole(1, 3600, 'Seconds after which a new file begins; default: 300'),
    totalBytes: whole(
      1024,
      2 ** 50,
      'Bytes of all files, of which the oldest leave; default: 1 GiB',
    ),
    queueBytes: whole(1024, 2 ** 30, 'Bytes that may wait to be written; default: 8 MiB'),
    recordBytes: whole(1, 2 ** 30, 'Bytes of a request and its answer; default: 1 MiB'),
  },
  { additionalProperties: false },
);

export type CaptureOptions = Static<typeof captureOptions>;
