import { NuthatchError } from '../../src/errors.js';
import type { ImportProgress } from '../format.js';
import { Cursor, tooMuch } from '../python/cursor.js';
import { isTuple } from '../python/dtype.js';
import { newObject } from '../python/objects.js';
import { entrySize, itemSize, sizeOf } from '../python/sizes.js';
import type { PyBytes, PyDict, PySequence, PyValue } from '../sklearn/python.js';
import { isWrapper, readWrapped } from './joblib.js';
import { readFloatLine, readIntLine, readLong } from './numbers.js';
import { build, named, newInstance, reduce } from './reduce.js';
import { readEscaped, readLatin1, readQuoted, readUtf8 } from './texts.js';

const mostWaiting = 100_000;
/** Indices that a file may remember values by, which are the lowest but in a strange one. */
const mostIndices = 2_000_000;
const newestProtocol = 5;

/**
 * Reads one pickle: a program for a small stack machine, whose operations make values and put them together. They only ever make the plain data of
 * sklearn/python.ts here (see reduce.ts); there is no way from a name in a file to code.
 *
 * @param memoryBytes what it may take beyond four times the bytes
 * @throws NuthatchError `truncated`, `malformed`, `unsupported`, `unsupported-version`, `limit-exceeded`
 */
export function readPickle(
  bytes: Uint8Array,
  memoryBytes: number,
  onProgress?: ImportProgress,
): PyValue {
  const cursor = new Cursor(bytes, memoryBytes, onProgress);
  const value = new Machine(cursor).run();
  if (cursor.offset < bytes.length)
    throw cursor.malformed('the pickle ends: what follows belongs to no model');
  return value;
}

class Machine {
  readonly cursor: Cursor;
  /** Whether this is a pickle inside another: an array of objects in a joblib file. */
  readonly isPart: boolean;
  /** Values that wait; those below the last mark are not to be reached. */
  readonly stack: PyValue[] = [];
  readonly marks: number[] = [];
  /** By index; holes where a file leaves some out. */
  readonly memo: PyValue[] = [];
  remembered = 0;
  /** Keys of dicts so far: one twice would hide a value. */
  readonly keys = new WeakMap<PyDict, Set<PyValue>>();

  constructor(cursor: Cursor, isPart = false) {
    this.cursor = cursor;
    this.isPart = isPart;
  }

  run(): PyValue {
    const { cursor, stack } = this;
    while (true) {
      cursor.countOperation();
      const code = cursor.uint8();
      if (code === stop) return this.pop();
      const operation = operations[code];
      if (operation === undefined)
        throw cursor.malformed(`no operation has the code 0x${code.toString(16)}`);
      operation(this, cursor);
      if (stack.length + this.marks.length > mostWaiting) throw tooMuch('values that wait');
    }
  }

  /** Pushes a value that is new. */
  add(value: PyValue): void {
    this.cursor.spend(sizeOf(value));
    this.stack.push(value);
  }

  pop(): PyValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  top(): PyValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0))
      throw this.cursor.malformed('a value that is not there');
    return this.stack.at(-1)!;
  }

  /** Everything since the last mark, which goes. */
  popMarked(): PyValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.cursor.malformed('a mark that is not there');
    return this.stack.splice(mark);
  }

  remember(index: number): void {
    const value = this.top();
    if (this.memo[index] === undefined) {
      if (index >= mostIndices) throw tooMuch('remembered values');
      this.cursor.countRemembered();
      this.remembered++;
    }
    this.memo[index] = value;
  }

  recall(index: number): void {
    const value = this.memo[index];
    if (value === undefined) throw this.cursor.malformed(`nothing is remembered as ${index}`);
    this.stack.push(value);
  }

  /** Adds to what waits: lists, and objects that extend them. */
  append(items: readonly PyValue[]): void {
    const target = this.top();
    if (!isSequence(target, 'list') && !isObject(target))
      throw this.cursor.malformed('items for what is no list');
    this.cursor.spend(itemSize * items.length);
    for (const item of items) target.items.push(item);
  }

  addItems(items: readonly PyValue[]): void {
    const target = this.top();
    if (!isSequence(target, 'set')) throw this.cursor.malformed('items for what is no set');
    this.cursor.spend(itemSize * items.length);
    for (const item of items) target.items.push(item);
  }

  setItems(items: readonly PyValue[]): void {
    const target = this.top();
    const isDict = target !== null && typeof target === 'object' && target.type === 'dict';
    if (!isDict && !isObject(target)) throw this.cursor.malformed('keys for what is no dict');
    if (items.length % 2 > 0) throw this.cursor.malformed('a key without its value');
    this.cursor.spend((entrySize * items.length) / 2);
    for (let i = 0; i < items.length; i += 2) {
      if (isDict) this.#addKey(target, items[i]!);
      target.entries.push([items[i]!, items[i + 1]!]);
    }
  }

  #addKey(dict: PyDict, key: PyValue): void {
    const known = this.keys.get(dict) ?? new Set();
    this.keys.set(dict, known);
    if (known.has(key)) throw this.cursor.malformed('a key of a dict appears twice');
    known.add(key);
  }

  /** Gives a state, after which joblib has an array's bytes. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    build(target, state, this.cursor);
    // Parts hold their arrays themselves: a part of a part would be a way to nest without end.
    if (this.isPart || !isWrapper(target)) return;
    const readPart = () => new Machine(this.cursor, true).run();
    this.stack.pop();
    this.add(readWrapped(target, this.cursor, readPart));
  }
}

type Operation = (machine: Machine, cursor: Cursor) => void;

const stop = '.'.charCodeAt(0);

const tuple = (items: PyValue[]): PySequence => ({ type: 'tuple', items });
const bytes = (found: Uint8Array): PyBytes => ({ type: 'bytes', bytes: found });

/** What pushes a value that is read from the stream. */
const pushing =
  (read: (cursor: Cursor) => PyValue): Operation =>
  (machine, cursor) =>
    machine.add(read(cursor));

