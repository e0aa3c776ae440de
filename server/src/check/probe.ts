import { asClassifier, type Input, type Model, NuthatchError } from 'nuthatch';
import {
  accuracy,
  determination,
  logLoss,
  type Metric,
  macroF1,
  meanAbsoluteError,
  rocAuc,
  rootMeanSquaredError,
} from './metrics.js';

/** Rows of a file. */
export type Cells = readonly (readonly (string | number | null)[])[];
type Verdict = readonly [passed: boolean, found: string];

/** Asks a model about rows, and rows made of them. */
export class Probe {
  readonly #model: Model;
  readonly #names: readonly string[];
  readonly #rows: Cells;
  readonly #truth: readonly (string | number | null)[];
  readonly #toInput: (rows: Cells) => Input;

  constructor(
    model: Model,
    names: readonly string[],
    rows: Cells,
    truth: readonly (string | number | null)[],
    toInput: (rows: Cells) => Input,
  ) {
    this.#model = model;
    this.#names = names;
    this.#rows = rows;
    this.#truth = truth;
    this.#toInput = toInput;
  }

  /** Whether answers stay when columns are given what other rows have there: half the rows away, so that groups that lie together meet. */
  invariance(columns: readonly string[], tolerance: number): Verdict {
    const places = columns.map((name) => this.#names.indexOf(name));
    const half = Math.ceil(this.#rows.length / 2);
    const moved = this.#rows.map((row, i) => {
      const other = this.#rows[(i + half) % this.#rows.length]!;
      return row.map((cell, col) => (places.includes(col) ? other[col]! : cell));
    });
    const [before, after] = [this.#answers(this.#rows), this.#answers(moved)];
    const changed = before.filter((answer, i) =>
      typeof answer === 'number' && typeof after[i] === 'number'
        ? !(Math.abs(answer - after[i]) <= tolerance)
        : answer !== after[i],
    );
    return [changed.length === 0, `${changed.length} of ${before.length} answers change`];
  }

  /** Whether scores go nowhere that they must not when a column grows. */
  direction(of: {
    readonly column: string;
    readonly by: number;
    readonly never: 'lower' | 'higher';
    readonly class?: string;
  }): Verdict {
    const place = this.#names.indexOf(of.column);
    const there = this.#rows.filter((row) => typeof row[place] === 'number');
    const moved = there.map((row) =>
      row.map((cell, col) => (col === place ? (cell as number) + of.by : cell)),
    );
    const [before, after] = [this.#scores(there, of.class), this.#scores(moved, of.class)];
    const sign = of.never === 'lower' ? 1 : -1;
    const wrong = before.filter((score, i) => !(sign * (after[i]! - score) >= 0)).length;
    const found = `${wrong} of ${before.length} answers are ${of.never}`;
    return before.length === 0 ? [false, 'no row has a number there'] : [wrong === 0, found];
  }

  metric(name: Metric): number {
    const numbers = ['r2', 'mae', 'rmse'].includes(name);
    if (numbers !== (this.#model.task === 'regressor'))
      throw new NuthatchError('usage', name, `it is no metric of a ${this.#model.task}`);
    const answers = this.#answers(this.#rows);
    if (numbers) {
      const [truth, found] = [this.#truth.map(Number), answers.map(Number)];
      if (name === 'r2') return determination(truth, found);
      return (name === 'mae' ? meanAbsoluteError : rootMeanSquaredError)(truth, found);
    }
    const truth = this.#truth.map(labelOf);
    if (name === 'accuracy') return accuracy(truth, answers.map(labelOf));
    if (name === 'f1') return macroF1(truth, answers.map(labelOf));
    const classes = asClassifier(this.#model).classes.map(labelOf);
    return (name === 'roc_auc' ? rocAuc : logLoss)(truth, this.#probabilities(this.#rows), classes);
  }

  /** Milliseconds that all but one of a hundred single rows take at most. */
  latency(): number {
    const inputs = this.#rows.slice(0, 1000).map((row) => this.#toInput([row]));
    const ask = this.#ask();
    const times: number[] = [];
    const deadline = performance.now() + 2000;
    // The first ones are slower: code is compiled while they run.
    for (let i = 0; i < 3000 && (i < 200 || performance.now() < deadline); i++) {
      const started = performance.now();
      ask(inputs[i % inputs.length]!);
      if (i >= 100) times.push(performance.now() - started);
    }
    return times.sort((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1]!;
  }

  #answers(rows: Cells): (string | number | boolean)[] {
    return Array.from(this.#ask()(this.#toInput(rows)));
  }

  #ask(): (X: Input) => ArrayLike<string | number | boolean> {
    const model = this.#model;
    if ((model.task === 'classifier' || model.task === 'regressor') && !model.multiOutput)
      return (X) => model.predict(X) as ArrayLike<string | number | boolean>;
    throw new NuthatchError('usage', '', 'only models that predict one value are checked on data');
  }

  #scores(rows: Cells, label: string | undefined): number[] {
    if (this.#model.task === 'regressor') return this.#answers(rows).map(Number);
    const classes = asClassifier(this.#model).classes.map(labelOf);
    const column = label === undefined && classes.length === 2 ? 1 : classes.indexOf(label ?? '');
    if (column < 0)
      throw new NuthatchError('usage', 'direction', `class: name one of ${classes.join(', ')}`);
    return this.#probabilities(rows).map((row) => row[column]!);
  }

  #probabilities(rows: Cells): number[][] {
    const model = asClassifier(this.#model);
    if (model.predictProba === undefined)
      throw new NuthatchError('usage', '', 'the model has no probabilities');
    return model.predictProba(this.#toInput(rows)).toArray() as number[][];
  }
}

/** A label as text: a cell of a file does not say what type it has. */
function labelOf(label: unknown): string {
  const text = String(label).trim();
  // As Python writes truths.
  return /^(True|False)$/.test(text) ? text.toLowerCase() : text;
}
