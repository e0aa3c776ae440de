import { startOf, type Value } from '../input/dense.js';
import { typeOf, ValueBuffer } from './buffer.js';
import type { Scope } from './kind.js';
import { compose } from './pipeline.js';
import type { Scorer } from './scorer.js';

/** A scorer that takes no compressed rows: they are given their zeros. */
export function onDense(scorer: Scorer, { given, names }: Scope): Scorer {
  if (given.kind !== 'sparse') return scorer;
  const gives = { ...given, kind: 'dense' } as const;
  const out = new ValueBuffer(gives, names);
  const transform = (x: Value): Value => {
    out.begin(x, typeOf(x));
    for (let row = 0; row < x.rows; row++) {
      for (let i = startOf(x, row); i < startOf(x, row + 1); i++)
        out.put(x.indices![i]!, x.data[i]!);
      out.next();
    }
    return out;
  };
  return compose({ gives, names, transform }, scorer);
}
