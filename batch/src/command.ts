/** What the command line runs. The build joins it with the library, so classes are not those of the package's index. */
export { createModel } from 'nuthatch';
export { openModelFile, workerThreads } from 'nuthatch/node';
export { formats, readName } from './formats.js';
export { errorRules } from './job.js';
export { predictFiles } from './predict.js';
