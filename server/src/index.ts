export { type AppOptions, createApp } from './app.js';
export { type Answered, Context, type Observer } from './context.js';
export { HttpError } from './http-error.js';
export { Metrics } from './metrics.js';
export { checkOptions, readOptions, type ServeOptions } from './options.js';
export { Repository } from './repository.js';
export { type Served, serve, serveUntilTold } from './serve.js';
export type { ServedModel } from './served-model.js';
