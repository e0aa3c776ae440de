/**
 * What flows between the nodes of a model, and what the nodes that transform make of one row of it: the second half of the
 * reference evaluator, written from formats/nut/SPEC.md alone.
 */

import { type ItemForm, isItemForm } from '../../src/ir/index.js';
import { itemsIn } from './items.js';
import { answerOf, linearScores } from './reference.js';
import { normalBelow, normalInverse, operateOnColumn, splinesOf } from './reference-columns.js';
import { fillFromDonors } from './reference-donors.js';
import { factorize } from './reference-factorization.js';
import { compareRow } from './reference-kernel.js';
import { combineNeighbors } from './reference-neighbors.js';
import { pursue } from './reference-pursuit.js';

type Map = Readonly<Record<string, unknown>>;
type Numbers = ArrayLike<number>;
export type Cell = number | string | null;
type NumberType = 'float64' | 'float32' | 'uint8';

/** One row. Cells that a sparse row has not are not in `places`; those of other rows are all there, in order. */
export interface Row {
  readonly sort: 'dense' | 'sparse' | 'columns';
  readonly type: NumberType;
  readonly width: number;
  readonly cells: readonly Cell[];
  readonly places: readonly number[];
}

/** The model takes no such row. */
export class Refused extends Error {}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

function whole(sort: 'dense' | 'columns', type: NumberType, cells: readonly Cell[]): Row {
  return { sort, type, width: cells.length, cells, places: range(cells.length) };
}

/** Documents are a column of strings. */
const documents: Map = { type: 'columns', columns: [{ type: 'string' }] };

/** A row as a person gives it, as its input says; throws `Refused` for cells of the wrong type. */
export function readRow(input: Map, cells: readonly unknown[], single: boolean): Row {
  if (input.type === 'text') return readRow(documents, cells, single);
  if (input.type === 'matrix') {
    const numbers = cells.map(toNumber);
    return single
      ? whole('dense', 'float32', numbers.map(Math.fround))
      : whole('dense', 'float64', numbers);
  }
  const columns = input.columns as Map[];
  const [first] = columns;
  const alone = isItemForm(first!.type as string) && (first!.name ?? null) === null;
  const read = (alone ? [cells] : cells).map((cell, i): Cell => {
    const { type } = columns[i]!;
    if (isItemForm(type as string)) return cell as Cell;
    if (type === 'unused') return 0;
    if (type !== 'string' && type !== 'category') return toNumber(cell);
    if (typeof cell === 'string') return cell;
    if (cell === null || cell === undefined || Number.isNaN(cell)) return null;
    throw new Refused('no string');
  });
  return whole('columns', 'float64', read);
}

function toNumber(cell: unknown): number {
  if (cell === null || cell === undefined) return Number.NaN;
  if (typeof cell === 'string') throw new Refused('no number');
  return Number(cell);
}

/** Which columns hold strings or items: what a cell is cannot tell where it is missing. */
export function stringColumns(input: Map): boolean[] {
  if (input.type === 'text') return [true];
  if (input.type === 'matrix') return new Array<boolean>(input.features as number).fill(false);
  return (input.columns as Map[]).map(
    ({ type }) => type === 'string' || type === 'category' || isItemForm(type as string),
  );
}

function check(policy: unknown, row: Row): void {
  for (const cell of row.cells) {
    if (typeof cell !== 'number' || Number.isFinite(cell) || policy === 'any') continue;
    if (policy !== 'nan' || !Number.isNaN(cell)) throw new Refused('not finite');
  }
}

/** A row of numbers with its zeros. */
export function numbersOf(row: Row): number[] {
  const numbers = new Array<number>(row.width).fill(0);
  row.places.forEach((place, i) => {
    numbers[place] = row.cells[i] as number;
  });
  return numbers;
}

function floats({ type }: Row): NumberType {
  return type === 'float32' ? 'float32' : 'float64';
}

function stored(type: NumberType, value: number): number {
  if (type === 'uint8' && (value & 255) !== value) throw new RangeError('reference: no uint8');
  if (type === 'uint8') return value & 255;
  return type === 'float32' ? Math.fround(value) : value;
}

