import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createModel } from '../../src/index.js';
import { answers, expectRefused, outcomeOf, reportDocuments } from './change-document.js';
import { probeRows } from './models.js';
import { compareWithReference } from './oracle.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Files cut off, with any byte, attribute or element changed, and small files that ask for much. */
reportDocuments('pmml');

const folder = fileURLToPath(new URL('../../fixtures/pmml/', import.meta.url));
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== '__pycache__')
  .map(({ name }) => name)
  .sort();
const textOf = (name: string): string => readFileSync(join(folder, name, 'model.pmml'), 'utf8');
const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Refused with a typed error, or a model that answers as its description says. */
async function judge(what: string, bytes: Uint8Array): Promise<void> {
  const outcome = await outcomeOf(what, bytes);
  if ('error' in outcome) return;
  const { model } = outcome;
  const plain = model as unknown as Record<string, unknown>;
  compareWithReference(what, createModel(model), plain, probeRows(model, 3, 3));
}

/** What an attribute or a text is changed to. */
const words = [
  ...['', '0', '-1', '1e400', '1e308', '-0', 'NaN', '4294967296', '0x10', '1.5', '2', ' '],
  ...['x', 'y', 'a', 'k', 'r', '__proto__', 'constructor', 'toString', 'float', 'double', 'string'],
  ...[
    'integer',
    'categorical',
    'continuous',
    'sum',
    'average',
    'majorityVote',
    'median',
    'modelChain',
  ],
  ...[
    'none',
    'defaultChild',
    'lastPrediction',
    'nullPrediction',
    'returnLastPrediction',
    'softmax',
  ],
  ...[
    'logit',
    'exp',
    'isMissing',
    'equal',
    'lessThan',
    'surrogate',
    'xor',
    'isNotIn',
    'regression',
  ],
];

