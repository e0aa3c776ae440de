import type { MethodName } from 'nuthatch';
import type { RowLimits } from '../rows.js';
import type { ServedModel } from '../served-model.js';
import { isItems } from '../signature/example-rows.js';
import { type Feature, type Signature, signatureOf } from '../signature/signature.js';
import { anyOf, arrayOf, number, object, type Piece, ref, text } from './schema.js';

/** What is told of one version of a model, where its schemas are found, and a row that it answers. */
export interface DocumentedModel {
  readonly served: ServedModel;
  readonly signature: Signature;
  /** The schemas of this model, by their names in the document. */
  readonly schemas: Piece;
  /** One row as a client writes it. */
  readonly row: Piece;
  /** Several rows. */
  readonly rows: Piece;
  /** All forms that the plain protocol takes. */
  readonly features: Piece;
  /** What a row is answered by the usual method. */
  readonly answer: Piece;
  answerOf(method: MethodName): Piece;
  /** The example row as a record, or as it is where there are no names. */
  readonly example: unknown;
}

/** @param key begins the names of its schemas */
export function documentModel(
  served: ServedModel,
  key: string,
  limits: RowLimits,
): DocumentedModel {
  const signature = signatureOf(served);
  const { features, methods, named, form, example } = signature;
  const most = Math.min(limits.rows, Math.floor(limits.cells / Math.max(1, features.length)));
  const cells = features.map(cellOf);
  const isCell = form === 'cells';
  const schemas: Record<string, Piece> = {
    [`${key}.row`]: isCell ? cells[0]! : rowOf(cells),
    ...(named && { [`${key}.record`]: recordOf(features, cells) }),
    [`${key}.answer`]: answerOf(served, methods[0]!),
  };
  const single = [`${key}.row`, ...(named ? [`${key}.record`] : [])].map(ref);
  const rows = anyOf(single.map((one) => arrayOf(one, { maxItems: most })));
  const alone = single.filter((_, i) => canBeAlone(served, features, i === 1));
  return {
    served,
    signature,
    schemas,
    row: anyOf(single),
    rows,
    features: anyOf([...alone, ...('anyOf' in rows ? (rows.anyOf as Piece[]) : [rows])]),
    answer: ref(`${key}.answer`),
    answerOf: (method) => answerOf(served, method),
    example:
      example && (isCell ? example.cells[0] : named ? toRecord(features, example) : example.cells),
  };
}

/** Whether one row may stand for itself: a list of lists is rows, and a record of lists a table. */
function canBeAlone({ description }: ServedModel, features: readonly Feature[], record: boolean) {
  if (description.input.type === 'text') return true;
  if (record) return !features.every(({ type }) => isItems(type));
  // What is not looked at may be anything.
  return features.length > 1 && !features.some(({ type }) => isItems(type) || type === 'unused');
}

const toRecord = (
  features: readonly Feature[],
  { cells }: { readonly cells: readonly unknown[] },
) => Object.fromEntries(features.map(({ name }, i) => [name, cells[i]]));

function rowOf(cells: readonly Piece[]): Piece {
  const size = { minItems: cells.length, maxItems: cells.length };
  const [first] = cells.map((cell) => JSON.stringify(cell));
  if (cells.every((cell) => JSON.stringify(cell) === first)) return arrayOf(cells[0] ?? {}, size);
  return { type: 'array', prefixItems: cells, ...size };
}

function recordOf(features: readonly Feature[], cells: readonly Piece[]): Piece {
  const names = features.map(({ name }) => name!);
  const needed = names.filter((_, i) => features[i]!.type !== 'unused');
  const properties = Object.fromEntries(
    names.map((name, i) => [name, features[i]!.type === 'unused' ? unused : cells[i]!]),
  );
  return object(properties, needed, { additionalProperties: false });
}

/** Lists that are longer help nobody who reads them. */
const mostValues = 1000;

function cellOf({ type, values, closed, gaps, bound }: Feature): Piece {
  const orNull = (name: string) => (gaps ? [name, 'null'] : name);
  if (type === 'unused') return unused;
  if (type === 'pairs' || type === 'list' || type === 'record') return itemsOf[type];
  if (values !== null && values.length <= mostValues) {
    const known = { enum: gaps ? [...values, null] : values };
    if (closed) return known;
    return { anyOf: [known, free(type, orNull, bound)] };
  }
  return free(type, orNull, bound);
}

function free(
  type: 'number' | 'boolean' | 'string',
  orNull: (name: string) => string | string[],
  bound: number,
): Piece {
  if (type === 'string') return { type: orNull('string') };
  // Truths are 0 and 1.
  return { type: ['number', 'boolean', ...[orNull('null')].flat().slice(1)], ...boundsOf(bound) };
}

const boundsOf = (bound: number): Piece =>
  Number.isFinite(bound) ? { exclusiveMinimum: -bound, exclusiveMaximum: bound } : {};

const unused: Piece = { description: 'is not looked at' };
const item: Piece = { type: ['number', 'boolean', 'string'] };
const itemsOf = {
  record: object({}, [], { additionalProperties: item }),
  pairs: arrayOf({ type: 'array', prefixItems: [text, item], minItems: 2, maxItems: 2 }),
  list: arrayOf({ type: ['string', 'number'] }),
} as const;

function answerOf(served: ServedModel, method: MethodName): Piece {
  const { model } = served;
  if (method === 'predict' && model.task === 'classifier') {
    const classes: readonly (readonly unknown[])[] = model.multiOutput
      ? model.classes
      : [model.classes];
    const labels = classes.map((own) => labelsOf(own, hasOutlierLabels(served)));
    const size = { minItems: labels.length, maxItems: labels.length };
    return model.multiOutput ? arrayOf(anyOf(labels), size) : labels[0]!;
  }
  const isNumber = ['score_samples', 'predict', 'predict_std'].includes(method);
  if (isNumber && !model.multiOutput) return number;
  if (method === 'transform')
    return anyOf([arrayOf({ type: ['number', 'string', 'boolean', 'null'] }), number]);
  if (method === 'predict_proba' && model.task === 'classifier' && !model.multiOutput) {
    const count = model.classes.length;
    return arrayOf(number, { minItems: count, maxItems: count });
  }
  return anyOf([number, arrayOf(number), arrayOf(arrayOf(number))]);
}

function labelsOf(classes: readonly unknown[], others: boolean): Piece {
  if (!others && classes.length <= mostValues) return { enum: classes };
  return { type: ['string', 'number', 'boolean', 'null'] };
}

/** Whether rows that are like none may be given a label that is no class. */
function hasOutlierLabels({ description }: ServedModel): boolean {
  let node: unknown = description.root;
  while (typeof node === 'object' && node !== null) {
    const { steps, node: inner, head } = node as Partial<Record<string, unknown>>;
    if (typeof head === 'object' && head !== null)
      return 'outlierLabels' in head && head.outlierLabels !== null;
    node = Array.isArray(steps) ? steps.at(-1) : inner;
  }
  return false;
}
