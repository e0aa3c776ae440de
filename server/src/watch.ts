import type { FastifyBaseLogger } from 'fastify';

/**
 * Does something again and again, each time so long after the last. What fails is logged once until it fails in another way.
 *
 * @returns what ends it
 */
export function every(
  milliseconds: number,
  act: () => Promise<void>,
  log: FastifyBaseLogger,
): () => void {
  let timer: NodeJS.Timeout | null = null;
  let ended = false;
  let failure: string | null = null;
  const wait = (): void => {
    if (ended) return;
    timer = setTimeout(async () => {
      const message = await act().then(
        () => null,
        (error: Error) => error.message,
      );
      if (message !== null && message !== failure) log.error({ reason: message }, 'cannot look');
      failure = message;
      wait();
    }, milliseconds);
    timer.unref();
  };
  wait();
  return () => {
    ended = true;
    if (timer !== null) clearTimeout(timer);
  };
}
