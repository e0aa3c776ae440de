import { refuse } from '../errors.js';
import {
  type Fields,
  flag,
  indices,
  invalid,
  list,
  map,
  optional,
  type Reader,
  readAll,
  sized,
} from './fields.js';
import type { PartReader } from './rules.js';
import {
  anyKind,
  type CellType,
  cellsType,
  isItemForm,
  type Own,
  typeOfColumn,
  type ValueType,
} from './value.js';

/** Parts side by side, each on columns of its own choice. ColumnTransformer and FeatureUnion. */
export interface Union<Part> {
  readonly kind: 'union';
  /** Columns of the input. */
  readonly features: number;
  readonly parts: readonly UnionPart<Part>[];
  /** Whether the result is sparse. */
  readonly sparse: boolean;
}

export interface UnionPart<Part> {
  /** The input's columns that the part sees, in this order; null for all. */
  readonly columns: Uint32Array | null;
  /** What is made of them; null hands them on. */
  readonly node: Part | null;
}

export const unionRules = {
  kind: 'union',
  takesAny: true,
  takes: anyKind,
  validate<Part>(f: Fields, features: number, inside: PartReader<Part>): Own<Union<Part>> {
    const part = map((own) =>
      readAll(own, { columns: readColumns(features), node: optional(inside()) }),
    );
    return readAll(f, { parts: sized(list(part), 1, Infinity), sparse: flag });
  },
  gives<Part>(
    { parts, sparse }: Union<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
    widest: number,
  ): ValueType {
    const types: CellType[] = [];
    parts.forEach(({ columns, node }, i) => {
      const seen = typeOfPart(columns, given);
      const gives = node === null ? seen : outputOf(node, seen, `${path}.parts[${i}].node`);
      if (types.length + gives.columns > widest)
        refuse('limit-exceeded', path, `gives more than ${widest} columns`);
      for (let column = 0; column < gives.columns; column++)
        types.push(typeOfColumn(gives, column));
    });
    if (types.some(isItemForm)) invalid(path, 'hands on items');
    if (!sparse) return cellsType(types);
    if (types.includes('string')) invalid(path, 'strings in compressed rows');
    return { kind: 'sparse', columns: types.length };
  },
} as const;

/** The columns that a part sees; null for all. */
export const readColumns = (features: number): Reader<Uint32Array | null> =>
  optional(indices(features));

/** What a part is given of a value. */
export const typeOfPart = (columns: Uint32Array | null, given: ValueType): ValueType =>
  columns === null
    ? given
    : given.kind === 'columns'
      ? cellsType(Array.from(columns, (column) => typeOfColumn(given, column)))
      : { kind: given.kind, columns: columns.length };

/** Throws where parts do not take what they see of a value. */
export function checkParts<Part>(
  parts: readonly { readonly columns: Uint32Array | null; readonly node: Part }[],
  given: ValueType,
  path: string,
  outputOf: (part: Part, given: ValueType, path: string) => ValueType,
): void {
  parts.forEach(({ columns, node }, i) => {
    outputOf(node, typeOfPart(columns, given), `${path}.parts[${i}].node`);
  });
}
