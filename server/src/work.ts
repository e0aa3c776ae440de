/** Milliseconds in which the event loop has gone round without anything to do. */
const idleRoundMs = 0.05;
/** How many times as long as the work took others have the event loop, where they need it. */
const othersShare = 4;
/** What takes longer is looked at more closely. */
const longMs = 20;

/** What is done in the event loop, how long it takes, and when others have their turn. */
export class Work {
  /** Milliseconds of all that was done, without the time for which other processes had the machine. */
  ms = 0;
  /** Of one piece, of late. */
  msPerPiece = 0;
  #begun = 0;
  #othersUntil = 0;
  #lastRound: number | null = null;
  #usage = process.cpuUsage();
  #usageTaken = 0;

  /**
   * Whether others have the event loop for another round: while there are any, but not for much longer than the last work took. The system gives
   * one new connection in a round, so that one round between two pieces of work would let in few; and who was answered asks again.
   */
  yields(now: number): boolean {
    const isIdle = this.#lastRound !== null && now - this.#lastRound < idleRoundMs;
    this.#lastRound = now;
    return now < this.#othersUntil && !isIdle;
  }

  begin(now: number): void {
    this.#begun = now;
    // It takes as long as a small request, so it is not read for each.
    if (now - this.#usageTaken < longMs) return;
    this.#usage = process.cpuUsage();
    this.#usageTaken = now;
  }

  end(now: number, pieces: number): void {
    const ms = now - this.#begun;
    this.#othersUntil = now + othersShare * ms;
    this.#lastRound = null;
    // While other processes have the machine, nothing is gained by refusing what waits.
    const worked = ms > longMs ? Math.min(ms, millisecondsSince(this.#usage)) : ms;
    this.ms += worked;
    if (pieces > 0) this.msPerPiece = 0.8 * this.msPerPiece + 0.2 * (worked / pieces);
  }
}

function millisecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
