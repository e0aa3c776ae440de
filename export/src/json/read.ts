import { NuthatchError } from 'nuthatch';
import {
  type ArrayType,
  arrayTypes,
  type ModelDescription,
  narrowest,
  type TypedArray,
  validateModel,
} from 'nuthatch/ir';
import { refuse } from '../refuse.js';
import { deepest, formName, formVersion, mark, numberKey, treesKey } from './form.js';
import { nanPattern, putBits } from './nan.js';
import { depthsOf, packSlots, type Slot } from './slots.js';

type Plain = Readonly<Record<string, unknown>>;

/**
 * The model that `writeJson` wrote, checked as one from a `.nut` file is.
 *
 * @throws NuthatchError `not-a-model`, `unsupported-version`, `malformed`, `limit-exceeded`, `invalid-model`
 */
export function readJson(text: string): ModelDescription {
  const document = parse(text);
  if (document.format !== formName)
    refuse('not-a-model', 'format', `expected ${JSON.stringify(formName)}`);
  if (document.version !== formVersion)
    refuse('unsupported-version', 'version', `expected ${formVersion}; update nuthatch`);
  return validateModel(read(document, 'model', 0));
}

function parse(text: string): Plain {
  try {
    const value: unknown = JSON.parse(text);
    if (isMap(value)) return value;
  } catch (error) {
    if (error instanceof NuthatchError) throw error;
    return refuse('malformed', '', `this is no JSON: ${(error as Error).message}`);
  }
  return refuse('not-a-model', '', 'this is not a model as JSON');
}

const isMap = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function read(value: unknown, path: string, depth: number): unknown {
  if (depth > deepest) refuse('limit-exceeded', path, `nested deeper than ${deepest}`);
  if (Array.isArray(value)) return value.map((item, i) => read(item, `${path}[${i}]`, depth + 1));
  if (!isMap(value)) return value;
  const keys = Object.keys(value);
  const [first] = keys;
  if (keys.length === 1 && first!.startsWith(mark) && !first!.startsWith(mark + mark)) {
    if (first === numberKey) return numberOf(value[first], path);
    return readTensor(first!.slice(1), value[first!], path);
  }
  // Names from a file mean nothing to JavaScript.
  const map: Record<string, unknown> = Object.create(null);
  const slots = value.kind === 'trees' && isMap(value.nodes) ? value.nodes[treesKey] : undefined;
  for (const key of keys) {
    const name = key.startsWith(mark) ? key.slice(1) : key;
    if (key === 'nodes' && slots !== undefined) Object.assign(map, readNodes(slots, value, path));
    else map[name] = read(value[key], `${path}.${name}`, depth + 1);
  }
  return map;
}

function readTensor(type: string, items: unknown, path: string): TypedArray {
  if (!Object.hasOwn(arrayTypes, type)) refuse('malformed', path, 'a tensor of no known type');
  if (!Array.isArray(items)) return refuse('malformed', path, 'expected a list of numbers');
  const tensor = new arrayTypes[type as ArrayType](items.length);
  items.forEach((item, i) => {
    const bits = typeof item === 'string' ? nanPattern.exec(item)?.[1] : undefined;
    if (bits?.length === 2 * tensor.BYTES_PER_ELEMENT && type.startsWith('float')) {
      putBits(tensor, i, bits);
      if (!Number.isNaN(tensor[i])) refuse('malformed', `${path}[${i}]`, 'bits of no NaN');
      return;
    }
    const value = numberOf(item, `${path}[${i}]`);
    tensor[i] = value;
    if (!Object.is(tensor[i], value)) refuse('malformed', `${path}[${i}]`, `no ${type}: ${value}`);
  });
  return tensor;
}

function numberOf(item: unknown, path: string): number {
  if (typeof item === 'number') return item;
  const special = ['NaN', 'Infinity', '-Infinity'].find((text) => text === item);
  return special === undefined ? refuse('malformed', path, 'expected a number') : Number(special);
}

/** What lists of slots stand for. What numbers mean is left to the validator of models, once they are such as words can hold. */
function readNodes(lists: unknown, node: Plain, path: string) {
  const { layout, featureBits, leafColumns, features } = node;
  if (layout !== 'narrow' && layout !== 'wide') return refuse('malformed', path, 'no layout');
  const bits = integer(featureBits, 28, `${path}.featureBits`);
  const childBits = layout === 'wide' ? 32 : 28 - bits;
  const slots = listOf(lists, `${path}.nodes`).map((tree, t) =>
    listOf(tree, `${path}.nodes[${t}]`).map((slot, i) =>
      readSlot(slot, layout === 'wide', bits, childBits, `${path}.nodes[${t}][${i}]`),
    ),
  );
  const packed = packSlots(slots, {
    layout,
    featureBits: bits,
    leafColumns: integer(leafColumns, 32, `${path}.leafColumns`),
    features: integer(features, bits, `${path}.features`),
  });
  return { ...packed, depths: narrowest(depthsOf(slots)) };
}

const listOf = (value: unknown, path: string): readonly unknown[] =>
  Array.isArray(value) ? value : refuse('malformed', path, 'expected a list');

function integer(value: unknown, bits: number, path: string): number {
  const number = numberOf(value, path);
  const fits = Number.isInteger(number) && number >= 0 && number < 2 ** bits;
  return fits ? number : refuse('malformed', path, `expected an integer of ${bits} bits`);
}

function readSlot(
  value: unknown,
  wide: boolean,
  featureBits: number,
  childBits: number,
  path: string,
): Slot {
  if (!isMap(value)) return refuse('malformed', path, 'expected a slot');
  if ('value' in value) return { value: numberOf(value.value, path) };
  if ('vector' in value) return { vector: integer(value.vector, 32, path) };
  const { missing } = value;
  if (missing !== 'left' && missing !== 'right')
    return refuse('malformed', path, 'missing cells go neither left nor right');
  const operand =
    'categories' in value
      ? { categories: integer(value.categories, 32, path) }
      : { threshold: numberOf(value.threshold, path) };
  if (!wide && 'threshold' in operand && Math.fround(operand.threshold!) !== operand.threshold)
    refuse('malformed', path, 'a threshold that is no float32');
  const feature = integer(value.feature, featureBits, path);
  return { feature, ...operand, left: integer(value.left, childBits, path), missing };
}