/** A node's result from a row with its zeros: dense, or without them. */
function result(sparse: boolean, type: NumberType, numbers: readonly number[]): Row {
  const cells = numbers.map((value) => stored(type, value));
  if (!sparse) return whole('dense', type, cells);
  const places = range(cells.length).filter((i) => cells[i] !== 0);
  return { sort: 'sparse', type, width: cells.length, places, cells: places.map((i) => cells[i]!) };
}

/** What a row becomes, and which of its columns hold strings. */
export interface Transformed {
  readonly row: Row;
  readonly strings: readonly boolean[];
}

export function transform(node: Map, { row, strings }: Transformed): Transformed {
  const none = (made: Row): Transformed => ({
    row: made,
    strings: new Array<boolean>(made.width).fill(false),
  });
  switch (node.kind) {
    case 'pipeline':
      return (node.steps as Map[]).reduce<Transformed>((value, step) => transform(step, value), {
        row,
        strings,
      });
    case 'union':
      return unite(node, { row, strings });
    case 'answers': {
      const { numbers, single } = answerOf(node.node as Map, { row, strings }, node.method);
      const type = single ? 'float32' : 'float64';
      return none(whole('dense', type, numbers.slice(node.skip as number)));
    }
    case 'select':
      return choose(node.columns as Numbers, { row, strings });
    case 'elementwise':
    case 'curve':
      return none(changeEach(node, row));
    case 'center':
      check(node.nonFinite, row);
      return none(whole('dense', floats(row), centered(node, numbersOf(row), floats(row))));
    case 'spline':
      check(node.nonFinite, row);
      return none(result(node.sparse as boolean, floats(row), splinesOf(node, numbersOf(row))));
    case 'rounds':
      return none(whole('dense', floats(row), predictMissing(node, row)));
    case 'donors': {
      check(node.nonFinite, row);
      const cells = fillFromDonors(node, numbersOf(row));
      if (cells === null) throw new Refused('infinitely far');
      const type = floats(row);
      return none(
        whole(
          'dense',
          type,
          cells.map((cell) => stored(type, cell)),
        ),
      );
    }
    case 'impute':
      return { row: impute(node, row), strings };
    case 'encode':
      return none(encode(node, row));
    case 'linear':
      return none(project(node, row));
    case 'pursuit':
      return none(pursue(node, row));
    case 'factorization':
      return none(factorize(node, row));
    case 'row-norm':
      return none(divideByNorm(node, row));
    case 'polynomial':
      return none(multiply(node, row));
    case 'count-sketch':
      return none(sketch(node, row));
    case 'kernel':
      return none(compare(node, row));
    case 'neighbors':
      return none(combine(node, row));
    case 'vectorize':
      return none(vectorize(node, row));
    case 'tally':
      return none(tally(node, row));
    default:
      throw new RangeError(`reference: ${String(node.kind)} transforms nothing`);
  }
}

/** What becomes of neighbours. */
function combine(node: Map, row: Row): Row {
  check(node.nonFinite, row);
  const made = combineNeighbors(node, numbersOf(row), row.type === 'float32');
  if (made === null) throw new Refused('no neighbours');
  const type = made.single ? 'float32' : 'float64';
  const graph = node.combine === 'connectivity' || node.combine === 'distances';
  return graph ? result(true, type, [...made.cells]) : whole('dense', type, [...made.cells]);
}

/** The sum of a row, as SPEC.md has it, and each step rounded. */
function centered(node: Map, cells: readonly number[], type: NumberType): number[] {
  const own = stored(type, stored(type, pairwiseSum(cells)) / cells.length);
  const mean = stored(type, (node.mean as Numbers)[0]!);
  return cells.map((cell, i) =>
    stored(type, stored(type, stored(type, cell - (node.means as Numbers)[i]!) - own) + mean),
  );
}

/** Predictions for missing cells, part after part. */
function predictMissing(node: Map, row: Row): number[] {
  const type = floats(row);
  const given = numbersOf(row);
  const cells = given.map((cell, i) =>
    Number.isNaN(cell) ? stored(type, (node.fills as Numbers)[i]!) : cell,
  );
  for (const part of node.parts as Map[]) {
    const column = part.column as number;
    if (!Number.isNaN(given[column]!)) continue;
    const seen = Array.from(part.columns as Numbers, (one) => cells[one]!);
    const value = {
      row: whole('dense', type, seen),
      strings: new Array<boolean>(seen.length).fill(false),
    };
    const [found] = answerOf(part.node as Map, value, 'predict').numbers as [number];
    const [low, high] = [(node.lows as Numbers)[column]!, (node.highs as Numbers)[column]!];
    cells[column] = stored(type, found < low ? low : found > high ? high : found);
  }
  return cells;
}

