import { NuthatchError } from 'nuthatch';
import type { Piscina } from 'piscina';
import { packageFolder } from './package-folder.js';
import { type Proof, prove, sizeOf } from './proof.js';
import type { Proved } from './prover-thread.js';

/** Reads and proves models in a thread of its own, so that requests are answered meanwhile. */
export class Prover {
  #pool: Promise<Piscina<string, Proved>> | null = null;

  /** @throws NuthatchError of `prove` */
  async prove(path: string): Promise<Proof> {
    this.#pool ??= createPool();
    const proved = await (await this.#pool).run(path).catch((error: Error) => {
      // A file that takes all of the thread's memory ends the thread alone.
      throw new NuthatchError('limit-exceeded', '', `the model cannot be read: ${error.message}`);
    });
    if ('proof' in proved) return proved.proof;
    throw new NuthatchError(proved.code, '', proved.message);
  }

  /**
   * While nobody waits for answers this thread is the faster one. Not for a large file, while which the process could not be told to end.
   *
   * @throws NuthatchError of `prove`
   */
  async proveFirst(path: string): Promise<Proof> {
    return (await sizeOf(path)) < leastAside ? prove(path) : this.prove(path);
  }

  async close(): Promise<void> {
    await (await this.#pool)?.destroy();
  }
}

/** Its library is loaded when it is first needed. */
async function createPool(): Promise<Piscina<string, Proved>> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    // Built, also where tests run this from its source.
    filename: new URL('dist/prover-thread.cjs', packageFolder).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: idleMs,
    // Options of this process may be ones that threads do not take.
    execArgv: [],
  });
}

const idleMs = 10_000;
/** About a second of reading, of the slowest formats. */
const leastAside = 2 ** 24;
