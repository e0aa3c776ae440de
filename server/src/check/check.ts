import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  createModel,
  type Input,
  type Model,
  type ModelDescription,
  NuthatchError,
} from 'nuthatch';
import { readModel } from 'nuthatch/node';
import { passed, verify } from 'nuthatch/verify';
import { parseCsv } from '../csv.js';
import { Value } from '../typebox.js';
import type { Outcome } from './junit.js';
import { type Cells, Probe } from './probe.js';
import { type Suite, suiteSchema } from './suite.js';

/**
 * Asks a model for all that a suite, a file of YAML or JSON, expects of it.
 *
 * @throws NuthatchError of `readModel`; `io`, `malformed`, `usage` where suite or data cannot be read or do not fit the model
 */
export async function checkModel(
  modelPath: string,
  suitePath: string,
): Promise<readonly Outcome[]> {
  const suite = await readSuite(suitePath);
  const description = await readModel(modelPath);
  const model = createModel(description);
  const outcomes: Outcome[] = [];
  const expect = (name: string, ask: () => readonly [passed: boolean, found: string]) => {
    const started = performance.now();
    const [isPassed, found] = ask();
    outcomes.push({ name, found, passed: isPassed, seconds: (performance.now() - started) / 1000 });
  };
  if (suite.golden) expect('golden rows hold', () => replayGolden(description));
  if (suite.size) {
    const { size } = await stat(modelPath);
    const { mostBytes } = suite.size;
    expect(`size is at most ${mostBytes} bytes`, () => [size <= mostBytes, `${size} bytes`]);
  }
  if (suite.data === undefined) {
    const needy = ['invariance', 'direction', 'metrics', 'latency'].filter((name) => name in suite);
    if (needy.length > 0) throw usage(suitePath, `${needy.join(', ')} need data`);
    return outcomes;
  }
  const probe = await readData(model, join(dirname(suitePath), suite.data), suite, suitePath);
  for (const one of suite.invariance ?? [])
    expect(`${one.columns.join(', ')} must not matter`, () =>
      probe.invariance(one.columns, one.tolerance ?? 0),
    );
  for (const one of suite.direction ?? [])
    expect(`${one.column} + ${one.by} is never answered ${one.never}`, () => probe.direction(one));
  for (const [name, limits] of Object.entries(suite.metrics ?? {}))
    expect(`${name} ${describe(limits!)}`, () => {
      const value = probe.metric(name as keyof NonNullable<Suite['metrics']>);
      const { least = -Infinity, most = Infinity } = limits!;
      return [value >= least && value <= most, `${name} is ${value}`];
    });
  if (suite.latency) {
    const { p99Ms } = suite.latency;
    expect(`99 of 100 rows take at most ${p99Ms} ms`, () => {
      const found = probe.latency();
      return [found <= p99Ms, `${found.toFixed(4)} ms`];
    });
  }
  return outcomes;
}

const describe = ({ least, most }: { readonly least?: number; readonly most?: number }): string =>
  [least === undefined ? [] : `at least ${least}`, most === undefined ? [] : `at most ${most}`]
    .flat()
    .join(', ');

function replayGolden(description: ModelDescription): readonly [boolean, string] {
  const comparisons = verify(description);
  const values = comparisons.reduce((sum, one) => sum + one.values, 0);
  const failed = comparisons.reduce((sum, one) => sum + one.failed, 0);
  if (values === 0) return [false, 'the file holds no golden rows'];
  return [passed(comparisons), `${failed} of ${values} values differ`];
}

async function readSuite(path: string): Promise<Suite> {
  const text = await readText(path);
  const { parse } = await import('../yaml.js');
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new NuthatchError('malformed', basename(path), (error as Error).message.split('\n')[0]!);
  }
  if (Value.Check(suiteSchema, value)) return value;
  const [first] = Value.Errors(suiteSchema, value);
  const place = first!.instancePath.slice(1).replaceAll('/', '.');
  const said = first!.keyword === 'boolean' ? 'there is no such expectation' : first!.message;
  throw usage(path, `${place === '' ? '' : `${place}: `}${said}`);
}

async function readData(
  model: Model,
  path: string,
  suite: Suite,
  suitePath: string,
): Promise<Probe> {
  const [header, ...lines] = parseCsv(await readText(path));
  const names = (header ?? []).map(String);
  if (lines.length === 0) throw usage(suitePath, 'data: the file holds no rows');
  const { label } = suite;
  if (label !== undefined && !names.includes(label))
    throw usage(suitePath, `label: the data has no column ${JSON.stringify(label)}`);
  if (suite.metrics !== undefined && label === undefined)
    throw usage(suitePath, 'label: metrics need it');
  const used = [
    ...(suite.invariance ?? []).flatMap(({ columns }) => columns),
    ...(suite.direction ?? []).map(({ column }) => column),
  ];
  const unknown = used.find((name) => !names.includes(name) || name === label);
  if (unknown !== undefined)
    throw usage(suitePath, `the data has no column ${JSON.stringify(unknown)}`);
  const truth = label === undefined ? [] : lines.map((line) => line[names.indexOf(label)]!);
  const features = names.filter((name) => name !== label);
  const rows = lines.map((line) => features.map((name) => line[names.indexOf(name)] ?? null));
  const { input } = model.description;
  const strings = new Set(
    input.type === 'columns'
      ? input.columns
          .filter(({ type }) => type === 'string' || type === 'category')
          .map(({ name }) => name)
      : [],
  );
  // Words that look like numbers are words where the model takes these.
  const typed = rows.map((row) =>
    row.map((cell, i) => (cell !== null && strings.has(features[i]!) ? String(cell) : cell)),
  );
  const toInput = (cells: Cells): Input => {
    if (input.type === 'text') return cells.map(([text]) => String(text ?? ''));
    if (model.featureNames === null) return cells;
    return cells.map((row) => Object.fromEntries(features.map((name, i) => [name, row[i]!])));
  };
  return new Probe(model, features, typed, truth, toInput);
}

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: Error) => {
    throw new NuthatchError('io', basename(path), error.message);
  });

const usage = (path: string, message: string): NuthatchError =>
  new NuthatchError('usage', basename(path), message);
