import { checkAnswers, type Rows, writeBodies } from './rows.js';
import { ServerProcess } from './server-process.js';
import type { Subject, Where } from './subject.js';
import { type Load, runWrk } from './wrk.js';

/** What was measured of a server, a value for each round. */
export interface Measured {
  readonly subject: Subject;
  readonly readyMillis: number[];
  /** As many requests as it can answer. */
  readonly full: Load[];
  /** Microseconds of computing that a request took then. */
  readonly cpuMicros: number[];
  /** Half as many, which come when they come. */
  readonly half: Load[];
  residentBytes: number;
}

export interface Plan {
  readonly starts: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly halfLoad: boolean;
}

const connections = 32;
/** More for half the load, so that hardly one of them waits for its answer when it would ask again. */
const pausingConnections = 64;

/** Measures servers in rounds: each has its turn in each, another one first each time. */
export async function measure(
  subjects: readonly Subject[],
  plan: Plan,
  rows: Rows,
  whereOf: (subject: Subject) => Where,
  say: (line: string) => void,
): Promise<Measured[]> {
  const measured = subjects.map(
    (subject): Measured => ({
      subject,
      readyMillis: [],
      full: [],
      cpuMicros: [],
      half: [],
      residentBytes: 0,
    }),
  );
  const few = { rows: rows.rows.slice(0, 50), labels: rows.labels };
  const running: { one: Measured; server: ServerProcess; url: string; bodies: string }[] = [];
  const start = async (one: Measured) => {
    const where = whereOf(one.subject);
    const server = await startSubject(one.subject, where, few);
    one.readyMillis.push(server.readyMillis);
    return { one, server, url: `http://127.0.0.1:${where.port}`, bodies: '' };
  };
  try {
    for (let round = 1; round < plan.starts; round++) {
      say(`start ${round}`);
      for (const one of measured) await (await start(one)).server.stop();
    }
    for (const one of measured) {
      const server = await start(one);
      running.push({
        ...server,
        bodies: writeBodies(whereOf(one.subject).models, one.subject, rows),
      });
      await checkAnswers(one.subject, server.url, few);
    }
    for (let round = -1; round < plan.rounds; round++) {
      say(round < 0 ? 'warming up' : `round ${round + 1} of ${plan.rounds}`);
      for (let turn = 0; turn < running.length; turn++) {
        const { one, server, url, bodies } = running[(turn + round + 1) % running.length]!;
        const before = server.cpuMillis();
        // Code is compiled and memory touched in a first round, which is longer, and not counted.
        const seconds = round < 0 ? 2 * plan.seconds : plan.seconds;
        const load = await runWrk({ url, bodies, seconds, connections });
        if (round < 0) continue;
        one.full.push(load);
        one.cpuMicros.push(((server.cpuMillis() - before) * 1000) / load.requests);
        if (!plan.halfLoad) continue;
        const pauseMillis = (pausingConnections / load.perSecond) * 2000;
        one.half.push(
          await runWrk({
            url,
            bodies,
            seconds: plan.seconds,
            connections: pausingConnections,
            pauseMillis,
          }),
        );
      }
    }
    for (const { one, server, url } of running) {
      await checkAnswers(one.subject, url, few);
      one.residentBytes = server.residentBytes();
    }
  } finally {
    for (const { server } of running) await server.stop();
  }
  return measured;
}

/** Starts a server, and waits for its first right answer. */
export function startSubject(subject: Subject, where: Where, rows: Rows): Promise<ServerProcess> {
  const first = { rows: rows.rows.slice(0, 1), labels: rows.labels };
  const address = `http://127.0.0.1:${where.port}`;
  return ServerProcess.start(
    subject.command(where),
    { cwd: where.models, variables: subject.variables?.(where) ?? {} },
    () =>
      checkAnswers(subject, address, first).then(
        () => true,
        () => false,
      ),
  );
}
