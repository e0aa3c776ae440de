import {
  arrayTypeOf,
  type ModelDescription,
  type Node,
  narrowest,
  type Trees,
  type TypedArray,
} from 'nuthatch/ir';
import { refuse } from '../refuse.js';
import { formName, formVersion, mark, numberKey, treesKey } from './form.js';
import { bitsOf, usualNaNs } from './nan.js';
import { depthsOf, packSlots, readSlots, type Slot } from './slots.js';

/** Characters of a line of numbers. */
const width = 100;

/** A model as JSON that people read, and `readJson` reads without a loss. */
export function writeJson(model: ModelDescription): string {
  const { provenance, input, root, golden, reference } = model;
  const document = { provenance, input, root, golden, ...(reference && { reference }) };
  try {
    return `{\n  "format": "${formName}",\n  "version": "${formVersion}",\n${writeEntries(document, '  ').join(',\n')}\n}\n`;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse('limit-exceeded', 'model', 'too large for one text; keep it as .nut');
  }
}

function writeEntries(map: object, indent: string): string[] {
  return Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${indent}${keyOf(key)}: ${write(value, indent)}`);
}

const keyOf = (key: string): string => JSON.stringify(key.startsWith(mark) ? mark + key : key);

function write(value: unknown, indent: string): string {
  const dtype = arrayTypeOf(value);
  if (dtype !== null) {
    const tensor = value as TypedArray;
    const numbers = Array.from(tensor, (number, i) =>
      Number.isNaN(number) ? nanOf(tensor, i) : numberOf(number),
    );
    return `{"${mark}${dtype}": ${writeRuns(numbers, indent)}}`;
  }
  if (typeof value === 'number')
    return Number.isFinite(value) ? numberOf(value) : `{"${numberKey}": ${numberOf(value)}}`;
  if (Array.isArray(value)) {
    const deeper = `${indent}  `;
    const items = value.map((item) => write(item, deeper));
    return value.every((item) => Object(item) !== item)
      ? writeRuns(items, indent)
      : `[\n${deeper}${items.join(`,\n${deeper}`)}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isTrees(value)) return writeTrees(value, indent);
  const entries = writeEntries(value, `${indent}  `);
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`;
}

/** JavaScript's own digits are the fewest that give the number back. Python's reader makes an integer of `-0`. */
function numberOf(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function nanOf(tensor: TypedArray, i: number): string {
  const bits = bitsOf(tensor, i);
  return usualNaNs.includes(bits) ? '"NaN"' : `"NaN:${bits}"`;
}

/** Items on one line where they fit, else as many to a line as do. */
function writeRuns(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    if (line !== '' && line.length + item.length + 2 > width) {
      lines.push(`${line},`);
      line = item;
    } else line = line === '' ? item : `${line}, ${item}`;
  }
  if (lines.length === 0) return `[${line}]`;
  const deeper = `\n${indent}  `;
  return `[${deeper}${[...lines, line].join(deeper)}\n${indent}]`;
}

const isTrees = (value: object): value is Trees => (value as Partial<Node>).kind === 'trees';

/** Trees with a line for each slot, unless some word says more than that. */
function writeTrees(trees: Trees, indent: string): string {
  const { nodes, starts, depths, ...rest } = trees;
  const slots = readSlots(trees);
  const isSame =
    packSlots(slots, trees).nodes.every((word, i) => word === nodes[i]) &&
    narrowest(depthsOf(slots)).constructor === depths.constructor;
  const deeper = `${indent}  `;
  const entries = writeEntries(isSame ? rest : trees, deeper);
  if (isSame) {
    const lines = slots.map((tree) => `[\n${tree.map(writeSlot).join(',\n')}\n]`);
    entries.push(`${deeper}"nodes": {"${treesKey}": [${lines.join(', ')}]}`);
  }
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

const writeSlot = (slot: Slot): string =>
  `{${Object.entries(slot)
    .map(
      ([key, value]) => `"${key}": ${typeof value === 'number' ? numberOf(value) : `"${value}"`}`,
    )
    .join(', ')}}`;
