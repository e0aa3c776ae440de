import { isSingle, type Value } from '../input/dense.js';

/** What is made for float32 rows, and for others, once the first such come. */
export function bySingle<T>(make: (single: boolean) => T): (x: Value) => T {
  const made: T[] = [];
  return ({ data }) => {
    const single = isSingle(data);
    made[Number(single)] ??= make(single);
    return made[Number(single)]!;
  };
}
