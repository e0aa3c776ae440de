import type { Outcome } from '../check/junit.js';
import type { Replayed } from './replay.js';

/** What may differ. */
export interface ReplayLimits {
  /** How far a number may move. */
  readonly tolerance: number;
  /** Labels that may change. */
  readonly mostChanged: number;
}

/** Whether a candidate answers as it should, limit by limit. */
export function judgeReplay(
  { requests, changed, moved, greatest, errors, examples, seconds }: Replayed,
  { tolerance, mostChanged }: ReplayLimits,
): Outcome[] {
  const outcome = (name: string, found: string, passed: boolean): Outcome => ({
    name,
    found,
    details: passed ? '' : examples.join('\n'),
    passed,
    seconds: 0,
  });
  return [
    {
      ...outcome(
        'answered or refused as before',
        `${errors} of ${requests} requests`,
        errors === 0,
      ),
      seconds,
    },
    outcome(`labels changed, ${mostChanged} at most`, String(changed), changed <= mostChanged),
    outcome(
      `numbers moved, by ${tolerance} at most`,
      `${moved}, by ${greatest} at most`,
      greatest <= tolerance,
    ),
  ];
}
