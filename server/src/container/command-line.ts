import { NuthatchError } from 'nuthatch';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where clouds and people put a model into a container: the first that holds something is served. */
const folders = ['/opt/ml/model', '/mnt/models', '/models'] as const;

/** What KServe calls the flags of a model server. */
const kserveNames: ReadonlyMap<string, string> = new Map([['--http-port', '--port']]);

/**
 * What a container was started with, as a command line of nuthatch: its arguments, those of KServe among them, and behind them what the
 * cloud says in the environment. Another command than `serve` stays as it is.
 *
 * @param holds whether there is a file, or a folder with something in it
 * @throws NuthatchError `usage` where no model is found
 */
export function commandLine(
  args: readonly string[],
  environment: Environment,
  holds: (path: string) => boolean,
): string[] {
  const [first, ...others] = args;
  const isCommand = first !== undefined && !first.startsWith('-') && !holds(first);
  if (isCommand && first !== 'serve') return [...args];
  const { flags, model } = readFlags(first === 'serve' ? others : args);
  if (flags.includes('--help')) return ['serve', '--help'];
  const usual = (name: string, value: string | undefined): string[] =>
    value === undefined || flags.some((flag) => flag === name || flag.startsWith(`${name}=`))
      ? []
      : [name, value];
  return [
    'serve',
    model ?? findModel(environment, holds),
    // A container is reached from outside alone.
    ...usual('--host', '0.0.0.0'),
    ...usual('--port', portOf(environment)),
    ...usual('--config', environment.NUTHATCH_CONFIG),
    ...flags,
  ];
}

/** SageMaker's, Vertex AI's, then the one of Cloud Run and most others. */
export const portOf = (environment: Environment): string =>
  environment.SAGEMAKER_BIND_TO_PORT ?? environment.AIP_HTTP_PORT ?? environment.PORT ?? '8080';

/** Flags as nuthatch has them, each with its value behind it, and the model, which KServe names by a flag, too. */
function readFlags(args: readonly string[]): { flags: string[]; model: string | null } {
  const flags: string[] = [];
  let model: string | null = null;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith('--')) {
      // All flags that serving has take a value.
      if (args[i - 1]?.startsWith('--') && !args[i - 1]!.includes('=')) flags.push(arg);
      else model = arg;
      continue;
    }
    const [, name, value] = /^([^=]+)(?:=(.*))?$/s.exec(arg)!;
    const own = name!.replaceAll('_', '-');
    if (own === '--model-dir') model = value ?? args[++i] ?? '';
    else flags.push((kserveNames.get(own) ?? own) + (value === undefined ? '' : `=${value}`));
  }
  return { flags, model };
}

function findModel(environment: Environment, holds: (path: string) => boolean): string {
  const { AZUREML_MODEL_DIR: azure, AIP_STORAGE_URI: vertex } = environment;
  const vertexFolder = vertex?.replace(/^file:\/\//, '');
  const places = [azure, vertexFolder, ...folders];
  const found = places.find((place) => place !== undefined && place !== '' && holds(place));
  if (found !== undefined) return found;
  const remote =
    vertex !== undefined && /^\w+:\/\//.test(vertexFolder!)
      ? '; what AIP_STORAGE_URI names has to be copied into the image, or mounted'
      : '';
  throw new NuthatchError(
    'usage',
    '',
    `no model: mount one, or copy it to /models, or name its path (looked at ${folders.join(', ')}, AZUREML_MODEL_DIR, AIP_STORAGE_URI)${remote}`,
  );
}
