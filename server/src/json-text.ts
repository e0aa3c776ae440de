import { parsePythonJson } from 'nuthatch/python-json';
import { HttpError } from './http-error.js';

/** A text as JSON, also as Python writes it. @throws HttpError 400 */
export function parseJsonText(text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch (error) {
    throw new HttpError(400, 'malformed', `the body is not JSON: ${(error as Error).message}`);
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
