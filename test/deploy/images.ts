import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  buildImage,
  type Container,
  type ContainerOptions,
  type Image,
  startContainer,
  work,
} from './image.js';
import { tryWorkflow } from './workflow.js';

/** Builds the Dockerfiles and starts what comes out as clouds do. Run by main.ts, as root and with mounts of its own. */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const demo = join(project, 'fixtures/demo');
const rows = readFileSync(join(demo, 'rows.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const { expected } = JSON.parse(readFileSync(join(demo, 'case.json'), 'utf8')) as {
  expected: { predict: string[] };
};

let failed = 0;
let passed = 0;
async function check(name: string, body: () => Promise<string>): Promise<void> {
  const begun = performance.now();
  try {
    const text = await body();
    console.log(`ok      ${name}: ${text} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
    passed++;
  } catch (error) {
    console.log(`FAILED  ${name}: ${(error as Error).message}`);
    failed++;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

interface Started {
  readonly container: Container;
  readonly port: number;
}

/** A container that is ready, of what asks for a port; it is ended with the body. */
async function within(
  image: Image,
  optionsFor: (port: number) => ContainerOptions,
  path: string,
  body: (started: Started) => Promise<string>,
): Promise<string> {
  const port = await freePort();
  const container = await startContainer(image, optionsFor(port));
  try {
    for (let tries = 0; tries < 200; tries++) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
      if (answer?.status === 200) return await body({ container, port });
      if (await Promise.race([container.ended.then(() => true), setTimeout(100, false)])) break;
    }
    throw new Error(`not ready: ${container.output()}`);
  } finally {
    await end(container);
  }
}

async function end(container: Container): Promise<number | null> {
  const timer = setTimeout(30_000, 'still there' as const);
  try {
    container.signal('SIGTERM');
  } catch {
    // It has ended by itself.
  }
  const code = await Promise.race([container.ended, timer]);
  if (code === 'still there') {
    container.signal('SIGKILL');
    throw new Error('not ended 30 s after SIGTERM');
  }
  return code;
}

/** Asks for all rows and compares with what Python answered. */
async function predict(port: number, path: string, key: string, answerKey: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [key]: rows }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (JSON.stringify(answer[answerKey]) !== JSON.stringify(expected.predict))
    throw new Error(`${path} answered ${response.status} ${JSON.stringify(answer)}`);
}

/** A request of which half is sent before the container is told to end is answered. */
async function drains({ container, port }: Started): Promise<void> {
  const body = JSON.stringify({ features: rows });
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  const closed = new Promise((done) => socket.on('close', done));
  socket.write(
    `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
  );
  await setTimeout(200);
  container.signal('SIGTERM');
  await setTimeout(200);
  socket.write(body.slice(9));
  const code = await Promise.race([container.ended, setTimeout(20_000, 'still there' as const)]);
  socket.end();
  await closed;
  if (!answer.startsWith('HTTP/1.1 200 ') || code !== 0)
    throw new Error(`ended by ${code}, and answered ${answer.slice(0, 200)}`);
}

const models = join(work, 'models');
mkdirSync(models);
cpSync(join(demo, 'model.json'), join(models, 'iris.json'));

let image: Image | undefined;
await check('Dockerfile', async () => {
  image = buildImage(join(project, 'Dockerfile'), project);
  return `built, for the user ${image.user}`;
});
if (image !== undefined) await startAsCloudsDo(image);
await check('deploy/github/model-check.yml, with deploy/docker/Dockerfile', runWorkflow);

async function startAsCloudsDo(image: Image): Promise<void> {
  await check('as its own user', () =>
    within(
      image,
      (port) => ({ environment: { PORT: String(port) }, volumes: { '/models': models } }),
      '/readyz',
      async (started) => {
        await predict(started.port, '/predict', 'features', 'prediction');
        const health = started.container.execute(image.healthcheck);
        if (health !== 0) throw new Error(`the health check said ${health}`);
        await drains(started);
        const later = started.container.execute(image.healthcheck);
        if (later !== 1) throw new Error(`the health check of nothing said ${later}`);
        return 'ready, healthy, answers as Python does; SIGTERM: answers what has come, code 0';
      },
    ),
  );
  await check('SageMaker', () =>
    within(
      image,
      (port) => ({
        args: ['serve'],
        user: '0:0',
        environment: { SAGEMAKER_BIND_TO_PORT: String(port) },
        volumes: { '/opt/ml/model': models },
      }),
      '/ping',
      async ({ port }) => {
        await predict(port, '/invocations', 'instances', 'predictions');
        return 'as root, IMAGE serve, /opt/ml/model';
      },
    ),
  );
  await check('KServe', () =>
    within(
      image,
      (port) => ({
        args: ['--model_name=iris', '--model_dir=/mnt/models', `--http_port=${port}`],
        user: '1000650000:0',
        volumes: { '/mnt/models': models },
      }),
      '/v2/models/iris/ready',
      async ({ port }) => {
        await predict(port, '/v1/models/iris:predict', 'instances', 'predictions');
        return 'as a user of any number, /mnt/models';
      },
    ),
  );
  await check('Vertex AI', () =>
    within(
      image,
      (port) => ({
        environment: {
          AIP_HTTP_PORT: String(port),
          AIP_PREDICT_ROUTE: '/v1/endpoints/7/deployedModels/8:predict',
          AIP_HEALTH_ROUTE: '/v1/endpoints/7/deployedModels/8',
          AIP_STORAGE_URI: '/artifacts',
        },
        volumes: { '/artifacts': models },
      }),
      '/v1/endpoints/7/deployedModels/8',
      async ({ port }) => {
        const path = '/v1/endpoints/7/deployedModels/8:predict';
        await predict(port, path, 'instances', 'predictions');
        return 'its own addresses';
      },
    ),
  );
  await check('Azure ML', () =>
    within(
      image,
      (port) => ({
        environment: { PORT: String(port), AZUREML_MODEL_DIR: '/var/azureml-app/azureml-models' },
        volumes: { '/var/azureml-app/azureml-models': models },
      }),
      '/readyz',
      async ({ port }) => {
        await predict(port, '/score', 'instances', 'predictions');
        return 'AZUREML_MODEL_DIR';
      },
    ),
  );
  await check('told to end while it loads', async () => {
    const large = join(work, 'large');
    mkdirSync(large);
    writeFileSync(join(large, 'large.json'), largeModel());
    const volumes = { '/models': large };
    const codes: (number | null)[] = [];
    // Before that Node itself has not started, and no program could hear.
    for (const cpuMs of [150, 700]) {
      const container = await startContainer(image, { environment: { PORT: '0' }, volumes });
      for (let tries = 0; tries < 500 && container.cpuMs() < cpuMs; tries++) await setTimeout(10);
      container.signal('SIGTERM');
      const code = await Promise.race([
        container.ended,
        setTimeout(10_000, 'still there' as const),
      ]);
      if (code !== 0 && code !== 143) {
        container.signal('SIGKILL');
        throw new Error(`after ${cpuMs} ms of work: ${code}`);
      }
      codes.push(code);
    }
    return `ends at once, codes ${codes.join(', ')}`;
  });
  await check('without a model', async () => {
    const container = await startContainer(image, {});
    const code = await Promise.race([container.ended, setTimeout(30_000, 'still there')]);
    const said = container.output();
    if (code !== 2 || !said.startsWith('no model: mount one')) throw new Error(`${code}: ${said}`);
    return 'says what to do, code 2';
  });
}

/** A model of XGBoost that takes a while to read: trees of a small one, again and again. */
function largeModel(): string {
  const path = 'fixtures/boosting/xgboost-3.2.0/reg-squarederror-categories-json/model.json';
  const model = JSON.parse(readFileSync(join(project, path), 'utf8'));
  const { model: booster } = model.learner.gradient_booster;
  const times = Math.ceil(40e6 / JSON.stringify(booster.trees).length);
  booster.trees = Array.from({ length: times }, () => booster.trees).flat();
  booster.trees = booster.trees.map((tree: object, id: number) => ({ ...tree, id }));
  booster.tree_info = booster.trees.map(() => 0);
  booster.iteration_indptr = [...booster.trees.keys(), booster.trees.length];
  booster.gbtree_model_param.num_trees = String(booster.trees.length);
  return JSON.stringify(model);
}

/** With packages of this project in place of the published ones. */
async function runWorkflow(): Promise<string> {
  const packages = join(work, 'packages');
  mkdirSync(packages);
  const args = ['pack', '--pack-destination', packages, '-w', 'server', '--include-workspace-root'];
  const { status, stderr } = spawnSync('npm', args, { cwd: project, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    version: string;
  };
  return tryWorkflow(
    work,
    {
      nuthatch: join(packages, `nuthatch-${version}.tgz`),
      server: join(packages, `nuthatch-server-${version}.tgz`),
      volumes: { '/packages': packages },
    },
    await freePort(),
  );
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
