import type { Workload } from './workload.js';

/** What a subject says about all rows of a workload. */
export interface Answers {
  /** Indices into the classes [rows]; null for a regressor. */
  readonly labels: Int32Array | null;
  /** Probabilities [rows × classes] or values [rows]; null where the subject has none to give. */
  readonly scores: Float64Array | null;
}

/** A model opened by one of the libraries that are compared. */
export interface Subject {
  readonly name: string;
  /** Of the library. */
  readonly version: string;
  /** How far scores may lie from the expected ones, as in `checkAnswers`: 0 means to the bit. */
  readonly tolerance: number;
  /** What to expect instead of the workload's own answers, for a library that has trained a model of its own. */
  readonly expected?: Answers;
  /** Calls with fewer rows are not timed. */
  readonly leastRows?: number;
  answer(): Promise<Answers>;
  /**
   * Predicts `calls` batches of `rows` rows, from batch `first` on, and returns the µs that took. Where batches end, they begin again.
   */
  time(rows: number, calls: number, first: number): Promise<number>;
  /** Makes the model anew from its file's bytes in memory and returns the µs that took. */
  timeLoad?(): Promise<number>;
  close?(): Promise<void>;
}

/** Why a peer takes no part, and what a person can do about it. */
export interface Absence {
  readonly absent: string;
}

/** A library to compare with. */
export interface Peer {
  readonly name: string;
  open(workload: Workload): Promise<Subject | Absence>;
}

export const isAbsence = (opened: Subject | Absence): opened is Absence => 'absent' in opened;
