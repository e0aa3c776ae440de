import { refuse } from '../errors.js';
import { placeOf } from '../input/dense.js';
import { type TermHash, termColumns, type Vectorize, vectorizeRules } from '../ir/index.js';
import { createAnalyzer, type Visit } from '../text/analyze.js';
import { createHash } from '../text/murmur-hash.js';
import { TermTable } from '../text/term-table.js';
import type { NodeKind } from './kind.js';
import { Sums } from './sums.js';
import { writeRows } from './write-rows.js';

export const vectorize: NodeKind<Vectorize> = {
  rules: vectorizeRules,
  transform(node, out) {
    const { binary, type } = node;
    const analyze = createAnalyzer(node);
    const counts = new Sums(new Int32Array(termColumns(node)));
    // Whether a term had no UTF-8.
    let broken = false;
    const add = node.vocabulary
      ? countTerms(new TermTable(node.vocabulary), counts)
      : countHashes(node.hash!, counts, () => {
          broken = true;
        });
    return (x) =>
      writeRows(out, x, type, (row) => {
        const document = x.strings![row] as string | null;
        const place = () => placeOf(x, row, 0);
        if (document === null) refuse('input-not-finite', place(), 'a document is missing');
        broken = false;
        analyze(document, add);
        counts.take((column, count) => {
          out.put(column, binary ? 1 : count);
        });
        if (broken) refuse('input-type', place(), 'half a surrogate pair, which has no UTF-8');
      });
  },
};

const countTerms =
  (table: TermTable, counts: Sums): Visit =>
  (units, from, to, hash) => {
    const column = table.find(units, from, to, hash);
    if (column >= 0) counts.add(column, 1);
  };

function countHashes({ columns, signed }: TermHash, counts: Sums, onBroken: () => void): Visit {
  const hashOf = createHash();
  return (units, from, to) => {
    const hash = hashOf(units, from, to);
    if (hash === null) onBroken();
    else counts.add(Math.abs(hash) % columns, signed && hash < 0 ? -1 : 1);
  };
}
