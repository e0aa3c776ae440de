import { headOf } from './answering.js';
import {
  type Fields,
  finite,
  indices,
  readAll,
  readOutputs,
  starts,
  type UintArray,
  uintTypes,
} from './fields.js';
import { type Head, headColumns, readHead } from './head.js';
import { type PartReader, scores } from './rules.js';
import { denseOnly, type Own, type ValueType } from './value.js';

/** Trees that have linear models in their leaves, added up: LightGBM's linear trees. */
export interface LeafModels<Part> {
  readonly kind: 'leaf-models';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the raw scores. */
  readonly outputs: number;
  /** What chooses models: a part with a head, whose raw scores are their numbers, a column for each tree. */
  readonly node: Part;
  /** The column of the raw scores that each tree adds to, [trees]. */
  readonly treeOutputs: UintArray;
  /** What each model's products are added to, one after another, [models]. */
  readonly constants: Float64Array;
  /** Where each model's products begin, and the number of products: [models + 1]. */
  readonly starts: Uint32Array;
  /** The column of each product, [products]. */
  readonly columns: UintArray;
  /** What the column is multiplied by, [products]. */
  readonly coefficients: Float64Array;
  /** What each model gives where one of its columns is NaN, [models]. */
  readonly gaps: Float64Array;
  readonly head: Head;
}

export const leafModelsRules = {
  kind: 'leaf-models',
  takesAny: true,
  takes: denseOnly,
  validate<Part>(f: Fields, features: number, inside: PartReader<Part>): Own<LeafModels<Part>> {
    const outputs = readOutputs(f);
    const own = readAll(f, {
      node: inside('must'),
      constants: finite(),
      coefficients: finite(),
    });
    const { length: models } = own.constants;
    const { length: products } = own.coefficients;
    return {
      outputs,
      ...own,
      ...readAll(f, {
        treeOutputs: indices(outputs, uintTypes, headColumns(headOf(own.node)!)),
        starts: starts(models, models, products),
        columns: indices(features, uintTypes, products),
        gaps: finite(models),
        head: readHead(outputs),
      }),
    };
  },
  gives<Part>(
    node: LeafModels<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
  ): ValueType {
    outputOf(node.node, given, `${path}.node`);
    return scores(node);
  },
} as const;
