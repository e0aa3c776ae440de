import { quote, refuse } from '../errors.js';
import type { Target } from './target.js';

/** One row by feature name. */
export type RecordRow = { readonly [feature: string]: unknown };

/** Writes a record, matching features by name. Key order does not matter. */
export function copyRecord(record: RecordRow, at: number, target: Target): void {
  const { unused } = target;
  const names = requireNames(target.names);
  let complete = true;
  let unknown = 0;
  for (let col = 0; col < names.length; col++) {
    const name = names[col]!;
    if (Object.hasOwn(record, name)) {
      unknown--;
      target.set(record[name], at, col);
    } else complete &&= unused?.[col] === true;
  }
  for (const key in record) if (Object.hasOwn(record, key)) unknown++;
  if (!complete || unknown !== 0) checkColumns(Object.keys(record), target, `row ${at}`);
}

/** The names to match a record or table by. */
export const requireNames = (names: readonly string[] | null): readonly string[] =>
  names ?? refuse('input-columns', 'input', 'the model has no feature names to match; give rows');

/** Throws for a record or table whose columns are not the model's, and names the missing, extra and renamed ones. */
export function checkColumns(
  found: readonly string[],
  { names, unused }: Pick<Target, 'names' | 'unused'>,
  path: string,
): void {
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
  const reasons = [
    list('missing', missing.map(quote)),
    list('not known to the model:', extra.map(quote)),
    list('perhaps', renamed),
  ].flat();
  if (reasons.length > 0) refuse('input-columns', path, reasons.join('; '));
}

/** A name without what people change by accident: case, spaces, punctuation. */
const simplified = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Some of the names, as one reason; none where there are none. */
function list(what: string, names: readonly string[]): string[] {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return names.length > 0 ? [`${what} ${names.slice(0, 5).join(', ')}${more}`] : [];
}
