import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { health } from './health.js';
import { kserveV1 } from './kserve-v1.js';
import { plain } from './plain.js';

/** One line for each protocol. */
export const protocols: readonly ((app: FastifyInstance, context: Context) => void)[] = [
  health,
  plain,
  kserveV1,
];
