import { refuse } from '../../src/errors.js';
import { fieldOf } from './expressions.js';
import type { Lowering } from './lowering.js';
import { below } from './neighbor.js';
import { categoryIn, numericOf } from './numeric.js';
import { expectOnly, parseNumber, refuseAt, textOf, wordOf, wordsOf } from './reading.js';
import type { Scope } from './scope.js';
import type { Element } from './xml.js';

/**
 * What is asked of a row. An answer is true, false, or unknown where a cell is missing that decides. Tests are of one feature; all comparisons
 * are made of them.
 */
export type Predicate =
  | Test
  | { readonly kind: 'constant'; readonly answer: boolean }
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: Connective; readonly parts: readonly Predicate[] };

export type Test =
  | { readonly kind: 'below'; readonly feature: number; readonly threshold: number }
  | { readonly kind: 'among'; readonly feature: number; readonly codes: ReadonlySet<number> }
  | { readonly kind: 'missing'; readonly feature: number };

const connectives = ['and', 'or', 'xor', 'surrogate'] as const;
export type Connective = (typeof connectives)[number];

export const predicateNames: readonly string[] = [
  ...['SimplePredicate', 'SimpleSetPredicate', 'CompoundPredicate', 'True', 'False'],
];

const operators = [
  ...(['equal', 'notEqual', 'lessThan', 'lessOrEqual', 'greaterThan', 'greaterOrEqual'] as const),
  ...(['isMissing', 'isNotMissing'] as const),
] as const;

/** The predicate of a node, a segment or a score: the first of its children that is one. */
export function predicateOf(lowering: Lowering, element: Element): Element {
  const found = element.children.filter(({ name }) => predicateNames.includes(name));
  if (found.length === 1) return found[0]!;
  return refuseAt(lowering, element, 'expected one predicate in it');
}

export function readPredicate(
  lowering: Lowering,
  scope: Scope,
  element: Element,
  depth = 0,
): Predicate {
  lowering.memory.spend(100);
  switch (element.name) {
    case 'True':
    case 'False':
      return { kind: 'constant', answer: element.name === 'True' };
    case 'SimplePredicate':
      return simple(lowering, scope, element);
    case 'SimpleSetPredicate':
      return ofSet(lowering, scope, element);
    default: {
      if (depth > lowering.limits.nesting)
        refuse('limit-exceeded', element.name, `nested deeper than ${lowering.limits.nesting}`);
      const kind = wordOf(lowering, element, 'booleanOperator', connectives);
      const parts = expectOnly(lowering, element, predicateNames).map((part) =>
        readPredicate(lowering, scope, part, depth + 1),
      );
      if (parts.length < 2) refuseAt(lowering, element, 'expected two predicates or more in it');
      return { kind, parts };
    }
  }
}

function simple(lowering: Lowering, scope: Scope, element: Element): Predicate {
  const field = fieldOf(lowering, scope, element, textOf(lowering, element, 'field'));
  const operator = wordOf(lowering, element, 'operator', operators);
  const isNumber = field.categories === null;
  const feature = isNumber
    ? lowering.features.numberIn(numericOf(lowering, element, field))
    : lowering.features.categoryIn(field);
  if (operator === 'isMissing') return { kind: 'missing', feature };
  if (operator === 'isNotMissing') return { kind: 'not', of: { kind: 'missing', feature } };
  const text = textOf(lowering, element, 'value');
  if (!isNumber) {
    if (operator !== 'equal' && operator !== 'notEqual')
      return refuseAt(lowering, element, `${operator} of categories is not supported`);
    const code = lowering.features.codeOf(feature, categoryIn(lowering, element, field, text));
    const test: Predicate = { kind: 'among', feature, codes: new Set([code]) };
    return operator === 'equal' ? test : { kind: 'not', of: test };
  }
  const single = field.column.type === 'float';
  const parsed = parseNumber(lowering, element, text);
  return compared(feature, operator, single ? Math.fround(parsed) : parsed);
}

/** A comparison of numbers, by tests of whether a feature is at most a number. */
function compared(
  feature: number,
  operator: Exclude<(typeof operators)[number], 'isMissing' | 'isNotMissing'>,
  value: number,
): Predicate {
  const atMost = (threshold: number): Predicate => ({ kind: 'below', feature, threshold });
  const not = (of: Predicate): Predicate => ({ kind: 'not', of });
  switch (operator) {
    case 'lessOrEqual':
      return atMost(value);
    case 'lessThan':
      return atMost(below(value));
    case 'greaterThan':
      return not(atMost(value));
    case 'greaterOrEqual':
      return not(atMost(below(value)));
    default: {
      const equal: Predicate = { kind: 'and', parts: [atMost(value), not(atMost(below(value)))] };
      return operator === 'equal' ? equal : not(equal);
    }
  }
}

function ofSet(lowering: Lowering, scope: Scope, element: Element): Predicate {
  const field = fieldOf(lowering, scope, element, textOf(lowering, element, 'field'));
  const operator = wordOf(lowering, element, 'booleanOperator', ['isIn', 'isNotIn']);
  const [array, other] = expectOnly(lowering, element, ['Array']);
  if (!array || other) return refuseAt(lowering, element, 'expected an Array in it');
  const words = wordsOf(lowering, array);
  if (words.length === 0) return refuseAt(lowering, array, 'expected values');
  let test: Predicate;
  if (field.categories) {
    const feature = lowering.features.categoryIn(field);
    const codes = words.map((word) =>
      lowering.features.codeOf(feature, categoryIn(lowering, array, field, word)),
    );
    test = { kind: 'among', feature, codes: new Set(codes) };
  } else {
    const feature = lowering.features.numberIn(numericOf(lowering, element, field));
    const single = field.column.type === 'float';
    const parts = words.map((word) => {
      const value = parseNumber(lowering, array, word);
      return compared(feature, 'equal', single ? Math.fround(value) : value);
    });
    test = { kind: 'or', parts };
  }
  return operator === 'isIn' ? test : { kind: 'not', of: test };
}
