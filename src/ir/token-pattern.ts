import { fail, indices, map, type Reader, read, sized, tensor } from './fields.js';

/**
 * What a word is, as steps of a machine that walks a document: what a regular expression comes to. Without backreferences and lookaround it
 * can be matched in time linear in the text, whoever wrote it.
 */
export interface TokenPattern {
  /** [steps, 3]: a step of `stepTypes`, and two numbers. */
  readonly steps: Int32Array;
  /** [members, 2]: first and last code point; or a class, `firstClass` and its place in `characterClasses`, twice. */
  readonly members: Uint32Array;
}

/**
 * `set`: takes a character among the members from the first number to before the second; `notSet`: one that is not among them. `place`:
 * goes on where the first number's place of `places` is. `split`: goes on by as many steps as the first number, or else by the second.
 * `save`: the group begins (0) or ends (1), and is what is found.
 */
export const stepTypes = { set: 0, notSet: 1, place: 2, split: 3, save: 4 } as const;

/** Python's: `b`: between a word and what is none; `B`: not there; `A`, `^`: the start; `Z`: the end; `$`: there or before a last line break. */
export const places = 'bBA^Z$';

/** Python's: in a word, decimal digit, white space; in capitals all other characters. */
export const characterClasses = 'wWdDsS';
export const firstClass = 0x110000;

export const longestPattern = 10_000;
export const mostSteps = 1000;

export const readPattern: Reader<TokenPattern> = map((f) => {
  const member = indices(firstClass + characterClasses.length);
  const members = read(f, 'members', sized(member, 0, longestPattern, 2));
  const steps = read(f, 'steps', sized(tensor(['int32']), 1, mostSteps, 3));
  const count = steps.length / 3;
  const most = [members.length / 2, members.length / 2, places.length - 1, count, 1];
  steps.forEach((value, i) => {
    const place = i % 3;
    const type = steps[i - place]!;
    const from = place && type === stepTypes.split ? (i - place) / 3 : 0;
    if (!(value + from >= 0 && value + from <= (place ? most[type]! : stepTypes.save)))
      fail(f, `steps[${i}]`, `no step has ${value}`);
  });
  return { steps, members };
});
