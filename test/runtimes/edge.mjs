// Serves models by the files of deploy/edge, in the real runtimes, and compares what they answer over HTTP with the library's answers in Node.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { writeNut } from '../../dist/formats/index.js';
import { load } from '../../dist/src/index.js';
import { readModel } from '../../dist/src/node.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const deploy = join(project, 'deploy/edge');

/** Trees, linear models, categories, documents: fixtures with golden rows, or rows for those that have none. */
const models = [
  ['demo', 'demo/model.json'],
  ['multinomial', 'models/sklearn-1.9/logistic-saga/model.json'],
  ['flowers', 'reference/flowers/model.json'],
  ['prices', 'reference/prices/model.json'],
];

/** A program in deploy/edge in one piece, as wrangler makes it: the model stays beside it. */
export async function bundleEdge(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: deploy },
    absWorkingDir: project,
    bundle: true,
    minify: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'es2022',
    external: ['*.nut', 'node:fs/promises'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

export const programOf = (file) => readFile(join(deploy, file), 'utf8');

/** Models as files, the bodies that are asked, and the answers to them as JSON. */
export async function readCases() {
  return Promise.all(
    models.map(async ([name, path]) => {
      const description = await readModel(join(project, 'fixtures', path));
      const bytes = writeNut(description);
      const model = load(bytes);
      const features = rowsOf(description.golden[0].input).slice(0, 200);
      const prediction = Array.from(model.predict(features));
      const asked = [{ body: { features }, answer: { prediction } }];
      if (model.predictProba) {
        const probabilities = model.predictProba(features).toArray();
        asked.push({
          body: { features, probabilities: true },
          answer: { prediction, probabilities, classes: model.classes },
        });
      }
      return {
        name,
        bytes,
        asked: asked.map(({ body, answer }) => [JSON.stringify(body), JSON.stringify(answer)]),
      };
    }),
  );
}

/** Golden rows as JSON has them. */
function rowsOf({ type, rows, columns, data, values }) {
  const cell = type === 'matrix' ? (i, j) => data[i * columns + j] : (i, j) => values[j][i];
  const list = (length, of) => Array.from({ length }, (_, i) => of(i));
  const matrix = list(rows, (i) => list(columns, (j) => cell(i, j)));
  return JSON.parse(JSON.stringify(matrix));
}

/** Asks all of a case; returns how many requests were answered as they should be. Throws at the first that is not. */
async function askAll({ name, asked }, post) {
  for (const [body, answer] of asked) {
    const found = await post(body);
    if (found !== answer)
      throw new Error(`${name} answered ${found.slice(0, 200)}, expected ${answer.slice(0, 200)}`);
  }
  const refused = JSON.parse(await post('{"features": [1]}'));
  if (refused.error?.code !== 'input-shape') throw new Error(`${name}: ${JSON.stringify(refused)}`);
  return asked.length;
}

/** In workerd: with the model beside the code, with the same in a bucket, and where WebAssembly is asked for, which Workers forbid. */
export async function inWorkerd(folder) {
  const { Miniflare } = await import(
    pathToFileURL(join(folder, 'node_modules/miniflare/dist/src/index.js')).href
  );
  const cases = await readCases();
  const bundled = await programOf('worker.js');
  const faster = bundled
    .replace('import { load }', 'import { load, webAssembly }')
    .replace('load(bytes)', 'load(bytes, { accelerator: webAssembly })');
  let requests = 0;
  for (const [program, own] of [
    [bundled, cases],
    [faster, cases.slice(0, 2)],
    [await programOf('worker-r2.js'), cases.slice(0, 1)],
  ]) {
    const contents = await bundleEdge(program);
    const hasBucket = program.includes('env.');
    for (const one of own) {
      const runtime = new Miniflare({
        compatibilityDate: '2026-04-01',
        modulesRoot: '/',
        modules: [
          { type: 'ESModule', path: '/worker.js', contents },
          { type: 'Data', path: '/model.nut', contents: one.bytes },
        ],
        ...(hasBucket && { r2Buckets: ['MODELS'] }),
        // Nothing of it is written.
        handleRuntimeStdio: (stdout, stderr) => [stdout.resume(), stderr.resume()],
      });
      const ask = async (path, options) =>
        (await runtime.dispatchFetch(`http://x${path}`, options)).text();
      try {
        if (hasBucket) {
          const { error } = JSON.parse(await ask('/readyz'));
          if (error?.code !== 'not-ready') throw new Error('ready without a model');
          await (await runtime.getR2Bucket('MODELS')).put('model.nut', one.bytes);
        }
        const ready = await ask('/readyz');
        if (ready !== '{"status":"ready"}') throw new Error(ready);
        requests += await askAll(one, (body) => ask('/predict', { method: 'POST', body }));
      } finally {
        await runtime.dispose();
      }
    }
  }
  return `${requests} answers of ${cases.length} models as in Node, from a module and from a bucket`;
}

/** In Deno or Bun, as the head of server.js says: `args` are those of a port. */
export async function inServer(folder, program, args, environment) {
  const own = join(folder, 'edge');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'server.js'), await bundleEdge(await programOf('server.js')));
  const cases = await readCases();
  let requests = 0;
  for (const one of cases) {
    await writeFile(join(own, 'model.nut'), one.bytes);
    const port = await freePort();
    const child = spawn(program, args(port), {
      cwd: own,
      env: { ...environment, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    const ended = once(child, 'exit');
    try {
      const address = `http://127.0.0.1:${port}`;
      await ready(`${address}/readyz`, () => said);
      requests += await askAll(one, async (body) => {
        const response = await fetch(`${address}/predict`, { method: 'POST', body });
        return response.text();
      });
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  }
  return `${requests} answers of ${cases.length} models as in Node`;
}

async function ready(url, said) {
  for (let tries = 0; tries < 300; tries++) {
    const response = await fetch(url).catch(() => null);
    if (response?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`not ready in half a minute: ${said()}`);
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
