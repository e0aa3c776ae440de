import { NuthatchError, quote } from '../../src/errors.js';
import {
  columnsOf,
  type GoldenColumns,
  type GoldenItems,
  type GoldenMatrix,
  type GoldenOutput,
  type GoldenPart,
  type GoldenSet,
  goldenCell,
  holdsStrings,
  type InputSpec,
  type ItemForm,
  inputColumns,
  inputNames,
  isItemForm,
  type TypedArray,
} from '../../src/ir/index.js';
import { numericType, toFloat64, toFloats, toRowFloats, toStrings } from '../sklearn/arrays.js';
import { attributesOf, isArray, isObject, sequenceItems } from '../sklearn/estimator.js';
import { describePython, type PyArray, type PyGlobal, type PyValue } from '../sklearn/python.js';
import type { SourceGoldenSet } from './read.js';

/** Cells that sparse rows may become with their zeros. */
const largestMatrix = 2 ** 24;

/** Rows without a cell: they take no bytes of a file. */
const mostEmptyRows = 2 ** 16;

/** Columns that hold a string in some golden row: their names, or, where they have none, their positions. */
export function stringColumns(sets: readonly SourceGoldenSet[]): Set<string | number> {
  const result = new Set<string | number>();
  const isString = (cell: PyValue) => typeof plainScalar(cell) === 'string';
  for (const { input } of sets) {
    if (input !== null && typeof input === 'object' && input.type === 'dict') {
      input.entries.forEach(([name, column], i) => {
        if (isArray(column) && (column.objects ?? toStrings(column) ?? []).some(isString))
          result.add(String(name)).add(i);
      });
    } else if (isArray(input) && input.shape.length === 2) {
      const cells = input.objects ?? toStrings(input) ?? [];
      cells.forEach((cell, i) => {
        if (isString(cell)) result.add(i % input.shape[1]!);
      });
    }
  }
  return result;
}

/** How many columns the rows have; null where no set says so. */
export function goldenColumns(sets: readonly SourceGoldenSet[]): number | null {
  for (const { input } of sets) {
    if (input === null || typeof input !== 'object') continue;
    if (input.type === 'dict') return input.entries.length;
    const shape = isArray(input) ? input.shape : shapeOfSparse(input);
    if (shape.length === 2 && shape[0]! > 0) return shape[1]!;
  }
  return null;
}

function shapeOfSparse(matrix: PyValue): number[] {
  const shape = isObject(matrix) ? attributesOf(matrix).get('_shape') : null;
  return (sequenceItems(shape ?? null) ?? []).filter((length) => typeof length === 'number');
}

/** A golden set in the IR's terms, for a model that takes `spec`. */
export function toGoldenSet(
  set: SourceGoldenSet,
  spec: InputSpec,
  environment: ReadonlyMap<string, string>,
): GoldenSet {
  const path = `golden set "${set.name}"`;
  const input = toInput(set, spec, path);
  return {
    name: set.name,
    input,
    outputs: set.outputs.flatMap(([method, value]) =>
      hasRows(value, input.rows) ? toOutput(method, value, `${path}, ${method}`) : [],
    ),
    environment: Object.assign(
      Object.create(null),
      Object.fromEntries([...environment, ...set.numerics]),
    ),
  };
}

function toInput({ inputType, input }: SourceGoldenSet, spec: InputSpec, path: string) {
  if (inputType === 'columns') return toColumns(input, spec, path);
  if (inputType === 'sparse') return toMatrix(input, path);
  const columns = columnsOf(spec);
  const form = columns?.length === 1 ? columns[0]!.type : 'number';
  if (isItemForm(form)) {
    const cells = rowsOfItems(input, path);
    const values = [toItems(form, cells, path)];
    return { type: 'columns', rows: cells.length, columns: 1, values } as GoldenColumns;
  }
  if (inputType !== 'matrix' && inputType !== 'text')
    throw new NuthatchError('unsupported', path, `rows of the unknown type ${quote(inputType)}`);
  if (!isArray(input)) throw new NuthatchError('malformed', path, 'the rows are no array');
  const { shape } = input;
  const data = shape.length === 2 ? toRowFloats(input) : null;
  if (data !== null)
    return { type: 'matrix', rows: shape[0]!, columns: shape[1]!, data } as GoldenMatrix;
  // An array of objects, or one string a row.
  const rows = shape[0]!;
  const width = shape[1] ?? 1;
  const cells = input.objects ?? toStrings(input);
  if (shape.length < 1 || shape.length > 2 || cells === null || width !== inputColumns(spec))
    throw new NuthatchError('malformed', path, 'the rows are not those of this model');
  const values = Array.from({ length: width }, (_, col) =>
    toColumn(
      Array.from({ length: rows }, (_row, row) => cells[row * width + col]!),
      spec,
      col,
      `${path}, column ${col}`,
    ),
  );
  return { type: 'columns', rows, columns: width, values } as GoldenColumns;
}

