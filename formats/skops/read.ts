import { describeValue, NuthatchError, quote } from '../../src/errors.js';
import { isLength, type Json, type JsonMap, list, malformed, own, text } from '../json/json.js';
import { parseDocument } from '../json/parse.js';
import { nameOf, newObject } from '../python/objects.js';
import { toFloat64 } from '../sklearn/arrays.js';
import { sequenceItems } from '../sklearn/estimator.js';
import type { PyArray, PyDict, PyValue } from '../sklearn/python.js';
import { readNpy } from './npy.js';
import { type Archive, readZip } from './zip.js';

const schemaName = 'schema.json';
const newestProtocol = 2;

/** How many times its own size a file may inflate to. */
const mostTimes = 200;

/** What reading nodes needs besides the node at hand. */
interface Reading {
  readonly files: Archive;
  /** Those of them that are archives themselves: sparse matrices. */
  readonly archives: ReadonlyMap<string, Archive>;
  readonly memoryBytes: number;
  /** Nodes that were read, by their ids: the same object is the same value. */
  readonly known: Map<number, PyValue>;
}

/**
 * Reads what `skops.io.dump` wrote.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `malformed`, `limit-exceeded`, `unsupported`, `unsupported-version`
 */
export async function readSkops(bytes: Uint8Array, memoryBytes: number): Promise<PyValue> {
  const budget = { left: mostTimes * bytes.length };
  const files = await readZip(bytes, budget);
  const schema = files.get(schemaName);
  if (schema === undefined)
    throw new NuthatchError(
      'not-a-model',
      '',
      `an archive without ${schemaName} is no file of skops`,
    );
  const map = parseDocument(schema, 'python');
  const protocol = own(map, 'protocol');
  if (!isLength(protocol) || protocol > newestProtocol) {
    throw new NuthatchError(
      'unsupported-version',
      'protocol',
      `the file has protocol ${describeValue(protocol)} of skops; this release reads up to ${newestProtocol}. Update nuthatch.`,
    );
  }
  const archives = new Map<string, Archive>();
  for (const [name, file] of files)
    if (/\.npz$/.test(name)) archives.set(name, await readZip(file, budget));
  return readNode(map, 'model', { files, archives, memoryBytes, known: new Map() });
}

type NodeReader = (node: JsonMap, path: string, reading: Reading) => PyValue;

function readNode(json: Json | undefined, path: string, reading: Reading): PyValue {
  const node = mapOf(json, path);
  const id = own(node, '__id__');
  if (typeof id !== 'number') throw malformed(path, 'a node without an id');
  const known = reading.known.get(id);
  if (known !== undefined) return known;
  const loader = text(node, '__loader__', path);
  const read = readers.get(loader);
  if (read === undefined)
    throw new NuthatchError('unsupported', path, `what ${quote(loader)} loads is not known here`);
  const value = read(node, path, reading);
  reading.known.set(id, value);
  return value;
}

function mapOf(json: Json | undefined, path: string): JsonMap {
  if (json === undefined || json === null || typeof json !== 'object' || Array.isArray(json))
    throw malformed(path, 'expected an object');
  return json;
}

const classOf = (node: JsonMap, path: string): string =>
  nameOf(text(node, '__module__', path), text(node, '__class__', path));

const contentOf = (node: JsonMap, path: string, reading: Reading): PyValue =>
  readNode(own(node, 'content'), path, reading);

const itemsOf = (node: JsonMap, path: string, reading: Reading): PyValue[] =>
  list(node, 'content', path).map((item, i) => readNode(item, `${path}[${i}]`, reading));

/** One of the maps that a content is made of. */
const partOf = (node: JsonMap, name: string, path: string, reading: Reading): PyValue =>
  readNode(own(mapOf(own(node, 'content'), path), name), `${path}.${name}`, reading);

/** A list, tuple or set; of classes that extend these, an object. */
const sequence =
  (type: 'list' | 'tuple' | 'set'): NodeReader =>
  (node, path, reading) => {
    const items = itemsOf(node, path, reading);
    const name = classOf(node, path);
    return name === `builtins.${type}` ? { type, items } : newObject(name, items);
  };

function readBytes(node: JsonMap, path: string, reading: Reading): PyValue {
  return { type: 'bytes', bytes: fileOf(node, path, reading) };
}

const named: NodeReader = (node, path) => ({ type: 'global', name: classOf(node, path) });

