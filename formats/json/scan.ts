import { NuthatchError, quote } from '../../src/errors.js';

/** Nuthatch's exporter nests values 200 deep at most, each of which takes up to four levels of JSON. */
const maximumNesting = 1000;

/**
 * Arrays and objects, and values, that a document may hold: parsed, they take some 200 and 16 bytes each, however short they
 * are written, and a heap that is full ends the process. Where arrays are lists, a tree node takes three containers and ten values.
 */
const maximumContainers = 2 ** 22;
const maximumValues = 2 ** 25;

/**
 * Refuses what `JSON.parse` would accept silently: duplicate keys, of which it keeps the last, excessive nesting and numbers of values. Everything else
 * about the grammar is left to it. One pass over the text, without recursion.
 */
export function scanJson(text: string): void {
  // The keys met so far in each open object; null for an array.
  const open: (Set<string> | null)[] = [];
  let expectKey = false;
  let containers = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at);
        if (expectKey) {
          const keys = open[open.length - 1]!;
          const key = text.slice(at, end);
          // Escapes let one key be written in two ways.
          const plain = key.includes('\\') ? parseKey(key, at) : key.slice(1, -1);
          if (keys?.has(plain))
            throw new NuthatchError(
              'malformed',
              `character ${at}`,
              `the key ${quote(plain)} appears twice`,
            );
          keys?.add(plain);
          expectKey = false;
        }
        at = end - 1;
        break;
      }
      case 0x7b:
        containers++;
        open.push(new Set());
        expectKey = true;
        break;
      case 0x5b:
        containers++;
        open.push(null);
        expectKey = false;
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        expectKey = false;
        break;
      case 0x2c:
        values++;
        expectKey = (open[open.length - 1] ?? null) !== null;
        break;
    }
    if (containers > maximumContainers || values > maximumValues)
      throw new NuthatchError('limit-exceeded', `character ${at}`, 'too many values for a model');
    if (open.length > maximumNesting) {
      throw new NuthatchError(
        'limit-exceeded',
        `character ${at}`,
        `nested deeper than ${maximumNesting} levels`,
      );
    }
  }
}

/** The position after the string that begins at `start`. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const quoteAt = text.indexOf('"', at);
    if (quoteAt === -1)
      throw new NuthatchError('truncated', `character ${start}`, 'a string without an end');
    let backslashes = 0;
    while (text.charCodeAt(quoteAt - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quoteAt + 1;
    at = quoteAt;
  }
}

function parseKey(literal: string, at: number): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new NuthatchError('malformed', `character ${at}`, 'a key with an invalid escape');
  }
}
