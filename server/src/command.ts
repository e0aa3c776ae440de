/** What the command line starts. The build makes few files of it and of all that it needs, so classes are not those of the package's index. */
export { checkOptions, readOptions } from './options.js';
export { serveUntilTold } from './serve.js';
