import type { Accelerator } from '../compile/accelerator.js';
import { webAssembly } from '../compile/webassembly.js';
import { refuse } from '../errors.js';
import { placeInSharedMemory } from '../kernels/wasm-memory.js';
import type { Threads } from '../model.js';
import type { Reply } from './message.js';
import { startParallel } from './parallel.js';
import type { StartWorker } from './pool.js';

/** What of web workers is used: the language's own types do not have them. */
interface WebWorker {
  onmessage: ((event: { readonly data: Reply }) => void) | null;
  onmessageerror: (() => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
  /** Not in browsers. */
  ref?(): void;
  unref?(): void;
}
declare const Worker: new (url: URL, options: { type: 'module' }) => WebWorker;

const startWorker: StartWorker = (listener) => {
  // Bundlers know this form of it, and bring the worker's file.
  const worker = new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' });
  const fail = (reason: string): void => {
    worker.terminate();
    listener.ended(reason);
  };
  worker.onmessage = ({ data }) => listener.reply(data);
  worker.onmessageerror = () => fail('it sent what cannot be read');
  worker.onerror = (event) => {
    event.preventDefault();
    // Of a file that cannot be loaded browsers say nothing.
    fail(event.message || 'its file web-worker.js cannot be loaded');
  };
  return {
    post: (message) => worker.postMessage(message),
    hold: (alive) => (alive ? worker.ref?.() : worker.unref?.()),
    end: async () => worker.terminate(),
  };
};

/**
 * Walks trees in WebAssembly, and brings `model.parallel`, in browsers and wherever else there are web workers: an option of `load` and
 * `createModel`. The bytes of a model are copied at once to memory that threads can share, where that is allowed: browsers ask for the headers
 * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
 */
export const webWorkers: Accelerator & Threads = {
  ...webAssembly,
  place: placeInSharedMemory,
  parallel(model, options = {}) {
    if (typeof Worker === 'undefined')
      refuse('threads', 'parallel', 'there are no web workers here; in Node take workerThreads');
    const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
    return startParallel(model, options, {
      startWorker,
      cores: navigator?.hardwareConcurrency ?? 1,
    });
  },
};