test.each(names)(
  '%s, cut off or with anything changed, is refused or answers',
  async (name) => {
    const text = textOf(name);
    const bytes = toBytes(text);
    const random = campaign(95 + names.indexOf(name));
    const whole = await outcomeOf(name, bytes);
    if ('error' in whole) return expect.fail(whole.error.message);
    for (const length of random.sample(bytes.length - 1, 4 * fuzzRuns)) {
      const cut = await outcomeOf(`${name}, ${length} bytes`, bytes.subarray(0, length));
      // But for the break of a line after its end.
      if (!('error' in cut)) expect(length).toBeGreaterThan(bytes.length - 3);
    }
    for (let run = 0; run < 6 * fuzzRuns; run++) {
      const changed = bytes.slice();
      const at = random.below(bytes.length);
      changed[at] = random.pick([...toBytes('<>"&;/= 019Z'), 0, 0xff, changed[at]! ^ 1]);
      await judge(`${name}, byte ${at} is ${changed[at]}`, changed);
    }
    const values = [...text.matchAll(/(?<==")[^"]*(?=")|(?<=>)[^<>]+(?=<)/g)].slice(2);
    for (let run = 0; run < 12 * fuzzRuns; run++) {
      const { 0: value, index } = random.pick(values);
      const by = random.pick([...words, random.pick(values)[0]]);
      const changed = text.slice(0, index) + by + text.slice(index + value.length);
      await judge(`${name}, ${value} at ${index} is ${by}`, toBytes(changed));
    }
    const elements = [...text.matchAll(/<(\w+)[^<>]*\/>|<(\w+)[^<>]*>[^<]*<\/\2>/g)];
    for (let run = 0; run < 6 * fuzzRuns; run++) {
      const { 0: element, index } = random.pick(elements);
      const by = random.pick(['', element + element, random.pick(elements)[0], '<True/>']);
      const changed = text.slice(0, index) + by + text.slice(index + element.length);
      await judge(`${name}, ${element} at ${index} is ${by}`, toBytes(changed));
    }
  },
  fuzzTimeout,
);

const fields =
  '<DataDictionary><DataField name="x" optype="continuous" dataType="double"/><DataField name="y" optype="continuous" dataType="double"/></DataDictionary>';
const schema =
  '<MiningSchema><MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema>';
const pmml = (model: string, before = '') =>
  `<?xml version="1.0"?>${before}<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/>${fields}${model}</PMML>`;
const tree = (nodes: string) =>
  `<TreeModel functionName="regression">${schema}${nodes}</TreeModel>`;
const leaves =
  '<Node score="1"><True/><Node score="2"><SimplePredicate field="x" operator="lessThan" value="0"/></Node><Node score="3"><True/></Node></Node>';
const refused = (what: string, text: string | Uint8Array) =>
  expectRefused(what, text instanceof Uint8Array ? text : toBytes(text));

test('a small tree is read, so that what follows is refused for its own sake', async () => {
  const outcome = await outcomeOf('small', toBytes(pmml(tree(leaves))));
  if ('error' in outcome) return expect.fail(outcome.error.message);
  expect(answers(outcome.model)).toContain('2');
});

describe('documents', () => {
  test('entities and document types', async () => {
    const bomb = `<!DOCTYPE PMML [<!ENTITY a "aaaa">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i} "&a${i - 1};&a${i - 1};">`).join('')}]>`;
    expect((await refused('entities', pmml(tree(leaves), bomb))).code).toBe('unsupported');
    const outside = '<!DOCTYPE PMML SYSTEM "file:///etc/passwd">';
    expect((await refused('an outer one', pmml(tree(leaves), outside))).code).toBe('unsupported');
    expect((await refused('unknown', pmml(tree(leaves.replace('"1"', '"&a;"'))))).code).toBe(
      'malformed',
    );
  });

  test('other encodings, by their names', async () => {
    const text = pmml(tree(leaves));
    const wide = new Uint8Array(2 * text.length + 2);
    wide.set([0xff, 0xfe]);
    for (let i = 0; i < text.length; i++) wide[2 + 2 * i] = text.charCodeAt(i);
    expect((await refused('UTF-16', wide)).message).toContain('UTF-16');
    const latin = text.replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"');
    expect((await refused('Latin', latin)).message).toContain('ISO-8859-1');
    const broken = toBytes(text);
    broken[broken.length - 60] = 0xff;
    expect((await refused('no UTF-8', broken)).code).toBe('malformed');
    const marked = await outcomeOf('a mark', toBytes(`\ufeff${text}`));
    expect('error' in marked).toBe(false);
  });

  test('other documents, other versions, an attribute twice', async () => {
    expect((await refused('HTML', '<html><body/></html>')).code).toBe('not-a-model');
    const old = pmml(tree(leaves)).replace('version="4.4"', 'version="3.2"');
    expect((await refused('version 3', old)).code).toBe('unsupported-version');
    expect(
      (await refused('twice', pmml(tree(leaves)).replace('score="1"', 'score="1" score="2"'))).code,
    ).toBe('malformed');
  });
});

describe('what asks for much', () => {
  const nested = (open: string, close: string, count: number) =>
    open.repeat(count) + close.repeat(count);

  test('elements nested without end', async () => {
    const started = performance.now();
    const deep = pmml(tree(nested('<Node score="1"><True/>', '</Node>', 100_000)));
    expect((await refused('nodes', deep)).code).toBe('limit-exceeded');
    const predicates = nested(
      '<CompoundPredicate booleanOperator="and"><True/>',
      '</CompoundPredicate>',
      3000,
    );
    const compound = pmml(
      tree(`<Node score="1"><True/><Node score="2">${predicates}</Node></Node>`),
    );
    expect((await refused('predicates', compound)).code).toBe('limit-exceeded');
    const expression = nested('<Apply function="exp">', '</Apply>', 3000);
    const local = `<LocalTransformations><DerivedField name="d" optype="continuous" dataType="double">${expression}</DerivedField></LocalTransformations>`;
    const uses = leaves.replace('field="x"', 'field="d"');
    expect((await refused('expressions', pmml(tree(local + uses)))).code).toMatch(
      /unsupported|limit-exceeded/,
    );
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('a tree as deep as trees may be is read', async () => {
    const node = '<Node score="1"><SimplePredicate field="x" operator="lessThan" value="0"/>';
    const top = '<Node score="1"><True/>';
    const last = 'noTrueChildStrategy="returnLastPrediction"';
    const text = pmml(tree(`${top}${node.repeat(3000)}${'</Node>'.repeat(3000)}</Node>`));
    const outcome = await outcomeOf(
      'deep',
      toBytes(text.replace('<TreeModel', `<TreeModel ${last}`)),
    );
    if ('error' in outcome) expect.fail(outcome.error.message);
  });

  test('fields derived from themselves, from each other, and doubled again and again', async () => {
    const derived = (name: string, expression: string) =>
      `<DerivedField name="${name}" optype="continuous" dataType="double">${expression}</DerivedField>`;
    const ref = (name: string) => `<FieldRef field="${name}"/>`;
    const local = (inner: string, field: string) =>
      pmml(
        tree(
          `<LocalTransformations>${inner}</LocalTransformations>${leaves.replace('field="x"', `field="${field}"`)}`,
        ),
      );
    const circle = derived('a', ref('b')) + derived('b', ref('a'));
    expect((await refused('a circle', local(circle, 'a'))).message).toContain(
      'derived from itself',
    );
    const chain = Array.from({ length: 5000 }, (_, i) => derived(`d${i + 1}`, ref(`d${i}`))).join(
      '',
    );
    expect((await refused('a chain', local(derived('d0', ref('x')) + chain, 'd5000'))).code).toBe(
      'limit-exceeded',
    );
    const doubled = Array.from({ length: 40 }, (_, i) =>
      derived(`d${i + 1}`, `<Apply function="*">${ref(`d${i}`)}${ref(`d${i}`)}</Apply>`),
    ).join('');
    const all = derived('d0', `<Apply function="+">${ref('x')}${ref('x')}</Apply>`) + doubled;
    await judge('doubled', toBytes(local(all, 'd40')));
    const pairs = Array.from({ length: 18 }, (_, i) =>
      derived(
        `d${i + 1}`,
        `<Apply function="*">${ref(`d${i}`)}<Apply function="exp">${ref(`d${i}`)}</Apply></Apply>`,
      ),
    ).join('');
    expect((await refused('pairs', local(derived('d0', ref('x')) + pairs, 'd18'))).code).toBe(
      'limit-exceeded',
    );
  });

  test('predicates that multiply branches', async () => {
    const started = performance.now();
    const either = (i: number) =>
      `<CompoundPredicate booleanOperator="xor">${Array.from({ length: 40 }, (_, k) => `<SimplePredicate field="x" operator="lessThan" value="${i * 40 + k}"/>`).join('')}</CompoundPredicate>`;
    const many = Array.from(
      { length: 300 },
      (_, i) => `<Node score="${i}">${either(i % 7)}</Node>`,
    );
    const names = Array.from({ length: 24 }, (_, i) => `f${i}`);
    const own = names
      .map((name) => `<DataField name="${name}" optype="continuous" dataType="double"/>`)
      .join('');
    const odd = `<CompoundPredicate booleanOperator="xor">${names.map((name) => `<SimplePredicate field="${name}" operator="lessThan" value="0"/>`).join('')}</CompoundPredicate>`;
    const wide = pmml(
      tree(
        `<Node score="0"><True/><Node score="1">${odd}</Node><Node score="2"><True/></Node></Node>`,
      ),
    )
      .replace('<DataDictionary>', `<DataDictionary>${own}`)
      .replace(
        '<MiningSchema>',
        `<MiningSchema>${names.map((name) => `<MiningField name="${name}"/>`).join('')}`,
      );
    expect((await refused('xor of 24 fields', wide)).code).toBe('limit-exceeded');
    await judge(
      '300 sets of 40',
      toBytes(
        pmml(tree(`<Node score="0"><True/>${many.join('')}<Node score="2"><True/></Node></Node>`)),
      ),
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('elements, attributes and words that are small', async () => {
    const elements = pmml(tree(`<Node score="1"><True/>${'<a/>'.repeat(1_200_000)}</Node>`));
    expect((await refused('elements', elements)).code).toBe('limit-exceeded');
    const array = `<SimpleSetPredicate field="x" booleanOperator="isIn"><Array type="int">${'1 '.repeat(100_000)}</Array></SimpleSetPredicate>`;
    await refused(
      'words',
      pmml(tree(`<Node score="1"><True/><Node score="1">${array}</Node></Node>`)),
    );
  });

  test('names of what every object has', async () => {
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty', '']) {
      const text = pmml(tree(leaves))
        .replaceAll('"x"', `"${name}"`)
        .replace('<Header/>', `<Header ${name || 'a'}="1"/>`);
      await judge(`a field ${name}`, toBytes(text));
      await judge(`a function ${name}`, toBytes(pmml(tree(leaves)).replace('lessThan', name)));
    }
  });
});
