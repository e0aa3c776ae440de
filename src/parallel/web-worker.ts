import { serve, type ThreadPort } from './serve.js';

/** What a web worker runs. */
serve(globalThis as unknown as ThreadPort);
