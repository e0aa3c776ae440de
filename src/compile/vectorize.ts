import { refuse } from '../errors.js';
import { cellPath } from '../input/dense.js';
import { termColumns, type Vectorize, vectorizeRules } from '../ir/index.js';
import { createAnalyzer, type Visit } from '../text/analyze.js';
import { murmurHash, writeUtf8 } from '../text/murmur-hash.js';
import { TermTable } from '../text/term-table.js';
import type { NodeKind } from './kind.js';

export const vectorize: NodeKind<Vectorize> = {
  rules: vectorizeRules,
  transform(node, out) {
    const { binary, type } = node;
    const analyze = createAnalyzer(node);
    const counts = new Counts(termColumns(node));
    const add = node.vocabulary
      ? countTerms(new TermTable(node.vocabulary), counts)
      : countHashes(node.hash!.columns, node.hash!.signed, counts);
    return (x) => {
      out.begin(x, type);
      for (let row = 0; row < x.rows; row++) {
        const document = x.strings![row]!;
        const place = () => cellPath((x.firstRow ?? 0) + row, 0, x.names);
        if (document === null) refuse('input-not-finite', place(), 'a document is missing');
        counts.broken = false;
        analyze(document, add);
        counts.take((column, count) => {
          out.put(column, binary ? 1 : count);
        });
        if (counts.broken)
          refuse('input-type', place(), 'half a surrogate pair, which has no UTF-8');
        out.next();
      }
      return out;
    };
  },
};

/** Counts of a row's columns, which are then taken in their order: bits say where there are any, and bits where such words are. */
class Counts {
  readonly #counts: Int32Array;
  readonly #bits: Int32Array;
  readonly #words: Int32Array;
  /** Whether a term had no UTF-8. */
  broken = false;

  constructor(columns: number) {
    this.#counts = new Int32Array(columns);
    this.#bits = new Int32Array((columns >>> 5) + 1);
    this.#words = new Int32Array((columns >>> 10) + 1);
  }

  add(column: number, count: number): void {
    this.#counts[column]! += count;
    this.#bits[column >>> 5]! |= 1 << (column & 31);
    this.#words[column >>> 10]! |= 1 << ((column >>> 5) & 31);
  }

  /** Calls with each column that was added to, and its count; then all are 0 again. */
  take(each: (column: number, count: number) => void): void {
    for (let i = 0; i < this.#words.length; i++) {
      for (let words = this.#words[i]!; words !== 0; words &= words - 1) {
        const word = i * 32 + lowestBit(words);
        for (let bits = this.#bits[word]!; bits !== 0; bits &= bits - 1) {
          const column = word * 32 + lowestBit(bits);
          each(column, this.#counts[column]!);
          this.#counts[column] = 0;
        }
        this.#bits[word] = 0;
      }
      this.#words[i] = 0;
    }
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

const countTerms =
  (table: TermTable, counts: Counts): Visit =>
  (units, from, to, hash) => {
    const column = table.find(units, from, to, hash);
    if (column >= 0) counts.add(column, 1);
  };

function countHashes(columns: number, signed: boolean, counts: Counts): Visit {
  let bytes = new Uint8Array(64);
  return (units, from, to) => {
    if (bytes.length < 3 * (to - from)) bytes = new Uint8Array(6 * (to - from));
    const length = writeUtf8(units, from, to, bytes);
    counts.broken ||= length < 0;
    const hash = murmurHash(bytes, Math.max(0, length));
    counts.add(Math.abs(hash) % columns, signed && hash < 0 ? -1 : 1);
  };
}
