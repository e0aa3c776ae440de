/** How often something was done, and how long it took. */
export interface Timed {
  count: number;
  ns: number;
}

/** What a version of a model has done since it was loaded. */
export class Statistics {
  /** When it was last asked for an answer, in milliseconds since 1970; 0 for never. */
  last = 0;
  rows = 0;
  /** Requests that were answered, and those that were refused or failed. */
  readonly success: Timed = { count: 0, ns: 0 };
  readonly fail: Timed = { count: 0, ns: 0 };
  /** What answered requests waited, took to read, and to be answered. */
  readonly queue: Timed = { count: 0, ns: 0 };
  readonly input: Timed = { count: 0, ns: 0 };
  readonly infer: Timed = { count: 0, ns: 0 };

  /** A request has ended, after so many milliseconds. */
  ended(isAnswered: boolean, milliseconds: number): void {
    add(isAnswered ? this.success : this.fail, milliseconds);
  }

  answered(rows: number, waited: number, read: number, inferred: number): void {
    this.last = Date.now();
    this.rows += rows;
    add(this.queue, waited);
    add(this.input, read);
    add(this.infer, inferred);
  }
}

function add(timed: Timed, milliseconds: number): void {
  timed.count++;
  timed.ns += Math.round(milliseconds * 1e6);
}