const refusing =
  (what: string): Operation =>
  () => {
    throw new NuthatchError(
      'unsupported',
      '',
      `the pickle holds ${what}, which a file of its own does not say`,
    );
  };

const tupleOf =
  (count: number): Operation =>
  (machine) => {
    const items = Array.from({ length: count }, () => machine.pop());
    machine.add(tuple(items.reverse()));
  };

/** Operations by their codes, as in Python's pickletools; a letter is its own code. */
const operations: readonly (Operation | undefined)[] = byCode([
  // Numbers, texts and bytes
  ['N', pushing(() => null)],
  [0x88, pushing(() => true)],
  [0x89, pushing(() => false)],
  ['I', pushing(readIntLine)],
  ['L', pushing(readIntLine)],
  ['J', pushing((cursor) => cursor.int32())],
  ['K', pushing((cursor) => cursor.uint8())],
  ['M', pushing((cursor) => cursor.uint16())],
  [0x8a, pushing((cursor) => readLong(cursor, cursor.uint8()))],
  [0x8b, pushing((cursor) => readLong(cursor, cursor.uint32()))],
  ['F', pushing(readFloatLine)],
  ['G', pushing((cursor) => cursor.float64())],
  ['S', pushing((cursor) => readQuoted(cursor, cursor.line()))],
  ['T', pushing((cursor) => readLatin1(cursor.take(cursor.uint32())))],
  ['U', pushing((cursor) => readLatin1(cursor.take(cursor.uint8())))],
  ['V', pushing((cursor) => readEscaped(cursor, cursor.line()))],
  ['X', pushing((cursor) => readUtf8(cursor, cursor.uint32()))],
  [0x8c, pushing((cursor) => readUtf8(cursor, cursor.uint8()))],
  [0x8d, pushing((cursor) => readUtf8(cursor, cursor.uint64()))],
  ['B', pushing((cursor) => bytes(cursor.take(cursor.uint32())))],
  ['C', pushing((cursor) => bytes(cursor.take(cursor.uint8())))],
  [0x8e, pushing((cursor) => bytes(cursor.take(cursor.uint64())))],
  [
    0x96,
    pushing((cursor) => newObject('builtins.bytearray', [bytes(cursor.take(cursor.uint64()))])),
  ],

  // The stack
  ['(', ({ marks, stack }) => marks.push(stack.length)],
  ['0', popOne],
  ['1', (machine) => machine.popMarked()],
  ['2', (machine) => machine.stack.push(machine.top())],

  // Containers
  [')', (machine) => machine.add(tuple([]))],
  ['t', (machine) => machine.add(tuple(machine.popMarked()))],
  [0x85, tupleOf(1)],
  [0x86, tupleOf(2)],
  [0x87, tupleOf(3)],
  [']', (machine) => machine.add({ type: 'list', items: [] })],
  ['l', (machine) => machine.add({ type: 'list', items: machine.popMarked() })],
  ['a', appendOne],
  ['e', (machine) => addMarked(machine, (items) => machine.append(items))],
  ['}', (machine) => machine.add({ type: 'dict', entries: [] })],
  ['d', makeDict],
  ['s', setOne],
  ['u', (machine) => addMarked(machine, (items) => machine.setItems(items))],
  [0x8f, (machine) => machine.add({ type: 'set', items: [] })],
  [0x90, (machine) => addMarked(machine, (items) => machine.addItems(items))],
  [0x91, (machine) => machine.add({ type: 'frozenset', items: machine.popMarked() })],

  // What is remembered
  ['p', (machine, cursor) => machine.remember(readIndex(cursor))],
  ['q', (machine, cursor) => machine.remember(cursor.uint8())],
  ['r', (machine, cursor) => machine.remember(cursor.uint32())],
  [0x94, (machine) => machine.remember(machine.remembered)],
  ['g', (machine, cursor) => machine.recall(readIndex(cursor))],
  ['h', (machine, cursor) => machine.recall(cursor.uint8())],
  ['j', (machine, cursor) => machine.recall(cursor.uint32())],

  // Names and objects
  ['c', (machine, cursor) => machine.add(readName(cursor))],
  [0x93, stackName],
  ['R', (machine, cursor) => makeFrom(machine, cursor, reduce)],
  [0x81, (machine, cursor) => makeFrom(machine, cursor, newInstance)],
  [0x92, newWithKeywords],
  [
    'i',
    (machine, cursor) => {
      const cls = readName(cursor);
      machine.add(newInstance(cls, machine.popMarked(), cursor));
    },
  ],
  [
    'o',
    (machine, cursor) => {
      const [cls, ...args] = machine.popMarked();
      machine.add(newInstance(cls ?? null, args, cursor));
    },
  ],
  ['b', (machine) => machine.build()],

  // The stream
  [0x80, readProtocol],
  [0x95, readFrame],

  // What lies elsewhere
  ['P', refusing('a persistent id')],
  ['Q', refusing('a persistent id')],
  [0x82, refusing('a code of an extension registry')],
  [0x83, refusing('a code of an extension registry')],
  [0x84, refusing('a code of an extension registry')],
  [0x97, refusing('a buffer out of band')],
  [0x98, refusing('a buffer out of band')],
]);

