import type { Input, MethodName } from 'nuthatch';
import { knownValues } from 'nuthatch/ir';
import { answer, type RowAnswer, usualMethod } from '../answer.js';
import type { ServedModel } from '../served-model.js';
import { exampleRows } from './example-rows.js';
import { type Accepts, probe } from './probe.js';

/** A column of a model's input, as a client needs to know it. */
export interface Feature {
  /** null where the model was fitted without names. */
  readonly name: string | null;
  /** `record`, `pairs` and `list` are cells of several items; an `unused` column may hold anything, or be left out. */
  readonly type: 'number' | 'boolean' | 'string' | 'record' | 'pairs' | 'list' | 'unused';
  /** Values that the model knows; null where it takes any. */
  readonly values: readonly (string | number)[] | null;
  /** Whether other values than those are refused. */
  readonly closed: boolean;
  /** Whether a cell may be missing. */
  readonly gaps: boolean;
  /** Numbers lie between − and + this, which may be infinity. */
  readonly bound: number;
}

/** What a model takes and gives. */
export interface Signature {
  /** Rows of cells; or one cell each, such as a text. */
  readonly form: 'rows' | 'cells';
  readonly named: boolean;
  readonly features: readonly Feature[];
  /** The methods that are served, the usual one first. */
  readonly methods: readonly MethodName[];
  /** A row that the model answers, cell by cell, and how; null where none was found. */
  readonly example: { readonly cells: readonly unknown[]; readonly answer: RowAnswer } | null;
}

const signatures = new WeakMap<ServedModel, Signature>();

/** What a model takes and gives: found out once, when somebody first asks. */
export function signatureOf(served: ServedModel): Signature {
  const known = signatures.get(served);
  if (known !== undefined) return known;
  const signature = findSignature(served);
  signatures.set(served, signature);
  return signature;
}

function findSignature(served: ServedModel): Signature {
  const { description, model } = served;
  const { input } = description;
  const usual = usualMethod(model);
  const known = knownValues(description.root, model.nFeatures);
  const described = known.map((found, i) => {
    const column = input.type === 'columns' ? input.columns[i]! : null;
    const type = input.type === 'text' ? 'string' : (column?.type ?? 'number');
    return {
      name: model.featureNames?.[i] ?? null,
      type: type === 'category' ? ('string' as const) : type,
      values: found?.values ?? column?.categories ?? null,
      closed: found?.closed ?? true,
    };
  });
  const isAlone = model.nFeatures === 1 && model.featureNames === null && input.type !== 'matrix';
  const form = isAlone ? 'cells' : 'rows';
  const accepts: Accepts = (cells) => {
    try {
      return answer(served, usual, [form === 'cells' ? cells[0] : cells] as Input)[0]!;
    } catch {
      return null;
    }
  };
  const tried = exampleRows(description, described)
    .slice(0, mostTried)
    .map((cells) => ({ cells, answer: accepts(cells) }));
  const example = tried.find((one) => one.answer !== null);
  const methods = model.methods.filter((method) => method !== 'decision_path' && method !== usual);
  return {
    form,
    named: model.featureNames !== null,
    features: probe(described, example?.cells ?? null, accepts),
    methods: [usual, ...methods],
    example: example === undefined ? null : { cells: example.cells, answer: example.answer! },
  };
}

const mostTried = 20;
