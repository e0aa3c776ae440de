export { exportModel } from './export-model.js';
export { readJson, writeJson } from './json/index.js';
export type { ExportedFile, ExportOptions } from './options.js';
export { type Target, targetNames } from './targets.js';