/** Sums of cells in a few columns, convolved. */
function sketch(node: Map, row: Row): Row {
  check(node.nonFinite, row);
  const constant = Array.from((node.constant ?? []) as Numbers);
  const cells = [...numbersOf(row), ...constant];
  const width = node.outputs as number;
  const sums = range((node.columns as Numbers).length / cells.length).map((d) => {
    const sum = new Array<number>(width).fill(0);
    cells.forEach((cell, j) => {
      const at = d * cells.length + j;
      sum[(node.columns as Numbers)[at]!]! += (node.negative as Numbers)[at] === 1 ? -cell : cell;
    });
    return sum;
  });
  const convolved = sums.reduce((a, b) => {
    const product = new Array<number>(width).fill(0);
    b.forEach((two, j) => {
      // As many as there are: a hostile width is large.
      if (two !== 0)
        a.forEach((one, i) => {
          product[(i + j) % width]! += one * two;
        });
    });
    return product;
  });
  return whole('dense', 'float64', convolved);
}

/** Similarities to references. */
function compare(node: Map, row: Row): Row {
  check(node.nonFinite, row);
  const numbers = numbersOf(row);
  const positive = (node.steps as string[]).includes('additive-chi2');
  if (positive && numbers.some((cell) => cell < 0)) throw new Refused('below 0');
  const { cells, single } = compareRow(node, numbers, row.type === 'float32');
  return whole('dense', single ? 'float32' : 'float64', cells);
}

/** Products without a head. */
function project(node: Map, row: Row): Row {
  const single = row.type === 'float32';
  const products = linearScores(node, numbersOf(row), single, row.sort === 'sparse');
  if (products === null) throw new Refused('not taken');
  const isSingle = (values: unknown) => values instanceof Float32Array;
  const type =
    single && isSingle(node.coefficients) && isSingle(node.intercepts) ? 'float32' : 'float64';
  return whole('dense', type, products);
}

/** What items are given, added up in their order. */
function tally(node: Map, row: Row): Row {
  const { separator, binary, hash } = node;
  const known = (node.strings ?? node.numbers ?? null) as ArrayLike<string | number> | null;
  const { columns, signed } = (hash ?? {}) as { columns: number; signed: boolean };
  const type = node.type as string;
  const most = { int64: Number.MAX_SAFE_INTEGER, int32: 2 ** 31 - 1 }[type];
  const round = type === 'float32' ? Math.fround : (value: number) => value;
  const sums: globalThis.Map<number, number> = new globalThis.Map();
  const add = (term: string | number, given: number) => {
    let value = given;
    let column = known ? Array.from(known).indexOf(term) : 0;
    if (!known) {
      if (typeof term === 'number') throw new Refused('no string');
      if (value === 0) return;
      if (/\p{Surrogate}/u.test(term)) throw new Refused('no UTF-8');
      const code = murmur(Buffer.from(term, 'utf8'));
      column = Math.abs(code) % columns;
      if (signed && code < 0) value = -value;
    }
    if (column < 0) return;
    if (most !== undefined) {
      value = Math.trunc(value);
      if (!(Math.abs(value) <= most)) throw new Refused('no whole number');
    }
    sums.set(column, round((sums.get(column) ?? 0) + round(value)));
  };
  for (const [name, given] of itemsIn(node.form as ItemForm, row.cells[0])) {
    const texts = typeof given === 'string' ? [given] : Array.isArray(given) ? given : null;
    if (hash && (given === null || Array.isArray(given))) throw new Refused('no hash');
    if (texts) for (const text of texts) add(`${name}${separator}${text}`, 1);
    else add(name, given === null ? Number.NaN : Number(given));
  }
  const cells = range(known?.length ?? columns).map((column) =>
    binary ? Number(sums.has(column)) : (sums.get(column) ?? 0),
  );
  return result(node.sparse === true, type === 'float32' ? 'float32' : 'float64', cells);
}