/** An object that nothing is known of but its class: nothing that predicts holds it. */
const opaque: NodeReader = (node, path) => newObject(classOf(node, path));

/** An object that is called into being with arguments, as compiled classes are. */
const reduced: NodeReader = (node, path, reading) => {
  const { args } = mapOf(own(node, '__reduce__'), path);
  return {
    ...newObject(classOf(node, path), sequenceItems(readNode(args, path, reading)) ?? []),
    state: contentOf(node, path, reading),
  };
};

const readers: ReadonlyMap<string, NodeReader> = new Map<string, NodeReader>([
  ['JsonNode', readJson],
  ['DictNode', readDict],
  [
    'DefaultDictNode',
    (node, path, reading) =>
      ofEntries('collections.defaultdict', partOf(node, 'main', path, reading), path),
  ],
  ['ListNode', sequence('list')],
  ['TupleNode', sequence('tuple')],
  ['SetNode', sequence('set')],
  ['ObjectNode', readObject],
  ['TreeNode', reduced],
  ['LossNode', reduced],
  // Losses in files of older versions.
  ['SGDNode', reduced],
  ['ConstructorFromReduceNode', readConstructed],
  ['NdArrayNode', readArray],
  [
    'MaskedArrayNode',
    (node, path, reading) => ({
      ...arrayOf(partOf(node, 'data', path, reading), path),
      masked: true,
    }),
  ],
  [
    'DTypeNode',
    (node, path, reading) => ({
      type: 'dtype',
      dtype: arrayOf(contentOf(node, path, reading), path).dtype,
    }),
  ],
  ['SparseMatrixNode', readSparse],
  ['BytesNode', readBytes],
  [
    'BytearrayNode',
    (node, path, reading) => newObject('builtins.bytearray', [readBytes(node, path, reading)]),
  ],
  ['FunctionNode', readFunction],
  ['TypeNode', named],
  ['SliceNode', readSlice],
  ['PartialNode', opaque],
  ['MethodNode', opaque],
  ['OperatorFuncNode', opaque],
  ['RandomStateNode', opaque],
  ['RandomGeneratorNode', opaque],
]);

/** A number, text, boolean or None, written as JSON inside JSON. */
function readJson(node: JsonMap, path: string): PyValue {
  const content = text(node, 'content', path);
  const found = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity }[content];
  if (found !== undefined) return found;
  if (/^-?\d{16,1000}$/.test(content)) {
    const integer = BigInt(content);
    return BigInt.asIntN(54, integer) === integer ? Number(integer) : integer;
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw malformed(path, `expected JSON, found ${describeValue(content)}`);
  }
  if (value !== null && typeof value === 'object')
    throw malformed(path, 'expected one value as JSON');
  return value as PyValue;
}

/** Names are strings in JSON, whatever they were: their types stand beside them, in the same order. */
function readDict(node: JsonMap, path: string, reading: Reading): PyValue {
  const content = mapOf(own(node, 'content'), path);
  const types = itemsOf(mapOf(own(node, 'key_types'), path), `${path}.key_types`, reading);
  const names = Object.keys(content);
  if (types.length !== names.length) throw malformed(path, 'keys and their types differ in number');
  // JavaScript has integers before other keys: which type belongs to which is open where there are several.
  const isMixed = types.some((type) => nameIn(type) !== nameIn(types[0]!));
  if (isMixed && names.some((name) => /^\d+$/.test(name)))
    throw new NuthatchError(
      'unsupported',
      path,
      'a dict with keys of several types, integers among them',
    );
  const entries = names.map((name, i): [PyValue, PyValue] => [
    keyOf(name, nameIn(types[i]!), path),
    readNode(content[name], `${path}.${name}`, reading),
  ]);
  const dict: PyDict = { type: 'dict', entries };
  const name = classOf(node, path);
  return name === 'builtins.dict' ? dict : ofEntries(name, dict, path);
}

const nameIn = (type: PyValue): string | null =>
  type !== null && typeof type === 'object' && type.type === 'global' ? type.name : null;

function keyOf(name: string, type: string | null, path: string): PyValue {
  // Older versions keep numpy's types of keys.
  const [, kind] = /^(?:builtins|numpy)\.(str|int|float)(?:_|\d+)?$/.exec(type ?? '') ?? [];
  if (kind === 'str') return name;
  if (kind === 'int' && /^-?\d{1,15}$/.test(name)) return Number(name);
  if (kind === 'float' && name !== '' && !Number.isNaN(Number(name))) return Number(name);
  throw new NuthatchError(
    'unsupported',
    path,
    `the key ${quote(name)} of ${type ?? 'an unknown type'}`,
  );
}

