import type { Input } from 'nuthatch';
import { type CountedCell, readCells, readReference } from 'nuthatch/reference';
import type { Answered } from '../context.js';
import type { ServedModel } from '../served-model.js';
import type { DriftOptions } from './options.js';
import { describeWindow, reportSeries, type SeriesReport } from './report.js';
import { type Series, seriesOf } from './series.js';
import { absent, Window } from './window.js';

/** What is known of a model's drift. */
export interface DriftReport {
  readonly model: string;
  readonly version: string;
  /** `no-reference`: its file holds no statistics of training rows; `few-rows`: too few came. */
  readonly status: 'no-reference' | 'few-rows' | 'stable' | 'moderate' | 'large';
  readonly trainingRows: number | null;
  readonly window: { readonly rows: number; readonly since: string | null } | null;
  readonly series: readonly SeriesReport[];
}

interface Watched {
  readonly rows: number;
  readonly series: readonly Series[];
  readonly window: Window;
  /** Rows that may be taken now, and when that was so. */
  budget: number;
  at: number;
}

/** Looks at some of the rows that models are given, and compares them with those that they were trained on. */
export class DriftMonitor {
  readonly #rows: number;
  readonly #span: number;
  readonly #leastRows: number;
  readonly #columns: number;
  readonly #now: () => number;
  /** Of a model that is loaded anew, all begins anew. */
  readonly #watched = new WeakMap<ServedModel, Watched | null>();

  constructor(options: DriftOptions = {}, now: () => number = Date.now) {
    const { rows = 5000, seconds = 3600, leastRows = 200, columns = 100 } = options;
    this.#rows = rows;
    this.#span = seconds * 1000;
    this.#leastRows = leastRows;
    this.#columns = columns;
    this.#now = now;
  }

  /** Takes rows in: all of them while few come; of many, as many as let the window reach back over its whole time. */
  readonly observe = (answered: Answered): void => {
    const watched = this.#of(answered.served);
    if (watched === null) return;
    const now = this.#now();
    const gained = ((now - watched.at) * this.#rows) / this.#span;
    watched.budget = Math.min(watched.budget + gained, this.#burst);
    watched.at = now;
    const taken = Math.min(Math.floor(watched.budget), answered.count);
    if (taken === 0) return;
    watched.budget -= taken;
    take(watched, answered, taken, now);
  };

  report(served: ServedModel): DriftReport {
    const watched = this.#of(served);
    const { name: model, version } = served;
    const own = { model, version };
    if (watched === null)
      return { ...own, status: 'no-reference', trainingRows: null, window: null, series: [] };
    const { window } = watched;
    window.expire(this.#now() - this.#span);
    const series = watched.series.map((one, i) =>
      reportSeries(one, window.counts[i]!, this.#leastRows),
    );
    const levels = series.map(({ level }) => level);
    const worst = (['large', 'moderate', 'stable'] as const).find((one) => levels.includes(one));
    return {
      ...own,
      status: worst ?? 'few-rows',
      trainingRows: watched.rows,
      window: describeWindow(window),
      series,
    };
  }

  /** What may come at once: enough to say something soon. */
  get #burst(): number {
    return Math.min(this.#rows, Math.max(1000, this.#leastRows));
  }

  #of(served: ServedModel): Watched | null {
    const known = this.#watched.get(served);
    if (known !== undefined) return known;
    const watched = this.#watch(served);
    this.#watched.set(served, watched);
    return watched;
  }

  #watch(served: ServedModel): Watched | null {
    const reference = referenceOf(served);
    if (reference === null) return null;
    const series = seriesOf(served, reference, this.#columns);
    const bins = series.map(({ expected }) => expected.length + 1);
    const window = new Window(bins, this.#rows);
    return { rows: reference.rows, series, window, budget: this.#burst, at: this.#now() };
  }
}

/** A model answers as well whose statistics are none. */
function referenceOf({ description }: ServedModel) {
  try {
    return readReference(description);
  } catch {
    return null;
  }
}

/** Takes rows in that are spread over those that came together. */
function take({ series, window }: Watched, answered: Answered, taken: number, now: number): void {
  const { served, methods, rows, count, answers } = answered;
  const picked = Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
  const { cellAt } = readCells(
    served.description.input,
    taken === count ? rows : pickRows(rows, picked),
  );
  const places = series.map(({ answer }) =>
    answer === null ? -1 : methods.indexOf(answer.method),
  );
  const codes = new Uint16Array(series.length);
  picked.forEach((row, i) => {
    series.forEach(({ column, answer, codeOf }, at) => {
      if (column !== null) codes[at] = codeOf(cellAt(i, column));
      else if (places[at]! < 0) codes[at] = absent;
      else {
        const own = answers[places[at]!]![row];
        const cell = Array.isArray(own) ? own[answer!.column] : own;
        codes[at] = codeOf((typeof cell === 'boolean' ? String(cell) : cell) as CountedCell);
      }
    });
    window.push(codes, now);
  });
}

function pickRows(rows: Input, picked: readonly number[]): Input {
  if (Array.isArray(rows)) return picked.map((row) => rows[row]) as Input;
  const columns = Object.entries(rows as Readonly<Record<string, ArrayLike<unknown>>>);
  return Object.fromEntries(
    columns.map(([name, column]) => [name, picked.map((row) => column[row])]),
  ) as Input;
}