/** The terms of a document of letters and spaces, counted. */
function vectorize(node: Map, row: Row): Row {
  const [document] = row.cells;
  if (typeof document !== 'string') throw new Refused('no document');
  const { binary, hash } = node;
  const vocabulary = node.vocabulary ? stringsIn(node.vocabulary as Map) : null;
  const { columns, signed } = (hash ?? {}) as { columns: number; signed: boolean };
  const counts = new Array<number>(vocabulary?.length ?? columns).fill(0);
  const met = new Set<number>();
  for (const term of termsOf(node, document)) {
    if (!vocabulary && /\p{Surrogate}/u.test(term)) throw new Refused('no UTF-8');
    const code = vocabulary ? 0 : murmur(Buffer.from(term, 'utf8'));
    const column = vocabulary ? vocabulary.indexOf(term) : Math.abs(code) % columns;
    if (column < 0) continue;
    met.add(column);
    counts[column]! += signed && code < 0 ? -1 : 1;
  }
  const cells = counts.map((count, column) => (binary ? Number(met.has(column)) : count));
  return result(true, node.type as NumberType, cells);
}

function stringsIn({ units, starts }: Map): string[] {
  const ends = Array.from(starts as Numbers);
  return ends
    .slice(1)
    .map((end, i) =>
      Array.from({ length: end - ends[i]! }, (_, k) =>
        String.fromCharCode((units as Numbers)[ends[i]! + k]!),
      ).join(''),
    );
}

/** The sort of a character, as the node's own table has it: 1 in a word, 2 with a combining class, 3 not assigned, 4 other, 5 space. */
function sortIn({ starts, sorts }: Map, char: string): number {
  const point = char.codePointAt(0)!;
  return (sorts as Numbers)[Array.from(starts as Numbers).findLastIndex((at) => at <= point)]!;
}

/** What the steps of a pattern find, each way tried after the other. */
export function wordsOf(
  { steps, members }: Map,
  characters: Map,
  chars: readonly string[],
): string[] {
  const [program, sets] = [Array.from(steps as Numbers), Array.from(members as Numbers)];
  const isWord = (char: string | undefined) => char !== undefined && sortIn(characters, char) === 1;
  const classes = [
    isWord,
    (char: string) => isWord(char) && /\p{Nd}/u.test(char),
    (char: string) => sortIn(characters, char) === 5,
  ];
  const holds = (char: string, from: number, to: number): boolean =>
    range(Math.max(0, to - from)).some((i) => {
      const [first, last] = sets.slice(2 * (from + i)) as [number, number];
      const point = char.codePointAt(0)!;
      if (first < 0x110000) return first <= point && point <= last;
      return classes[(first - 0x110000) >> 1]!(char) === (first % 2 === 0);
    });
  const isAt = (place: number, at: number): boolean => {
    const boundary = isWord(chars[at - 1]) !== isWord(chars[at]);
    if (place < 2) return place === 0 ? boundary : chars.length > 0 && !boundary;
    if (place < 4) return at === 0;
    return at === chars.length || (place === 5 && at === chars.length - 1 && chars[at] === '\n');
  };
  const walk = (k: number, at: number, group: number[], met: Set<string>): number[] | null => {
    const [type, first, second] = program.slice(3 * k) as [number, number, number];
    const on = (by: number, next = at, own = group) => walk(k + by, next, own, met);
    if (3 * k === program.length) return [at, ...group];
    if (type < 2)
      return at < chars.length && holds(chars[at]!, first, second) === (type === 0)
        ? on(1, at + 1)
        : null;
    if (type === 2) return isAt(first, at) ? on(1) : null;
    if (type === 4) return on(1, at, group.with(first, at));
    if (met.has(`${k} ${at}`)) return null;
    met.add(`${k} ${at}`);
    return on(first) ?? on(second);
  };
  const captures = program.some((type, i) => i % 3 === 0 && type === 4);
  const found: string[] = [];
  for (let at = 0; at < chars.length; ) {
    const [end, first, last] = walk(0, at, [-1, -1], new Set()) ?? [at, 0, 0];
    const word = captures ? [Math.max(0, first!), Math.max(0, last!)] : [at, end!];
    if (end! > at) found.push(chars.slice(...word).join(''));
    at = Math.max(end!, at + 1);
  }
  return found;
}