/** Cells of items: a list of them, or an array's rows, which have as many items each. */
function rowsOfItems(input: PyValue, path: string): readonly PyValue[] {
  const cells = isArray(input) ? (input.objects ?? toStrings(input) ?? toFloat64(input)) : null;
  if (cells === null || !isArray(input)) return sequenceItems(input) ?? [];
  const [rows = 0, width = 1] = input.shape;
  if (width === 0 && rows > mostEmptyRows)
    throw new NuthatchError('limit-exceeded', path, `${rows} rows of nothing`);
  const items = Array.from<PyValue>(cells);
  return Array.from({ length: rows }, (_, row) => ({
    type: 'list',
    items: items.slice(row * width, (row + 1) * width),
  }));
}

/** A table by column name. */
function toColumns(input: PyValue, spec: InputSpec, path: string): GoldenColumns | GoldenMatrix {
  const entries =
    input !== null && typeof input === 'object' && input.type === 'dict' ? input.entries : [];
  const found = new Map(entries);
  const names = inputNames(spec) ?? [...found.keys()];
  if (names.length !== inputColumns(spec))
    throw new NuthatchError('malformed', path, 'the columns are not those of this model');
  let rows = 0;
  const values = names.map((name, col) => {
    const place = `${path}, column ${quote(String(name))}`;
    const array = found.get(name) ?? null;
    if (!isArray(array) || array.shape.length !== 1)
      throw new NuthatchError('malformed', place, 'the set has no such column');
    rows = array.shape[0]!;
    const cells = array.objects ?? toRowFloats(array) ?? toStrings(array);
    return toColumn(cells ?? [], spec, col, place);
  });
  if (
    values.some((column) => ('form' in column ? column.starts.length - 1 : column.length) !== rows)
  )
    throw new NuthatchError('malformed', path, 'the columns differ in length');
  if (spec.type === 'columns') return { type: 'columns', rows, columns: values.length, values };
  const single = values.every((column) => column instanceof Float32Array);
  const data = new (single ? Float32Array : Float64Array)(rows * values.length);
  values.forEach((column, col) => {
    for (let row = 0; row < rows; row++)
      data[row * values.length + col] = goldenCell(column, row) as number;
  });
  return { type: 'matrix', rows, columns: values.length, data };
}

/** One column as its type in the model has it. None and NaN are missing. */
function toColumn(
  cells: ArrayLike<PyValue>,
  spec: InputSpec,
  col: number,
  path: string,
): Float64Array | Float32Array | (string | null)[] | GoldenItems {
  if (cells instanceof Float64Array || cells instanceof Float32Array) return cells;
  const column = columnsOf(spec)?.[col] ?? null;
  if (column !== null && isItemForm(column.type)) return toItems(column.type, cells, path);
  const all = Array.from(cells, plainScalar);
  if (column?.type === 'unused') return new Float64Array(all.length).fill(Number.NaN);
  const texts = column !== null && holdsStrings(column);
  const missing = (cell: PyValue) =>
    cell === null || Number.isNaN(cell) || (isGlobal(cell) && cell.name === 'pandas.NA');
  const result = all.map((cell) => {
    if (missing(cell)) return null;
    const fits = texts
      ? typeof cell === 'string'
      : typeof cell === 'number' || typeof cell === 'boolean';
    if (fits) return cell as string | number | boolean;
    throw new NuthatchError('unsupported', path, `a cell that is ${describePython(cell)}`);
  });
  return texts
    ? (result as (string | null)[])
    : Float64Array.from(result, (cell) => (cell === null ? Number.NaN : Number(cell)));
}

/** Cells of items, each a dict, or a list of pairs or of names. */
function toItems(form: ItemForm, cells: ArrayLike<PyValue>, path: string): GoldenItems {
  const fail = (value: PyValue): never => {
    throw new NuthatchError('unsupported', path, `an item that is ${describePython(value)}`);
  };
  const starts = [0];
  const names: (string | number)[] = [];
  const numbers: number[] = [];
  const strings: (string | readonly string[] | null)[] = [];
  for (const cell of Array.from(cells)) {
    const entries =
      form === 'record' && cell !== null && typeof cell === 'object' && cell.type === 'dict'
        ? cell.entries
        : (itemsOf(cell) ?? fail(cell)).map((item) =>
            form === 'list' ? [item, 1] : (sequenceItems(item) ?? fail(item)),
          );
    for (const [key, given] of entries as [PyValue, PyValue][]) {
      const name = plainScalar(key);
      const value = plainScalar(given ?? null);
      const list = itemsOf(value);
      if (typeof name === 'boolean') names.push(Number(name));
      else if (typeof name === 'string' || typeof name === 'number') names.push(name);
      else fail(key);
      const isNumber = typeof value === 'number' || typeof value === 'boolean';
      numbers.push(isNumber ? Number(value) : Number.NaN);
      if (typeof value === 'string') strings.push(value);
      else if (list?.every((one) => typeof one === 'string')) strings.push(list as string[]);
      else if (isNumber || value === null) strings.push(null);
      else fail(value);
    }
    starts.push(names.length);
  }
  const isText = names.every((name) => typeof name === 'string');
  if (!isText && names.some((name) => typeof name === 'string'))
    throw new NuthatchError('unsupported', path, 'names beside numbers');
  return {
    form,
    starts: Uint32Array.from(starts),
    names: isText ? (names as string[]) : Float64Array.from(names as number[]),
    numbers: form === 'list' ? null : Float64Array.from(numbers),
    strings: form === 'list' ? null : strings,
  };
}

