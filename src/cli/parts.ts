import {
  inputColumns,
  inputNames,
  type ModelDescription,
  type Node,
  outputOf,
  typeOfInput,
  typeOfPart,
  type ValueKind,
  type ValueType,
} from '../ir/index.js';

/** One part of a model, as `inspect` shows it. */
export interface Part {
  /** How many compositions it is inside of. */
  readonly depth: number;
  readonly kind: Node['kind'] | 'passthrough';
  /** What it does to each cell, one after another; null where it does anything else. */
  readonly operations: readonly string[] | null;
  /** Whether it takes what the part before it at this depth gives; else what its composition, or the model, does. */
  readonly follows: boolean;
  /** The columns that it is given of those before it, where they are not all: the input's by name, others by number. */
  readonly columns: readonly (string | number)[] | null;
  /** What it gives: a matrix, compressed rows or a table, and how wide. */
  readonly gives: { readonly kind: ValueKind; readonly columns: number };
}

type Place = Pick<Part, 'depth' | 'columns' | 'follows'>;

export interface Parts {
  /** In the order that rows pass them; those inside a composition follow it. */
  readonly parts: readonly Part[];
  /** How many categories the model knows of each column of its input; null where it knows none. */
  readonly categories: readonly (number | null)[];
}

/** Which column of the input each column of a value is; −1 where it is none of them. */
type Origins = readonly number[];

/** Follows the columns of the input through the parts of a model. */
export function listParts({ root, input }: ModelDescription): Parts {
  const names = inputNames(input);
  const parts: Part[] = [];
  const categories = new Array<number | null>(inputColumns(input)).fill(null);

  function visit(node: Node, given: ValueType, origins: Origins, place: Place): Origins {
    if (node.kind === 'pipeline') {
      let value = given;
      let seen = origins;
      node.steps.forEach((step, i) => {
        seen = visit(
          step,
          value,
          seen,
          i === 0 ? place : { ...place, columns: null, follows: true },
        );
        value = outputOf(step, value, 'model', Number.POSITIVE_INFINITY);
      });
      return seen;
    }
    const gives = outputOf(node, given, 'model', Number.POSITIVE_INFINITY);
    const operations =
      node.kind === 'elementwise' || node.kind === 'curve'
        ? node.operations.map(({ operation }) => operation)
        : null;
    add(node.kind, gives, place, operations);
    switch (node.kind) {
      case 'answers':
      case 'leaf-models':
        visit(node.node, given, origins, { depth: place.depth + 1, columns: null, follows: false });
        break;
      case 'rounds':
        for (const { columns, node: part } of node.parts) {
          const seen = Array.from(columns, (column) => origins[column]!);
          const chosen = seen.map((origin) => names?.[origin] ?? origin);
          const value = { kind: 'dense', columns: columns.length } as const;
          visit(part, value, seen, { depth: place.depth + 1, columns: chosen, follows: false });
        }
        return origins;
      case 'ensemble':
      case 'union': {
        const seen = node.parts.flatMap((part) => {
          const chosen = Array.from(part.columns ?? origins.keys());
          const seen = chosen.map((column) => origins[column]!);
          const inside = {
            depth: place.depth + 1,
            columns: part.columns && chosen.map((column, i) => names?.[seen[i]!] ?? column),
            follows: false,
          };
          const value = typeOfPart(part.columns, given);
          if (part.node !== null) return visit(part.node, value, seen, inside);
          add('passthrough', value, inside);
          return seen;
        });
        if (node.kind === 'union') return seen;
        break;
      }
      case 'select':
        return Array.from(node.columns, (column) => origins[column]!);
      case 'impute':
      case 'donors':
      case 'elementwise':
      case 'curve':
      case 'center':
      case 'row-norm':
        return origins;
      case 'encode':
        node.columns.forEach(({ strings, numbers }, i) => {
          const origin = origins[i]!;
          const known = strings ?? numbers;
          if (origin !== -1 && known)
            categories[origin] = Math.max(categories[origin] ?? 0, known.length);
        });
    }
    return new Array(gives.columns).fill(-1);
  }
  function add(
    kind: Part['kind'],
    { kind: sort, columns }: ValueType,
    place: Place,
    operations: Part['operations'] = null,
  ): void {
    parts.push({ kind, operations, ...place, gives: { kind: sort, columns } });
  }

  const start = { depth: 0, columns: null, follows: false };
  visit(root, typeOfInput(input), [...categories.keys()], start);
  return { parts, categories };
}