function termsOf(node: Map, given: string): string[] {
  const { analyzer, lowercase, accents, stopWords } = node;
  const characters = node.characters as Map;
  const [smallest, largest] = [node.smallest, node.largest] as [number, number];
  const sortOf = (char: string) => sortIn(characters, char);
  // What is not assigned stays as it is, and parts what it stands between.
  const change = (text: string, make: (part: string) => string) => {
    const parts = [''];
    for (const char of text) {
      if (sortOf(char) === 3) parts.push(char, '');
      else parts.push(parts.pop()! + char);
    }
    return parts.map((part, i) => (i % 2 ? part : make(part))).join('');
  };
  let document = lowercase ? change(given, (part) => part.toLowerCase()) : given;
  if (accents && /[^\0-\x7f]/.test(document))
    document = Array.from(change(document, (part) => part.normalize('NFKD')))
      .filter((char) => (accents === 'ascii' ? char < '\x80' : sortOf(char) !== 2))
      .join('');
  const grams = (items: readonly string[], glue: string): string[] =>
    range(largest - smallest + 1).flatMap((more) => {
      const size = smallest + more;
      return range(Math.max(0, items.length - size + 1)).map((at) =>
        items.slice(at, at + size).join(glue),
      );
    });
  if (analyzer === 'word') {
    const left = new Set(stopWords ? stringsIn(stopWords as Map) : []);
    const words = wordsOf(node.pattern as Map, characters, Array.from(document));
    return grams(
      words.filter((word) => !left.has(word)),
      ' ',
    );
  }
  const isSpace = (char: string | undefined) => sortOf(char!) === 5;
  const runs: string[][] = [];
  for (const char of document) {
    const last = runs.at(-1);
    if (last && isSpace(last[0]) === isSpace(char)) last.push(char);
    else runs.push([char]);
  }
  if (analyzer === 'char')
    return grams(
      runs.flatMap((run) => (isSpace(run[0]) && run.length > 1 ? [' '] : run)),
      '',
    );
  return runs.flatMap((run) => {
    const padded = [' ', ...run, ' '];
    if (isSpace(run[0])) return [];
    return padded.length < smallest ? [padded.join('')] : grams(padded, '');
  });
}

