import { quote, refuse } from '../errors.js';
import { itemsPath, visitItems } from '../input/items.js';
import { arrayTypes, type Tally, tallyColumns, tallyRules } from '../ir/index.js';
import { createHash } from '../text/murmur-hash.js';
import type { NodeKind } from './kind.js';
import { Sums } from './sums.js';
import { writeRows } from './write-rows.js';

export const tally: NodeKind<Tally> = {
  rules: tallyRules,
  transform(node, out) {
    const { type, binary } = node;
    const floats = type === 'float32' ? 'float32' : 'float64';
    const sums = new Sums(new arrayTypes[floats](tallyColumns(node)));
    const visit = visitTerms(node);
    const add = (column: number, value: number) => sums.add(column, value);
    return (x) =>
      writeRows(out, x, floats, (row) => {
        try {
          visit(x.strings![row], itemsPath(x, row, 0), add);
        } catch (error) {
          sums.take(() => {});
          throw error;
        }
        sums.take((column, sum) => out.put(column, binary ? 1 : sum));
      });
  },
};

/** Adds what a term is given to its column. */
type Add = (column: number, value: number) => void;

/** What adds up a cell of items; `path` is the cell's. */
export function visitTerms(node: Tally): (cell: unknown, path: string, add: Add) => void {
  const { separator, hash, type, form } = node;
  const columns = new Map<string | number, number>();
  Array.from<string | number>(node.strings ?? node.numbers ?? []).forEach((term, i) => {
    columns.set(term, i);
  });
  const hashOf = createHash();
  let units = new Uint16Array(64);
  function hashTerm(term: string): number | null {
    const { length } = term;
    if (units.length < length) units = new Uint16Array(2 * length);
    for (let i = 0; i < length; i++) units[i] = term.charCodeAt(i);
    return hashOf(units, 0, length);
  }
  return (cell, path, add) => {
    const fail = (name: string | number, expected: string) =>
      refuse('input-type', `${path}, ${quote(`${name}`)}`, expected);
    const visit = (term: string | number, value: number) => {
      let column = hash === null ? columns.get(term) : 0;
      let sign = 1;
      if (hash !== null) {
        if (typeof term === 'number') fail(term, 'expected a string, found a number');
        if (value === 0) return;
        const code = hashTerm(`${term}`) ?? fail(term, 'half a surrogate pair, which has no UTF-8');
        column = Math.abs(code) % hash.columns;
        if (hash.signed && code < 0) sign = -1;
      }
      if (column === undefined) return;
      add(column, rounded(sign * value, type) ?? fail(term, `${value} is no ${type}`));
    };
    visitItems(form, cell, path, (name, value) => {
      if (typeof value === 'string') visit(name + separator + value, 1);
      else if (typeof value === 'number') visit(name, value);
      else if (hash !== null) fail(name, 'expected a number or a string');
      else if (value === null) visit(name, Number.NaN);
      else for (const one of value) visit(name + separator + one, 1);
    });
  };
}

/** The largest whole numbers of each type, of which the wider has more than JavaScript's numbers. */
const largest = { int64: Number.MAX_SAFE_INTEGER, int32: 2 ** 31 - 1 };

/** A number as numpy keeps it; null where it cannot. */
function rounded(value: number, type: Tally['type']): number | null {
  if (type === 'float64') return value;
  if (type === 'float32') return Math.fround(value);
  const whole = Math.trunc(value);
  return Math.abs(whole) <= largest[type] ? whole : null;
}
