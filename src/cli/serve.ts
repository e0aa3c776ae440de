import { type Arguments, type Command, exitCodes, usageError } from './command.js';
import { loadServer } from './load-package.js';

/** What this command needs of the serving package, which is installed apart. */
interface Server {
  readOptions(path: string): Promise<Options>;
  checkOptions(options: Options, place: string): Options;
  serveUntilTold(
    path: string,
    options: Options,
  ): Promise<{
    readonly address: string;
    readonly grpcAddress: string | null;
    readonly ended: Promise<void>;
  }>;
}

type Options = Readonly<Record<string, unknown>>;

/** Where the value of a flag stands among the options, and what it is; a truth is said by the flag alone. */
const flags = {
  host: ['host', 'text'],
  port: ['port', 'number'],
  'grpc-port': ['grpc.port', 'number'],
  'model-name': ['modelName', 'text'],
  'log-level': ['logLevel', 'text'],
  watch: ['models.watch', 'truth'],
  'max-rows': ['limits.rows', 'number'],
  'max-bytes': ['limits.bodyBytes', 'number'],
  'token-file': ['security.tokenFile', 'text'],
  'tls-cert': ['security.tls.cert', 'text'],
  'tls-key': ['security.tls.key', 'text'],
} as const;

export const serve: Command = {
  name: 'serve',
  synopsis: 'MODEL|FOLDER [--port N] [--host H]',
  summary: 'Serves models over HTTP, in the protocols that clients already speak.',
  help: `
  --host H          the address to listen on; default 127.0.0.1, which only this machine reaches
  --port N          default 8080; 0 for any that is free
  --grpc-port N     serves the Open Inference Protocol over gRPC, too; default: not
  --model-name M    the name of a model that is alone; default: that of its file
  --log-level L     fatal, error, warn (the default: failures and what is slow), info (and what is refused), debug (every request)
                    or trace: JSON lines on standard output
  --watch           load what changes in the file or folder, without a pause; a file that is damaged leaves the old model
  --max-rows N      rows of one request, default 10,000
  --max-bytes N     bytes of one request's body, default 6,291,456
  --token-file F    tokens that clients have to send (Authorization: Bearer or X-API-Key), a line each: TOKEN or NAME:SHA256;
                    with " admin" behind it where it may change what is served
  --tls-cert F, --tls-key F   serves over TLS: a certificate and its key, in PEM, read again when they change
  --config FILE     these and all other settings, as YAML or JSON; flags go before it

MODEL is a file of any supported format, or a folder of MLflow; FOLDER has models, each a file or NAME/VERSION/FILE.
Protocols: POST /predict, KServe V1 and TensorFlow Serving (/v1/models/…), the Open Inference Protocol V2 (/v2/models/…; gRPC),
SageMaker and MLflow (/ping, /invocations), Vertex AI (AIP_…), Azure ML (/score); /healthz, /readyz, /metrics.
It ends on SIGTERM, once what has come is answered. It is the package @nuthatch/server, installed apart.

Examples:
  nuthatch serve model.nut
  nuthatch serve models/ --host 0.0.0.0 --port 8080 --grpc-port 8081
  curl localhost:8080/predict -d '{"features": [5.1, 3.5, 1.4, 0.2]}'
`,
  options: {
    ...Object.fromEntries(
      Object.entries(flags).map(([name, [, type]]) => [
        name,
        { type: type === 'truth' ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    config: { type: 'string' },
  },
  positionals: [1, 1],
  async run(args) {
    const { readOptions, checkOptions, serveUntilTold } = await loadServer<Server>(
      'serving',
      '/command',
    );
    const file = args.text('config');
    const options = optionsOf(args, file === null ? {} : await readOptions(file));
    const { address, grpcAddress, ended } = await serveUntilTold(
      args.positionals[0]!,
      checkOptions(options, 'the command line'),
    );
    process.stdout.write(`serving at ${address}\n`);
    if (grpcAddress !== null) process.stdout.write(`serving gRPC at ${grpcAddress}\n`);
    await ended;
    return exitCodes.done;
  },
};

/** The options of a file with those of the command line in their places. */
function optionsOf(args: Arguments, file: Options): Options {
  const options: Record<string, unknown> = { logLevel: 'warn', ...file };
  for (const [name, [path, type]] of Object.entries(flags)) {
    const text = args.text(name);
    const isSaid = type === 'truth' && args.flag(name);
    if (text === null && !isSaid) continue;
    if (type === 'number' && !/^\d{1,15}$/.test(text!))
      throw usageError(serve, `--${name} takes a whole number`);
    const value = type === 'number' ? Number(text) : (text ?? isSaid);
    Object.assign(options, within(options, path.split('.'), value));
  }
  return options;
}

/** Options with a value at a place, in those that are there. */
function within(options: Options, [first, ...rest]: readonly string[], value: unknown): Options {
  const own = (options[first!] ?? {}) as Options;
  return { ...options, [first!]: rest.length === 0 ? value : within(own, rest, value) };
}
