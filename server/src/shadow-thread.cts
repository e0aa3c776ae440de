/**
 * Loads what a thread runs without waiting for it: a thread that is ended while it requires an ES module takes Node 20 with it
 * ("IsGraphAsync must be used on an instantiated module"), one that imports it does not.
 */
const loaded = import('./shadow-thread.js');

export = async (task: import('./shadow-thread.js').ShadowTask) => (await loaded).default(task);
