import { findJoined } from './find-joined.js';

export { startThreads } from './start-thread.js';

/** What the command line runs, from few files: to find and read each of its two hundred was a third of a start. */
export const loadCommand = (): Promise<typeof import('./command.js')> =>
  import(findJoined('command.js').href);
