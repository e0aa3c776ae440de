// Installs the packed tarball into an empty folder and predicts there in Node, Deno, Bun and headless Chromium: the answers must be
// those of the golden rows to the bit. A runtime that is missing is a failure. Needs `npm run build` first.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { makeLargeForest } from '../../dist/bench/large-forest.js';
import { writeNut } from '../../dist/formats/index.js';
import { inServer, inWorkerd } from './edge.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const project = fileURLToPath(new URL('../..', import.meta.url));
const chromiumPath = '/usr/bin/chromium';
const peers = { deno: '2.9.6', bun: '1.4.5' };
/** The newest for Node 20; it brings Cloudflare's workerd. */
const miniflare = '4.20260426.0';
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'";
const wasmAllowed = ['/faster', '/threads', '/web-worker.js'];
const minute = 60_000;

const folder = await mkdtemp(join(tmpdir(), 'nuthatch-runtimes-'));
const app = join(folder, 'app');
const environment = {
  ...process.env,
  DENO_DIR: join(folder, 'deno'),
  DENO_NO_UPDATE_CHECK: '1',
  DO_NOT_TRACK: '1',
};

/** Runs a program to its end; throws with what it printed where it fails. */
function run(program, args, { cwd = app, timeout = minute } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: environment,
      timeout,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${signal ?? code}\n${stdout}${stderr}`));
    });
  });
}

let passed = 0;
let failed = 0;

/** Runs one check and prints its line; `check` returns the line's text. */
async function check(name, body) {
  try {
    console.log(`ok      ${name} ${await body()}`);
    passed++;
  } catch (error) {
    console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    failed++;
  }
}

/** What Node answered, the first to run: the others must answer the same, for all models. */
let nodeDigest;

function judge({ values, differences, digest }) {
  if (differences.length > 0)
    throw new Error(`${differences.length} differences\n${differences.slice(0, 5).join('\n')}`);
  if (!(values > 0)) throw new Error('nothing was compared');
  nodeDigest ??= digest;
  if (digest !== nodeDigest)
    throw new Error(`answers, or files converted, are not Node's: ${digest}, ${nodeDigest}`);
  return `${values} values identical to Python's, all answers and conversions to Node's, to the bit`;
}

/** Answers in worker threads, or why there are none: `refused` is the number of models that say so, all for a reason that holds this. */
function judgeThreads(reports, refused, reason) {
  let values = 0;
  const reasons = reports.flatMap((report) => report.refused ?? []);
  if (reasons.length !== refused || !reasons.every((text) => text.includes(reason)))
    throw new Error(`${reasons.length} of ${reports.length} without threads: ${reasons[0]}`);
  for (const report of reports) {
    if ('refused' in report) continue;
    if (report.differences.length > 0) throw new Error(report.differences.join('; '));
    if (!(report.values > 0)) throw new Error('nothing was compared in threads');
    values += report.values;
  }
  return `${values} values in threads`;
}

async function install() {
  await mkdir(app);
  const [packed] = JSON.parse(
    await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: project,
    }),
  );
  await writeFile(join(app, 'package.json'), '{ "private": true, "type": "module" }\n');
  const npmInstall = (...packages) =>
    run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...packages], {
      timeout: 5 * minute,
    });
  await npmInstall(join(folder, packed.filename), await packBatch());
  for (const file of ['replay-golden.mjs', 'in-threads.mjs', 'server-side.mjs', 'browser.mjs'])
    await cp(join(here, file), join(app, file));
  for (const [name, { folder: fixture }] of Object.entries(await models()))
    await cp(join(project, 'fixtures', fixture, 'model.json'), join(app, `${name}.json`));
  for (const [file, fixture] of Object.entries((await replayed()).imports))
    await cp(join(project, 'fixtures', fixture), join(app, file));
  await cp(join(project, 'fixtures', 'demo', 'rows.csv'), join(app, 'rows.csv'));
  const large = { trees: 20, splits: 5000, features: 9, classes: 3, seed: 3 };
  await writeFile(join(app, 'large.nut'), writeNut(makeLargeForest(large)));
  return { npmInstall, size: packed.size, files: packed.files.length };
}

