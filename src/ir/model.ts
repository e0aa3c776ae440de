import { type Fields, fail, fieldsOf, list, map, optional, readAll, text } from './fields.js';
import { type GoldenSet, readStrings, validateGolden } from './golden.js';
import { inputColumns } from './input.js';
import { defaultLimits, type Limits } from './limits.js';
import { type RunnableModel, validateRunnable } from './runnable.js';

/** A whole model as plain data: what every importer produces and `.nut` stores. */
export interface ModelDescription extends RunnableModel {
  readonly provenance: Provenance;
  readonly golden: readonly GoldenSet[];
  /** Statistics of the training rows, for drift. Reserved: kept as it is, not yet interpreted. */
  readonly reference: Readonly<Record<string, unknown>> | null;
}

/** Where a model comes from. All of it is information for people; nothing depends on it. */
export interface Provenance {
  /** The library that trained the model, e.g. `scikit-learn`. */
  readonly library: string;
  readonly libraryVersion: string;
  /** The source's own name of the model's class. */
  readonly className: string;
  /** The format that the model was imported from. */
  readonly format: string;
  /** `sha256:` and the hex digest of the imported bytes; null where it could not be made. */
  readonly digest: string | null;
  /** The time that the source states, ISO 8601; never the clock of the conversion. */
  readonly time: string | null;
  /** The importing nuthatch version. */
  readonly nuthatch: string;
  /** A person's own notes. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Checks untrusted plain data and returns it as a model; throws `invalid-model` naming the place. */
export function validateModel(value: unknown, limits: Limits = defaultLimits): ModelDescription {
  const f = fieldsOf(value, 'model', limits);
  const { root, input } = validateRunnable(value, limits);
  const columns = inputColumns(input);
  const set = map((own) => {
    const golden = validateGolden(own);
    if (golden.input.columns !== columns) fail(own, 'input.columns', `expected ${columns}`);
    return golden;
  });
  return {
    root,
    input,
    ...readAll(f, {
      provenance: map(validateProvenance),
      golden: list(set),
      reference: optional(map((reference) => reference.map)),
    }),
  };
}

const validateProvenance = (f: Fields): Provenance =>
  readAll(f, {
    library: text,
    libraryVersion: text,
    className: text,
    format: text,
    digest: optional(text),
    time: optional(text),
    nuthatch: text,
    metadata: readStrings,
  });
