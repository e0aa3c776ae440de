/** A server that is measured, and how it is asked. */
export interface Subject {
  readonly name: string;
  /** The environment of Python that it runs in, of `python/environments`; null for Node. */
  readonly environment: string | null;
  /** The command that starts it, from the folder of the models for Python. */
  command(where: Where): readonly string[];
  /** Its variables beside those of ours. */
  variables?(where: Where): Readonly<Record<string, string>>;
  readonly path: string;
  body(row: readonly number[]): unknown;
  /** The class in what it answers to one row. */
  label(answer: unknown): unknown;
  /** Whether it answers the same whatever it is asked: what it costs to ask. */
  readonly constant?: true;
}

export interface Where {
  readonly port: number;
  /** The project, and the folder that holds what Python serves. */
  readonly project: string;
  readonly models: string;
  /** Programs of its environment. */
  readonly bin: string;
}

const features = (row: readonly number[]) => ({ features: row });
const prediction = (answer: unknown) => (answer as { prediction: unknown[] }).prediction[0];
const instances = (row: readonly number[]) => ({ instances: [row] });
const predictions = (answer: unknown) => (answer as { predictions: unknown[] }).predictions[0];
const tensor = (name: string) => (row: readonly number[]) => ({
  inputs: [{ name, datatype: 'FP64', shape: [1, row.length], data: row }],
});
const firstOutput = (answer: unknown) =>
  (answer as { outputs: { data: unknown[] }[] }).outputs[0]!.data[0];

const nuthatch = {
  environment: null,
  command: ({ port, project }: Where) => [
    process.execPath,
    `${project}/dist/src/cli/main.js`,
    ...['serve', `${project}/bench/models/W1/model.nut`, '--model-name', 'iris'],
    ...['--port', String(port)],
  ],
} as const;

export const bare = 'bare Fastify, a constant';
export const flask = 'Flask, its own server';
export const gunicorn = 'Flask, gunicorn';
export const plain = 'nuthatch, /predict';
export const mlserver = 'MLServer';
export const mlflow = 'MLflow';

/** Ours, what they can reach at best, and what they replace. */
export const subjects: readonly Subject[] = [
  {
    name: bare,
    environment: null,
    command: ({ port, project }) => [
      process.execPath,
      `${project}/dist/server/bench/apps/bare-fastify.js`,
      String(port),
    ],
    path: '/predict',
    body: features,
    label: prediction,
    constant: true,
  },
  { ...nuthatch, name: plain, path: '/predict', body: features, label: prediction },
  {
    ...nuthatch,
    name: 'nuthatch, Open Inference V2',
    path: '/v2/models/iris/infer',
    body: tensor('input'),
    label: firstOutput,
  },
  {
    ...nuthatch,
    name: 'nuthatch, KServe V1',
    path: '/v1/models/iris:predict',
    body: instances,
    label: predictions,
  },
  {
    name: flask,
    environment: 'serving-bench',
    command: ({ bin, project, port }) => [
      `${bin}/python`,
      `${project}/server/bench/apps/flask_recipe.py`,
      'model.pkl',
      String(port),
    ],
    path: '/predict',
    body: features,
    label: prediction,
  },
  {
    name: gunicorn,
    environment: 'serving-bench',
    command: ({ bin, project, port }) => [
      ...[`${bin}/python`, '-m', 'gunicorn', '--workers', '1', '--bind', `127.0.0.1:${port}`],
      ...['--chdir', `${project}/server/bench/apps`, 'flask_recipe:app'],
    ],
    variables: ({ models }) => ({ MODEL: `${models}/model.pkl` }),
    path: '/predict',
    body: features,
    label: prediction,
  },
  {
    name: mlserver,
    environment: 'serving-mlserver',
    command: ({ bin, project }) => [
      `${bin}/mlserver`,
      'start',
      `${project}/server/bench/apps/mlserver`,
    ],
    variables: ({ port, models }) => ({
      MLSERVER_HOST: '127.0.0.1',
      MLSERVER_HTTP_PORT: String(port),
      MLSERVER_GRPC_PORT: String(port + 1),
      MLSERVER_METRICS_PORT: String(port + 2),
      MLSERVER_MODEL_URI: `${models}/model.pkl`,
    }),
    path: '/v2/models/iris/infer',
    body: tensor('predict'),
    label: firstOutput,
  },
  {
    name: mlflow,
    environment: 'mlflow',
    command: ({ bin, port }) => [
      ...[`${bin}/python`, '-m', 'mlflow', 'models', 'serve', '--model-uri', 'mlflow'],
      ...['--env-manager', 'local', '--host', '127.0.0.1', '--port', String(port)],
    ],
    // It starts uvicorn by its name.
    variables: ({ bin }) => ({ PATH: `${bin}:${process.env.PATH}` }),
    path: '/invocations',
    body: (row) => ({ inputs: [row] }),
    label: predictions,
  },
];
