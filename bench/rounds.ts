import type { Subject } from './subject.js';
import { timedRows } from './workload.js';

export interface Pace {
  /** Rounds in which every subject has its turn. */
  readonly rounds: number;
  /** What a sample takes at least, by as many calls as that needs. */
  readonly sampleMillis: number;
  /** A call that would take longer is not made. */
  readonly callMillis: number;
  /** Whether there is now what subjects need. A round before or after which there is not is measured again, as often as `mostAgain` says. */
  readonly isFair?: () => Promise<boolean>;
}

/** Rounds that are measured again, for each that is wanted: a machine may never have what is needed. */
const mostAgain = 6;

/** µs per row of each round; or why there are none. */
export type Samples = readonly number[] | string;

/**
 * Times batches of `rows` rows of all subjects in rounds: each has its turn in each round, another one first each time, so that whatever
 * else the machine does falls on all of them alike, and figures of one round can be divided by each other.
 *
 * `expectedMicros` says what a row took each subject in smaller batches, or null.
 */
export async function timeInRounds(
  subjects: readonly Subject[],
  rows: number,
  expectedMicros: readonly (number | null)[],
  { rounds, sampleMillis, callMillis, isFair = async () => true }: Pace,
): Promise<Samples[]> {
  const samples: (number[] | string)[] = [];
  const calls: number[] = [];
  for (const [i, subject] of subjects.entries()) {
    const call = ((expectedMicros[i] ?? 0) * rows) / 1000;
    if (rows < (subject.leastRows ?? 1)) samples[i] = '–';
    else if (call > callMillis) samples[i] = `about ${(call / 1000).toFixed(1)} s a call`;
    else {
      calls[i] = await warmUp(subject, rows, sampleMillis * 1000);
      samples[i] = [];
    }
  }
  const starts = subjects.map(() => 0);
  let again = mostAgain * rounds;
  let wasFair = await isFair();
  for (let round = 0; round < rounds; ) {
    const found: (readonly [samples: number[], micros: number])[] = [];
    for (let turn = 0; turn < subjects.length; turn++) {
      const i = (turn + round) % subjects.length;
      const own = samples[i]!;
      if (typeof own === 'string') continue;
      const micros = await subjects[i]!.time(rows, calls[i]!, starts[i]!);
      starts[i]! += calls[i]!;
      found.push([own, micros / (calls[i]! * rows)]);
    }
    const isStill = await isFair();
    const counts = (wasFair && isStill) || again-- <= 0;
    wasFair = isStill;
    if (!counts) continue;
    for (const [own, micros] of found) own.push(micros);
    round++;
  }
  return samples;
}

/** The number of calls that take at least `micros`, found by making them: code is compiled and memory touched on the way. */
async function warmUp(subject: Subject, rows: number, micros: number): Promise<number> {
  let calls = 1;
  for (let made = 0; ; made += calls) {
    const took = await subject.time(rows, calls, made % timedRows);
    if (took >= micros) break;
    calls = Math.ceil(calls * Math.min(10, Math.max(1.3, (1.1 * micros) / Math.max(took, 1))));
  }
  return calls;
}

/** Loads of all subjects that load, in rounds. */
export async function timeLoads(
  subjects: readonly Subject[],
  rounds: number,
): Promise<(readonly number[])[]> {
  const samples: number[][] = subjects.map(() => []);
  // The first load of a process also compiles code: it is not counted.
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const i = (turn + round + 1) % subjects.length;
      const micros = await subjects[i]!.timeLoad!();
      if (round >= 0) samples[i]!.push(micros);
    }
  }
  return samples;
}
