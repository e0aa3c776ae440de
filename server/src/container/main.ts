#!/usr/bin/env node
/**
 * The first process of a container is not ended by a signal that it has no handler for. Until the server has one of its own there is this,
 * before anything is loaded.
 */
const end = () => process.exit(143);
process.once('SIGTERM', end);
const yieldTo = (event: string | symbol) => {
  if (event !== 'SIGTERM') return;
  process.off('newListener', yieldTo);
  // Only once the other is there: with the last handler Node stops listening for the signal.
  process.nextTick(() => process.off('SIGTERM', end));
};
process.on('newListener', yieldTo);

await import('./run.js');
