import {
  answerColumns,
  type Elementwise,
  kernelColumns,
  type Node,
  neighborColumns,
  splineCounts,
  tallyColumns,
  termColumns,
  widthOf,
} from '../../src/ir/index.js';

/** What a part of a model is given, as far as its lowering depends on it. */
export interface Given {
  /** Number of columns; null where only the part itself knows. */
  readonly columns: number | null;
  /** Whether rows are sparse: some transformers calculate differently then. */
  readonly sparse: boolean;
  /** Whether cells may be integers (or booleans) of less than 32 bits: numpy's functions of those give float16. */
  readonly small: boolean;
  /** Whether compressed rows may hold cells of 0: some parts tell these from cells that rows do not hold, but nothing here does. */
  readonly zeros?: boolean;
}

/** What the part after a node is given. */
export function givenAfter(node: Node, given: Given): Given {
  switch (node.kind) {
    case 'pipeline':
      return node.steps.reduce((value, step) => givenAfter(step, value), given);
    case 'union': {
      const parts = node.parts.map((part) => {
        const seen = { ...given, columns: part.columns?.length ?? given.columns };
        return part.node === null ? seen : givenAfter(part.node, seen);
      });
      return {
        columns: parts.reduce<number | null>(
          (sum, { columns }) => (sum === null || columns === null ? null : sum + columns),
          0,
        ),
        sparse: node.sparse,
        small: parts.every(({ small }) => small),
        zeros: parts.some(({ zeros }) => zeros),
      };
    }
    case 'encode':
      return { columns: widthOf(node.columns), sparse: node.sparse, small: node.type === 'uint8' };
    case 'select':
      return { ...given, columns: node.columns.length };
    case 'polynomial':
      return { ...given, columns: node.starts.length - 1, small: false };
    case 'impute':
      return given;
    case 'elementwise':
      return {
        ...given,
        small: node.type === null ? given.small && handsOn(node) : node.type === 'uint8',
      };
    case 'answers': {
      const columns = answerColumns(node.node, node.method) - node.skip;
      return { columns, sparse: false, small: false };
    }
    case 'kernel':
      return { columns: kernelColumns(node), sparse: false, small: false };
    case 'scores':
    case 'row-norm':
    case 'curve':
    case 'center':
    case 'rounds':
    case 'donors':
      return { ...given, small: false };
    case 'tally':
      return { columns: tallyColumns(node), sparse: node.sparse, small: false, zeros: true };
    case 'neighbors':
      return {
        columns: neighborColumns(node),
        sparse: node.combine === 'connectivity' || node.combine === 'distances',
        small: false,
        zeros: true,
      };
    case 'spline':
      return {
        columns: node.features * splineCounts(node).columns,
        sparse: node.sparse,
        small: false,
        zeros: true,
      };
    case 'vectorize':
      return {
        columns: termColumns(node),
        sparse: true,
        small: false,
        zeros: node.hash?.signed ?? false,
      };
    default:
      return { columns: node.outputs, sparse: false, small: false };
  }
}

/** Whether cells stay what they are, but for missing ones. */
export function handsOn({ operations }: Elementwise): boolean {
  return operations.every(({ operation }) => operation === 'void' || operation === 'fill');
}
