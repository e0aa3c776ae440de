import { refuse } from '../errors.js';
import type { Fields } from './fields.js';
import {
  type CellType,
  cellsType,
  isItemForm,
  type Own,
  typeOfColumn,
  type ValueKind,
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
  takes: (): readonly ValueKind[] => ['dense', 'sparse', 'columns'],
  validate<Part>(
    f: Fields,
    features: number,
    inside: (value: unknown, path: string) => Part,
  ): Own<Union<Part>> {
    const parts = f.notEmpty('parts', f.maps('parts')).map((part) => {
      const columns = part.optional('columns', part.indices<'uint32'>, features);
      const node = part.optional('node', (name) => inside(part.get(name), `${part.path}.${name}`));
      return { columns, node };
    });
    return { parts, sparse: f.flag('sparse') };
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
    if (types.some(isItemForm)) refuse('invalid-model', path, 'hands on items');
    if (!sparse) return cellsType(types);
    if (types.includes('string')) refuse('invalid-model', path, 'strings in compressed rows');
    return { kind: 'sparse', columns: types.length };
  },
} as const;

/** What a part is given of a value. */
export const typeOfPart = (columns: Uint32Array | null, given: ValueType): ValueType =>
  columns === null
    ? given
    : given.kind === 'columns'
      ? cellsType(Array.from(columns, (column) => typeOfColumn(given, column)))
      : { kind: given.kind, columns: columns.length };
