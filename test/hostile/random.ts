/** Seeded draws: the same numbers in every run (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** `count` different indices in [0, length), all of them where there are fewer, in order. */
  sample(length: number, count: number): number[] {
    if (length <= count) return Array.from({ length }, (_, i) => i);
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(this.below(length));
    return [...drawn].sort((a, b) => a - b);
  }
}

/** How many times the short campaign to run: 1, or what `NUTHATCH_FUZZ_RUNS` says (`npm run fuzz`). */
export const fuzzRuns = Math.max(1, Math.floor(Number(process.env.NUTHATCH_FUZZ_RUNS ?? 1)) || 1);

/** Added to every seed of a campaign, so that one may differ from the last: `NUTHATCH_FUZZ_SEED`. */
export const fuzzSeed = Math.floor(Number(process.env.NUTHATCH_FUZZ_SEED ?? 0)) || 0;

/** Draws of a campaign, as opposed to those that make its models. */
export function campaign(seed: number): Random {
  return new Random(seed + fuzzSeed);
}

/** Time for one test, in milliseconds. */
export const fuzzTimeout = 60_000 * fuzzRuns;
