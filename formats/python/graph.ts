import { NuthatchError } from '../../src/errors.js';
import type { PyValue } from '../sklearn/python.js';
import { sizeOf } from './sizes.js';

/** As deep as an export may be nested. */
const mostLevels = 200;

/** Bytes that references may add beyond twice what a file holds: what is referred to a thousand times is a thousand things to whoever walks it. */
const expansionAllowance = 32 * 2 ** 20;
/** Short texts are in every file many times, as the names of attributes. */
const smallLeaf = 64;

/**
 * Refuses values that are nested too deeply, or that references make many times larger than their file.
 *
 * What holds itself ends where it comes again.
 */
export function checkGraph(root: PyValue): void {
  /** Of what holds others, once all these are known: its size, references expanded, and its levels. */
  const known = new Map<PyValue, { size: number; levels: number }>();
  const waiting: { value: PyValue; parts: PyValue[] | null }[] = [{ value: root, parts: null }];
  const open = new Set<PyValue>();
  const leaves = new Set<PyValue>();
  let written = 0;
  while (waiting.length > 0) {
    const here = waiting.at(-1)!;
    const { value } = here;
    if (here.parts === null) {
      if (known.has(value) || open.has(value)) {
        waiting.pop();
        continue;
      }
      here.parts = partsOf(value).filter(holdsOthers);
      open.add(value);
      if (open.size > mostLevels) throw tooDeep();
      for (const part of here.parts) waiting.push({ value: part, parts: null });
      continue;
    }
    waiting.pop();
    open.delete(value);
    let size = 0;
    for (const part of partsOf(value)) {
      if (holdsOthers(part)) continue;
      size += sizeOf(part);
      written += leaves.has(part) ? Math.min(sizeOf(part), smallLeaf) : sizeOf(part);
      leaves.add(part);
    }
    let levels = 0;
    for (const part of here.parts) {
      const found = known.get(part);
      size += found?.size ?? 0;
      levels = Math.max(levels, found?.levels ?? 0);
    }
    written += sizeOf(value);
    size += sizeOf(value);
    if (levels + 1 > mostLevels) throw tooDeep();
    known.set(value, { size, levels: levels + 1 });
  }
  const total = known.get(root)?.size ?? 0;
  if (total - written > expansionAllowance + 2 * written) {
    throw new NuthatchError(
      'limit-exceeded',
      '',
      'references that make the file many times larger',
    );
  }
}

const holdsOthers = (value: PyValue): boolean =>
  value !== null &&
  typeof value === 'object' &&
  (value.type === 'array' ? value.objects !== null : 'items' in value || 'entries' in value);

function partsOf(value: PyValue): PyValue[] {
  if (value === null || typeof value !== 'object') return [];
  if (value.type === 'array') return value.objects ?? [];
  if (value.type === 'dict') return value.entries.flat();
  if (value.type === 'object')
    return [...value.args, value.state, ...value.items, ...value.entries.flat()];
  return 'items' in value ? value.items : [];
}

const tooDeep = () =>
  new NuthatchError('limit-exceeded', '', `values are nested more than ${mostLevels} levels deep`);
