// Drives the page at / in headless Chromium: fills in the forms of models of every sort, and holds what it shows against the library's own
// answers; runs what it shows as curl, Python and JavaScript; checks it with axe, light and dark, wide and narrow; and that nothing of another
// host is asked and nothing of a model's file is markup. Needs `npm run build`, Chromium, and the environment of
// python/environments/openapi.txt. With --write, makes the screenshots in docs/serving.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createModel } from 'nuthatch';
import { importModel, writeNut } from 'nuthatch/import';
import { chromium } from 'playwright-core';
import { toRows } from '../dist/answer.js';
import { serve } from '../dist/index.js';

const { values: flags } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const project = fileURLToPath(new URL('../..', import.meta.url));
const python = join(project, '.venvs/openapi/bin/python');
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const run = promisify(execFile);

/** Models by the names that the page shows. */
const fixtures = {
  flowers: 'reference/flowers',
  titanic: 'models/sklearn-1.9/pipeline-mixed',
  fares: 'models/sklearn-1.9/pipeline-pandas',
  diabetes: 'models/sklearn-1.9/random-forest-regressor',
  messages: 'models/sklearn-1.9/tf-idf-logistic',
  digits: 'models/sklearn-1.9/extra-trees-classifier',
  'two labels': 'models/sklearn-1.9/tree-classifier-two-outputs',
  exercise: 'models/sklearn-1.9/random-forest-regressor-three-outputs',
  encoder: 'models/sklearn-1.9/one-hot',
  items: 'models/sklearn-1.9/dict-vectorizer-logistic',
};
/** What a stranger's file might call its columns and classes. */
const markup = [
  '<img src=x onerror="window.owned=1">',
  '"><svg/onload=window.owned=1>',
  "'; touch owned; '",
  '`$(touch owned)`',
  '__proto__',
];

const folder = await mkdtemp(join(tmpdir(), 'nuthatch-page-'));
const descriptions = new Map();
for (const [name, path] of Object.entries(fixtures)) {
  const file = join(project, 'fixtures', path, 'model.json');
  descriptions.set(name, await importModel(await readFile(file)));
}
const hostile = structuredClone(
  await importModel(await readFile(join(project, 'fixtures/demo/model.json'))),
);
hostile.input.names = markup.slice(1);
hostile.root.head.labels[0].values = [markup[0], '<b>b</b>', '&amp;'];
hostile.golden = [];
descriptions.set(markup[0], hostile);

await mkdir(join(folder, 'models'));
for (const [name, description] of descriptions)
  await writeFile(join(folder, 'models', `${name}.nut`), writeNut(description));

let passed = 0;
let failed = 0;

/** Runs one check and prints its line. */
async function check(name, body) {
  try {
    console.log(`ok      ${name}: ${await body()}`);
    passed++;
  } catch (error) {
    console.log(`FAILED  ${name}: ${error instanceof Error ? error.stack : String(error)}`);
    failed++;
  }
}

/** A page, and what went wrong in it: whatever it logs, and whatever it asks of others. */
async function openPage(address, { scheme = 'light', width = 1280, path = '/' } = {}) {
  const tab = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 900 } });
  const wrongs = [];
  tab.on('console', (message) => wrongs.push(message.text()));
  tab.on('pageerror', (error) => wrongs.push(error.message));
  tab.on('request', (request) => {
    if (!request.url().startsWith(address)) wrongs.push(`asked ${request.url()}`);
  });
  await tab.goto(address + path);
  return { tab, wrongs };
}

async function choose(tab, name) {
  await tab.selectOption('#model', name);
  await tab.waitForFunction(
    (wanted) =>
      document.querySelector('#model-title').textContent === wanted &&
      document.querySelector('#fields').children.length > 0,
    name,
  );
}

/** Presses Predict, and waits for what comes of it. */
async function predict(tab) {
  const answered = tab.waitForResponse((response) => response.request().method() === 'POST');
  await tab.click('#predict');
  await (await answered).finished();
  await tab.waitForFunction(() => !document.querySelector('#answer').hasAttribute('aria-busy'));
}

