import { basename } from 'node:path';
import { NuthatchError } from 'nuthatch';
import { readAnswer } from './answer.js';
import { ask, type Candidate, openCandidate } from './candidate.js';
import { addError, compare, type Differences, noDifferences } from './differences.js';
import { readKept } from './kept.js';

export interface Replayed extends Differences {
  /** Of the candidate: the median, and what 99 of 100 requests take at most. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** All of its requests. */
  readonly seconds: number;
}

/**
 * Asks a candidate what a server was asked and kept, in this process, and compares its answers with those kept or, where `against` is a
 * model too, with that one's.
 *
 * @param tolerance how far a number may move without being an example of what differs
 * @throws NuthatchError of the models; `io`, `malformed` where what was kept cannot be read
 */
export async function replay(
  source: string,
  candidate: string,
  against: string | null,
  tolerance = 0,
): Promise<Replayed> {
  const differences = noDifferences();
  const times: number[] = [];
  const models = new Map<string, { candidate: Candidate; other: Candidate | null }>();
  try {
    for await (const kept of readKept(source)) {
      const known = models.get(kept.model) ?? {
        candidate: await openCandidate(candidate, kept.model),
        other: against === null ? null : await openCandidate(against, kept.model),
      };
      models.set(kept.model, known);
      const expected = known.other === null ? kept.output : await ask(known.other, kept);
      const started = performance.now();
      const found = await ask(known.candidate, kept);
      times.push(performance.now() - started);
      differences.requests++;
      if (expected !== null && found !== null) {
        const answers = [await readAnswer(expected), await readAnswer(found)] as const;
        compare(...answers, `${kept.place}: answer`, tolerance, differences);
      } else if (expected !== found)
        addError(kept.place, expected === null ? 'expected' : 'found', differences);
    }
  } finally {
    for (const { candidate: first, other } of models.values())
      await Promise.all([first.app.close(), other?.app.close()]);
  }
  if (times.length === 0)
    throw new NuthatchError('usage', basename(source), 'it holds no request that was kept');
  const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(times.length * share) - 1]!;
  return { ...differences, p50Ms: at(0.5), p99Ms: at(0.99), seconds };
}