/** MurmurHash3 of 32 bits, in integers without end. */
function murmur(bytes: Uint8Array): number {
  const cut = (value: bigint) => BigInt.asUintN(32, value);
  const turn = (value: bigint, by: bigint) => cut(value << by) | (value >> (32n - by));
  const mix = (word: bigint) => cut(turn(cut(word * 0xcc9e2d51n), 15n) * 0x1b873593n);
  const word = (from: number) =>
    [...bytes.subarray(from, from + 4)].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let hash = 0n;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4)
    hash = cut(turn(hash ^ mix(word(at)), 13n) * 5n + 0xe6546b64n);
  hash ^= mix(word(whole)) ^ BigInt(bytes.length);
  hash = cut((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = cut((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return Number(BigInt.asIntN(32, hash ^ (hash >> 16n)));
}

export function choose(columns: Numbers, { row, strings }: Transformed): Transformed {
  const chosen = Array.from(columns, (column) => {
    if (column >= row.width) throw new RangeError('reference: no such column');
    return column;
  });
  const texts = chosen.map((column) => strings[column]!);
  if (row.sort === 'sparse') {
    const pairs = row.places.flatMap((place, i) =>
      chosen.flatMap((column, to) => (column === place ? [[to, row.cells[i]!] as const] : [])),
    );
    const places = pairs.map(([to]) => to);
    const cells = pairs.map(([, cell]) => cell);
    return { row: { ...row, width: chosen.length, places, cells }, strings: texts };
  }
  const sort = texts.includes(true) ? 'columns' : 'dense';
  const cells = chosen.map((column) => row.cells[column]!);
  return { row: whole(sort, row.type, cells), strings: texts };
}

function unite({ parts, sparse }: Map, value: Transformed): Transformed {
  const made = (parts as Map[]).map((part) => {
    const seen = part.columns ? choose(part.columns as Numbers, value) : value;
    return part.node ? transform(part.node as Map, seen) : seen;
  });
  const strings = made.flatMap((one) => one.strings);
  const types = made.map(({ row }) => row.type);
  const type = (['float64', 'float32', 'uint8'] as const).find((one) => types.includes(one))!;
  if (strings.includes(true)) {
    const cells = made.flatMap(({ row }) => (row.sort === 'sparse' ? numbersOf(row) : row.cells));
    return { row: whole('columns', type, cells), strings };
  }
  if (sparse !== true) {
    const numbers = made.flatMap(({ row }) => numbersOf(row));
    return { row: whole('dense', type, numbers), strings };
  }
  const places: number[] = [];
  const cells: Cell[] = [];
  let first = 0;
  for (const { row } of made) {
    row.places.forEach((place, i) => {
      if (row.cells[i] === 0) return;
      places.push(first + place);
      cells.push(row.cells[i]!);
    });
    first += row.width;
  }
  return { row: { sort: 'sparse', type, width: first, places, cells }, strings };
}

function changeEach(node: Map, row: Row): Row {
  check(node.nonFinite, row);
  const operations = node.operations as Map[];
  if (operations.length === 0) return row;
  const type = (node.type as NumberType | null | undefined) ?? floats(row);
  const cells = row.cells.map((cell, i) =>
    operations.reduce((a, one, at) => {
      const { operation, operands, rounded, starts, edges } = one;
      const column = row.places[i]!;
      if (operation === 'within') {
        const [low, high] = [(one.lows as Numbers)[column]!, (one.highs as Numbers)[column]!];
        if (a < low || a > high) throw new Refused('outside');
        return a;
      }
      const isSingle = (at === 0 ? row.type : type) === 'float32';
      const made = operateOnColumn(one, column, a, isSingle);
      if (made !== null) return stored(type, made);
      if (operation === 'bin') {
        const [from, to] = [(starts as Numbers)[column]!, (starts as Numbers)[column + 1]!];
        return stored(
          type,
          Array.from(edges as Numbers)
            .slice(from, to)
            .filter((edge) => edge <= a).length,
        );
      }
      const operand = (operands as Numbers | undefined)?.[column];
      const b = rounded === true && type === 'float32' ? Math.fround(operand!) : operand;
      return stored(type, operate(operation, a, b!));
    }, cell as number),
  );
  return { ...row, type, cells };
}

function operate(operation: unknown, a: number, b: number): number {
  switch (operation) {
    case 'add':
      return a + b;
    case 'subtract':
      return a - b;
    case 'multiply':
      return a * b;
    case 'divide':
      return a / b;
    case 'minimum':
      return a > b ? b : a;
    case 'maximum':
      return a < b ? b : a;
    case 'greater':
      return a > b ? 1 : 0;
    case 'void':
      return a === b ? Number.NaN : a;
    case 'shrink':
      return a > b ? a - b : a < -b ? a + b : 0;
    case 'flush':
      return Math.abs(a) <= b ? 0 : a;
    case 'fill':
      return Number.isNaN(a) ? b : a;
    case 'positive':
      return a;
    case 'negative':
      return -a;
    case 'absolute':
      return Math.abs(a);
    case 'square':
      return a * a;
    case 'sqrt':
      return Math.sqrt(a);
    case 'reciprocal':
      return 1 / a;
    case 'sign':
      return a === 0 ? 0 : Math.sign(a);
    case 'floor':
      return Math.floor(a);
    case 'ceil':
      return Math.ceil(a);
    case 'trunc':
      return Math.trunc(a);
    case 'rint':
      return roundToEven(a);
    case 'exp':
      return Math.exp(a);
    case 'exp2':
      return 2 ** a;
    case 'expm1':
      return Math.expm1(a);
    case 'log':
      return Math.log(a);
    case 'log1p':
      return Math.log1p(a);
    case 'sin':
      return Math.sin(a);
    case 'cos':
      return Math.cos(a);
    case 'tanh':
      return Math.tanh(a);
    case 'ndtr':
      return normalBelow(a);
    case 'ndtri':
      return normalInverse(a);
    case 'expit':
      return 1 / (1 + Math.exp(-a));
    case 'sublinear':
      return a === 0 ? 0 : 1 + Math.log(a);
    default:
      throw new RangeError(`reference: no operation ${String(operation)}`);
  }
}

/** Adding and subtracting 2⁵² rounds a float64 to an integer, ties to even. */
function roundToEven(a: number): number {
  if (!(Math.abs(a) < 2 ** 52)) return a;
  const size = Math.abs(a) + 2 ** 52 - 2 ** 52;
  return a < 0 || Object.is(a, -0) ? -size : size;
}

function impute(node: Map, row: Row): Row {
  const strings = node.strings as ArrayLike<string>;
  const cells = row.cells.map((cell, i) => (cell === (node.missing ?? null) ? strings[i]! : cell));
  return { ...row, type: 'float64', cells };
}

/** The code of a cell; null where there is none. */
function codeOf(column: Map, cell: Cell): number | null {
  const known = (column.strings ?? column.numbers ?? []) as ArrayLike<Cell>;
  if (cell === null || Number.isNaN(cell)) return column.missing === true ? known.length : null;
  for (let i = 0; i < known.length; i++) if (known[i] === cell) return i;
  return column.unknown === true ? known.length + (column.missing === true ? 1 : 0) : null;
}

function encode(node: Map, row: Row): Row {
  check(node.nonFinite, row);
  const type = (node.type as NumberType | null | undefined) ?? floats(row);
  const numbers = (node.columns as Map[]).flatMap((column, i) => {
    const code = codeOf(column, row.cells[i]!);
    if (code === null) throw new Refused('an unknown category');
    const values = column.values as Numbers | null | undefined;
    if (!values) {
      const mark = (column.marks as Numbers)[code];
      return range(column.width as number).map((at) => (at === mark ? 1 : 0));
    }
    const known = (column.strings ?? column.numbers ?? []) as ArrayLike<Cell>;
    const codes = known.length + Number(column.missing) + Number(column.unknown);
    const width = values.length / codes;
    return range(width).map((at) => values[code * width + at]!);
  });
  return result(node.sparse === true, type, numbers);
}

function divideByNorm(node: Map, row: Row): Row {
  check(node.nonFinite, row);
  const type = floats(row);
  const sizes = row.cells.map((cell) => {
    const x = cell as number;
    return stored(type, node.norm === 'l2' ? x * x : Math.abs(x));
  });
  const sparse = row.sort === 'sparse';
  const inOrder = (sum: number, size: number) => sum + size;
  const total = sparse ? sizes.reduce(inOrder, 0) : pairwiseSum(sizes);
  const length = { l1: total, l2: Math.sqrt(total), max: Math.max(0, ...sizes) }[
    node.norm as 'l1' | 'l2' | 'max'
  ];
  const norm = sparse ? length : stored(type, length);
  const near = type === 'float32' ? 10 * 2 ** -23 : 10 * 2 ** -52;
  const stays = sparse ? norm === 0 : norm < near;
  const cells = row.cells.map((cell) => (stays ? cell : stored(type, (cell as number) / norm)));
  return { ...row, type, cells };
}

/** numpy's order of additions. */
function pairwiseSum(values: readonly number[]): number {
  const { length } = values;
  if (length > 128) {
    const half = Math.floor(length / 16) * 8;
    return pairwiseSum(values.slice(0, half)) + pairwiseSum(values.slice(half));
  }
  if (length < 8) return values.reduce((sum, value) => sum + value, 0);
  const full = length - (length % 8);
  const p = range(8).map((k) => {
    let sum = values[k]!;
    for (let i = k + 8; i < full; i += 8) sum += values[i]!;
    return sum;
  });
  const first = p[0]! + p[1]! + (p[2]! + p[3]!) + (p[4]! + p[5]! + (p[6]! + p[7]!));
  return values.slice(full).reduce((sum, value) => sum + value, first);
}

function multiply(node: Map, row: Row): Row {
  check(node.nonFinite, row);
  const type = floats(row);
  const numbers = numbersOf(row);
  const starts = Array.from(node.starts as Numbers);
  const factors = Array.from(node.factors as Numbers);
  const sparse = row.sort === 'sparse';
  const products = starts.slice(0, -1).map((start, k) => {
    const columns = factors.slice(start, starts[k + 1]);
    if (!sparse) columns.reverse();
    return columns.reduce((product, column) => {
      if (column >= row.width) throw new RangeError('reference: no such column');
      return stored(type, product * numbers[column]!);
    }, 1);
  });
  return result(sparse, type, products);
}
