/** How answers to the same requests differ. */
export interface Differences {
  requests: number;
  /** Words, truths and gaps that are others, and answers of another shape. */
  changed: number;
  /** Numbers that are others, and the greatest difference. */
  moved: number;
  greatest: number;
  /** Requests that one answered, and the other refused. */
  errors: number;
  /** The first that are more than allowed: where they are, what was expected and what was found. */
  examples: string[];
}

export const noDifferences = (): Differences => ({
  requests: 0,
  changed: 0,
  moved: 0,
  greatest: 0,
  errors: 0,
  examples: [],
});

/**
 * Counts how two answers, as JSON, differ: value by value.
 *
 * @param place of the answer, and then of what is within it
 * @param tolerance how far a number may move without being an example
 */
export function compare(
  expected: unknown,
  found: unknown,
  place: string,
  tolerance: number,
  into: Differences,
): void {
  // NaN is the same as NaN.
  if (expected === found || Object.is(expected, found)) return;
  if (isNumber(expected) && isNumber(found)) {
    const by = Math.abs(expected - found);
    into.moved++;
    into.greatest = Math.max(into.greatest, by);
    if (by > tolerance) addExample(into, place, expected, found);
  } else if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    expected.forEach((one, i) => {
      compare(one, found[i], `${place}[${i}]`, tolerance, into);
    });
  } else if (isMap(expected) && isMap(found)) {
    // Of another version it is told as such.
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)]))
      if (key !== 'model_version')
        compare(expected[key], found[key], `${place}.${key}`, tolerance, into);
  } else {
    into.changed++;
    addExample(into, place, expected, found);
  }
}

/** Requests that one alone refused. */
export function addError(place: string, refused: 'expected' | 'found', into: Differences): void {
  into.errors++;
  const [one, other] =
    refused === 'expected' ? ['a refusal', 'an answer'] : ['an answer', 'a refusal'];
  addText(into, `${place}: expected ${one}, found ${other}`);
}

const mostExamples = 10;
const mostText = 100;

function addExample(into: Differences, place: string, expected: unknown, found: unknown): void {
  addText(into, `${place}: expected ${describe(expected)}, found ${describe(found)}`);
}

function addText({ examples }: Differences, text: string): void {
  if (examples.length < mostExamples) examples.push(text);
}

function describe(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text;
}

/** A number that is none has not moved, but is another answer. */
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(value);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
