import { quote } from '../../src/errors.js';
import type { CellType } from './column.js';
import { type Category, categoryOf, cellTypes, opTypes } from './field.js';
import { childrenOf, neededChild, type Reading, refuseAt, textOf, wordOf } from './reading.js';
import { attribute, type Element } from './xml.js';

/** What the DataDictionary says of fields. */
export interface DataField {
  readonly element: Element;
  readonly name: string;
  readonly type: CellType;
  readonly isContinuous: boolean;
  /** Values that are valid, in order. */
  readonly values: readonly Category[];
}

/** The fields of the dictionary by their names. What is not supported counts where a field is used. */
export function dictionaryOf(reading: Reading, pmml: Element): Map<string, Element> {
  const dictionary = neededChild(reading, pmml, 'DataDictionary');
  const fields = new Map<string, Element>();
  for (const field of childrenOf(dictionary, 'DataField')) {
    const name = textOf(reading, field, 'name');
    if (fields.has(name)) refuseAt(reading, field, `the name ${quote(name)} twice`);
    fields.set(name, field);
  }
  return fields;
}

export function readDataField(reading: Reading, element: Element): DataField {
  const type = wordOf(reading, element, 'dataType', cellTypes);
  const isNumber = type !== 'string' && type !== 'boolean';
  const optype = wordOf(
    reading,
    element,
    'optype',
    opTypes,
    isNumber ? 'continuous' : 'categorical',
  );
  const isContinuous = optype === 'continuous' && isNumber;
  const valid = childrenOf(element, 'Value').filter(
    (value) => (attribute(value, 'property') ?? 'valid') === 'valid',
  );
  const values =
    type === 'boolean'
      ? [0, 1]
      : valid.map((value) => categoryOf(reading, value, type, textOf(reading, value, 'value')));
  reading.memory.spend(100 * values.length);
  if (new Set(values).size < values.length) refuseAt(reading, element, 'a value twice');
  if (isContinuous && values.length > 0)
    refuseAt(reading, element, 'numbers of which some alone are valid are not supported');
  return { element, name: textOf(reading, element, 'name'), type, isContinuous, values };
}
