import { refuse } from '../errors.js';
import { cellPath } from '../input/dense.js';
import { type Vectorize, vectorizeRules } from '../ir/index.js';
import { createAnalyzer, type Visit } from '../text/analyze.js';
import { murmurHash, writeUtf8 } from '../text/murmur-hash.js';
import { TermTable } from '../text/term-table.js';
import type { NodeKind } from './kind.js';

export const vectorize: NodeKind<Vectorize> = {
  rules: vectorizeRules,
  transform(node, out) {
    const { binary, type } = node;
    const analyze = createAnalyzer(node);
    const terms = createCounter(node);
    return (x) => {
      out.begin(x, type);
      for (let row = 0; row < x.rows; row++) {
        const document = x.strings![row]!;
        const place = () => cellPath((x.firstRow ?? 0) + row, 0, x.names);
        if (document === null) refuse('input-not-finite', place(), 'a document is missing');
        terms.count = 0;
        terms.broken = false;
        analyze(document, terms.add);
        if (terms.broken)
          refuse('input-type', place(), 'half a surrogate pair, which has no UTF-8');
        const keys = terms.keys.subarray(0, terms.count).sort();
        for (let i = 0; i < keys.length; ) {
          const column = keys[i]! >>> 1;
          let sum = 0;
          for (; i < keys.length && keys[i]! >>> 1 === column; i++) sum += 1 - 2 * (keys[i]! & 1);
          out.put(column, binary ? 1 : sum);
        }
        out.next();
      }
      return out;
    };
  },
};

/** Collects a document's terms as keys: their column, and in the last bit whether they count −1. */
interface Counter {
  keys: Uint32Array;
  count: number;
  /** Whether a term had no UTF-8. */
  broken: boolean;
  readonly add: Visit;
}

function createCounter({ vocabulary, hash }: Vectorize): Counter {
  const table = vocabulary && new TermTable(vocabulary);
  let bytes = new Uint8Array(64);
  const counter: Counter = {
    keys: new Uint32Array(64),
    count: 0,
    broken: false,
    add(units, from, to, termHash) {
      let key = -1;
      if (table) key = table.find(units, from, to, termHash) * 2;
      else {
        if (bytes.length < 3 * (to - from)) bytes = new Uint8Array(6 * (to - from));
        const length = writeUtf8(units, from, to, bytes);
        counter.broken ||= length < 0;
        const murmur = murmurHash(bytes, Math.max(0, length));
        key = (Math.abs(murmur) % hash!.columns) * 2 + Number(hash!.signed && murmur < 0);
      }
      if (key < 0) return;
      if (counter.count === counter.keys.length) {
        const larger = new Uint32Array(counter.count * 2);
        larger.set(counter.keys);
        counter.keys = larger;
      }
      counter.keys[counter.count++] = key;
    },
  };
  return counter;
}
