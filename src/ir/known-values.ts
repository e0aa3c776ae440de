import type { Node } from './node.js';

/** The values that a model's encoders know of a column. */
export interface Known {
  readonly values: readonly (string | number)[];
  /** Whether any other value is an error. */
  readonly closed: boolean;
}

/** Which column of the input each column of a value is; −1 where it is none of them. */
type Origins = readonly number[];

/** The columns behind a node, as far as they are known: its first ones, or all. */
interface Behind {
  readonly origins: Origins;
  readonly isWhole: boolean;
}

const whole = (origins: Origins): Behind => ({ origins, isWhole: true });
const nothing: Behind = { origins: [], isWhole: false };

/** The values known of each column of the input, as far as columns can be followed to an encoder; null where there is none. */
export function knownValues(root: Node, columns: number): readonly (Known | null)[] {
  const known = new Array<Known | null>(columns).fill(null);

  function visit(node: Node, origins: Origins): Behind {
    switch (node.kind) {
      case 'pipeline':
        return node.steps.reduce<Behind>((before, step) => {
          const behind = visit(step, before.origins);
          return { ...behind, isWhole: before.isWhole && behind.isWhole };
        }, whole(origins));
      case 'answers':
      case 'leaf-models':
        visit(node.node, origins);
        return nothing;
      case 'rounds':
        for (const part of node.parts) visit(part.node, pick(origins, part.columns));
        return whole(origins);
      case 'ensemble':
        for (const part of node.parts) visit(part.node, pick(origins, part.columns));
        return nothing;
      case 'union':
        return visitUnion(node.parts, origins);
      case 'select':
        return whole(pick(origins, node.columns));
      case 'impute':
      case 'donors':
      case 'elementwise':
      case 'curve':
      case 'center':
      case 'row-norm':
        return whole(origins);
      case 'encode':
        node.columns.forEach(({ strings, numbers, unknown }, i) => {
          const values = strings ?? (numbers && Array.from(numbers));
          const origin = origins[i] ?? -1;
          // The strictest of several encoders decides what a row may hold.
          if (origin === -1 || values === null || known[origin]?.closed) return;
          known[origin] = { values, closed: !unknown };
        });
        return whole(node.columns.flatMap(({ width }) => new Array<number>(width).fill(-1)));
      default:
        return nothing;
    }
  }

  function visitUnion(
    parts: readonly { readonly columns: Uint32Array | null; readonly node: Node | null }[],
    origins: Origins,
  ): Behind {
    const all: number[] = [];
    let isWhole = true;
    for (const { columns, node } of parts) {
      const seen = pick(origins, columns);
      const behind = node === null ? whole(seen) : visit(node, seen);
      // Behind a part of unknown width, columns have no known places.
      if (isWhole) for (const origin of behind.origins) all.push(origin);
      isWhole &&= behind.isWhole;
    }
    return { origins: all, isWhole };
  }

  visit(root, [...known.keys()]);
  return known;
}

const pick = (origins: Origins, columns: Uint32Array | null): Origins =>
  columns === null ? origins : Array.from(columns, (column) => origins[column] ?? -1);