/** The tarball of the package that `nuthatch predict` is in, which asks for the library by its version as when it is published. */
async function packBatch() {
  const copy = join(folder, 'batch');
  await cp(join(project, 'batch', 'dist'), join(copy, 'dist'), { recursive: true });
  const manifest = JSON.parse(await readFile(join(project, 'batch', 'package.json'), 'utf8'));
  manifest.dependencies.nuthatch = `^${manifest.version}`;
  delete manifest.scripts;
  await writeFile(join(copy, 'package.json'), JSON.stringify(manifest));
  const [packed] = JSON.parse(await run('npm', ['pack', '--json'], { cwd: copy }));
  return join(copy, packed.filename);
}

/** Names and folders of the models: from the installed copy, since only there does its import of nuthatch resolve. */
async function models() {
  return (await replayed()).models;
}

const replayed = () => import(pathToFileURL(join(app, 'replay-golden.mjs')).href);

async function commandLine() {
  const nuthatch = (...args) => run('npx', ['--no-install', 'nuthatch', ...args]);
  for (const name of Object.keys(await models()))
    await nuthatch('convert', `${name}.json`, '-o', `${name}.nut`);
  const version = (await nuthatch('--version')).trim();
  const predicted = await nuthatch('predict', 'demo.nut', 'rows.csv', '--format', 'json');
  const found = JSON.parse(predicted);
  const { expected } = JSON.parse(
    await readFile(join(project, 'fixtures', 'demo', 'case.json'), 'utf8'),
  );
  if (JSON.stringify(found) !== JSON.stringify(expected.predict))
    throw new Error(`predict gave ${predicted}, expected ${JSON.stringify(expected.predict)}`);
  return `${version}: convert, and predict of ${found.length} rows as in Python`;
}

async function serverSide(name, program, args) {
  const report = JSON.parse(await run(program, [...args, 'server-side.mjs']));
  if (report.runtime !== name) throw new Error(`ran in ${report.runtime}`);
  // Node has no web workers, and says what to take instead.
  const inThreads = judgeThreads(report.threads, name === 'Node' ? 2 : 0, 'workerThreads');
  return `${report.version}: ${judge(report)}; ${inThreads}`;
}

/** Counts violations before anything else runs. */
const countViolations = `globalThis.violations = [];
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  globalThis.violations.push(violatedDirective + ' ' + blockedURI);
});
`;

/** Breaks the policy on purpose, to prove that it is in force and that breaches are counted. */
const breakPolicy = `let outcome = 'eval ran';
try { (0, eval)('1'); } catch { outcome = 'eval refused'; }
setTimeout(() => fetch('/result', {
  method: 'POST',
  body: JSON.stringify({ outcome, violations: globalThis.violations }),
}), 100);
`;

const page = (script) =>
  `<!doctype html><title>nuthatch</title><script src="/count-violations.js"></script><script type="module" src="${script}"></script>`;

