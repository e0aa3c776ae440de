import { quote } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import { arithmeticTable } from './arithmetic.js';
import { arrangeTable } from './arrange.js';
import type { CellType, Value } from './columns.js';
import { compareTable } from './compare.js';
import { concatTable } from './concat.js';
import { linearTable } from './linear.js';
import type { Graph, GraphInput } from './model.js';
import { Gap, type Lowering, Operator } from './operator.js';
import { preprocessingTable } from './preprocessing.js';
import { reduceTable } from './reduce.js';
import { reshapeTable } from './reshape.js';
import { svmTable } from './svm.js';
import { tensorTypes } from './tensor.js';
import { treeEnsembleTable } from './tree-ensemble.js';
import { treeTable } from './trees.js';

/** Every operator, of both domains: no name is in both. */
const table = new Map(
  [
    arithmeticTable,
    arrangeTable,
    compareTable,
    concatTable,
    linearTable,
    preprocessingTable,
    reduceTable,
    reshapeTable,
    svmTable,
    treeTable,
    treeEnsembleTable,
  ].flatMap((own) => Object.entries(own)),
);

export const operatorNames: readonly string[] = [...table.keys()].sort();

const domains = ['', 'ai.onnx.ml'];

const cellTypes: ReadonlyMap<number, CellType> = new Map([
  [tensorTypes.float, 'float'],
  [tensorTypes.double, 'double'],
  [tensorTypes.int64, 'integer'],
  [tensorTypes.int32, 'integer'],
  [tensorTypes.string, 'string'],
]);

/** What rows of the model's input hold, one input of the graph after another. */
export interface GraphColumns {
  readonly columns: readonly { readonly name: string; readonly type: CellType }[];
  /** Whether every input is one column, which then has its name. */
  readonly named: boolean;
}

/** Writes the inputs of a graph to `values`. Constants may be listed as inputs, too. */
export function lowerInputs(
  { inputs, constants }: Graph,
  values: Map<string, Value>,
  { limits, problems }: Pick<Lowering, 'limits' | 'problems'>,
): GraphColumns {
  const columns: { name: string; type: CellType }[] = [];
  const own = inputs.filter(({ name }) => !constants.has(name));
  own.forEach((input) => {
    const path = `graph.input ${quote(input.name)}`;
    const type = cellTypes.get(input.type);
    const width = widthOf(input, limits);
    if (type === undefined)
      problems.push({ path, message: `values of type ${input.type} are not supported` });
    else if (width === null)
      problems.push({ path, message: 'expected rows of a number of columns that is said' });
    else if (columns.length + width > limits.features)
      problems.push({ path, message: `more than ${limits.features} columns` });
    else {
      const source = Uint32Array.from({ length: width }, (_, i) => columns.length + i);
      values.set(input.name, { kind: 'columns', source, steps: [], cost: 0, width, type });
      for (let i = 0; i < width; i++) columns.push({ name: input.name, type });
    }
  });
  return { columns, named: own.length === columns.length };
}

/** Columns of a matrix whose rows may be any number. */
function widthOf({ shape }: GraphInput, limits: Limits): number | null {
  if (shape === null || shape.length > 2) return null;
  if (shape.length < 2) return shape.length === 1 ? 1 : null;
  const width = shape[1]!;
  return width !== null && width >= 1 && width <= limits.features ? width : null;
}

/** How what is said of an operator begins that nothing here reads. */
export const unknownOperator = 'an operator';

/** Makes of every operator the values of its outputs. What is not supported is noted, and so is each operator once. */
export function lowerNodes({ nodes, constants }: Graph, lowering: Lowering): void {
  const { values, failed, problems } = lowering;
  for (const [name, tensor] of constants)
    values.set(name, { kind: 'constant', tensor, shape: tensor.dims });
  nodes.forEach((node, i) => {
    const operator = new Operator(node, i, lowering);
    try {
      const lower = domains.includes(node.domain) ? table.get(node.operator) : undefined;
      if (lower === undefined) {
        const name = node.domain === '' ? node.operator : `${node.domain}.${node.operator}`;
        operator.refuse('', `${unknownOperator} ${quote(name)}, which is not supported`);
      } else {
        const made = lower(operator);
        node.outputs.forEach((name, k) => {
          const value = made[k];
          if (name !== '' && values.has(name)) operator.refuse('output', 'a name twice');
          if (name !== '' && value) values.set(name, value);
          else if (name !== '') failed.add(name);
        });
      }
    } catch (error) {
      if (!(error instanceof Gap)) throw error;
      for (const name of node.outputs) failed.add(name);
    }
    if (problems.length > mostProblems) throw new Gap();
  });
}

/** After so many the rest of a graph is not looked at. */
const mostProblems = 1000;
