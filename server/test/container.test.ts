import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { commandLine } from '../src/container/command-line.js';
import { fixture, iris, startServer } from './serving.js';

/** A command line in a container where these paths hold something. */
const started = (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  paths: readonly string[] = ['/models'],
) => commandLine(args, environment, (path) => paths.includes(path)).join(' ');

describe('a container is started', () => {
  test('by nothing, or as SageMaker does', () => {
    expect(started([])).toBe('serve /models --host 0.0.0.0 --port 8080');
    expect(started(['serve'], { SAGEMAKER_BIND_TO_PORT: '9000' }, ['/opt/ml/model'])).toBe(
      'serve /opt/ml/model --host 0.0.0.0 --port 9000',
    );
  });

  test.each([
    ['--model_name=iris --model_dir=/mnt/models --http_port=8081'],
    ['--model_name iris --model_dir /mnt/models --http_port 8081'],
  ])('as KServe does: %s', (args) => {
    const line = started(args.split(' '), { PORT: '1' });
    expect(line.replaceAll('=', ' ')).toBe(
      'serve /mnt/models --host 0.0.0.0 --model-name iris --port 8081',
    );
  });

  test('with flags of nuthatch and a path', () => {
    expect(started(['serve', '/a.nut', '--max-rows', '5', '--host=::', '--port', '1'])).toBe(
      'serve /a.nut --max-rows 5 --host=:: --port 1',
    );
    expect(started(['--max-rows', '5', '/a.nut'], { NUTHATCH_CONFIG: '/c.yaml' })).toBe(
      'serve /a.nut --host 0.0.0.0 --port 8080 --config /c.yaml --max-rows 5',
    );
    expect(started(['/a.nut', '--port', '1'], {}, ['/a.nut'])).toBe(
      'serve /a.nut --host 0.0.0.0 --port 1',
    );
    expect(started(['--help'], {}, [])).toBe('serve --help');
  });

  test('for another command', () => {
    expect(started(['verify', '/models/a.nut', '--json'])).toBe('verify /models/a.nut --json');
  });
});

test('the model lies where the cloud says, and the port is its port', () => {
  const both = { AZUREML_MODEL_DIR: '/var/azureml-app/m', AIP_STORAGE_URI: 'file:///vertex' };
  const all = ['/var/azureml-app/m', '/vertex', '/opt/ml/model', '/mnt/models', '/models'];
  for (const [i, path] of all.entries())
    expect(started([], both, all.slice(i))).toMatch(`serve ${path} `);
  expect(started([], { AIP_HTTP_PORT: '7080', PORT: '1' })).toMatch(/--port 7080$/);
  expect(started([], { PORT: '8081' })).toMatch(/--port 8081$/);
});

test('without a model, what to do is said', () => {
  expect(() => started([], {}, [])).toThrow(/mount one.*\/opt\/ml\/model, \/mnt\/models, \/models/);
  expect(() => started([], { AIP_STORAGE_URI: 'gs://bucket/model' }, [])).toThrow(
    /AIP_STORAGE_URI names has to be copied/,
  );
});

describe('the process', () => {
  const start = (args: readonly string[], environment: Readonly<Record<string, string>>) =>
    spawn(process.execPath, [fixture('server/dist/container/main.js'), ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  /** What it prints until a pattern is there, or until it ends. */
  const printed = async (child: ChildProcess, pattern: RegExp): Promise<string> => {
    let text = '';
    for await (const chunk of child.stdout!) {
      text += chunk;
      if (pattern.test(text)) break;
    }
    return text;
  };

  test('serves what the cloud gave it, tells its health, and ends well when told', async () => {
    const child = start(['--host', '127.0.0.1'], { AZUREML_MODEL_DIR: iris, PORT: '0' });
    const [, address] = /serving at (\S+)\n/.exec(await printed(child, /\n/))!;
    const { port } = new URL(address!);
    const health = (own: string) => once(start(['healthcheck'], { PORT: own }), 'exit');
    expect(await health(port)).toEqual([0, null]);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await health(port)).toEqual([1, null]);
  });

  test('of a model that cannot be read ends with a code that says so', async () => {
    const child = start([], { AZUREML_MODEL_DIR: fixture('package.json'), PORT: '0' });
    expect(await once(child, 'exit')).toEqual([3, null]);
  });
});

test('Vertex AI may be told addresses that are there anyway', async () => {
  vi.stubEnv('AIP_PREDICT_ROUTE', '/score');
  vi.stubEnv('AIP_HEALTH_ROUTE', '/readyz');
  const server = await startServer(iris).finally(() => vi.unstubAllEnvs());
  const { json } = await server.post('/score', { instances: [[5.1, 3.5, 1.4, 0.2]] });
  expect(json).toEqual({ predictions: ['setosa'] });
  expect((await server.get('/readyz')).status).toBe(200);
  await server.close();
});