async function inBrowser() {
  try {
    await stat(chromiumPath);
  } catch {
    throw new Error(`${chromiumPath} is missing: apt-get install chromium`);
  }
  // The worker's file lies beside the page's, where the library looks for it.
  await build({
    entryPoints: { bundle: join(app, 'browser.mjs'), 'web-worker': 'nuthatch/web-worker' },
    outdir: app,
    absWorkingDir: app,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  const files = new Map([
    ['/', ['text/html', page('/bundle.js')]],
    ['/faster', ['text/html', page('/bundle.js')]],
    ['/faster-forbidden', ['text/html', page('/bundle.js')]],
    ['/threads', ['text/html', page('/bundle.js')]],
    ['/control', ['text/html', page('/break-policy.js')]],
    ['/count-violations.js', ['text/javascript', countViolations]],
    ['/break-policy.js', ['text/javascript', breakPolicy]],
    ['/large.nut', ['application/octet-stream', await readFile(join(app, 'large.nut'))]],
  ]);
  for (const script of ['bundle.js', 'web-worker.js'])
    files.set(`/${script}`, ['text/javascript', await readFile(join(app, script))]);
  for (const name of Object.keys(await models())) {
    for (const file of [`${name}.nut`, `${name}.json`])
      files.set(`/${file}`, ['application/octet-stream', await readFile(join(app, file))]);
  }
  for (const file of Object.keys((await replayed()).imports))
    files.set(`/${file}`, ['application/octet-stream', await readFile(join(app, file))]);
  let deliver;
  const server = createServer(async (request, response) => {
    const allowed = wasmAllowed.includes(request.url) ? " 'wasm-unsafe-eval'" : '';
    response.setHeader(
      'Content-Security-Policy',
      contentSecurityPolicy.replace(/script-src [^;]*/, (sources) => sources + allowed),
    );
    // Only such a page may share memory, and its worker must say so, too.
    if (request.url === '/threads') response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    if (['/threads', '/web-worker.js'].includes(request.url))
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (request.method === 'POST' && request.url === '/result') {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      response.end();
      deliver?.(JSON.parse(body));
      return;
    }
    const file = files.get(request.url);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': file[0] }).end(file[1]);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  let browser;
  try {
    browser = await chromium.launch({
      executablePath: chromiumPath,
      headless: true,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
    const visit = async (path) => {
      const tab = await browser.newPage();
      const errors = [];
      tab.on('pageerror', (error) => errors.push(error.message));
      let timer;
      const result = await new Promise((resolve, reject) => {
        deliver = resolve;
        timer = setTimeout(
          () => reject(new Error(`${path}: no result in a minute. ${errors.join('; ')}`)),
          minute,
        );
        tab.goto(origin + path).catch(reject);
      }).finally(() => clearTimeout(timer));
      await tab.close();
      return result;
    };
    const control = await visit('/control');
    if (control.outcome !== 'eval refused' || control.violations.length !== 1)
      throw new Error(`the policy is not in force: ${JSON.stringify(control)}`);
    let verdict;
    let inThreads;
    // A browser reports the one attempt to use WebAssembly that its policy forbids: by models that may, of which a page without others loads a large one.
    for (const [path, reported] of [
      ['/', 'script-src wasm-eval'],
      ['/faster', ''],
      ['/faster-forbidden', 'script-src wasm-eval'],
      ['/threads', ''],
    ]) {
      const { violations, ...report } = await visit(path);
      verdict = judge(report);
      const refused = path === '/threads' ? 0 : 2;
      inThreads = judgeThreads(report.threads, refused, 'Cross-Origin-Embedder-Policy');
      if (violations.join('; ') !== reported)
        throw new Error(`${path}: policy violations: ${violations.join('; ')}`);
    }
    return `${browser.version()}: ${verdict}, with WebAssembly, without, and where it is forbidden; ${inThreads}`;
  } finally {
    await browser?.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

try {
  let installed;
  await check('tarball', async () => {
    installed = await install();
    return `${installed.files} files, ${installed.size} bytes, installed`;
  });
  if (installed !== undefined) {
    await check('command line', commandLine);
    await check('Node', () => serverSide('Node', process.execPath, []));
    for (const [peer, name, args, serving] of [
      // The writer's msgpackr looks for a variable of the environment; predicting alone needs no permission.
      [
        ...['deno', 'Deno'],
        ['run', '--allow-read=.', '--allow-env', '--cached-only', '--node-modules-dir=manual'],
        (port) => ['serve', '--allow-read=.', '--host=127.0.0.1', `--port=${port}`, 'server.js'],
      ],
      ['bun', 'Bun', ['--bun', 'run'], () => ['server.js']],
    ]) {
      await check(name, async () => {
        await installed.npmInstall(`${peer}@${peers[peer]}`);
        const line = await serverSide(name, join(app, 'node_modules', '.bin', peer), args);
        if (!line.startsWith(`${peers[peer]}:`)) throw new Error(`ran in another version: ${line}`);
        return line;
      });
      await check(`deploy/edge in ${name}`, () =>
        inServer(app, join(app, 'node_modules', '.bin', peer), serving, environment),
      );
    }
    await check('deploy/edge in workerd', async () => {
      await installed.npmInstall(`miniflare@${miniflare}`);
      return inWorkerd(app);
    });
    await check('Chromium', inBrowser);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
