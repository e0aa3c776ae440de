import { NuthatchError, quote } from '../../src/errors.js';

/** Keys and values of one part of a file, as text. */
export interface Section {
  /** Where it is, for messages. */
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface ModelText {
  readonly header: Section;
  readonly trees: readonly Section[];
  /** What follows them. */
  readonly rest: string;
}

export const malformed = (path: string, message: string): NuthatchError =>
  new NuthatchError('malformed', path, message);

/** Whether the bytes look like a model that LightGBM saved: `tree`, and a line of the header. */
export function isLightgbmText(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  return /^tree\r?\n(version|num_class)=/.test(start);
}

/** The file as text. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('', 'the file is not UTF-8');
  }
}

/**
 * Splits a file into its header, its trees, and what follows these: importances, parameters, and names of categories.
 *
 * @throws NuthatchError `malformed`, `truncated`
 */
export function splitText(text: string): ModelText {
  const header = new Map<string, string>();
  const trees: Section[] = [];
  let values = header;
  let path = 'header';
  let ended = false;
  let at = 0;
  while (at < text.length && !ended) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    const line = text.slice(at, end).trim();
    at = end + 1;
    if (line.startsWith('Tree=')) {
      path = `Tree=${trees.length}`;
      if (line !== path) throw malformed(path, `expected ${path}, found ${quote(line)}`);
      values = new Map();
      trees.push({ path, values });
    } else if (line === 'end of trees' || /^feature[ _]importances:$/.test(line)) ended = true;
    else if (line !== '') {
      const equals = line.indexOf('=');
      const key = equals === -1 ? line : line.slice(0, equals);
      if (values.has(key)) throw malformed(path, `${quote(key)} appears twice`);
      values.set(key, equals === -1 ? '' : line.slice(equals + 1));
    }
  }
  if (!ended) throw new NuthatchError('truncated', path, 'the file ends before its trees do');
  return { header: { path: 'header', values: header }, trees, rest: text.slice(at) };
}

export function textOf({ path, values }: Section, key: string): string {
  const value = values.get(key);
  if (value === undefined) throw malformed(path, `expected a line ${key}=`);
  return value;
}

/** An integer from `least` to `most`. */
export function integerOf(section: Section, key: string, least: number, most: number): number {
  const text = textOf(section, key);
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw malformed(
    `${section.path}.${key}`,
    `expected an integer from ${least} to ${most}, found ${quote(text)}`,
  );
}

/** `count` numbers with spaces between, one or more. */
export function numbersOf(section: Section, key: string, count: number): Float64Array {
  const text = textOf(section, key);
  // Leaves without features leave further spaces.
  const words = text.split(' ').filter((word) => word !== '');
  if (words.length !== count)
    throw malformed(`${section.path}.${key}`, `expected ${count} numbers, found ${words.length}`);
  // No other character is part of a decimal number, or of inf; `Number` takes more.
  if (!/^[-+.\deEinf ]*$/.test(text)) throw malformed(`${section.path}.${key}`, 'expected numbers');
  return Float64Array.from(words, (word, i) => {
    const value = Number(word.replace('inf', 'Infinity'));
    if (Number.isNaN(value))
      throw malformed(`${section.path}.${key}[${i}]`, `expected a number, found ${quote(word)}`);
    return value;
  });
}

/** `count` integers from `least` to `most`. */
export function integersOf(
  section: Section,
  key: string,
  count: number,
  least: number,
  most: number,
): Float64Array {
  const values = numbersOf(section, key, count);
  const odd = values.findIndex(
    (value) => !(Number.isInteger(value) && value >= least && value <= most),
  );
  if (odd === -1) return values;
  throw malformed(
    `${section.path}.${key}[${odd}]`,
    `expected an integer from ${least} to ${most}, found ${values[odd]}`,
  );
}
