import type { MethodName } from 'nuthatch';
import { answer, type RowAnswer } from './answer.js';
import type { Metrics } from './metrics.js';
import type { Repository } from './repository.js';
import { type RowLimits, readRows } from './rows.js';
import type { ServedModel } from './served-model.js';

/** What every protocol answers from. */
export class Context {
  readonly repository: Repository;
  readonly metrics: Metrics;
  readonly limits: RowLimits;

  constructor(repository: Repository, metrics: Metrics, limits: RowLimits) {
    this.repository = repository;
    this.metrics = metrics;
    this.limits = limits;
  }

  /**
   * Answers rows as a client wrote them, by one or several methods: for each, row after row.
   *
   * @param path where the rows are in the request, for messages
   * @throws HttpError 400, 413; NuthatchError `input-…`
   */
  answer(
    served: ServedModel,
    methods: readonly MethodName[],
    value: unknown,
    path: string,
  ): RowAnswer[][] {
    const { rows, count } = readRows(served, value, path, this.limits);
    const answers = methods.map((method) => answer(served, method, rows));
    this.metrics.rows.inc({ model: served.name, version: served.version }, count);
    return answers;
  }
}
