import { afterAll, expect } from 'vitest';
import { type ImportModelOptions, importModel } from '../../formats/index.js';
import {
  createModel,
  type ErrorCode,
  type ModelDescription,
  type NuthatchError,
} from '../../src/index.js';
import { type Json, toBytes } from './documents.js';
import { probeRows } from './models.js';
import { compareWithReference, expectTyped, refusals, Tally } from './oracle.js';
import type { Path } from './plain-data.js';

/** What the tests of changed JSON documents share. */

const codes: readonly ErrorCode[] = [...refusals, 'not-a-model', 'truncated'];
const tally = new Tally();
const inherited = Object.getOwnPropertyNames(Object.prototype).sort();

/** At the end of a test file: how many documents were judged; and nothing may have reached a prototype. */
export function reportDocuments(name: string): void {
  afterAll(() => {
    console.log(`${name}, changed documents judged: ${tally}`);
    const now = Object.getOwnPropertyNames(Object.prototype).sort();
    expect(now, 'prototype pollution').toEqual(inherited);
    expect(Object.keys({})).toEqual([]);
  });
}

export type Outcome = { readonly error: NuthatchError } | { readonly model: ModelDescription };

export async function outcomeOf(
  what: string,
  bytes: Uint8Array,
  options: ImportModelOptions = {},
): Promise<Outcome> {
  const started = performance.now();
  let outcome: Outcome;
  try {
    outcome = { model: await importModel(bytes, options) };
    tally.add({ code: 'accepted', path: '' });
  } catch (error) {
    outcome = { error: expectTyped(what, error, codes) };
    tally.add(outcome.error);
  }
  const took = performance.now() - started;
  if (took > 10_000) expect.fail(`${what}: took ${Math.round(took)} ms`);
  return outcome;
}

export async function expectRefused(
  what: string,
  document: Json,
  expected: readonly ErrorCode[] = codes,
): Promise<NuthatchError> {
  const outcome = await outcomeOf(
    what,
    document instanceof Uint8Array ? document : toBytes(document),
  );
  if (!('error' in outcome)) expect.fail(`${what}: accepted`);
  expect(expected, `${what}: ${outcome.error.message}`).toContain(outcome.error.code);
  return outcome.error;
}

/** The oracle: refused with a typed error, or exactly the answers of the unharmed document, or another model's, that the reference confirms. */
export async function judgeDocument(
  what: string,
  document: Json,
  unharmed: string | null,
): Promise<void> {
  const outcome = await outcomeOf(what, toBytes(stringify(document)));
  if ('error' in outcome) return;
  const { model } = outcome;
  const plain = model as unknown as Record<string, unknown>;
  compareWithReference(what, createModel(model), plain, probeRows(model, 3, 4));
  if (unharmed !== null && answers(model) !== unharmed)
    expect.fail(`${what}: accepted with other answers`);
}

/** Everything that a model answers to some rows without gaps, as text. */
export function answers(description: ModelDescription): string {
  const model = createModel(description);
  const rows = probeRows(description, 9, 12).map((row) =>
    // Strings are among the cells.
    row.map((value: number | string | null) => (Number.isNaN(value) ? 0.5 : (value ?? ''))),
  );
  if (model.task === 'transformer') return JSON.stringify(model.transform(rows));
  if (model.task === 'density') return JSON.stringify(model.scoreSamples(rows));
  return JSON.stringify([
    model.predict(rows as never),
    model.raw(rows),
    model.task === 'classifier' ? model.classes : null,
  ]);
}

/** Text to stand for itself in the JSON. */
export class RawText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const mark = '\u0001raw\u0001';

/** JSON with raw texts in their places. */
export function stringify(value: Json): string {
  const raws: string[] = [];
  const text = JSON.stringify(value, (_, item) => {
    if (!(item instanceof RawText)) return item as unknown;
    raws.push(item.text);
    return mark;
  });
  return text.replaceAll(JSON.stringify(mark), () => raws.shift()!);
}

/** A path as a person would say it: pairs of a dict by their key. */
export function describePath(root: Json, path: Path): string {
  let value = root;
  return path
    .map((key) => {
      value = (value as Record<string | number, Json>)[key];
      return typeof key === 'number' && Array.isArray(value) && typeof value[0] === 'string'
        ? value[0]
        : String(key);
    })
    .join('.');
}

export const show = (value: Json) =>
  value === undefined ? 'missing' : stringify(value).slice(0, 80);
