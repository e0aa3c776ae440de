import { SaxesParser } from 'saxes';
import { NuthatchError, printable, quote, refuse } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import type { Memory } from './memory.js';

/** An element of a document. A prefix that the root has, too, is left out of its name; others stay, so that nothing foreign is taken for PMML. */
export interface Element {
  readonly name: string;
  /** Names and values of attributes, in turn: a map for each element would take more memory than the file allows. */
  readonly attributes: readonly string[];
  readonly children: readonly Element[];
  /** What stands in it besides elements. */
  readonly text: string;
  readonly parent: Element | null;
}

type Open = Omit<Element, 'children' | 'text'> & { children: readonly Element[]; text: string };

/** What an element, an attribute's name and value, and a text of its own take, about. */
const elementBytes = 100;
const attributeBytes = 20;
const textBytes = 32;
const none: readonly never[] = [];

/** Characters that are handed to the parser at once. */
const chunkBytes = 2 ** 16;

/** Nodes of trees stand inside each other, and trees inside of these many elements. */
const outerElements = 100;

/**
 * Reads a document in UTF-8 as a tree of elements. Document types are refused, so that there are no entities but XML's own five.
 *
 * @throws NuthatchError `malformed`, `unsupported`, `limit-exceeded`
 */
export function readXml(bytes: Uint8Array, limits: Limits, memory: Memory): Element {
  if (bytes[0] === 0 || bytes[1] === 0 || bytes[0]! >= 0xfe)
    refuse('unsupported', 'encoding', 'UTF-16: save the file as UTF-8');
  const parser = new SaxesParser();
  const deepest = limits.treeDepth + outerElements;
  const shared = new SharedTexts();
  let root: Element | null = null;
  let open: Open | null = null;
  let depth = 0;
  const fail = (message: string): never =>
    refuse('malformed', `line ${parser.line}`, printable(message));
  parser.on('error', (error) =>
    fail(error.message.replace(/^\d+:\d+: /, '').replace('undefined', 'unknown')),
  );
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding))
      refuse('unsupported', 'encoding', `${quote(encoding)}: save the file as UTF-8`);
  });
  parser.on('doctype', () => {
    refuse('unsupported', `line ${parser.line}`, 'document types (DOCTYPE) are not read');
  });
  let prefix = '';
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > deepest)
      refuse('limit-exceeded', `line ${parser.line}`, `elements nested deeper than ${deepest}`);
    if (root === null) prefix = name.slice(0, name.indexOf(':') + 1);
    memory.spend(elementBytes);
    const own = attributesOf(attributes, shared, memory);
    const element: Open = {
      name: shared.of(name.startsWith(prefix) ? name.slice(prefix.length) : name),
      attributes: own,
      children: none,
      text: '',
      parent: open,
    };
    if (open === null) root = element;
    else if (open.children === none) open.children = [element];
    else (open.children as Element[]).push(element);
    open = element;
  });
  parser.on('closetag', () => {
    // Lists that have grown have room for more, which would be more than all else.
    if (open!.children.length > 1) open!.children = open!.children.slice();
    open = open!.parent as Open | null;
    depth--;
  });
  const write = (text: string) => {
    if (open === null || (open.text === '' && /^\s*$/.test(text))) return;
    if (open.text.length + text.length > limits.stringBytes)
      refuse('limit-exceeded', `line ${parser.line}`, `a text of more than ${limits.stringBytes}`);
    open.text += text;
  };
  parser.on('text', write);
  parser.on('cdata', write);
  feed(parser, bytes);
  return root ?? fail('no element');
}

function feed(parser: { write(text: string): unknown; close(): unknown }, bytes: Uint8Array) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(at, at + chunkBytes), { stream: true });
    } catch {
      throw new NuthatchError('malformed', `byte ${at} and on`, 'this is no UTF-8');
    }
    parser.write(text);
  }
  parser.close();
}

/** Texts of which a file is full, the same object for each: names of elements, attributes and fields. */
class SharedTexts {
  readonly #texts = new Map<string, string>();

  has(text: string): boolean {
    return this.#texts.has(text);
  }

  of(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size < 10_000 && text.length < 100) this.#texts.set(text, text);
    return text;
  }
}

/** `xmlns` and its like name no attributes. */
function attributesOf(
  attributes: Readonly<Record<string, string>>,
  shared: SharedTexts,
  memory: Memory,
): readonly string[] {
  const own: string[] = [];
  for (const name in attributes) {
    if (/^xmlns\b/.test(name)) continue;
    const value = attributes[name]!;
    memory.spend(attributeBytes + (shared.has(value) ? 0 : textBytes + value.length));
    own.push(shared.of(name), shared.of(value));
  }
  return own.length > 0 ? own : none;
}

/** The value of an attribute; null where there is none. */
export function attribute({ attributes }: Element, name: string): string | null {
  for (let i = 0; i < attributes.length; i += 2)
    if (attributes[i] === name) return attributes[i + 1]!;
  return null;
}

/** Where an element is: its name and those around it, with their numbers among their like. */
export function pathOf(element: Element): string {
  const names: string[] = [];
  for (let at: Element | null = element; at !== null; at = at.parent) {
    const { name, parent } = at;
    const like = parent?.children.filter((one) => one.name === name) ?? [];
    names.push(like.length > 1 ? `${name}[${like.indexOf(at)}]` : name);
  }
  return shorten(names.reverse()).join('.');
}

/** Of a deep tree the outermost and the innermost elements are told. */
const shorten = (names: readonly string[]): readonly string[] =>
  names.length > 16 ? [...names.slice(0, 10), '…', ...names.slice(-4)] : names;