/** What the page shows: the values of the answer, to their last digit, and the shares of its bars. */
const shown = (tab) =>
  tab.evaluate(() => ({
    values: [...document.querySelectorAll('#answer [data-exact]')].map((one) =>
      JSON.parse(one.dataset.exact),
    ),
    shares: [...document.querySelectorAll('#answer [data-share]')].map((one) =>
      Number(one.dataset.share),
    ),
  }));

/** The request that the page says it has made. */
async function requested(tab) {
  await tab.click('#tab-curl');
  const code = await tab.textContent('#code');
  return JSON.parse(/-d '(.+)'$/s.exec(code)[1].replaceAll("'\\''", "'"));
}

/** What the library itself answers to one row, as the page shows it. */
function expected(name, features) {
  const model = createModel(descriptions.get(name));
  const method = model.task === 'transformer' ? 'transform' : 'predict';
  const [values] = toRows(model[method](features));
  const [shares] = model.predictProba ? toRows(model.predictProba(features)) : [[]];
  return { values: [values].flat(), shares: shares.flat() };
}

async function accessible(tab, what) {
  await tab.evaluate(axe);
  const { violations, passes } = await tab.evaluate(() => window.axe.run());
  const said = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3)}`,
  );
  assert.deepEqual(said, [], what);
  const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${what}: ${overflow} px wider than the window`);
  return passes.length;
}

