import { NuthatchError } from 'nuthatch';

/**
 * Integers of a column, or milliseconds of its times, in 64 bits with a sign; 0 where there is none.
 *
 * @throws NuthatchError `unsupported`: one that has no such bits
 */
export function integersOf(name: string, cells: readonly unknown[]): BigInt64Array<ArrayBuffer> {
  const integers = new BigInt64Array(cells.length);
  // The halves of integers as numbers: as many objects as rows would be garbage.
  const halves = new Int32Array(integers.buffer);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    const value = cell instanceof Date ? cell.getTime() : (cell ?? 0);
    if (Number.isSafeInteger(value)) {
      halves[2 * i] = value as number;
      halves[2 * i + 1] = Math.floor((value as number) / 2 ** 32);
    } else integers[i] = checkInteger(BigInt(value as bigint), name);
  }
  return integers;
}

function checkInteger(value: bigint, name: string): bigint {
  if (value === BigInt.asIntN(64, value)) return value;
  throw new NuthatchError(
    'unsupported',
    `column ${JSON.stringify(name)}`,
    `${value} is not an integer of 64 bits with a sign; write CSV or JSON`,
  );
}
