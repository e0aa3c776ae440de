import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { health } from './health.js';
import { invocations } from './invocations.js';
import { kserveV1 } from './kserve-v1.js';
import { multiModel } from './multi-model.js';
import { plain } from './plain.js';
import { inferenceV2 } from './v2/index.js';
import { vertex } from './vertex.js';

/** One line for each protocol. */
export const protocols: readonly ((
  app: FastifyInstance,
  context: Context,
) => void | Promise<void>)[] = [
  health,
  plain,
  kserveV1,
  inferenceV2,
  // SageMaker's and MLflow's
  invocations,
  multiModel,
  // and Azure's
  vertex,
];
