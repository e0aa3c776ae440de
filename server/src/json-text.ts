import { HttpError } from './http-error.js';

/** Words that Python's clients write for numbers that JSON does not have. */
const pythonWords = /-?\b(?:NaN|Infinity)\b/g;
const pythonValues: Readonly<Record<string, string>> = {
  NaN: 'null',
  Infinity: '1e999',
  '-Infinity': '-1e999',
};

/** A text as JSON, also as Python writes it. @throws HttpError 400 */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = replacePythonWords(text);
    if (plain !== text) {
      try {
        return JSON.parse(plain);
      } catch {
        // The message of the text that was sent is the better one.
      }
    }
    throw new HttpError(400, 'malformed', `the body is not JSON: ${(error as Error).message}`);
  }
}

/** JSON with null and infinities where Python's words stand. No expression finds the ends of strings in one pass whatever they hold. */
function replacePythonWords(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const start = quote === -1 ? text.length : quote;
    parts.push(text.slice(at, start).replace(pythonWords, (word) => pythonValues[word]!));
    at = endOfString(text, start);
    parts.push(text.slice(start, at));
  }
  return parts.join('');
}

/** Behind the quote that ends a string; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let before = quote;
    while (text[before - 1] === '\\') before--;
    if ((quote - before) % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
