import { type Column, stepped } from './column.js';
import type { Category, Field } from './field.js';
import type { Lowering } from './lowering.js';
import { above } from './neighbor.js';
import {
  childrenOf,
  neededChild,
  numberOf,
  parseNumber,
  refuseAt,
  textOf,
  wordOf,
} from './reading.js';
import { attribute, type Element } from './xml.js';

/** A number's bin: intervals that follow one another, and what stands for each. */
export function discretized(lowering: Lowering, element: Element, column: Column): Field {
  const bins = childrenOf(element, 'DiscretizeBin');
  if (bins.length === 0) return refuseAt(lowering, element, 'expected DiscretizeBin in it');
  if (attribute(element, 'defaultValue') !== null || attribute(element, 'mapMissingTo') !== null)
    refuseAt(lowering, element, 'values for what is in no bin are not supported');
  const edges: number[] = [];
  let end = Number.NaN;
  bins.forEach((bin, i) => {
    const { low, high } = rangeOf(lowering, bin);
    const follows = i === 0 ? low === Number.NEGATIVE_INFINITY : Object.is(low, end);
    if (!follows || !(low < high))
      refuseAt(lowering, bin, 'bins that do not follow one another from −∞ on are not supported');
    if (i > 0) edges.push(low);
    end = high;
  });
  if (end !== Number.POSITIVE_INFINITY)
    refuseAt(lowering, element, 'bins that do not reach ∞ are not supported');
  const texts = bins.map((bin) => textOf(lowering, bin, 'binValue'));
  const isNumber =
    attribute(element, 'dataType') !== 'string' && texts.every((text) => /^[-+.\d]/.test(text));
  const values: Category[] = isNumber
    ? texts.map((text) => parseNumber(lowering, element, text))
    : texts;
  if (new Set(values).size < values.length)
    return refuseAt(lowering, element, 'a value of several bins is not supported');
  return {
    column: stepped(column, { kind: 'bin', edges, refuses: column.mayMiss }, 'double', false),
    categories: { values, other: 'refused', replacement: null, coded: true },
  };
}

/** The numbers of a bin: from `low` on, up to what is below `high`. */
function rangeOf(lowering: Lowering, bin: Element): { low: number; high: number } {
  const interval = neededChild(lowering, bin, 'Interval');
  const closure = wordOf(lowering, interval, 'closure', [
    'openClosed',
    'closedOpen',
    'openOpen',
    'closedClosed',
  ]);
  const low = numberOf(lowering, interval, 'leftMargin', Number.NEGATIVE_INFINITY);
  const high = numberOf(lowering, interval, 'rightMargin', Number.POSITIVE_INFINITY);
  return {
    low: closure.startsWith('open') ? above(low) : low,
    high: closure.endsWith('Closed') ? above(high) : high,
  };
}
