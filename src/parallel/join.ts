import { type DecisionPath, Matrix, SparseMatrix } from '../result.js';

type Numbers = Float64Array | Int32Array;
type PlainMatrix = Pick<Matrix<Numbers>, 'data' | 'rows' | 'cols'>;
type PlainSparse = Pick<SparseMatrix, 'data' | 'indices' | 'indptr' | 'rows' | 'cols'>;

/** What a method would have given to all rows, of what it gave to one part of them after another. Sent between threads, matrices have lost their class. */
export function joinAnswers(parts: readonly unknown[]): unknown {
  const [first] = parts;
  if (ArrayBuffer.isView(first)) return joinArrays(parts as Numbers[]);
  if (Array.isArray(first)) {
    // Rows of cells, or a matrix for each output.
    if (Array.isArray(first[0])) return (parts as unknown[][]).flat();
    return first.map((_, output) => joinMatrices(parts.map((part) => (part as never[])[output]!)));
  }
  if ('treeStarts' in (first as object)) return joinPaths(parts as DecisionPath[]);
  if ('indptr' in (first as object)) {
    const { data, indices, indptr } = joinRows(parts as PlainSparse[]);
    return new SparseMatrix(data, indices, indptr, (first as PlainSparse).cols);
  }
  return joinMatrices(parts as PlainMatrix[]);
}

function joinArrays<T extends Numbers>(parts: readonly T[]): T {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const joined = new (first!.constructor as Float64ArrayConstructor)(total) as T;
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function joinMatrices(parts: readonly PlainMatrix[]): Matrix<Numbers> {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return new Matrix(joinArrays(parts.map(({ data }) => data)), rows, parts[0]!.cols);
}

const joinPaths = (parts: readonly DecisionPath[]): DecisionPath => ({
  ...parts[0]!,
  ...joinCompressed(parts),
  rows: parts.reduce((sum, { rows }) => sum + rows, 0),
});

const joinRows = (parts: readonly PlainSparse[]) => ({
  data: joinArrays(parts.map(({ data }) => data)),
  ...joinCompressed(parts),
});

/** Compressed rows but for their cells. */
function joinCompressed(parts: readonly Pick<PlainSparse, 'indices' | 'indptr'>[]) {
  let cells = 0;
  const ends = parts.map(({ indptr }, part) => {
    const before = cells;
    cells += indptr[indptr.length - 1]!;
    return indptr.subarray(part === 0 ? 0 : 1).map((end) => end + before);
  });
  return { indices: joinArrays(parts.map(({ indices }) => indices)), indptr: joinArrays(ends) };
}
