import { NuthatchError } from 'nuthatch';
import { closeFile, openFile } from '../file.js';
import { readName } from '../formats.js';
import type { Source } from '../inputs.js';
import type { Piece } from '../job.js';
import type { Reading } from '../read.js';
import { usedColumns } from '../table.js';
import { readFooter } from './footer.js';
import { type ParquetPlan, planParquet } from './plan.js';
import { cutWindows } from './windows.js';

type ParquetPiece = Piece & { readonly skipped: number };

/**
 * A piece is a window of rows: it says where they lie, and threads read them. The first one has no rows, which tells the columns before any row is there.
 */
export function* parquetPieces(
  { path, size }: Source,
  { model, kept, seen }: Reading,
): Generator<ParquetPiece> {
  if (size === null)
    throw new NuthatchError(
      'unsupported',
      path === '-' ? 'standard input' : path,
      'Parquet is read from its end; give a file by its name',
    );
  if (readName(path).compression !== null)
    throw new NuthatchError('unsupported', path, 'Parquet is compressed inside; decompress it');
  const file = openFile(path);
  try {
    const { handle: _, ...state } = file;
    const footer = readFooter(file);
    const table = planParquet(footer.fields, model, kept);
    const fields = usedColumns(table).map((column) => footer.fields[column]!);
    const plan: ParquetPlan = { ...table, format: 'parquet', file: state, fields };
    yield { plan, bytes: new Uint8Array(0), skipped: 0 };
    for (const window of cutWindows(file, footer, fields)) {
      seen((window.rows / footer.rows) * file.size);
      const bytes = Uint8Array.from(Buffer.from(JSON.stringify(window)));
      yield { plan, bytes, skipped: 0 };
    }
  } finally {
    closeFile(file);
  }
}
