export { type ExportedFile, type ExportOptions, exportModel } from './export-model.js';
export { readJson, writeJson } from './json/index.js';
export { type Target, targetNames } from './targets.js';
