/** Why an operation was refused. Codes are stable: programs may switch on them, people read the message. */
export type ErrorCode =
  // files
  | 'not-a-model' // the bytes are of no format known here
  | 'truncated' // the bytes end before what they announce
  | 'corrupt' // a checksum differs
  | 'unsupported-version' // a format or library version that this release was not proved on
  | 'malformed' // the bytes break their format's rules
  | 'limit-exceeded' // larger than the limits allow
  | 'invalid-model' // a model that could not be evaluated safely
  | 'unsupported' // a model that cannot be reproduced exactly
  // input
  | 'input-type' // a value of the wrong type
  | 'input-shape' // the wrong number of columns, rows or dimensions
  | 'input-columns' // missing, extra or renamed columns
  | 'input-category' // a category that the model does not know and takes none for
  | 'input-not-finite' // NaN or infinity where the model takes none
  | 'input-range' // a number that the model does not take, such as one below 0
  // use
  | 'usage'
  | 'threads' // worker threads that cannot be had, or have ended
  | 'io';

/** One of several reasons, with its place. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * The one error this library throws on bad input.
 *
 * `path` says where: a place in the model (`model.trees[3]`), the file (`byte 118`) or the input (`row 4, column "age"`).
 * `problems` lists every reason when there are several.
 */
export class NuthatchError extends Error {
  override readonly name = 'NuthatchError';
  readonly code: ErrorCode;
  readonly path: string;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, path: string, message: string, problems: readonly Problem[] = []) {
    const place = printable(path);
    const reason = escapeControls(message, true);
    super(place === '' ? reason : `${place}: ${reason}`);
    this.code = code;
    this.path = place;
    this.problems = problems.length > 0 ? problems : [{ path: place, message: reason }];
  }
}

/** Text from a file on one line of bounded length, control characters escaped: a path is made of such names. */
export const printable = (text: string): string => escapeControls(cut(text, 300));

/** Text with control characters as %-escapes: a terminal shows them instead of obeying. */
export const escapeControls = (text: string, keepBreaks = false): string =>
  text.replace(/\p{Cc}/gu, (char) =>
    keepBreaks && char === '\n' ? char : encodeURIComponent(char),
  );

/** Any value, for a message. Maps from files may have no prototype or their own `toString`: `String` would throw. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the string ${quote(value)}`;
  if (Array.isArray(value)) return 'an array';
  if (value === undefined) return 'nothing';
  return Object(value) === value
    ? `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
    : String(value);
}

/** A name from a file or a caller, shown safely inside a message: quoted, cut, control characters escaped. */
export const quote = (text: string): string => JSON.stringify(cut(text, 60));

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 3)}…` : text;

/** Throws a `NuthatchError`. */
export function refuse(code: ErrorCode, path: string, message: string): never {
  throw new NuthatchError(code, path, message);
}
