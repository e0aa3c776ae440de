import { parentPort } from 'node:worker_threads';
import { serve, type ThreadPort } from './parallel/serve.js';

/** What a worker thread of Node runs. */
serve(parentPort as unknown as ThreadPort);
