export type { ReadNutOptions } from '../formats/nut/read.js';
export { type ErrorCode, NuthatchError, type Problem } from './errors.js';
export type { Cell } from './input/cell.js';
export type { Columns } from './input/columns.js';
export type { RecordRow } from './input/records.js';
export type { Row } from './input/rows.js';
export type { Input, MatrixLike } from './input/to-dense.js';
export type { Label, Limits, ModelDescription, RunnableModel } from './ir/index.js';
export { load } from './load.js';
export {
  asClassifier,
  asRegressor,
  type Classifier,
  createModel,
  type MethodName,
  type Model,
  type MultiOutputClassifier,
  type MultiOutputRegressor,
  methodNames,
  type Regressor,
} from './model.js';
export { type DecisionPath, Matrix } from './result.js';
