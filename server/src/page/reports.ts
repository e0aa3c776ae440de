/** What the page is told: types that the browser's part shares. */

/** `GET /ui/models` */
export interface ModelList {
  readonly models: readonly {
    readonly name: string;
    /** In their order; the last is the newest. */
    readonly versions: readonly string[];
  }[];
  /** Whether drift is measured, and routes described. */
  readonly drift: boolean;
  readonly docs: boolean;
}

/** A column of a model's input. */
export interface PageFeature {
  /** null where the model was fitted without names. */
  readonly name: string | null;
  readonly type: 'number' | 'boolean' | 'string' | 'record' | 'pairs' | 'list' | 'unused';
  /** Values that the model knows; null where it takes any. */
  readonly values: readonly (string | number)[] | null;
  /** Whether other values than those are refused. */
  readonly closed: boolean;
  /** Whether a cell may be missing. */
  readonly gaps: boolean;
  /** Smallest and largest of the training rows; null where that is not known. */
  readonly range: readonly [number, number] | null;
}

/** `GET /ui/models/NAME/versions/V` */
export interface PageModel {
  readonly name: string;
  readonly version: string;
  readonly className: string;
  readonly task: string;
  readonly digest: string;
  /** Rows of cells; or one cell each, such as a text. */
  readonly form: 'rows' | 'cells';
  /** Columns, of which `features` are the first. */
  readonly columns: number;
  readonly features: readonly PageFeature[];
  /** scikit-learn's names of what it can be asked, the usual one first. */
  readonly methods: readonly string[];
  /** Of a classifier: its classes, of each output. */
  readonly classes: readonly (readonly unknown[])[] | null;
  /** Rows to try, cell by cell, and where they come from. */
  readonly examples: readonly (readonly unknown[])[];
  readonly exampleSource: 'golden' | 'training' | 'made-up';
}

type Measured = readonly (number | null)[];

/** `GET /ui/statistics`: of each moment the requests that were answered since the one before. */
export interface TrafficReport {
  /** Milliseconds since 1970. */
  readonly time: readonly number[];
  /** Each second. */
  readonly requests: Measured;
  readonly rows: Measured;
  readonly errors: Measured;
  /** Milliseconds below which the half, 95 and 99 of a hundred requests took; null without one. */
  readonly p50: Measured;
  readonly p95: Measured;
  readonly p99: Measured;
  /** At that moment: requests, and bytes. */
  readonly inFlight: Measured;
  readonly memory: Measured;
  /** Since the server began. */
  readonly errorCodes: readonly (readonly [code: string, count: number])[];
}
