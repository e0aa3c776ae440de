import { type Problem, quote } from '../../src/errors.js';
import type { ImportOptions } from '../format.js';
import type { Memory } from './memory.js';
import { attribute, type Element, pathOf } from './xml.js';

/** Ends the reading of one element; its reason is in the list of problems. */
export class Gap extends Error {}

/** What the reading of all elements shares. */
export interface Reading extends ImportOptions {
  readonly memory: Memory;
  readonly problems: Problem[];
}

/** After so many the rest of a file is not looked at. */
const mostProblems = 1000;

/** Notes what is not supported, and ends the reading of the element. */
export function refuseAt({ problems }: Reading, element: Element, message: string): never {
  // A path takes a while where an element has many like it.
  if (problems.length < mostProblems) problems.push({ path: pathOf(element), message });
  throw new Gap();
}

/** What a function gives; null where it met a gap, so that others are found, too. */
export function attempt<T>({ problems }: Reading, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Gap) || problems.length >= mostProblems) throw error;
    return null;
  }
}

/** What a function makes of every item. Ends with a gap, after all of them, where one had any. */
export function all<T, R>(
  reading: Reading,
  items: readonly T[],
  read: (item: T, i: number) => R,
): R[] {
  const found = items.map((item, i) => attempt(reading, () => [read(item, i)] as const));
  return found.map((one) => {
    if (one === null) throw new Gap();
    return one[0];
  });
}

/** Elements of PMML that say nothing of what a model answers. */
const silent = new Set([
  ...['Extension', 'ModelStats', 'ModelExplanation', 'ModelVerification', 'Partition'],
  ...['Header', 'MiningBuildTask', 'Interval', 'Value'],
]);

/** Refuses an element that holds others than of these names, and those that mean nothing here. */
export function expectOnly(
  reading: Reading,
  element: Element,
  names: readonly string[],
): readonly Element[] {
  const own = element.children.filter(({ name }) => !silent.has(name) || names.includes(name));
  for (const child of own)
    if (!names.includes(child.name) && !child.name.includes(':'))
      refuseAt(reading, child, `not supported in ${element.name}`);
  return own.filter(({ name }) => names.includes(name));
}

export const childrenOf = ({ children }: Element, name: string): readonly Element[] =>
  children.filter((child) => child.name === name);

export const childOf = ({ children }: Element, name: string): Element | undefined =>
  children.find((child) => child.name === name);

export const neededChild = (reading: Reading, element: Element, name: string): Element =>
  childOf(element, name) ?? refuseAt(reading, element, `expected ${name} in it`);

export function textOf(
  reading: Reading,
  element: Element,
  name: string,
  otherwise?: string,
): string {
  const found = attribute(element, name) ?? otherwise;
  return found ?? refuseAt(reading, element, `expected the attribute ${name}`);
}

/** An attribute that is one of some words. */
export function wordOf<T extends string>(
  reading: Reading,
  element: Element,
  name: string,
  words: readonly T[],
  otherwise?: T,
): T {
  const text = textOf(reading, element, name, otherwise);
  return (
    words.find((word) => word === text) ??
    refuseAt(reading, element, `${name} ${quote(text)} is not supported: ${words.join(', ')}`)
  );
}

/** A finite number as XML and Java write it. */
export function parseNumber(reading: Reading, element: Element, text: string): number {
  const trimmed = text.trim();
  const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(trimmed) ? Number(trimmed) : NaN;
  return Number.isFinite(value)
    ? value
    : refuseAt(reading, element, `${quote(text)} is not supported as a number`);
}

export const numberOf = (
  reading: Reading,
  element: Element,
  name: string,
  otherwise?: number,
): number => {
  const text = attribute(element, name);
  return text === null && otherwise !== undefined
    ? otherwise
    : parseNumber(reading, element, textOf(reading, element, name));
};

/** The words of an `Array`, which stand between spaces; those in quotes may hold some. */
export function wordsOf(reading: Reading, array: Element): string[] {
  const words: string[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;
  const text = array.text.trimEnd();
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return refuseAt(reading, array, 'a list that is broken');
    reading.memory.spend(50);
    words.push(match[2] ?? match[1]!.replace(/\\(.)/g, '$1'));
  }
  return words;
}

/** Whether a model calculates in float32, as exporters of XGBoost say. */
export const isSingle = (reading: Reading, model: Element): boolean =>
  wordOf(reading, model, 'x-mathContext', ['double', 'float'], 'double') === 'float';
