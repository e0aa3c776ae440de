import { NuthatchError } from '../errors.js';
import { type Command, exitCodes, usageError } from './command.js';

/** What this command needs of the serving package, which is installed apart. */
interface Server {
  serveUntilTold(
    path: string,
    options: Readonly<Record<string, string | number>>,
  ): Promise<{ readonly address: string; readonly ended: Promise<void> }>;
}

export const serve: Command = {
  name: 'serve',
  synopsis: 'MODEL|FOLDER [--port N] [--host H]',
  summary: 'Serves models over HTTP, in the protocols that clients already speak.',
  help: `
  --host H          the address to listen on; default 127.0.0.1, which only this machine reaches
  --port N          default 8080; 0 for any that is free
  --model-name M    the name of a model that is alone; default: that of its file
  --log-level L     fatal, error, warn (the default), info, debug or trace: JSON lines on standard output
  --max-rows N      rows of one request, default 10,000
  --max-bytes N     bytes of one request's body, default 6,291,456

MODEL is a file of any supported format, or a folder of MLflow; FOLDER has models, each a file or NAME/VERSION/FILE.
Protocols: POST /predict, KServe V1 and TensorFlow Serving (/v1/models/…), the Open Inference Protocol V2 (/v2/models/…),
SageMaker and MLflow (/ping, /invocations), Vertex AI (AIP_…), Azure ML (/score); /healthz, /readyz, /metrics.
It ends on SIGTERM, once what has come is answered. It is the package @nuthatch/server, installed apart.

Examples:
  nuthatch serve model.nut
  nuthatch serve models/ --host 0.0.0.0 --port 8080
  curl localhost:8080/predict -d '{"features": [5.1, 3.5, 1.4, 0.2]}'
`,
  options: {
    host: { type: 'string' },
    port: { type: 'string' },
    'model-name': { type: 'string' },
    'log-level': { type: 'string' },
    'max-rows': { type: 'string' },
    'max-bytes': { type: 'string' },
  },
  positionals: [1, 1],
  async run(args) {
    const number = (name: string, most: number) => {
      const value = args.text(name);
      if (value === null) return null;
      if (/^\d{1,9}$/.test(value) && Number(value) <= most) return Number(value);
      throw usageError(serve, `--${name} takes a whole number up to ${most}`);
    };
    const given = {
      host: args.text('host'),
      port: number('port', 65_535),
      modelName: args.text('model-name'),
      logLevel: args.text('log-level') ?? 'warn',
      maxRows: number('max-rows', 10_000_000),
      bodyBytes: number('max-bytes', 999_999_999),
    };
    const options = Object.fromEntries(
      Object.entries(given).filter(
        (entry): entry is [string, string | number] => entry[1] !== null,
      ),
    );
    const { serveUntilTold } = await loadServer();
    const { address, ended } = await serveUntilTold(args.positionals[0]!, options);
    process.stdout.write(`serving at ${address}\n`);
    await ended;
    return exitCodes.done;
  },
};

async function loadServer(): Promise<Server> {
  // Not a dependency: who only predicts does not download it.
  const name: string = '@nuthatch/server';
  try {
    return (await import(name)) as Server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NuthatchError('usage', '', `serving needs a package of its own: npm install ${name}`);
  }
}
