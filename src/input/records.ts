import { NuthatchError, quote } from '../errors.js';
import type { Target } from './target.js';

/** One row by feature name. */
export type RecordRow = { readonly [feature: string]: unknown };

/** Writes a record, matching features by name. Key order does not matter. */
export function copyRecord(
  record: RecordRow,
  at: number,
  names: readonly string[],
  target: Target,
): void {
  const { unused } = target;
  let found = 0;
  for (let col = 0; col < names.length; col++) {
    const name = names[col]!;
    if (Object.hasOwn(record, name)) {
      found++;
      target.set(record[name], at, col);
    } else if (!unused?.[col]) {
      throw columnsError(Object.keys(record), target, `row ${at}`);
    }
  }
  let keys = 0;
  for (const key in record) if (Object.hasOwn(record, key)) keys++;
  if (keys !== found) throw columnsError(Object.keys(record), target, `row ${at}`);
}

/** The error for a record or table whose columns are not the model's: it names the missing, extra and renamed ones. */
export function columnsError(
  found: readonly string[],
  { names, unused }: Pick<Target, 'names' | 'unused'>,
  path: string,
): NuthatchError {
  const present = new Set(found);
  const wanted = new Set(names);
  const missing = names!.filter((name, col) => !present.has(name) && !unused?.[col]);
  const extra = found.filter((name) => !wanted.has(name));
  // A map: to search all extra names for each missing one would take a hostile request minutes.
  const alikes = new Map(extra.map((name) => [simplified(name), name]));
  const renamed = missing.flatMap((name) => {
    const alike = alikes.get(simplified(name));
    return alike === undefined ? [] : `${quote(alike)} should be ${quote(name)}`;
  });
  const parts = [
    ['missing ', missing.map(quote)],
    ['not known to the model: ', extra.map(quote)],
    ['perhaps ', renamed],
  ] as const;
  const reasons = parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => what + list(names));
  return new NuthatchError(
    'input-columns',
    path,
    `the columns differ from the model's: ${reasons.join('; ')}`,
  );
}

/** A name without what people change by accident: case, spaces, punctuation. */
function simplified(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function list(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return names.slice(0, 5).join(', ') + more;
}
