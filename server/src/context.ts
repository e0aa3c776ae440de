import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Input, MethodName } from 'nuthatch';
import type { RowAnswer } from './answer.js';
import { Batching } from './batching.js';
import type { Metrics } from './metrics.js';
import type { BatchingOptions } from './model-options.js';
import type { Repository } from './repository.js';
import { type RowLimits, readRows } from './rows.js';
import { Runner } from './runner.js';
import { Access } from './security/access.js';
import type { ServedModel } from './served-model.js';

/** Rows that were answered, and how. */
export interface Answered {
  readonly served: ServedModel;
  readonly methods: readonly MethodName[];
  readonly rows: Input;
  readonly count: number;
  /** Of each method, row after row. */
  readonly answers: readonly (readonly RowAnswer[])[];
}

/** Is told of every answer before it is sent, so it must be quick; it must not throw, nor change what it is given. */
export type Observer = (answered: Answered) => void;

/** When the parts of a request ended, as `performance.now()` says, and what it asked; null before that is known. */
export interface Steps {
  begun: number | null;
  read: number | null;
  answered: number | null;
  written: number | null;
  rows: number | null;
  methods: readonly MethodName[] | null;
}

export const noSteps = (): Steps => ({
  begun: null,
  read: null,
  answered: null,
  written: null,
  rows: null,
  methods: null,
});

/** Who is answered: a request over HTTP, or a call over gRPC. */
export interface Asker {
  /** The model that answers; null before that is known. */
  served: ServedModel | null;
  /** null where nobody wants to know. */
  steps: Steps | null;
}

declare module 'fastify' {
  interface FastifyRequest extends Asker {}
}

/** Rows that are being answered. */
interface Answering {
  readonly asker: Asker;
  readonly methods: readonly MethodName[];
  readonly rows: Input;
  readonly count: number;
  /** When they began to be read, and when they were. */
  readonly started: number;
  readonly read: number;
}

/** What every protocol answers from. */
export class Context {
  readonly repository: Repository;
  readonly metrics: Metrics;
  readonly limits: RowLimits;
  readonly observers: Observer[] = [];
  readonly access: Access;
  readonly #runner: Runner;
  readonly #batching: Batching;

  constructor(
    repository: Repository,
    metrics: Metrics,
    limits: RowLimits,
    access: Access = new Access(),
  ) {
    this.repository = repository;
    this.metrics = metrics;
    this.limits = limits;
    this.access = access;
    this.#runner = new Runner(limits);
    this.#batching = new Batching(
      (...asked) => this.#runner.run(...asked),
      ({ name }, rows) => metrics.batches.observe({ model: name }, rows),
    );
  }

  /**
   * The model that answers a request, which keeps it until it ends: see `Repository.get`.
   * The client is told which it is.
   *
   * @throws HttpError 404
   */
  choose(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string | null = null,
    version: string | null = null,
  ): ServedModel {
    const key = request.headers[this.repository.keyHeader]?.toString() ?? null;
    const served = this.repository.get(name, version, key);
    request.served = served;
    reply.header('nuthatch-model-version', served.version);
    return served;
  }

  /**
   * Answers rows as a client wrote them, by one or several methods of the model that was chosen: for each, row after row. Few rows are answered
   * at once: a promise takes as long as a small model.
   *
   * @param path where the rows are in the request, for messages
   * @throws HttpError 400, 413; NuthatchError `input-…`
   */
  answer(
    asker: Asker,
    methods: readonly MethodName[],
    value: unknown,
    path: string,
  ): RowAnswer[][] | Promise<RowAnswer[][]> {
    const served = asker.served!;
    const started = performance.now();
    const { rows, count } = readRows(served, value, path, this.limits);
    const answering = { asker, methods, rows, count, started, read: performance.now() };
    const answers: RowAnswer[][] = [];
    for (const method of methods) {
      const isJoined = this.#joins(served, method) !== null;
      const own = isJoined ? null : this.#runner.runSmall(served, method, rows, count);
      if (own === null) return this.#answerRest(answering, answers);
      answers.push(own);
    }
    return this.#answered(answering, answers);
  }

  /** The methods that have no answers yet, one after another. */
  async #answerRest(answering: Answering, answers: RowAnswer[][]): Promise<RowAnswer[][]> {
    const { asker, methods, rows, count } = answering;
    const served = asker.served!;
    for (const method of methods.slice(answers.length)) {
      const batching = this.#joins(served, method);
      answers.push(
        batching === null
          ? await this.#runner.run(served, method, rows, count)
          : await this.#batching.run(served, method, rows, count, batching),
      );
    }
    return this.#answered(answering, answers);
  }

  /** How requests of a method are joined; null where each is answered by itself. */
  #joins({ name }: ServedModel, method: MethodName): BatchingOptions | null {
    const batching = this.repository.batchingOf(name);
    return batching === null || (batching.methods?.includes(method) ?? true) ? batching : null;
  }

  #answered(
    { asker, methods, rows, count, started, read }: Answering,
    answers: RowAnswer[][],
  ): RowAnswer[][] {
    const { steps } = asker;
    const served = asker.served!;
    const answered = performance.now();
    served.statistics.answered(count, 0, read - started, answered - read);
    if (steps !== null) Object.assign(steps, { read, answered, rows: count, methods });
    this.metrics.rows.add(served, count);
    for (const observe of this.observers) observe({ served, methods, rows, count, answers });
    return answers;
  }

  /** Whether so much work waits that more of it is refused. */
  get isBehind(): boolean {
    return this.#runner.isBehind;
  }
}