const tokens = { all: 'a'.repeat(20), predict: 'p'.repeat(20) };
await writeFile(join(folder, 'tokens'), `${tokens.all}\n${tokens.predict} predict\n`);
const served = await serve(join(folder, 'models'), { port: 0 });
const guarded = await serve(join(project, 'fixtures/reference/flowers/model.json'), {
  ...{ port: 0, modelName: 'flowers' },
  security: { tokenFile: join(folder, 'tokens') },
});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});
try {
  await checkAll();
} finally {
  await browser.close();
  await Promise.all([served.close(), guarded.close()]);
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function checkAll() {
  const { tab, wrongs } = await openPage(served.address);
  await tab.waitForSelector('#field-0, #fields details');
  const quiet = () => assert.deepEqual(wrongs.splice(0), []);

  for (const name of descriptions.keys())
    await check(`answers of ${JSON.stringify(name)}`, async () => {
      await choose(tab, name);
      let values = 0;
      for (const example of [0, 1]) {
        if (example > 0 && !(await tab.isVisible('#example'))) break;
        await predict(tab);
        const { features, ...others } = await requested(tab);
        const found = await shown(tab);
        const wanted = expected(name, features);
        assert.deepEqual(found, wanted);
        assert.ok(
          found.values.length > 0 && ('probabilities' in others || found.shares.length === 0),
        );
        values += found.values.length + found.shares.length;
        await Promise.all([
          tab.waitForResponse((response) => response.request().method() === 'POST'),
          tab.click('#example'),
        ]);
      }
      quiet();
      return `${values} values, the library's to the bit`;
    });

  await check('names and classes of a stranger', async () => {
    await choose(tab, markup[0]);
    await predict(tab);
    const labels = await tab.$$eval('.field > label', (all) =>
      all.map(({ textContent }) => textContent),
    );
    assert.deepEqual(labels, markup.slice(1));
    assert.equal(await tab.textContent('#model-title'), markup[0]);
    assert.deepEqual(
      await tab.$$eval('.shares tbody th', (all) => all.map(({ textContent }) => textContent)),
      hostile.root.head.labels[0].values,
    );
    // The one in the head of the page.
    assert.equal(
      await tab.evaluate(() => document.querySelectorAll('img, main b, main svg[onload]').length),
      1,
    );
    assert.equal(await tab.evaluate(() => window.owned), undefined);
    quiet();
    return 'are text';
  });

  await check('curl, Python and JavaScript', async () => {
    for (const name of [markup[0], 'titanic']) {
      await choose(tab, name);
      await predict(tab);
      const { values } = await shown(tab);
      const programs = {
        curl: ['bash', '-c'],
        Python: [python, '-c'],
        JavaScript: [process.execPath, '--input-type=module', '-e'],
      };
      for (const [language, [program, ...args]] of Object.entries(programs)) {
        await tab.click(`#tab-${language}`);
        const { stdout } = await run(program, [...args, await tab.textContent('#code')], {
          cwd: folder,
        });
        for (const value of values)
          assert.ok(
            [String(value), JSON.stringify(value)].some((text) => stdout.includes(text)),
            `${language}: ${stdout}`,
          );
      }
    }
    assert.equal(existsSync(join(folder, 'owned')), false);
    quiet();
    return 'answer the same where they are run';
  });

  await check('an error', async () => {
    await choose(tab, 'fares');
    const id = await tab.evaluate(
      () =>
        [...document.querySelectorAll('label')].find(({ textContent }) => textContent === 'fare')
          .htmlFor,
    );
    await tab.fill(`#${id}`, '');
    await predict(tab);
    const complaint = await tab.textContent(`#${id}-complaint`);
    assert.match(complaint, /^this model does not take missing values/);
    assert.equal(await tab.getAttribute(`#${id}`, 'aria-invalid'), 'true');
    assert.equal(await tab.evaluate(() => document.activeElement.id), id);
    // Chromium itself tells that an answer had the status 400.
    assert.match(wrongs.splice(0).join(), /^Failed to load resource.*400 \(Bad Request\)$/);
    await tab.fill(`#${id}`, '7.25');
    await predict(tab);
    assert.equal(await tab.textContent(`#${id}-complaint`), '');
    quiet();
    return `stands beside its field: ${complaint}`;
  });

  await check('rows that are pasted', async () => {
    await choose(tab, 'digits');
    const model = createModel(descriptions.get('digits'));
    const rows = [0, 1, 2].map((row) =>
      Array.from({ length: 64 }, (_, i) => (i * 7 + row * 3) % 17),
    );
    const wanted = toRows(model.predict(rows));
    for (const text of [
      rows.map((row) => row.join(',')).join('\n'),
      JSON.stringify(rows),
      JSON.stringify({ features: rows }),
    ]) {
      await tab.fill('#pasted', text);
      await predict(tab);
      assert.deepEqual((await shown(tab)).values, wanted);
    }
    await choose(tab, 'flowers');
    await tab.click('#paste summary');
    await tab.fill(
      '#pasted',
      'petal width (cm),petal length (cm),sepal width (cm),sepal length (cm)\n0.2,1.4,3.5,5.1\n1.8,,2.9,6.3\n',
    );
    await predict(tab);
    const flowers = createModel(descriptions.get('flowers'));
    assert.deepEqual(
      (await shown(tab)).values,
      toRows(
        flowers.predict([
          [5.1, 3.5, 1.4, 0.2],
          [6.3, 2.9, null, 1.8],
        ]),
      ),
    );
    quiet();
    return 'CSV, JSON and requests; columns by name in any order';
  });

  await check('by keyboard', async () => {
    await choose(tab, 'flowers');
    await tab.focus('#field-0');
    await tab.keyboard.press('ArrowUp');
    const answered = tab.waitForResponse((response) => response.request().method() === 'POST');
    await tab.keyboard.press('Enter');
    await answered;
    assert.deepEqual((await requested(tab)).features[0]['sepal length (cm)'], 5.2);
    await tab.focus('#tab-curl');
    await tab.keyboard.press('ArrowRight');
    assert.match(await tab.textContent('#code'), /^import requests/);
    quiet();
    return 'values are changed and sent, languages chosen';
  });

  await check('traffic and drift', async () => {
    await traffic(flags.write ? 100 : 2.5);
    await tab.click('#figures summary');
    await tab.waitForFunction(() =>
      /[1-9]/.test(document.querySelector('#figures-table tbody')?.textContent ?? ''),
    );
    await tab.waitForFunction(() => document.querySelectorAll('.state.large').length > 0);
    const [chart] = await tab.$$eval('.plot', (all) =>
      all.map((one) => one.getAttribute('aria-label')),
    );
    assert.match(chart, /^Requests, now [\d.]+\/s/);
    const [most] = await tab.$$eval('.drift tbody th', (all) =>
      all.map(({ textContent }) => textContent),
    );
    assert.equal(most, 'petal width (cm)');
    quiet();
    return `${chart}; ${most} has moved most`;
  });
  if (flags.write) await takeScreenshots(tab);

  await check('accessibility', async () => {
    let rules = 0;
    for (const [name, scheme, width] of [
      ['flowers', 'light', 1280],
      ['two labels', 'dark', 1280],
      ['encoder', 'light', 1280],
      ['flowers', 'dark', 360],
      ['titanic', 'light', 360],
      ['digits', 'dark', 360],
    ]) {
      await tab.emulateMedia({ colorScheme: scheme });
      await tab.setViewportSize({ width, height: 900 });
      await choose(tab, name);
      await predict(tab);
      rules += await accessible(tab, `${name}, ${scheme}, ${width} px`);
    }
    quiet();
    return `${rules} rules of axe hold, light and dark, at 1280 and 360 px`;
  });

  await check('a token', async () => {
    const { tab: own, wrongs: said } = await openPage(guarded.address);
    await own.waitForSelector('#token-dialog[open]');
    const rules = await accessible(own, 'the dialog');
    await own.fill('#token', 'wrong'.repeat(4));
    await own.click('#token-use');
    await own.waitForFunction(() =>
      document.querySelector('#token-reason').textContent.includes('refused'),
    );
    await own.fill('#token', tokens.predict);
    await own.click('#token-use');
    await own.waitForSelector('#field-0');
    await predict(own);
    assert.deepEqual((await shown(own)).values, ['setosa']);
    await own.waitForFunction(() =>
      document.querySelector('#traffic-note').textContent.includes('not for metrics'),
    );
    assert.match(await own.textContent('#code'), /Bearer \$NUTHATCH_TOKEN/);
    const kept = await own.evaluate(() => [
      localStorage.length,
      sessionStorage.length,
      document.cookie,
    ]);
    assert.deepEqual(kept, [0, 0, '']);
    assert.deepEqual(
      said.filter((text) => !/40[13] \((Unauthorized|Forbidden)\)/.test(text)),
      [],
    );
    await own.close();
    return `is asked for, refused where it is wrong, and kept nowhere; ${rules} rules of axe hold`;
  });

  await check('Swagger UI', async () => {
    const { tab: own, wrongs: said } = await openPage(served.address, { path: '/docs' });
    await own.waitForSelector('.opblock');
    assert.deepEqual(said, []);
    await own.close();
    return 'opens under its policy';
  });
}

/** Training rows for so many seconds, as they come and go, one column of them moved. */
async function traffic(seconds) {
  const csv = await readFile(join(project, 'fixtures/reference/flowers/rows.csv'), 'utf8');
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
  const end = Date.now() + seconds * 1000;
  for (let i = 0; Date.now() < end; i++) {
    const many = 2 + Math.round(1.5 * Math.sin(i / 90) + Math.random());
    const asked = Array.from({ length: many }, async (_, k) => {
      const start = (i * 37 + k * 11) % rows.length;
      const features = rows
        .slice(start, start + 12)
        .map(([a, b, c, d]) => [a, b + 0.1, c, d * 1.4]);
      const body = i % 60 === 59 ? '{}' : JSON.stringify({ features });
      const url = `${served.address}/models/flowers/predict`;
      return (await fetch(url, { method: 'POST', body })).text();
    });
    await Promise.all(asked);
    await sleep(20);
  }
}

/** Of each part of the page one, and of a telephone. */
async function takeScreenshots(tab) {
  const shot = async (name, from, to) => {
    await tab.evaluate(() => scrollTo(0, 0));
    await tab.waitForTimeout(700);
    const top = from === null ? 0 : (await tab.locator(from).boundingBox()).y - 24;
    const { y, height } = await tab.locator(to).boundingBox();
    const clip = { x: 0, y: top, width: tab.viewportSize().width, height: y + height + 24 - top };
    await tab.screenshot({
      path: join(project, `docs/serving/page-${name}.png`),
      clip,
      fullPage: true,
    });
  };
  await tab.click('#figures summary');
  await tab.setViewportSize({ width: 1120, height: 900 });
  await choose(tab, 'flowers');
  await tab.click('#example');
  await tab.click('#example');
  await shot('predict', null, '#try');
  await tab.emulateMedia({ colorScheme: 'dark' });
  await shot('traffic', '#traffic', '#drift');
  await tab.emulateMedia({ colorScheme: 'light' });
  await tab.setViewportSize({ width: 390, height: 900 });
  await choose(tab, 'titanic');
  await predict(tab);
  await shot('narrow', null, '#answer');
}
