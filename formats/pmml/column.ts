import type {
  ArithmeticName,
  EncodeColumn,
  FunctionName,
  Head,
  Node,
  ResultType,
} from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import type { Reading } from './reading.js';

/** What the cells of a column are, as PMML has its types. */
export type CellType = 'double' | 'float' | 'integer' | 'boolean' | 'string';

/** A column that is calculated row by row: of one of the model's input, or of what a part gives. A missing number is NaN. */
export interface Column {
  readonly base: number | Output;
  readonly steps: readonly Step[];
  readonly type: CellType;
  /** Whether cells may be missing. */
  readonly mayMiss: boolean;
}

/** A column of what a part gives. */
export interface Output {
  readonly group: Group;
  readonly index: number;
}

/** A part that makes columns of others. */
export interface Group {
  /** Tells it from others. */
  readonly id: number;
  /** What it is made of; null for the model's input as it is. */
  readonly columns: (() => readonly Column[]) | null;
  /** What makes the group's columns of these: for each its place among so many. With a head it answers instead. */
  readonly make: (places: readonly number[], width: number, head: Head | null) => Node;
  /** Whether it can have a head. */
  readonly answers: boolean;
  readonly width: number;
  /** Bytes that it takes, about, without its columns. */
  readonly cost: number;
  /** Set where it is trees. */
  readonly forest?: Forest;
}

/** Trees that are added up. Their features and sets of categories are those of the file. */
export interface Forest {
  readonly sources: readonly SourceTree[];
  readonly outputs: number;
  /** The output that each tree adds to; null where leaves have all of them. */
  readonly treeOutputs: readonly number[] | null;
  /** What sums start from. */
  readonly base: number;
  /** What each tree counts; null for 1. */
  readonly weights: readonly number[] | null;
  /** What sums are divided by; null for sums. */
  readonly divisor: number | null;
  /** Whether sums are float32. */
  readonly single: boolean;
  /** Features that a row is refused without; null where missing cells are taken. */
  readonly needed: ReadonlySet<number> | null;
}

/** What is done to one column. */
export type Step =
  | Calculation
  | { readonly kind: 'encode'; readonly column: EncodeColumn }
  | { readonly kind: 'bin'; readonly edges: readonly number[]; readonly refuses: boolean }
  | { readonly kind: 'within'; readonly low: number; readonly high: number };

export interface Calculation {
  readonly kind: 'calculate';
  readonly operation: ArithmeticName | FunctionName;
  /** Of arithmetic alone. */
  readonly operand: number | null;
  /** What the result is stored as; null: as what it is made of is. */
  readonly type: ResultType | null;
  /** Set where a missing cell has no answer. */
  readonly refuses?: true;
}

export const inputColumn = (index: number, type: CellType): Column => ({
  base: index,
  steps: [],
  type,
  mayMiss: true,
});

/** A column after another step. */
export const stepped = (
  column: Column,
  step: Step,
  type: CellType = column.type,
  mayMiss: boolean = column.mayMiss,
): Column => ({ ...column, steps: [...column.steps, step], type, mayMiss });

export const calculated = (
  column: Column,
  operation: Calculation['operation'],
  operand: number | null = null,
  type: CellType = column.type,
): Column => {
  const changes = (type === 'float') !== (column.type === 'float');
  const stored = changes ? (type === 'float' ? 'float32' : 'float64') : null;
  return stepped(column, { kind: 'calculate', operation, operand, type: stored }, type);
};

let groups = 0;

/** Columns of what a part makes of others. */
export function groupOf(
  { memory }: Reading,
  facts: Omit<Group, 'id'>,
  type: CellType,
  mayMiss = false,
): Column[] {
  const { cost, width } = facts;
  memory.spend(cost + 100 * width);
  const group: Group = { id: groups++, ...facts };
  return Array.from({ length: width }, (_, index) => ({
    base: { group, index },
    steps: [],
    type,
    mayMiss,
  }));
}

/** What is the same of the same column alone. */
export const keyOf = (column: Column): string => `${bucketOf(column)}|${ownOf(column)}`;

/** What columns share that can be made together. */
export const bucketOf = ({ base, steps }: Column): string =>
  [
    typeof base === 'number' ? '' : base.group.id,
    ...steps.map((step) =>
      step.kind === 'calculate'
        ? `${step.operation}:${step.type}:${step.refuses ?? false}`
        : `${step.kind}:${step.kind === 'bin' && step.refuses}`,
    ),
  ].join(' ');

export const ownOf = ({ base, steps }: Column): string =>
  JSON.stringify([
    typeof base === 'number' ? base : base.index,
    ...steps.map((step) =>
      step.kind === 'calculate'
        ? // JSON has one zero.
          Object.is(step.operand, -0)
          ? '-0'
          : step.operand
        : step.kind === 'encode'
          ? { ...step.column, ...{ numbers: listOf(step.column.numbers) }, ...marksOf(step.column) }
          : step,
    ),
  ]);

const listOf = (numbers: ArrayLike<number> | null) => numbers && Array.from(numbers, String);
const marksOf = ({ values, marks }: EncodeColumn) => ({
  values: listOf(values),
  marks: listOf(marks),
});