/** The items of a list, tuple, set or array. */
function itemsOf(value: PyValue): readonly PyValue[] | null {
  if (value === null || typeof value !== 'object') return null;
  if (value.type === 'set' || value.type === 'frozenset') return value.items;
  return sequenceItems(value) ?? (isArray(value) ? toStrings(value) : null);
}

/** A numpy scalar as what it holds. */
function plainScalar(cell: PyValue): PyValue {
  if (!isArray(cell) || cell.shape.length !== 0) return cell;
  return toFloat64(cell)?.[0] ?? toStrings(cell)?.[0] ?? cell;
}

function isGlobal(cell: PyValue): cell is PyGlobal {
  return cell !== null && typeof cell === 'object' && cell.type === 'global';
}

/** A scipy matrix of compressed rows, with its zeros. */
function toMatrix(input: PyValue, path: string): GoldenMatrix {
  const fail = (): never => {
    throw new NuthatchError('malformed', path, 'the rows are no compressed rows of numbers');
  };
  if (!isObject(input)) return fail();
  const state = attributesOf(input);
  const array = (name: string) => {
    const value = state.get(name) ?? null;
    return (isArray(value) ? toFloats(value) : null) ?? fail();
  };
  const [rows, columns] = (sequenceItems(state.get('_shape') ?? null) ?? fail()) as number[];
  const [data, indices, indptr] = [array('data'), array('indices'), array('indptr')];
  const whole = Number.isInteger(rows) && Number.isInteger(columns) && rows! > 0 && columns! > 0;
  if (!whole || rows! * columns! > largestMatrix || indptr.length !== rows! + 1) return fail();
  const result = new (data instanceof Float32Array ? Float32Array : Float64Array)(rows! * columns!);
  for (let row = 0; row < rows!; row++) {
    for (let i = indptr[row]!; i < Math.min(indptr[row + 1]!, data.length); i++) {
      if (!(indices[i]! < columns!)) fail();
      result[row * columns! + indices[i]!] = data[i]!;
    }
  }
  return { type: 'matrix', rows: rows!, columns: columns!, data: result };
}

/** Whether an answer has a row for each row: `transform` of a voting classifier that is not flat has a matrix for each estimator. */
function hasRows(value: PyValue, rows: number): boolean {
  return !isArray(value) || value.shape.length < 3 || value.shape[0] === rows;
}

function toOutput(method: string, value: PyValue, path: string): GoldenOutput {
  if (isArray(value)) return { method, list: false, parts: [toPart(value, path)] };
  const items = sequenceItems(value);
  if (items === null)
    throw new NuthatchError('malformed', path, 'expected an array or a list of arrays');
  return { method, list: true, parts: items.map((item) => toPart(item, path)) };
}

function toPart(value: PyValue, path: string): GoldenPart {
  if (!isArray(value)) throw new NuthatchError('malformed', path, 'expected an array');
  const values = toStrings(value) ?? narrowNumbers(value);
  if (values !== null) return { shape: inRows(value.shape), values, strings: null };
  const mixed = value.objects === null ? null : value.objects.map(plainScalar);
  if (mixed === null || !mixed.every(isCell))
    throw new NuthatchError(
      'malformed',
      path,
      'expected numbers or strings that JavaScript can hold',
    );
  return {
    shape: value.shape,
    values: Float64Array.from(mixed, (cell) =>
      typeof cell === 'number' || typeof cell === 'boolean' ? Number(cell) : Number.NaN,
    ),
    strings: mixed.map((cell) => (typeof cell === 'string' ? cell : null)),
  };
}

/** The shape of an array whose rows are laid flat: a boosted classifier's leaves have three dimensions. */
function inRows(shape: readonly number[]): readonly number[] {
  const [rows, ...others] = shape;
  return others.length < 2 ? shape : [rows!, others.reduce((a, b) => a * b)];
}

function isCell(value: PyValue): boolean {
  return (
    value === null || typeof value !== 'object' || (isGlobal(value) && value.name === 'pandas.NA')
  );
}

/** Floats as they are, integers as int32 where they fit. */
function narrowNumbers(array: PyArray): TypedArray | null {
  const type = numericType(array.dtype);
  const values = toFloat64(array);
  if (values === null || type === null) return null;
  if (type === 'bool') return Uint8Array.from(values);
  if (type.startsWith('float')) return type === 'float32' ? Float32Array.from(values) : values;
  return values.every((value) => (value | 0) === value) ? Int32Array.from(values) : values;
}
