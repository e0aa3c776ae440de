import type { EncodeColumn, Node, UnionPart } from '../../src/ir/index.js';
import type { ImportedModel } from '../format.js';

/** The values of a column of categories, in the order of their codes: strings, or numbers. */
export type Names = readonly string[] | Float64Array;

/**
 * A model whose columns of categories are given as their values, as a DataFrame's are, and not as the codes that its trees know. A missing value is NaN to
 * them, and so is one that the model does not know if `unknown`; else that is an error.
 *
 * @param names of each feature; null of numbers
 */
export function withNames(
  model: ImportedModel,
  names: readonly (Names | null)[],
  unknown: boolean,
): ImportedModel {
  const { input, root } = model;
  if (input.type !== 'matrix' || names.every((one) => one === null)) return model;
  const encode: Node = {
    kind: 'union',
    features: input.features,
    parts: runsOf(names).map((columns): UnionPart<Node> => {
      const isNumber = names[columns[0]!] === null;
      return {
        columns,
        node: isNumber
          ? null
          : encoderOf(
              Array.from(columns, (i) => names[i]!),
              unknown,
            ),
      };
    }),
    sparse: false,
  };
  return {
    ...model,
    root: {
      kind: 'pipeline',
      steps: [encode, ...(root.kind === 'pipeline' ? root.steps : [root])],
    },
    input: {
      type: 'columns',
      columns: names.map((one, i) => ({
        name: input.names?.[i] ?? null,
        type: Array.isArray(one) ? 'string' : 'number',
        categories: null,
      })),
    },
  };
}

/** Columns of numbers, and of categories, that lie side by side. */
function runsOf(names: readonly (Names | null)[]): Uint32Array[] {
  const runs: number[][] = [];
  names.forEach((one, i) => {
    if (i > 0 && (names[i - 1] === null) === (one === null)) runs.at(-1)!.push(i);
    else runs.push([i]);
  });
  return runs.map((run) => Uint32Array.from(run));
}

const encoderOf = (all: readonly Names[], unknown: boolean): Node => ({
  kind: 'encode',
  features: all.length,
  nonFinite: 'any',
  type: 'float64',
  sparse: false,
  columns: all.map(
    (names): EncodeColumn => ({
      strings: Array.isArray(names) ? names : null,
      numbers: Array.isArray(names) ? null : (names as Float64Array),
      missing: true,
      unknown,
      width: 1,
      values: Float64Array.from({ length: names.length + 1 + Number(unknown) }, (_, code) =>
        code < names.length ? code : Number.NaN,
      ),
      marks: null,
    }),
  ),
});
