import { every, map, type Reader, read, starts, tensor } from './fields.js';

/**
 * What the strings of a model's source know of characters, as runs of code points. It travels with the model: engines of JavaScript know
 * later versions of Unicode than Python does, each another one, so their `\p{…}` would find letters that a model was not fitted with.
 */
export interface Characters {
  /** [runs + 1]: where each begins, from 0 to 0x110000. */
  readonly starts: Uint32Array;
  /** [runs]: one of `sorts`. */
  readonly sorts: Uint8Array;
}

/** In a word as `\w` has it, with a combining class, not yet assigned, anything else, white space. */
export const sorts = { word: 1, combining: 2, unassigned: 3, other: 4, space: 5 } as const;

export const readCharacters: Reader<Characters> = map((f) => {
  const runs = read(
    f,
    'sorts',
    every(tensor(['uint8']), 'a sort from 1 to 5', (sort) => sort > 0 && sort < 6),
  );
  const count = runs.length;
  return { sorts: runs, starts: read(f, 'starts', starts(count, count, 0x110000)) };
});
