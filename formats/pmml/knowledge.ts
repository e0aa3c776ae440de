import type { Effort } from './effort.js';
import type { Predicate, Test } from './predicates.js';

/** What is known of a feature in a branch. */
export interface Range {
  /** It is above the first number, and at most the second. */
  readonly low: number;
  readonly high: number;
  /** Of categories: the codes that it can only have, if there is a list, and those that it has not. */
  readonly only: ReadonlySet<number> | null;
  readonly never: ReadonlySet<number>;
  /** Whether it can be there, and whether it can be missing. */
  readonly present: boolean;
  readonly missing: boolean;
}

/** What is known of all features: the last word counts. */
export class State {
  readonly feature: number;
  readonly range: Range;
  readonly before: State | null;

  constructor(feature: number, range: Range, before: State | null) {
    this.feature = feature;
    this.range = range;
    this.before = before;
  }

  find(feature: number, effort: Effort): Range | null {
    for (let at: State | null = this; at; at = at.before) {
      effort.spend(1);
      if (at.feature === feature) return at.range;
    }
    return null;
  }
}

export const withRange = (before: State | null, feature: number, range: Range): State =>
  new State(feature, range, before);

export type Answer = boolean | 'unknown';

type RangeOf = (feature: number) => Range;

/** What a predicate says of all rows of a branch; null where it says different things. */
export function evaluate(
  predicate: Predicate,
  state: State | null,
  rangeOf: RangeOf,
  effort: Effort,
): Answer | null {
  effort.spend(1);
  const ask = (part: Predicate) => evaluate(part, state, rangeOf, effort);
  switch (predicate.kind) {
    case 'constant':
      return predicate.answer;
    case 'not': {
      const answer = ask(predicate.of);
      return typeof answer === 'boolean' ? !answer : answer;
    }
    case 'and':
    case 'or': {
      // One answer decides, whatever the others are.
      const decisive = predicate.kind === 'or';
      let result: Answer | null = !decisive;
      for (const part of predicate.parts) {
        const answer = ask(part);
        if (answer === decisive) return answer;
        if (answer === null) result = null;
        else if (answer === 'unknown' && result !== null) result = answer;
      }
      return result;
    }
    case 'xor': {
      let result: boolean | null = false;
      for (const part of predicate.parts) {
        const answer = ask(part);
        if (answer === 'unknown') return answer;
        result = answer === null || result === null ? null : result !== answer;
      }
      return result;
    }
    case 'surrogate':
      for (const part of predicate.parts) {
        const answer = ask(part);
        if (answer !== 'unknown') return answer;
      }
      return 'unknown';
    default:
      return answerOf(
        predicate,
        state?.find(predicate.feature, effort) ?? rangeOf(predicate.feature),
        effort,
      );
  }
}

function answerOf(test: Test, known: Range, effort: Effort): Answer | null {
  const { low, high, only, never, present, missing } = known;
  if (test.kind === 'missing') return present === missing ? null : missing;
  if (!present) return 'unknown';
  if (missing) return null;
  if (test.kind === 'below') {
    if (high <= test.threshold) return true;
    return low >= test.threshold ? false : null;
  }
  effort.spend(test.codes.size + (only?.size ?? 0));
  const isOut = (code: number) => never.has(code) || (only !== null && !only.has(code));
  if ([...test.codes].every(isOut)) return false;
  return only && [...only].every((code) => never.has(code) || test.codes.has(code)) ? true : null;
}

/** The first test in a predicate without an answer that has none itself. */
export function openTest(
  predicate: Predicate,
  state: State | null,
  rangeOf: RangeOf,
  effort: Effort,
): Test | null {
  if (predicate.kind === 'constant') return null;
  if (predicate.kind === 'not') return openTest(predicate.of, state, rangeOf, effort);
  if (!('parts' in predicate))
    return evaluate(predicate, state, rangeOf, effort) === null ? predicate : null;
  for (const part of predicate.parts) {
    if (evaluate(part, state, rangeOf, effort) !== null) continue;
    return openTest(part, state, rangeOf, effort);
  }
  return null;
}
