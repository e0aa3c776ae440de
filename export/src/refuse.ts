import { type ErrorCode, NuthatchError } from 'nuthatch';

/** Throws a `NuthatchError`. */
export function refuse(code: ErrorCode, path: string, message: string): never {
  throw new NuthatchError(code, path, message);
}
