import { quote } from '../../src/errors.js';
import type { Equalities } from './equality.js';
import type { Operator } from './operator.js';
import type { SplitShape } from './tree-shape.js';

export const modes = [
  'BRANCH_LEQ',
  'BRANCH_LT',
  'BRANCH_GTE',
  'BRANCH_GT',
  'BRANCH_EQ',
  'BRANCH_NEQ',
  'BRANCH_MEMBER',
] as const;

/** A split of a file. */
export interface FileSplit {
  readonly mode: string;
  readonly feature: number;
  readonly value: number;
  /** What the feature is compared with where that is a set. */
  readonly members: readonly number[];
  readonly tracks: boolean;
  /** Where its test holds, and where it does not. */
  readonly children: readonly [yes: number, no: number];
}

export function writeNode(
  operator: Operator,
  equalities: Equalities,
  shape: SplitShape,
  node: number,
  { mode, feature, value, members, tracks, children }: FileSplit,
  place: string,
): void {
  const [yes, no] = children;
  if (mode === 'BRANCH_MEMBER') equalities.write(shape, node, feature, members, tracks, children);
  else if (mode === 'BRANCH_EQ') equalities.write(shape, node, feature, [value], tracks, children);
  // NaN is no number, so that it is another one.
  else if (mode === 'BRANCH_NEQ') equalities.write(shape, node, feature, [value], false, [no, yes]);
  else {
    const isDouble = operator.columns(0).type === 'double';
    const split = splitOf(operator, mode, value, isDouble, place);
    writeSplit(shape, node, feature, split, tracks, children);
  }
}

/** Writes a node whose children are those where its test holds, and where it does not. */
function writeSplit(
  shape: SplitShape,
  node: number,
  feature: number,
  { threshold, holdsLeft }: Split,
  tracks: boolean,
  [yes, no]: readonly [yes: number, no: number],
): void {
  shape.left[node] = holdsLeft ? yes : no;
  shape.right[node] = holdsLeft ? no : yes;
  shape.feature[node] = feature;
  shape.threshold[node] = threshold;
  shape.missingLeft[node] = Number(tracks === holdsLeft);
}

interface Split {
  readonly threshold: number;
  /** Whether the test holds where a feature is at most the threshold, or where it is not. */
  readonly holdsLeft: boolean;
}

function splitOf(
  operator: Operator,
  mode: string,
  value: number,
  isDouble: boolean,
  place: string,
): Split {
  const at = (modes as readonly string[]).indexOf(mode);
  if (at < 0 || at > 3)
    return operator.refuse(place, `${quote(mode)} is not supported: ${modes.join(', ')}`);
  // LT and GTE have what equals the threshold on the other side.
  const threshold = at === 1 || at === 2 ? below(value, isDouble) : value;
  if (Number.isNaN(threshold)) operator.refuse(place, 'a threshold that nothing is below');
  return { threshold, holdsLeft: at < 2 };
}

const scratch = new DataView(new ArrayBuffer(8));

/** The next smaller number of the same type; NaN, which is refused as a threshold, of −∞. */
export function below(value: number, isDouble: boolean): number {
  if (value === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (value === 0) return isDouble ? -Number.MIN_VALUE : -(2 ** -149);
  const step = value > 0 ? -1 : 1;
  if (isDouble) {
    scratch.setFloat64(0, value);
    scratch.setBigInt64(0, scratch.getBigInt64(0) + BigInt(step));
    return scratch.getFloat64(0);
  }
  scratch.setFloat32(0, value);
  scratch.setInt32(0, scratch.getInt32(0) + step);
  return scratch.getFloat32(0);
}
