import { type Static, Type } from './typebox.js';

const version = Type.Integer({ minimum: 0, maximum: 999_999_999 });
const closed = { additionalProperties: false } as const;

const versions = Type.Union(
  [
    Type.Literal('latest'),
    Type.Literal('all'),
    Type.Object({ latest: Type.Integer({ minimum: 1, maximum: 1000 }) }, closed),
    Type.Object({ only: Type.Array(version, { minItems: 1, maxItems: 1000 }) }, closed),
  ],
  { description: 'Versions to load: latest (the default), all, {latest: N} or {only: [N, …]}' },
);

const batching = Type.Object(
  {
    maxRows: Type.Integer({ minimum: 2, maximum: 1_000_000, description: 'Rows of a batch' }),
    maxWaitMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description: 'Milliseconds that rows wait for others; default: 0, for what came together',
      }),
    ),
    methods: Type.Optional(
      Type.Array(Type.String(), { description: 'Methods to join the rows of; default: all' }),
    ),
  },
  {
    ...closed,
    description: 'Join the rows of requests that come at about the same time; default: none are',
  },
);

/** What may be said of one model. */
const ofOne = Type.Object(
  {
    versions: Type.Optional(versions),
    batching: Type.Optional(batching),
    canary: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^(0|[1-9]\\d{0,8})$' }),
        Type.Number({ minimum: 0, maximum: 1 }),
        {
          description:
            'Shares of the requests that name no version, by version, of 1 together at most: the newest of the others answers the rest',
        },
      ),
    ),
    shadow: Type.Optional({
      ...version,
      description:
        'A version that answers the same rows afterwards, to be compared; nobody is told what it answers',
    }),
  },
  closed,
);

/** Settings of the models, and of their versions. */
export const modelOptions = Type.Object(
  {
    watch: Type.Optional(
      Type.Boolean({ description: 'Load what changes in the file or folder; default: false' }),
    ),
    watchMs: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 86_400_000,
        description: 'Milliseconds between two looks at the files; default: 1000',
      }),
    ),
    load: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('asked')], {
        description: 'Load all models at the start (the default), or each when that is asked for',
      }),
    ),
    memoryBytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Bytes that the numbers of all models may take; default: no limit',
      }),
    ),
    versions: Type.Optional(versions),
    batching: Type.Optional(batching),
    threads: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 64,
        description:
          'Worker threads of each model, for batches of 2,048 rows and more; default: 0, which answers them in pieces',
      }),
    ),
    waitingRows: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'Rows of large batches that may be under way; more are refused; default: 100,000',
      }),
    ),
    byName: Type.Optional(
      Type.Record(Type.String(), ofOne, { description: 'Settings of single models, by name' }),
    ),
    keyHeader: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$",
        description:
          'A header by whose value clients get the same version each time; default: Nuthatch-Key',
      }),
    ),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 32 - 1,
        description: 'Makes the shares of requests without a key repeatable',
      }),
    ),
  },
  closed,
);

export type ModelOptions = Static<typeof modelOptions>;
export type OneModelOptions = Static<typeof ofOne>;
export type BatchingOptions = Static<typeof batching>;
export type VersionChoice = Static<typeof versions>;
