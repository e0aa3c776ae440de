import type { onRequestHookHandler } from 'fastify';
import type { Context } from '../context.js';
import { requireScope } from './guard.js';

/** For routes that change what is served: `app.post('/…', { onRequest: requireAdmin(context) }, …)`. Without tokens, nobody passes. */
export const requireAdmin = ({ access }: Context): onRequestHookHandler =>
  requireScope(access, 'admin');
