/** Buckets are eighths of an octave of microseconds, which are those themselves below 8: any time is known to an eighth. */
const buckets = 232;
const most = 2 ** 31 - 1;

/** How long requests took, since somebody last asked. To count one costs a few nanoseconds. */
export class RecentTimes {
  readonly #counts = new Float64Array(buckets);
  #count = 0;

  add(seconds: number): void {
    const microseconds = Math.min(seconds * 1e6, most) | 0;
    const octave = Math.max(2, 31 - Math.clz32(microseconds));
    // Of the number's first four binary digits, the last three.
    const bucket =
      octave === 2 ? microseconds : (octave - 2) * 8 + ((microseconds >> (octave - 3)) & 7);
    this.#counts[bucket]!++;
    this.#count++;
  }

  /**
   * Tells of the requests since the last time, and forgets them.
   *
   * @param quantiles between 0 and 1
   * @returns milliseconds; null without a request
   */
  take(quantiles: readonly number[]): {
    readonly count: number;
    readonly times: (number | null)[];
  } {
    const count = this.#count;
    const times = quantiles.map((quantile) =>
      count === 0 ? null : this.#timeAt(quantile * count),
    );
    this.#counts.fill(0);
    this.#count = 0;
    return { count, times };
  }

  /** The time below which so many requests lie, as if they were spread evenly over each bucket. */
  #timeAt(rank: number): number {
    let below = 0;
    let bucket = 0;
    while (bucket < buckets - 1 && below + this.#counts[bucket]! < rank)
      below += this.#counts[bucket++]!;
    const share = (rank - below) / Math.max(1, this.#counts[bucket]!);
    return (startOf(bucket) + share * (startOf(bucket + 1) - startOf(bucket))) / 1000;
  }
}

const startOf = (bucket: number): number =>
  bucket < 8 ? bucket : (8 + (bucket & 7)) * 2 ** ((bucket >> 3) - 1);
