import { type Model, NuthatchError } from 'nuthatch';
import { checkNames, type Feature, featuresOf } from '../features.js';
import { csvNumber } from './cell.js';

/** What becomes of the cells of a line. */
export interface CsvPlan {
  readonly format: 'csv';
  /** Cells of each line. */
  readonly width: number;
  /** Names of the cells, for messages; null where there are none. */
  readonly header: readonly string[] | null;
  /** The column of the model that each cell goes to; −1: none. */
  readonly targets: readonly number[];
  readonly features: readonly Feature[];
  /** Names of the model's columns. */
  readonly names: readonly string[] | null;
  /** Cells that go beside the answers, as text or, where `numbers`, as numbers. */
  readonly kept: readonly {
    readonly name: string;
    readonly cell: number;
    readonly type: 'number' | 'string';
  }[];
}

/** Which columns go beside answers: by name, by number where there are no names, or all. */
export type Kept = readonly string[] | 'all';

/** Decides by the first line of a file, and says whether that is a header. */
export function planCsv(
  first: readonly string[],
  model: Model,
  kept: Kept,
  numbers: boolean,
): { plan: CsvPlan; hasHeader: boolean } {
  const { names, features } = featuresOf(model);
  if (features.includes('items'))
    throw new NuthatchError('input-type', 'input', 'items have no CSV; give .json or .ndjson');
  // Without names to match, a first line counts as a header only where no cell is a number: a typing error must not hide a row.
  const hasHeader =
    names !== null ||
    (model.description.input.type === 'matrix' && first.every((cell) => csvNumber(cell) === null));
  const header = hasHeader ? readHeader(first, names) : null;
  if (header && new Set(header).size !== header.length)
    throw new NuthatchError('input-columns', 'line 1', 'a column name appears twice');
  const width = first.length;
  const cells = keptCells(kept, header, width);
  const given = header && names ? header.map((name) => names.indexOf(name)) : null;
  if (given) {
    const found = header!.filter((_, i) => given[i] !== -1 || !cells.includes(i));
    checkNames(model, found, 'line 1');
  } else if (width !== features.length && !(cells.length > 0 && header))
    throw new NuthatchError(
      'input-shape',
      'line 1',
      `the model takes ${features.length} columns, the file has ${width}`,
    );
  const positions = given ?? Array.from({ length: width }, (_, i) => i);
  return {
    hasHeader,
    plan: {
      format: 'csv',
      width,
      header,
      targets: positions.map((at) =>
        at >= features.length || features[at] === 'unused' ? -1 : at,
      ),
      features,
      names,
      kept: cells.map((cell) => ({
        name: header?.[cell] ?? String(cell),
        cell,
        type: numbers && /number|flag/.test(features[positions[cell]!] ?? '') ? 'number' : 'string',
      })),
    },
  };
}

/** Spaces around a name are a person's, except where the model's own names have them. */
function readHeader(cells: readonly string[], names: readonly string[] | null): readonly string[] {
  const exact = new Set(cells);
  return names?.every((name) => exact.has(name)) ? cells : cells.map((cell) => cell.trim());
}

function keptCells(kept: Kept, header: readonly string[] | null, width: number): number[] {
  if (kept === 'all') return Array.from({ length: width }, (_, i) => i);
  const names = header ?? Array.from({ length: width }, (_, i) => String(i));
  return kept.map((name) => {
    const at = names.indexOf(name);
    if (at !== -1) return at;
    throw new NuthatchError(
      'input-columns',
      'line 1',
      `--columns names ${JSON.stringify(name)}, which is not there${header ? '' : '; without a header columns have numbers, from 0'}`,
    );
  });
}
