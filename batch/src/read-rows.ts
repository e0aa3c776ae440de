import { type Input, type Model, NuthatchError } from 'nuthatch';
import { asError } from './bad-rows.js';
import { type Given, joinRows } from './batch.js';
import { findSources } from './inputs.js';
import { readSources } from './read.js';
import { readPiece } from './score.js';
import { SpareMemory } from './spare-memory.js';

/**
 * All rows of a file as the model takes them. They are held in memory.
 *
 * @throws NuthatchError `input-…` and `malformed` with the place of the first bad row, `io`, `truncated`, `limit-exceeded`
 */
export async function readRows(model: Model, path: string): Promise<Input> {
  const parts: Given[] = [];
  const { signal: stop } = new AbortController();
  const memory = new SpareMemory();
  const reading = {
    model,
    format: null,
    kept: [],
    typed: true,
    seen: () => undefined,
    stop,
    memory,
  };
  const sources = await findSources([path]);
  let last = 0;
  let before = { rows: 0, lines: 0 };
  for await (const piece of readSources(sources, 0, reading)) {
    if (piece.source !== last) before = { rows: 0, lines: 0 };
    last = piece.source;
    before.lines += piece.skipped;
    const { bad, input, total, lines } = readPiece(piece);
    if (bad.length > 0)
      throw asError(bad[0]!, before, sources.length > 1 ? sources[last]!.path : null);
    if (total > 0) parts.push(input);
    before.rows += total;
    before.lines += lines;
  }
  if (parts.length === 0) throw new NuthatchError('input-shape', path, 'there are no rows');
  return joinRows(parts) as Input;
}
