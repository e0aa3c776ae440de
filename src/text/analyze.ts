import { refuse } from '../errors.js';
import { sorts, type Vectorize } from '../ir/index.js';
import { expandCharacters } from './characters.js';
import { compilePattern, type FindTokens, pointAt, unitsOf } from './match-pattern.js';
import { keepAscii, lowerCase, lowerUnits, stripAccents } from './preprocess.js';
import { hashStart, hashUnit, TermTable } from './term-table.js';

/** Code units of a document. */
const longestDocument = 2 ** 27;

/** Called with each term: code units `from` to `to`, and their hash. */
export type Visit = (units: Uint16Array, from: number, to: number, hash: number) => void;

/** Finds the terms of a document, in any order, as scikit-learn's analyzers do. */
export type Analyze = (document: string, visit: Visit) => void;

export function createAnalyzer(node: Vectorize): Analyze {
  const { analyzer, smallest, largest, lowercase, accents, pattern, stopWords } = node;
  const kinds = expandCharacters(node.characters);
  const findTokens = pattern && compilePattern(pattern, kinds);
  const stops = stopWords && new TermTable(stopWords);
  const strip = accents && { ascii: keepAscii, unicode: stripAccents }[accents];
  /** The document, then (for terms of several words) its words again with a space between them. */
  let units = new Uint16Array(256);
  let length = 0;
  /** Where each word or character lies. */
  let starts = new Int32Array(64);
  let ends = new Int32Array(64);
  let count = 0;

  let lowers: Uint16Array | null = null;

  function reserve(room: number): void {
    if (room <= units.length) return;
    const larger = new Uint16Array(room * 2);
    larger.set(units);
    units = larger;
  }

  function addItem(from: number, to: number): void {
    if (count === starts.length) {
      starts = doubled(starts);
      ends = doubled(ends);
    }
    starts[count] = from;
    ends[count++] = to;
  }

  /** Writes the document to `units`, in lower case and without accents where that is asked for. */
  function write(document: string): void {
    if (document.length > longestDocument)
      refuse('limit-exceeded', 'input', `a document of ${document.length} characters`);
    reserve(document.length);
    length = document.length;
    const to = units;
    for (let i = 0; i < document.length; i++) {
      const unit = document.charCodeAt(i);
      if (unit < 0x80 || !(lowercase || strip)) {
        to[i] = lowercase && unit >= 0x41 && unit <= 0x5a ? unit + 32 : unit;
        continue;
      }
      lowers ??= lowerUnits(kinds);
      to[i] = lowers[unit]!;
      if (strip || to[i] === 0) {
        writeChanged(document);
        return;
      }
    }
  }

  function writeChanged(document: string): void {
    const lower = lowercase ? lowerCase(kinds, document) : document;
    const text = strip ? strip(kinds, lower) : lower;
    reserve(text.length);
    length = text.length;
    for (let i = 0; i < length; i++) units[i] = text.charCodeAt(i);
  }

  function addWord(from: number, to: number): void {
    if (stops && stops.find(units, from, to, hashOf(from, to)) >= 0) return;
    addItem(from, to);
  }

  function hashOf(from: number, to: number): number {
    let hash = hashStart;
    for (let i = from; i < to; i++) hash = hashUnit(hash, units[i]!);
    return hash;
  }

  /** Calls with all terms of the items `first` to `last − 1`. */
  function visitAll(first: number, last: number, visit: Visit): void {
    // Kept here: what functions share is read anew for each unit.
    const [all, froms, tos] = [units, starts, ends];
    for (let i = first; i < last; i++) {
      const from = froms[i]!;
      let hash = hashStart;
      let at = from;
      const most = Math.min(largest, last - i);
      for (let n = 1; n <= most; n++) {
        const to = tos[i + n - 1]!;
        for (; at < to; at++) hash = hashUnit(hash, all[at]!);
        if (n >= smallest) visit(all, from, to, hash);
      }
    }
  }

  function analyzeWords(find: FindTokens, visit: Visit): void {
    find(units, length, addWord);
    if (largest > 1) {
      let at = length;
      reserve(length * 2 + count);
      for (let i = 0; i < count; i++) {
        const from = starts[i]!;
        const size = ends[i]! - from;
        units.copyWithin(at, from, from + size);
        starts[i] = at;
        ends[i] = at + size;
        units[at + size] = 0x20;
        at += size + 1;
      }
    }
    visitAll(0, count, visit);
  }

  const isSpace = (at: number): boolean => kinds[units[at]!] === sorts.space;

  /** Makes one space of several. */
  function collapseSpaces(): void {
    let to = 0;
    for (let at = 0; at < length; ) {
      if (isSpace(at) && at + 1 < length && isSpace(at + 1)) {
        while (at < length && isSpace(at)) at++;
        units[to++] = 0x20;
      } else units[to++] = units[at++]!;
    }
    length = to;
  }

  /** Each code point an item. */
  function addCharacters(from: number, to: number): void {
    for (let at = from; at < to; ) {
      const next = at + unitsOf(pointAt(units, to, at));
      addItem(at, next);
      at = next;
    }
  }

  function analyzeInsideWords(visit: Visit): void {
    const end = length;
    let at = 0;
    while (at < end) {
      while (at < end && isSpace(at)) at++;
      const from = at;
      while (at < end && !isSpace(at)) at++;
      if (at === from) break;
      // The word with its spaces, behind the document: a word is taken by itself.
      reserve(end + at - from + 2);
      units[end] = 0x20;
      units.copyWithin(end + 1, from, at);
      const last = end + 1 + at - from;
      units[last] = 0x20;
      count = 0;
      addCharacters(end, last + 1);
      if (count >= smallest) visitAll(0, count, visit);
      else visit(units, end, last + 1, hashOf(end, last + 1));
    }
  }

  return (document, visit) => {
    count = 0;
    write(document);
    if (findTokens) analyzeWords(findTokens, visit);
    else {
      collapseSpaces();
      if (analyzer === 'char_wb') analyzeInsideWords(visit);
      else {
        addCharacters(0, length);
        visitAll(0, count, visit);
      }
    }
  };
}

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}