function ofEntries(name: string, dict: PyValue, path: string): PyValue {
  if (dict === null || typeof dict !== 'object' || dict.type !== 'dict')
    throw malformed(path, 'expected a dict');
  return { ...newObject(name), entries: dict.entries };
}

function readObject(node: JsonMap, path: string, reading: Reading): PyValue {
  const name = classOf(node, path);
  // The only object of its class, which other files have by its own name.
  if (/^pandas\..*\.NAType$/.test(name)) return { type: 'global', name: 'pandas.NA' };
  const state = own(node, 'content') == null ? null : contentOf(node, path, reading);
  return { ...newObject(name), state };
}

/** An object of a class called with arguments, and nothing else. */
function readConstructed(node: JsonMap, path: string, reading: Reading): PyValue {
  const args = sequenceItems(contentOf(node, path, reading)) ?? [];
  const name = classOf(node, path);
  const items = sequenceItems(args[0] ?? null);
  return name === 'builtins.frozenset' && items
    ? { type: 'frozenset', items }
    : newObject(name, args);
}

/** An array or scalar of numpy: a file of its own, or, of objects, nodes. */
function readArray(node: JsonMap, path: string, reading: Reading): PyValue {
  const type = text(node, 'type', path);
  if (type === 'numpy') return readNpy(fileOf(node, path, reading), reading.memoryBytes);
  if (type !== 'json') throw malformed(path, `an array of type ${quote(type)}`);
  const shape = sequenceItems(readNode(own(node, 'shape'), path, reading)) ?? [];
  let objects = itemsOf(node, path, reading);
  let count = 1;
  const fail = (): never => {
    throw malformed(path, 'an array of objects whose lists are not of its shape');
  };
  shape.forEach((length, axis) => {
    // Lists in lists, as `tolist` makes them: the items of all lists of an axis are the lists of the next.
    if (axis > 0) objects = objects.flatMap((row) => sequenceItems(row) ?? fail());
    count *= isLength(length) ? length : fail();
    if (objects.length !== count) fail();
  });
  return {
    type: 'array',
    dtype: '|O',
    shape: shape as number[],
    order: 'C',
    bytes: new Uint8Array(0),
    objects,
    masked: false,
  };
}

function arrayOf(value: PyValue, path: string): PyArray {
  if (value === null || typeof value !== 'object' || value.type !== 'array')
    throw malformed(path, 'expected an array');
  return value;
}

/** A matrix of scipy: an archive of its arrays, which an object then holds by their names. */
function readSparse(node: JsonMap, path: string, reading: Reading): PyValue {
  const file = text(node, 'file', path);
  const arrays = reading.archives.get(file);
  if (arrays === undefined) throw malformed(path, `there is no file ${quote(file)}`);
  const entries = [...arrays].flatMap(([name, bytes]): [PyValue, PyValue][] => {
    const array = readNpy(bytes, reading.memoryBytes);
    const attribute = name.replace(/\.npy$/, '');
    if (attribute === 'format') return [];
    if (attribute !== 'shape') return [[attribute, array]];
    return [['_shape', { type: 'tuple', items: Array.from(toFloat64(array) ?? []) }]];
  });
  return { ...newObject(classOf(node, path)), state: { type: 'dict', entries } };
}

function fileOf(node: JsonMap, path: string, reading: Reading): Uint8Array {
  const file = text(node, 'file', path);
  const bytes = reading.files.get(file);
  if (bytes === undefined) throw malformed(path, `there is no file ${quote(file)}`);
  return bytes;
}

/** Protocol 0 has the names one level deeper. */
function readFunction(node: JsonMap, path: string): PyValue {
  const content = own(node, 'content');
  if (content === undefined) return { type: 'global', name: classOf(node, path) };
  const map = mapOf(content, path);
  return {
    type: 'global',
    name: nameOf(text(map, 'module_path', path), text(map, 'function', path)),
  };
}

function readSlice(node: JsonMap, path: string): PyValue {
  const content = mapOf(own(node, 'content'), path);
  const items = ['start', 'stop', 'step'].map((name) => own(content, name) ?? null);
  if (!items.every((item) => item === null || typeof item !== 'object'))
    throw malformed(path, 'a slice of no numbers');
  return { type: 'slice', items: items as PyValue[] };
}
