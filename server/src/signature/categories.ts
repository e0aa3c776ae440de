import type { RunnableModel } from 'nuthatch';

type Node = RunnableModel['root'];

/** The values that a model's encoders know of a column. */
export interface Known {
  readonly values: readonly (string | number)[];
  /** Whether any other value is an error. */
  readonly closed: boolean;
}

/** Which column of the input each column of a value is; −1 where it is none of them. */
type Origins = readonly number[];

/** The values known of each column of the input, as far as columns can be followed to an encoder; null where there is none. */
export function knownValues(root: Node, columns: number): readonly (Known | null)[] {
  const known = new Array<Known | null>(columns).fill(null);

  /** What columns are behind a node; nothing is known of those that are left out. */
  function visit(node: Node, origins: Origins): Origins {
    switch (node.kind) {
      case 'pipeline':
        return node.steps.reduce((seen, step) => visit(step, seen), origins);
      case 'answers':
      case 'leaf-models':
        visit(node.node, origins);
        return [];
      case 'rounds':
        for (const part of node.parts) visit(part.node, pick(origins, part.columns));
        return origins;
      case 'ensemble':
        for (const part of node.parts) visit(part.node, pick(origins, part.columns));
        return [];
      case 'union':
        return visitUnion(node.parts, origins);
      case 'select':
        return pick(origins, node.columns);
      case 'impute':
      case 'donors':
      case 'elementwise':
      case 'curve':
      case 'center':
      case 'row-norm':
        return origins;
      case 'encode':
        node.columns.forEach(({ strings, numbers, unknown }, i) => {
          const values = strings ?? (numbers && Array.from(numbers));
          const origin = origins[i] ?? -1;
          // The strictest of several encoders decides what a row may hold.
          if (origin === -1 || values === null || known[origin]?.closed) return;
          known[origin] = { values, closed: !unknown };
        });
        return [];
      default:
        return [];
    }
  }

  function visitUnion(
    parts: readonly { readonly columns: Uint32Array | null; readonly node: Node | null }[],
    origins: Origins,
  ): Origins {
    const all: number[] = [];
    let placed = true;
    for (const { columns, node } of parts) {
      const seen = pick(origins, columns);
      const behind = node === null ? seen : visit(node, seen);
      // Behind a part of unknown width, columns have no known places.
      if (behind.length < seen.length) placed = false;
      if (placed) all.push(...behind);
    }
    return all;
  }

  visit(root, [...known.keys()]);
  return known;
}

const pick = (origins: Origins, columns: Uint32Array | null): Origins =>
  columns === null ? origins : Array.from(columns, (column) => origins[column] ?? -1);
