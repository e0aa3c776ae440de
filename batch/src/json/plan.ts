import { type Model, NuthatchError } from 'nuthatch';
import type { Kept } from '../csv/plan.js';
import { featuresOf } from '../features.js';

/** How rows are made of JSON: elements of an array, or one value a line. */
export interface JsonPlan {
  readonly format: 'json' | 'ndjson';
  /** Names of the model's columns; null where it has none. */
  readonly names: readonly string[] | null;
  readonly kept: readonly { readonly name: string; readonly type: 'mixed' }[];
}

export function planJson(format: JsonPlan['format'], model: Model, kept: Kept): JsonPlan {
  // Which names all records together have is known at their end.
  if (kept === 'all')
    throw new NuthatchError(
      'usage',
      '',
      '--columns all is for files with columns; of JSON, name them',
    );
  const beside = kept.map((name) => ({ name, type: 'mixed' as const }));
  return { format, names: featuresOf(model).names, kept: beside };
}
