export type { Kept } from './csv/plan.js';
export { formats, type InputFormat, type OutputFormat, readName } from './formats.js';
export { type ErrorRule, errorRules } from './job.js';
export { type PredictOptions, type Progress, predictFiles, type Summary } from './predict.js';
export { readRows } from './read-rows.js';
