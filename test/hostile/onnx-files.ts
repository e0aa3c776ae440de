import { operatorNames } from '../../formats/onnx/graph.js';
import type { Random } from './random.js';

/** Protocol buffers, written field by field. */
type Part = Uint8Array;

const join = (parts: readonly Part[]): Part => Uint8Array.from(parts.flatMap((part) => [...part]));

export function varint(value: number | bigint): Part {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

export const integer = (field: number, value: number | bigint): Part =>
  join([varint(field << 3), varint(value)]);

export const bytes = (field: number, value: Part): Part =>
  join([varint((field << 3) | 2), varint(value.length), value]);

export const text = (field: number, value: string): Part =>
  bytes(field, new TextEncoder().encode(value));

export const message = (field: number, ...parts: readonly Part[]): Part =>
  bytes(field, join(parts));

export function float(field: number, value: number): Part {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, true);
  return join([varint((field << 3) | 5), new Uint8Array(view.buffer)]);
}

/** A model of nodes, constants and an input X of some columns. */
export const model = (
  nodes: readonly Part[],
  outputs: readonly string[],
  constants: readonly Part[] = [],
  columns = 2,
): Part =>
  join([
    integer(1, 10),
    text(2, 'by hand'),
    message(
      7,
      ...nodes.map((node) => bytes(1, node)),
      ...constants.map((tensor) => bytes(5, tensor)),
      message(11, text(1, 'X'), message(2, message(1, integer(1, 1), shape(columns)))),
      ...outputs.map((name) => message(12, text(1, name))),
    ),
    message(8, integer(2, 18)),
    message(8, text(1, 'ai.onnx.ml'), integer(2, 3)),
  ]);

const shape = (columns: number): Part =>
  message(2, message(1, text(2, 'N')), message(1, integer(1, columns)));

export const node = (
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...attributes: readonly Part[]
): Part =>
  join([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...attributes.map((attribute) => bytes(5, attribute)),
    text(
      7,
      /^[A-Z].*(Encoder|Classifier|Regressor|Ensemble|Scaler)$/.test(operator) ? 'ai.onnx.ml' : '',
    ),
  ]);

export const integerAttribute = (name: string, value: number | bigint): Part =>
  join([text(1, name), integer(3, value), integer(20, 2)]);
export const integers = (name: string, values: readonly (number | bigint)[]): Part =>
  join([text(1, name), ...values.map((value) => integer(8, value)), integer(20, 7)]);
export const floats = (name: string, values: readonly number[]): Part =>
  join([text(1, name), ...values.map((value) => float(7, value)), integer(20, 6)]);
export const strings = (name: string, values: readonly string[]): Part =>
  join([text(1, name), ...values.map((value) => text(9, value)), integer(20, 8)]);
export const textAttribute = (name: string, value: string): Part =>
  join([text(1, name), text(4, value), integer(20, 3)]);

/** A constant of floats or, with a type of 7, of integers. */
export const tensor = (
  name: string,
  dims: readonly number[],
  values: readonly number[],
  type = 1,
): Part =>
  join([
    ...dims.map((size) => integer(1, size)),
    integer(2, type),
    ...(type === 1
      ? values.map((value) => float(4, value))
      : values.map((value) => integer(7, value))),
    text(8, name),
  ]);

const names = ['X', 'X', 'X', 'c', 'k', 'm', 'i', 's', '', 'missing'];
const attributeNames = [
  ...['axis', 'to', 'norm', 'offset', 'scale', 'coefficients', 'intercepts', 'targets', 'transB'],
  ...['n_targets', 'post_transform', 'aggregate_function', 'base_values', 'classlabels_ints'],
  ...[
    'classlabels_int64s',
    'classlabels_strings',
    'cats_int64s',
    'cats_strings',
    'zeros',
    'threshold',
  ],
  ...['nodes_treeids', 'nodes_nodeids', 'nodes_featureids', 'nodes_modes', 'nodes_values'],
  ...['nodes_truenodeids', 'nodes_falsenodeids', 'target_ids', 'target_nodeids', 'target_treeids'],
  ...[
    'target_weights',
    'class_ids',
    'class_nodeids',
    'class_treeids',
    'class_weights',
    'min',
    'max',
  ],
  ...[
    'keys_strings',
    'keys_int64s',
    'keys_floats',
    'values_int64s',
    'values_floats',
    'values_strings',
  ],
  ...['support_vectors', 'kernel_type', 'kernel_params', 'rho', 'prob_a', 'prob_b'],
  ...['vectors_per_class', 'n_supports', 'one_class', 'axes', 'keepdims', 'perm', 'starts', 'ends'],
  ...['imputed_value_floats', 'replaced_value_float', 'tree_roots', '__proto__', 'constructor'],
];

/** A graph of operators that exist, on values of each other, with attributes of any kind. */
export function randomModel(random: Random): Part {
  const count = 1 + random.below(4);
  const number = () => random.pick([0, 1, 2, 3, -1, 0.5, 1e30, Number.NaN, Infinity, 2 ** 31, 7]);
  const whole = () =>
    random.pick([0, 0, 1, 1, 2, 3, -1, 7, 2 ** 31, 2 ** 53, -(2n ** 63n)] as const);
  const some = <T>(make: () => T) => Array.from({ length: random.below(5) }, make);
  const word = () =>
    random.pick([
      'LEAF',
      'BRANCH_LEQ',
      'BRANCH_GT',
      'NONE',
      'SOFTMAX',
      'LOGISTIC',
      'SUM',
      'RBF',
      'POLY',
      'L1',
      'ä',
      '',
    ]);
  const attribute = () => {
    const name = random.pick(attributeNames);
    return random.pick([
      () => integerAttribute(name, whole()),
      () => join([text(1, name), float(2, number()), integer(20, 1)]),
      () => textAttribute(name, word()),
      () => floats(name, some(number)),
      () => integers(name, some(whole)),
      () => strings(name, some(word)),
      () => join([text(1, name), bytes(5, tensor('', [2], [number(), number()])), integer(20, 4)]),
    ])();
  };
  const earlier = (i: number) => Array.from({ length: i }, (_, k) => `v${k}`);
  const nodes = Array.from({ length: count }, (_, i) =>
    node(
      random.pick(operatorNames),
      Array.from({ length: random.pick([0, 1, 1, 2, 2, 2, 3]) }, () =>
        random.below(3) === 0 ? random.pick(names) : random.pick(['X', ...earlier(i)]),
      ),
      [random.below(9) === 0 ? random.pick(names) : `v${i}`, ...some(() => `w${i}`).slice(0, 1)],
      ...some(attribute),
      ...(random.below(2) ? [integerAttribute('axis', 1)] : []),
    ),
  );
  const constants = [
    tensor('k', [2], [number(), 1]),
    tensor('m', [2, 3], [1, 2, 3, 4, 5, number()]),
    tensor('i', [2], [0, random.below(3)], 7),
    tensor('c', [1], [number()]),
    tensor('s', [3], [random.pick([-1, 0, 1, 2]), random.pick([-1, 1, 2]), 1], 7),
  ];
  return model(
    nodes,
    [`v${count - 1}`, ...some(() => `v${random.below(count)}`).slice(0, 1)],
    constants,
  );
}
