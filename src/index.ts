export type { ReadNutOptions } from '../formats/nut/read.js';
export type { Accelerator } from './compile/accelerator.js';
export type { NodeKind } from './compile/kind.js';
export { webAssembly } from './compile/webassembly.js';
export { type ErrorCode, NuthatchError, type Problem } from './errors.js';
export type { Cell } from './input/cell.js';
export type { Columns } from './input/columns.js';
export type { Pair } from './input/items.js';
export type { MatrixLike } from './input/matrix.js';
export type { Input } from './input/read.js';
export type { RecordRow } from './input/records.js';
export type { Row } from './input/rows.js';
export type { Label, Limits, ModelDescription, RunnableModel } from './ir/index.js';
export { load, loadWith } from './load.js';
export {
  asClassifier,
  asPredictor,
  asRegressor,
  asTransformer,
  type Classifier,
  createModel,
  type DensityEstimator,
  type MethodName,
  type Model,
  type ModelOptions,
  type MultiOutputClassifier,
  type MultiOutputRegressor,
  methodNames,
  modelOf,
  type Parallel,
  type ParallelOptions,
  type Predictor,
  type Regressor,
  type Threads,
  type Transformer,
} from './model.js';
export { webWorkers } from './parallel/web-workers.js';
export {
  type DecisionPath,
  Matrix,
  SparseMatrix,
  type TableRows,
  type TransformResult,
} from './result.js';
