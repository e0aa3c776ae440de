export type { ModelDescription } from '../src/ir/index.js';
export { formatNames, type ImportModelOptions, importModel } from './import-model.js';
export { writeNut } from './nut/index.js';
