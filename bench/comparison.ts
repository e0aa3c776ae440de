import { checkAnswers } from './answers.js';
import { type Measurement, quantile } from './measurement.js';
import { type Pace, timeInRounds, timeLoads } from './rounds.js';
import { isAbsence, type Peer, type Subject } from './subject.js';
import type { Workload } from './workload.js';

export interface Absentee {
  readonly workload: string;
  readonly peer: string;
  readonly reason: string;
}

/** What was measured of one workload, who took no part, and what they say they are. */
export interface Comparison {
  readonly workload: Pick<Workload, 'name' | 'about' | 'nodes'>;
  readonly measurements: readonly Measurement[];
  readonly absent: readonly Absentee[];
  readonly versions: ReadonlyMap<string, string>;
}

/** Rows of a call, one row and batches; null for making the model from its file. */
export type CallSizes = readonly (number | null)[];
export const callSizes = [1, 100, 1000, 10_000] as const;
export const loading = [null] as const;

/**
 * Opens a workload with every peer, checks every peer's answers, and only then times those that are right: calls of each of the sizes,
 * in interleaved rounds.
 */
export async function compare(
  workload: Workload,
  peers: readonly Peer[],
  pace: Pace,
  sizes: CallSizes = callSizes,
): Promise<Comparison> {
  const absent: Absentee[] = [];
  const subjects: Subject[] = [];
  const measurements: Measurement[] = [];
  const versions = new Map<string, string>();
  try {
    for (const peer of peers) {
      const opened = await peer.open(workload);
      if (isAbsence(opened))
        absent.push({ workload: workload.name, peer: peer.name, reason: opened.absent });
      else {
        subjects.push(opened);
        versions.set(opened.name, opened.version);
      }
    }
    const right: Subject[] = [];
    const add = (
      subject: Subject,
      rows: number | null,
      outcome: Pick<Measurement, 'samples' | 'ok' | 'note'>,
    ): void => {
      const mode = rows === null ? 'load' : rows === 1 ? 'one' : 'batch';
      measurements.push({ workload: workload.name, mode, rows, subject: subject.name, ...outcome });
    };
    for (const subject of subjects) {
      const wrong = await findWrong(subject, workload);
      if (wrong === null) right.push(subject);
      else for (const rows of sizes) add(subject, rows, { samples: [], ok: false, note: wrong });
    }
    let expected: (number | null)[] = right.map(() => null);
    for (const rows of sizes) {
      if (rows === null) {
        const able = right.filter(({ timeLoad }) => timeLoad !== undefined);
        const samples = await timeLoads(able, pace.rounds);
        for (const [i, subject] of able.entries())
          add(subject, null, { samples: samples[i]!, ok: true, note: null });
      } else {
        const timed = await timeInRounds(right, rows, expected, pace);
        for (const [i, subject] of right.entries()) {
          const samples = timed[i]!;
          if (typeof samples === 'string')
            add(subject, rows, { samples: [], ok: true, note: samples });
          else add(subject, rows, { samples, ok: true, note: null });
        }
        expected = timed.map((samples, i) =>
          typeof samples === 'string' ? expected[i]! : quantile(samples, 0.5),
        );
      }
    }
  } finally {
    for (const subject of subjects) await subject.close?.();
  }
  const order = subjects.map(({ name }) => name);
  measurements.sort((a, b) => order.indexOf(a.subject) - order.indexOf(b.subject));
  return { workload, measurements, absent, versions };
}

async function findWrong(subject: Subject, workload: Workload): Promise<string | null> {
  const expected = subject.expected ?? workload.expected;
  try {
    return checkAnswers(expected, await subject.answer(), subject.tolerance);
  } catch (error) {
    return `no answers: ${(error as Error).message}`;
  }
}