function byCode(table: readonly (readonly [code: string | number, Operation])[]) {
  const result: Operation[] = [];
  for (const [code, operation] of table)
    result[typeof code === 'string' ? code.charCodeAt(0) : code] = operation;
  return result;
}

/** A value, or a mark on top of which nothing is. */
function popOne(machine: Machine): void {
  if (machine.marks.at(-1) === machine.stack.length && machine.marks.length > 0)
    machine.marks.pop();
  else machine.pop();
}

function appendOne(machine: Machine): void {
  const item = machine.pop();
  machine.append([item]);
}

function setOne(machine: Machine): void {
  const value = machine.pop();
  const key = machine.pop();
  machine.setItems([key, value]);
}

function addMarked(machine: Machine, add: (items: readonly PyValue[]) => void): void {
  add(machine.popMarked());
}

function makeDict(machine: Machine): void {
  const items = machine.popMarked();
  machine.add({ type: 'dict', entries: [] });
  machine.setItems(items);
}

function makeFrom(machine: Machine, cursor: Cursor, make: typeof reduce): void {
  const args = machine.pop();
  const callable = machine.pop();
  if (!isTuple(args)) throw cursor.malformed('arguments that are no tuple');
  machine.add(make(callable, args.items, cursor));
}

function newWithKeywords(machine: Machine, cursor: Cursor): void {
  const keywords = machine.pop();
  const isEmpty =
    keywords !== null &&
    typeof keywords === 'object' &&
    keywords.type === 'dict' &&
    keywords.entries.length === 0;
  if (!isEmpty)
    throw new NuthatchError('unsupported', '', 'an object that is made with named arguments');
  makeFrom(machine, cursor, newInstance);
}

function readName(cursor: Cursor): PyValue {
  const module = readUtf8Line(cursor);
  return named(module, readUtf8Line(cursor), cursor);
}

function readUtf8Line(cursor: Cursor): string {
  const start = cursor.offset;
  const length = cursor.line().length;
  cursor.offset = start;
  const text = readUtf8(cursor, length);
  cursor.offset++;
  return text;
}

function stackName(machine: Machine, cursor: Cursor): void {
  const name = machine.pop();
  machine.add(named(machine.pop(), name, cursor));
}

function readIndex(cursor: Cursor): number {
  const index = readIntLine(cursor);
  if (typeof index !== 'number' || index < 0) throw cursor.malformed('an index that is none');
  return index;
}

function readProtocol(_machine: Machine, cursor: Cursor): void {
  const protocol = cursor.uint8();
  if (protocol <= newestProtocol) return;
  throw new NuthatchError(
    'unsupported-version',
    '',
    `the pickle has protocol ${protocol}; this release reads 0 to ${newestProtocol}. Write it with protocol=5.`,
  );
}

/** Frames say how much may be read at once; all of it is here. */
function readFrame(_machine: Machine, cursor: Cursor): void {
  const length = cursor.uint64();
  if (length > cursor.bytes.length - cursor.offset) throw cursor.truncated();
}

const isSequence = (value: PyValue, type: PySequence['type']): value is PySequence =>
  value !== null && typeof value === 'object' && value.type === type;

const isObject = (value: PyValue) =>
  value !== null && typeof value === 'object' && value.type === 'object';
