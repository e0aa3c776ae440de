/** Numbers that are the same in every run. */
export function createRandom(seed: number) {
  let state = seed;
  /** From 0 up to 1. */
  function random(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const integer = (below: number): number => Math.floor(random() * below);
  const pick = <T>(list: readonly T[]): T => list[integer(list.length)]!;
  return { random, integer, pick };
}

/** How many times the short campaign to run: 1, or what `NUTHATCH_FUZZ_RUNS` says (`npm run fuzz`). */
export const fuzzRuns = Math.max(1, Math.floor(Number(process.env.NUTHATCH_FUZZ_RUNS ?? 1)) || 1);

/** Added to every seed, so that one campaign may differ from the last: `NUTHATCH_FUZZ_SEED`. */
export const fuzzSeed = Math.floor(Number(process.env.NUTHATCH_FUZZ_SEED ?? 0)) || 0;
