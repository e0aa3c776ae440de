import { quote } from '../../src/errors.js';
import type { Column as InputColumn, InputSpec } from '../../src/ir/index.js';
import { type CellType, calculated, inputColumn, stepped } from './column.js';
import { type DataField, readDataField } from './data-dictionary.js';
import { categoryOf, type Field, numberIn, toFloat } from './field.js';
import {
  all,
  childrenOf,
  neededChild,
  numberOf,
  parseNumber,
  type Reading,
  refuseAt,
  textOf,
  wordOf,
} from './reading.js';
import { attribute, type Element } from './xml.js';

export interface ModelFields {
  /** The fields that a model is given, by their names. */
  readonly fields: Map<string, Field>;
  readonly target: DataField | null;
  readonly input: InputSpec;
}

const usages = [
  ...['active', 'target', 'predicted', 'supplementary', 'group', 'order'],
  ...['frequencyWeight', 'analysisWeight'],
] as const;

/** The fields of the outermost model: columns of the input, and what is done about missing and invalid values. */
export function readMiningSchema(
  reading: Reading,
  model: Element,
  dictionary: ReadonlyMap<string, Element>,
): ModelFields {
  const schema = neededChild(reading, model, 'MiningSchema');
  const active: { field: DataField; mining: Element }[] = [];
  const names = new Set<string>();
  let target: DataField | null = null;
  all(reading, childrenOf(schema, 'MiningField'), (mining) => {
    const name = textOf(reading, mining, 'name');
    if (names.has(name)) refuseAt(reading, mining, `the name ${quote(name)} twice`);
    names.add(name);
    const usage = wordOf(reading, mining, 'usageType', usages, 'active');
    const isTarget = usage === 'target' || usage === 'predicted';
    if (usage !== 'active' && !isTarget) return;
    const element = dictionary.get(name);
    if (!element) return refuseAt(reading, mining, `no DataField is named ${quote(name)}`);
    const field = readDataField(reading, element);
    const optype = attribute(mining, 'optype');
    if (optype !== null && (optype === 'continuous') !== field.isContinuous)
      refuseAt(reading, mining, 'another optype than that of the DataField is not supported');
    if (!isTarget) active.push({ field, mining });
    else if (target) refuseAt(reading, mining, 'several targets are not supported');
    else target = field;
  });
  if (active.length === 0) refuseAt(reading, schema, 'expected fields that a model is given');
  if (active.length > reading.limits.features)
    refuseAt(reading, schema, `more than ${reading.limits.features} fields`);
  const read = all(reading, active, ({ field, mining }, i) => ({
    name: field.name,
    ...treated(reading, field, mining, i),
  }));
  return {
    fields: new Map(read.map(({ name, ...field }) => [name, field])),
    target,
    input: inputOf(active.map(({ field }) => field)),
  };
}

function inputOf(fields: readonly DataField[]): InputSpec {
  const isNumber = ({ type }: DataField) => type !== 'string' && type !== 'boolean';
  if (fields.every(isNumber))
    return { type: 'matrix', features: fields.length, names: fields.map(({ name }) => name) };
  const columns = fields.map((field): InputColumn => {
    const type = isNumber(field) ? 'number' : field.type === 'boolean' ? 'boolean' : 'string';
    return { name: field.name, type, categories: null };
  });
  return { type: 'columns', columns };
}

/** A field of the model's input after what its MiningField says of invalid, extreme and missing values. */
function treated(reading: Reading, field: DataField, mining: Element, index: number): Field {
  const { type, isContinuous, element } = field;
  const replacement = attribute(mining, 'missingValueReplacement');
  const fill = replacement === null ? null : categoryOf(reading, mining, type, replacement);
  const invalid = wordOf(
    reading,
    mining,
    'invalidValueTreatment',
    ['returnInvalid', 'asIs', 'asMissing'],
    'returnInvalid',
  );
  wordOf(
    reading,
    mining,
    'missingValueTreatment',
    ['asIs', 'asMean', 'asMode', 'asMedian', 'asValue'],
    'asIs',
  );
  const outliers = wordOf(reading, mining, 'outliers', ['asIs', 'asExtremeValues'], 'asIs');
  let column = inputColumn(index, type);
  if (type === 'float') column = stepped(column, toFloat);
  if (!isContinuous) {
    expectPlainValues(reading, element, type);
    if (outliers !== 'asIs') refuseAt(reading, mining, 'outliers of categories');
    const values = field.values.length > 0 ? field.values : null;
    const other =
      values === null || invalid === 'asIs'
        ? 'kept'
        : invalid === 'asMissing'
          ? 'missing'
          : 'refused';
    const categories = { values, other, replacement: fill, coded: false } as const;
    return { column: { ...column, mayMiss: fill === null }, categories };
  }
  for (const value of missingNumbers(reading, element, type))
    column = calculated(column, 'void', value);
  const range = rangeOf(reading, element);
  if (range && invalid === 'asMissing')
    refuseAt(reading, mining, 'numbers that are missing where they are invalid');
  if (range && invalid === 'returnInvalid') column = stepped(column, { kind: 'within', ...range });
  if (outliers === 'asExtremeValues') {
    column = calculated(column, 'maximum', numberIn(type, numberOf(reading, mining, 'lowValue')));
    column = calculated(column, 'minimum', numberIn(type, numberOf(reading, mining, 'highValue')));
  }
  if (fill !== null) column = { ...calculated(column, 'fill', fill as number), mayMiss: false };
  return { column, categories: null };
}

/** Numbers that stand for missing ones. NaN does always. */
function missingNumbers(reading: Reading, element: Element, type: CellType): number[] {
  return childrenOf(element, 'Value').flatMap((value) => {
    const property = wordOf(reading, value, 'property', ['missing', 'valid', 'invalid'], 'valid');
    if (property === 'invalid') refuseAt(reading, value, 'invalid numbers are not supported');
    const text = textOf(reading, value, 'value');
    if (property === 'valid' || /^(NaN|nan)$/.test(text)) return [];
    return [numberIn(type, parseNumber(reading, value, text))];
  });
}

/** Of categories, words for missing and invalid ones are not supported, but numbers' own. */
function expectPlainValues(reading: Reading, element: Element, type: CellType): void {
  for (const value of childrenOf(element, 'Value')) {
    const property = attribute(value, 'property') ?? 'valid';
    const isGap =
      property === 'missing' && type !== 'string' && attribute(value, 'value') === 'NaN';
    if (property !== 'valid' && !isGap)
      refuseAt(reading, value, `categories that are ${property} are not supported`);
  }
}

/** Where numbers are valid; null where all are. */
function rangeOf(reading: Reading, element: Element): { low: number; high: number } | null {
  const intervals = childrenOf(element, 'Interval');
  if (intervals.length === 0) return null;
  const [interval, other] = intervals;
  if (other) refuseAt(reading, other, 'several intervals are not supported');
  wordOf(reading, interval!, 'closure', ['closedClosed']);
  return {
    low: numberOf(reading, interval!, 'leftMargin', Number.NEGATIVE_INFINITY),
    high: numberOf(reading, interval!, 'rightMargin', Number.POSITIVE_INFINITY),
  };
}
