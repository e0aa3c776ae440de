import type { Node, Operation, UnionPart } from '../../src/ir/index.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { arithmetic, constant, elementwise } from './preprocessing.js';
import { chain, type Matrix, projection, readMatrix } from './projection.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const sparseCoder = 'sklearn.decomposition._dict_learning.SparseCoder';

/** sklearn.decomposition: rows as combinations of few atoms */
export const dictionaryLearningTable: LoweringTable = {
  'sklearn.decomposition._dict_learning.DictionaryLearning': lowerDictionary,
  'sklearn.decomposition._dict_learning.MiniBatchDictionaryLearning': lowerDictionary,
  [sparseCoder]: (coder) => lowerCode(coder, readDictionary(coder)),
};

/** The atoms of a SparseCoder, which is not fitted. */
export const readDictionary = (coder: Estimator): Matrix => readMatrix(coder, 'dictionary');

function lowerDictionary(learning: Estimator): Node {
  return lowerCode(learning, readMatrix(learning, 'components_', { columns: learning.features() }));
}

function lowerCode(coder: Estimator, atoms: Matrix): Node {
  const algorithm = coder.text('transform_algorithm');
  const positive = coder.flag('positive_code');
  if (algorithm === 'threshold')
    return splitSigns(
      coder,
      atoms,
      chain(projection(coder, atoms), shrink(coder, atoms, positive)),
    );
  if (algorithm !== 'omp')
    return coder.refuse(
      'transform_algorithm',
      `${algorithm} is not supported; omp and threshold are: others end where steps are small, and rounding decides`,
    );
  if (positive) coder.refuse('positive_code', 'scikit-learn refuses it with omp');
  const { values, rows, columns } = atoms;
  if (rows > 1024) coder.refuse('', `${rows} atoms are too many, at most 1024 are supported`);
  const asked = unwrapScalar(coder.get('transform_n_nonzero_coefs'));
  const share = Math.min(Math.max(columns / 10, 1), rows);
  const nonzeros = Math.trunc(asked === null ? share : Number(asked));
  if (!(nonzeros >= 1 && nonzeros <= rows))
    coder.refuse(
      'transform_n_nonzero_coefs',
      `expected 1 to ${rows}, found ${describePython(asked)}`,
    );
  return splitSigns(coder, atoms, {
    kind: 'pursuit',
    features: columns,
    outputs: rows,
    nonFinite: 'refuse',
    atoms: values,
    nonzeros,
  });
}

/** Products are brought nearer to 0. */
function shrink(coder: Estimator, { rows }: Matrix, positive: boolean): Node {
  const own = coder.maybe('transform_alpha');
  // Up to 1.1 the alpha of fitting was not used.
  const alpha = own === null && coder.since(1, 2) ? coder.maybe('alpha') : own;
  const threshold = alpha === null ? 1 : unwrapScalar(alpha);
  if (typeof threshold !== 'number' || !(threshold >= 0))
    return coder.refuse(
      'transform_alpha',
      `expected a number from 0, found ${describePython(alpha)}`,
    );
  const operations: Operation[] = [constant(coder, 'shrink', threshold, rows)];
  if (positive) operations.push(constant(coder, 'maximum', 0, rows));
  return elementwise(rows, 'any', operations);
}

/** Positive and negative amounts side by side, in float64, where that is asked for. */
function splitSigns(coder: Estimator, { rows }: Matrix, code: Node): Node {
  if (!coder.flag('split_sign')) return code;
  coder.make(2 * rows);
  const zeros = new Float64Array(rows);
  const part = (...operations: Operation[]): UnionPart<Node> => ({
    columns: null,
    node: elementwise(rows, 'any', operations, 'float64'),
  });
  const parts = [
    part(arithmetic('maximum', zeros)),
    part(arithmetic('minimum', zeros), { operation: 'negative' }),
  ];
  const steps = code.kind === 'pipeline' ? code.steps : [code];
  return chain(...steps, { kind: 'union', features: rows, parts, sparse: false });
}
