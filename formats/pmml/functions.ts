import { quote } from '../../src/errors.js';
import { type Calculation, type CellType, type Column, calculated, stepped } from './column.js';
import type { Lowering } from './lowering.js';
import { above } from './neighbor.js';
import { combined } from './products.js';
import { refuseAt } from './reading.js';
import type { Element } from './xml.js';

/** A number that is written in the file. */
export interface Constant {
  readonly constant: number;
  readonly type: CellType;
}

interface FunctionOfOne {
  readonly operation: Calculation['operation'];
  /** The smallest number that it has an answer for; all have one where it is absent. */
  readonly from?: number;
}

/** Functions of one number, by PMML's names. */
const functions: ReadonlyMap<string, FunctionOfOne> = new Map<string, FunctionOfOne>([
  ['exp', { operation: 'exp' }],
  ['expm1', { operation: 'expm1' }],
  ['ln', { operation: 'log', from: Number.MIN_VALUE }],
  ['ln1p', { operation: 'log1p', from: above(-1) }],
  ['sqrt', { operation: 'sqrt', from: 0 }],
  ['abs', { operation: 'absolute' }],
  ['floor', { operation: 'floor' }],
  ['ceil', { operation: 'ceil' }],
  ['rint', { operation: 'rint' }],
  ['sin', { operation: 'sin' }],
  ['cos', { operation: 'cos' }],
  ['tanh', { operation: 'tanh' }],
]);

type ArithmeticOfTwo = 'add' | 'subtract' | 'multiply' | 'divide';

const arithmetic: ReadonlyMap<string, ArithmeticOfTwo> = new Map<string, ArithmeticOfTwo>([
  ['+', 'add'],
  ['-', 'subtract'],
  ['*', 'multiply'],
  ['/', 'divide'],
]);

/** What a built-in function makes of columns and constants, a column among them. */
export function calculate(
  lowering: Lowering,
  element: Element,
  name: string,
  values: readonly (Column | Constant)[],
): Column {
  const [a, b] = values;
  const fail = (): never =>
    refuseAt(lowering, element, `the function ${quote(name)} of these is not supported`);
  if (a === undefined) return fail();
  if (functions.has(name)) {
    if (values.length !== 1 || 'constant' in a) return fail();
    const { operation, from } = functions.get(name)!;
    const high = Number.POSITIVE_INFINITY;
    // Numbers that it has no answer for would be taken for missing ones.
    const valid = from === undefined ? a : stepped(a, { kind: 'within', low: from, high });
    return calculated(valid, operation, null, name === 'abs' ? a.type : 'double');
  }
  if (b === undefined || values.length !== 2) return fail();
  const type = a.type === 'float' && b.type === 'float' ? 'float' : 'double';
  const operation = arithmetic.get(name);
  if (operation) {
    // Java divides whole numbers without a rest.
    if (operation === 'divide' && a.type === 'integer' && b.type === 'integer') return fail();
    if ('constant' in a)
      return 'constant' in b ? fail() : (reversed(operation, a.constant, b, type) ?? fail());
    if (!('constant' in b))
      return type === 'float' || operation === 'divide'
        ? fail()
        : combined(lowering, operation, a, b);
    if (operation === 'divide' && b.constant === 0) return fail();
    return calculated(a, operation, b.constant, type);
  }
  const [column, other] = 'constant' in a ? [b, a] : [a, b];
  if ('constant' in column || !('constant' in other)) return fail();
  const { constant } = other;
  if (!column.mayMiss && (name === 'min' || name === 'max'))
    return calculated(column, name === 'min' ? 'minimum' : 'maximum', constant, type);
  if (column !== a) return fail();
  if (name === 'pow' && constant === 2) return calculated(column, 'square', null, 'double');
  if (name !== 'threshold') return fail();
  const marked = calculated(column, 'greater', constant, 'double');
  if (!column.mayMiss) return marked;
  const step = { ...(marked.steps.at(-1) as Calculation), refuses: true } as const;
  return { ...marked, steps: [...column.steps, step] };
}

/** A constant that comes first; null where there is no such operation. */
function reversed(
  operation: ArithmeticOfTwo,
  constant: number,
  column: Column,
  type: CellType,
): Column | null {
  // c − x is −x + c to the bit.
  if (operation === 'subtract')
    return calculated(calculated(column, 'negative', null, type), 'add', constant);
  if (operation === 'divide')
    return constant === 1 ? calculated(column, 'reciprocal', null, type) : null;
  return calculated(column, operation, constant, type);
}
