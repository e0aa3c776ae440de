import { HttpError } from './http-error.js';

/** Strings, which stay as they are, and words that Python's clients write for numbers that JSON does not have. */
const pythonWords = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;
const pythonValues: Readonly<Record<string, string>> = {
  NaN: 'null',
  Infinity: '1e999',
  '-Infinity': '-1e999',
};

/** A body as JSON, also as Python writes it. */
export function parseJson(body: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new HttpError(400, 'malformed', 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = text.replace(pythonWords, (word) => pythonValues[word] ?? word);
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

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
