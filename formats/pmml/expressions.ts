import { quote } from '../../src/errors.js';
import { calculated, keyOf } from './column.js';
import { discretized } from './discretize.js';
import { encoded } from './encoder.js';
import { type Category, cellTypes, type Field, numberIn, opTypes } from './field.js';
import { type Constant, calculate } from './functions.js';
import type { Lowering } from './lowering.js';
import { castTo, categoryIn, numericOf } from './numeric.js';
import {
  all,
  childrenOf,
  expectOnly,
  neededChild,
  parseNumber,
  refuseAt,
  textOf,
  wordOf,
} from './reading.js';
import { lookUp, type Scope, scopeIn } from './scope.js';
import { attribute, type Element } from './xml.js';

type Value = Field | Constant;

const expressions = [
  'FieldRef',
  'Constant',
  'NormDiscrete',
  'NormContinuous',
  'Discretize',
  'MapValues',
  'Apply',
];

/** The field that a name stands for. */
export const fieldOf = (lowering: Lowering, scope: Scope, element: Element, name: string): Field =>
  lookUp(lowering, scope, element, name, derive);

/** The field that a DerivedField or an OutputField makes by its expression. */
export function derive(lowering: Lowering, scope: Scope, element: Element, depth = 0): Field {
  // What models give may say nothing of its type.
  const isOutput = element.name === 'OutputField';
  const type = wordOf(lowering, element, 'dataType', cellTypes, isOutput ? 'double' : undefined);
  const optype = wordOf(lowering, element, 'optype', opTypes, isOutput ? 'continuous' : undefined);
  const [expression, other] = expectOnly(lowering, element, expressions);
  if (!expression || other) return refuseAt(lowering, element, 'expected one expression in it');
  const value = evaluate(lowering, scope, expression, depth);
  if ('constant' in value)
    return refuseAt(lowering, expression, 'a column that is the same in all rows');
  if (optype !== 'continuous') {
    if (value.categories) return value;
    const categories = { values: null, other: 'kept', replacement: null, coded: false } as const;
    return { column: castTo(lowering, element, value.column, type), categories };
  }
  return {
    column: castTo(lowering, element, numericOf(lowering, expression, value), type),
    categories: null,
  };
}

function evaluate(lowering: Lowering, scope: Scope, element: Element, depth: number): Value {
  // Functions that call each other may say much in few words.
  lowering.effort.spend(20);
  switch (element.name) {
    case 'Constant':
      return constantOf(lowering, element);
    case 'FieldRef': {
      const field = fieldIn(lowering, scope, element, 'field', depth);
      return withMissing(lowering, element, field);
    }
    case 'NormDiscrete':
      return normDiscrete(lowering, scope, element, depth);
    case 'Discretize':
      return discretized(lowering, element, continuous(lowering, scope, element, depth));
    case 'MapValues':
      return mapValues(lowering, scope, element, depth);
    case 'Apply':
      return apply(lowering, scope, element, depth);
    default:
      return refuseAt(lowering, element, `${element.name} is not supported`);
  }
}

const fieldIn = (lowering: Lowering, scope: Scope, element: Element, name: string, depth: number) =>
  lookUp(lowering, scope, element, textOf(lowering, element, name), derive, depth);

const continuous = (lowering: Lowering, scope: Scope, element: Element, depth: number) =>
  numericOf(lowering, element, fieldIn(lowering, scope, element, 'field', depth));

/** A field whose missing cells an expression replaces. */
function withMissing(lowering: Lowering, element: Element, field: Field): Field {
  const text = attribute(element, 'mapMissingTo');
  if (text === null) return field;
  if (field.categories) return refuseAt(lowering, element, 'mapMissingTo of categories');
  const { column } = field;
  const fill = numberIn(column.type, parseNumber(lowering, element, text));
  return { column: { ...calculated(column, 'fill', fill), mayMiss: false }, categories: null };
}

function constantOf(lowering: Lowering, element: Element): Constant {
  const text = element.text.trim();
  if (attribute(element, 'missing') === 'true') refuseAt(lowering, element, 'a missing constant');
  const type = wordOf(
    lowering,
    element,
    'dataType',
    ['double', 'float', 'integer'],
    /^[-+]?\d+$/.test(text) ? 'integer' : 'double',
  );
  return { constant: numberIn(type, parseNumber(lowering, element, text)), type };
}

/** 1 for one category, 0 for others. */
function normDiscrete(lowering: Lowering, scope: Scope, element: Element, depth: number): Field {
  const field = fieldIn(lowering, scope, element, 'field', depth);
  const value = categoryIn(lowering, element, field, textOf(lowering, element, 'value'));
  const missing = attribute(element, 'mapMissingTo');
  const gap = missing === null ? Number.NaN : parseNumber(lowering, element, missing);
  if (!field.categories) return refuseAt(lowering, element, 'of numbers it is not supported');
  return { column: encoded(field, new Map([[value, 1]]), 0, gap), categories: null };
}

