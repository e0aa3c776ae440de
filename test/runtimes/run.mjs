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

const here = fileURLToPath(new URL('.', import.meta.url));
const project = fileURLToPath(new URL('../..', import.meta.url));
const chromiumPath = '/usr/bin/chromium';
const peers = { deno: '2.9.6', bun: '1.4.5' };
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'";
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
    throw new Error(`the answers of linear models are not Node's: ${digest}, ${nodeDigest}`);
  return `${values} values identical to Python's, all answers to Node's, to the bit`;
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
  await npmInstall(join(folder, packed.filename));
  for (const file of ['replay-golden.mjs', 'server-side.mjs', 'browser.mjs'])
    await cp(join(here, file), join(app, file));
  for (const [name, { folder: fixture }] of Object.entries(await models()))
    await cp(join(project, 'fixtures', fixture, 'model.json'), join(app, `${name}.json`));
  await cp(join(project, 'fixtures', 'demo', 'rows.csv'), join(app, 'rows.csv'));
  return { npmInstall, size: packed.size, files: packed.files.length };
}

/** Names and folders of the models: from the installed copy, since only there does its import of nuthatch resolve. */
async function models() {
  return (await import(pathToFileURL(join(app, 'replay-golden.mjs')).href)).models;
}

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
  return `${report.version}: ${judge(report)}`;
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
  const bundle = join(app, 'bundle.js');
  await build({
    entryPoints: [join(app, 'browser.mjs')],
    outfile: bundle,
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
    ['/control', ['text/html', page('/break-policy.js')]],
    ['/count-violations.js', ['text/javascript', countViolations]],
    ['/break-policy.js', ['text/javascript', breakPolicy]],
    ['/bundle.js', ['text/javascript', await readFile(bundle)]],
  ]);
  for (const name of Object.keys(await models())) {
    for (const file of [`${name}.nut`, `${name}.json`])
      files.set(`/${file}`, ['application/octet-stream', await readFile(join(app, file))]);
  }
  let deliver;
  const server = createServer(async (request, response) => {
    const allowed = request.url === '/faster' ? " 'wasm-unsafe-eval'" : '';
    response.setHeader(
      'Content-Security-Policy',
      contentSecurityPolicy.replace(/script-src [^;]*/, (sources) => sources + allowed),
    );
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
    // A browser reports the one attempt to use WebAssembly that its policy forbids.
    for (const [path, reported] of [
      ['/', ''],
      ['/faster', ''],
      ['/faster-forbidden', 'script-src wasm-eval'],
    ]) {
      const { violations, ...report } = await visit(path);
      verdict = judge(report);
      if (violations.join('; ') !== reported)
        throw new Error(`${path}: policy violations: ${violations.join('; ')}`);
    }
    return `${browser.version()}: ${verdict}, with WebAssembly, without, and where it is forbidden`;
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
    for (const [peer, name, args] of [
      // The writer's msgpackr looks for a variable of the environment; predicting alone needs no permission.
      [
        ...['deno', 'Deno'],
        ['run', '--allow-read=.', '--allow-env', '--cached-only', '--node-modules-dir=manual'],
      ],
      ['bun', 'Bun', ['--bun', 'run']],
    ]) {
      await check(name, async () => {
        await installed.npmInstall(`${peer}@${peers[peer]}`);
        const line = await serverSide(name, join(app, 'node_modules', '.bin', peer), args);
        if (!line.startsWith(`${peers[peer]}:`)) throw new Error(`ran in another version: ${line}`);
        return line;
      });
    }
    await check('Chromium', inBrowser);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
