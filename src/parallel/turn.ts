/** Rows that all threads answer together: each takes a share when it is free, so that one which starts late, or is held up, takes fewer. */
export type Turn = Int32Array;

/** Elements of a turn: shares, and rows. */
const taken = 0;
const written = 1;

/** Where shares would be of fewer rows, what is left is divided among the threads: a forest takes longer over few rows at a time. */
const leastRows = 4096;
/** What threads take of the rows that are left, all together, before the next take. */
const takenAtOnce = 3 / 4;
/** Rows are walked through trees by eights. */
export const rowsTogether = 8;
/** Rows are written by so many, after each of which the threads are told. */
const writtenRows = 4096;

export const createTurn = (): Turn => new Int32Array(new SharedArrayBuffer(8));

/** Writes the rows by parts, and lets threads take what is there. */
export function writeTurn(
  turn: Turn,
  rows: number,
  write: (start: number, end: number) => void,
): void {
  for (let start = 0; start < rows; start += writtenRows) {
    const end = Math.min(rows, start + writtenRows);
    write(start, end);
    Atomics.store(turn, written, end);
    Atomics.notify(turn, written);
  }
}

/** The rows that this thread takes, from and to, until none are left. */
export function* takeShares(turn: Turn, rows: number, takers: number): Iterable<[number, number]> {
  const ends = endsOfShares(rows, takers);
  for (;;) {
    const share = Atomics.add(turn, taken, 1);
    if (share >= ends.length) return;
    const end = ends[share]!;
    for (;;) {
      const there = Atomics.load(turn, written);
      if (there >= end) break;
      Atomics.wait(turn, written, there);
    }
    yield [share === 0 ? 0 : ends[share - 1]!, end];
  }
}

/** Shares become smaller, one as large for each thread at a time: threads of one speed end together, and others nearly so. */
function endsOfShares(rows: number, takers: number): number[] {
  if (takers === 1) return [rows];
  const ends: number[] = [];
  for (let end = 0; end < rows; ) {
    const left = rows - end;
    const part = (left * takenAtOnce) / takers;
    const share =
      Math.ceil((part < leastRows ? left / takers : part) / rowsTogether) * rowsTogether;
    for (let i = 0; i < takers && end < rows; i++) {
      end = Math.min(rows, end + share);
      ends.push(end);
    }
  }
  return ends;
}