/** A table from one column to another. */
function mapValues(lowering: Lowering, scope: Scope, element: Element, depth: number): Field {
  const pairs = childrenOf(element, 'FieldColumnPair');
  const [pair] = pairs;
  if (!pair || pairs.length > 1)
    return refuseAt(lowering, element, 'tables of several columns are not supported');
  const field = fieldIn(lowering, scope, pair, 'field', depth);
  if (!field.categories) return refuseAt(lowering, pair, 'of numbers it is not supported');
  const [from, to] = [textOf(lowering, pair, 'column'), textOf(lowering, element, 'outputColumn')];
  const table = neededChild(lowering, element, 'InlineTable');
  const numbers = new Map<Category, number>();
  for (const row of childrenOf(table, 'row')) {
    const cell = (name: string) =>
      row.children.find((one) => one.name.replace(/^.*:/, '') === name)?.text ??
      refuseAt(lowering, row, `expected ${quote(name)} in it`);
    const category = categoryIn(lowering, row, field, cell(from));
    if (numbers.has(category)) refuseAt(lowering, row, 'a value twice');
    numbers.set(category, parseNumber(lowering, row, cell(to)));
  }
  const optional = (name: string) => {
    const text = attribute(element, name);
    return text === null ? Number.NaN : parseNumber(lowering, element, text);
  };
  const other = optional('defaultValue');
  const column = encoded(field, numbers, other, optional('mapMissingTo'));
  const mayMiss = column.mayMiss || (field.categories.other !== 'refused' && Number.isNaN(other));
  return { column: { ...column, mayMiss }, categories: null };
}

function apply(lowering: Lowering, scope: Scope, element: Element, depth: number): Value {
  const name = textOf(lowering, element, 'function');
  if (depth > lowering.limits.nesting) refuseAt(lowering, element, 'nested too deeply');
  for (const attributeName of ['defaultValue', 'mapMissingTo'])
    if (attribute(element, attributeName) !== null)
      refuseAt(lowering, element, `${attributeName} is not supported`);
  wordOf(lowering, element, 'invalidValueTreatment', ['returnInvalid', 'asIs'], 'returnInvalid');
  const parts = expectOnly(lowering, element, expressions);
  if (name === 'if') return choice(lowering, scope, element, parts, depth);
  const defined = lowering.functions.get(name);
  if (defined) {
    const given = parts.map((part) => evaluate(lowering, scope, part, depth + 1));
    return applied(lowering, element, defined, given, depth);
  }
  const values = parts.map((part) => {
    const value = evaluate(lowering, scope, part, depth + 1);
    return 'constant' in value ? value : numericOf(lowering, part, value);
  });
  return { column: calculate(lowering, element, name, values), categories: null };
}

/** A function of the file's own, which knows what it is given and nothing else. */
function applied(
  lowering: Lowering,
  element: Element,
  defined: Element,
  given: readonly Value[],
  depth: number,
): Field {
  const parameters = childrenOf(defined, 'ParameterField');
  if (parameters.length !== given.length)
    refuseAt(lowering, element, `expected ${parameters.length} values in it`);
  const names = new Map<string, Field>();
  all(lowering, parameters, (parameter, i) => {
    const value = given[i]!;
    if ('constant' in value) return refuseAt(lowering, element, 'a constant given to a function');
    const type = wordOf(lowering, parameter, 'dataType', cellTypes, value.column.type);
    if (type !== value.column.type)
      refuseAt(lowering, element, `${value.column.type} given as ${type} is not supported`);
    names.set(textOf(lowering, parameter, 'name'), value);
  });
  const [body, other] = expectOnly(lowering, defined, [...expressions, 'ParameterField']).slice(
    parameters.length,
  );
  if (!body || other) return refuseAt(lowering, defined, 'expected one expression in it');
  const value = evaluate(lowering, scopeIn(null, names), body, depth + 1);
  if ('constant' in value) return refuseAt(lowering, defined, 'a constant for all rows');
  if (value.categories) return value;
  const type = wordOf(lowering, defined, 'dataType', cellTypes, value.column.type);
  return { ...value, column: castTo(lowering, defined, value.column, type) };
}

/** `if` where a cell is missing, or not: another number in its place. */
function choice(
  lowering: Lowering,
  scope: Scope,
  element: Element,
  parts: readonly Element[],
  depth: number,
): Field {
  const fail = (): never =>
    refuseAt(lowering, element, 'if is supported of isMissing and isNotMissing, with a constant');
  const [condition, yes, no] = parts;
  if (!condition || !yes || !no || parts.length > 3 || condition.name !== 'Apply') return fail();
  const test = textOf(lowering, condition, 'function');
  if (test !== 'isMissing' && test !== 'isNotMissing') return fail();
  const [asked, ...others] = expectOnly(lowering, condition, ['FieldRef']);
  if (!asked || others.length > 0) return fail();
  const known = numericOf(lowering, asked, fieldIn(lowering, scope, asked, 'field', depth));
  const [there, gap] = test === 'isMissing' ? [no, yes] : [yes, no];
  const value = evaluate(lowering, scope, there, depth + 1);
  const otherwise = evaluate(lowering, scope, gap, depth + 1);
  if ('constant' in value || !('constant' in otherwise)) return fail();
  const column = numericOf(lowering, there, value);
  // What is calculated of a column alone is missing where that is.
  const start = column.steps.slice(0, known.steps.length);
  if (keyOf({ ...column, steps: start }) !== keyOf(known)) return fail();
  const type = column.type === 'float' && otherwise.type !== 'float' ? 'double' : column.type;
  return {
    column: { ...calculated(column, 'fill', otherwise.constant, type), mayMiss: false },
    categories: null,
  };
}
