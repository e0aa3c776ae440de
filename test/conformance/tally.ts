import { formatCount, formatTable } from '../../src/cli/print.js';
import type { Outcome } from './compare.js';
import type { Trained } from './trainer.js';

/** What was compared of one estimator in one version, added up over its models. */
export interface Tally {
  readonly version: string;
  readonly estimator: string;
  /** Digest of the code that compared them: see record.ts. */
  readonly code: string;
  /** Names of the settings, without their seeds. */
  readonly settings: Set<string>;
  /** scikit-learn's names of the methods that were compared. */
  readonly methods: Set<string>;
  /** Settings that are refused when they are imported. */
  readonly refused: Set<string>;
  models: number;
  /** Those of the models that are stages of others. */
  stages: number;
  failedModels: number;
  rows: number;
  values: number;
  identical: number;
  /** Largest difference in steps of a float, among values that are held to steps. */
  worstSteps: number;
  /** Largest difference as a share of its bound, among dot products. */
  worstBound: number;
  excused: number;
  /** Labels that differ on a tie within the bounds of their dot products; excused as well. */
  ties: number;
  /** Values through exp or log in float64, and how many are the same to the bit. */
  transcendental: { values: number; identical: number };
  asked: number;
}

/** The tally of an estimator, made where it is missing. */
export function tallyOf(tallies: Tally[], version: string, estimator: string, code: string): Tally {
  const known = tallies.find((one) => one.version === version && one.estimator === estimator);
  if (known !== undefined) return known;
  const made: Tally = {
    version,
    estimator,
    code,
    settings: new Set(),
    methods: new Set(),
    refused: new Set(),
    models: 0,
    stages: 0,
    failedModels: 0,
    rows: 0,
    values: 0,
    identical: 0,
    worstSteps: 0,
    worstBound: 0,
    excused: 0,
    ties: 0,
    transcendental: { values: 0, identical: 0 },
    asked: 0,
  };
  tallies.push(made);
  return made;
}

/** In the order of code units: the same on every machine. */
export function compareWords(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Counts a model, whatever comes of it. */
export function addModel(tally: Tally, { model, stage, refused }: Trained): void {
  const setting = model.replace(/, seed \d+$/, '');
  tally.models++;
  if (refused !== undefined) tally.refused.add(setting);
  else if (stage === undefined) tally.settings.add(setting);
  else tally.stages++;
}

export function addOutcome(tally: Tally, outcome: Outcome): void {
  const { comparisons, transcendental, asked } = outcome;
  tally.asked += asked;
  const rowsOfSets = new Map(comparisons.map(({ set, rows }) => [set, rows]));
  for (const rows of rowsOfSets.values()) tally.rows += rows;
  for (const { method } of comparisons) tally.methods.add(method);
  for (const { rule, values, identical, worst, excused } of comparisons) {
    tally.values += values;
    tally.identical += identical;
    tally.excused += excused;
    if (rule === 'ulp') tally.worstSteps = Math.max(tally.worstSteps, worst);
    if (rule === 'bound') tally.worstBound = Math.max(tally.worstBound, worst);
    if (rule === 'identical') tally.ties += excused;
  }
  for (const { values, identical } of transcendental) {
    tally.transcendental.values += values;
    tally.transcendental.identical += identical;
  }
}

/** Tallies as JSON, and back: sets are lists there. */
export const writeTallies = (tallies: readonly Tally[]): unknown[] =>
  tallies.map((tally) => ({
    ...tally,
    settings: [...tally.settings],
    methods: [...tally.methods],
    refused: [...tally.refused],
  }));

export const readTallies = (written: readonly Tally[]): Tally[] =>
  written.map((tally) => ({
    ...tally,
    settings: new Set(tally.settings),
    methods: new Set(tally.methods),
    refused: new Set(tally.refused),
  }));

export function formatTallies(tallies: readonly Tally[]): string {
  const header = [
    'scikit-learn',
    'estimator',
    'models',
    'stages',
    'rows',
    'values',
    'identical',
    'worst steps',
    'worst of bound',
    'excused',
    'ties',
    'exp, log',
    'asked',
    'failed',
  ];
  const lines = tallies.map((tally) => [
    tally.version,
    tally.estimator,
    formatCount(tally.models),
    formatCount(tally.stages),
    formatCount(tally.rows),
    formatCount(tally.values),
    formatShare(tally.identical, tally.values),
    String(Math.round(tally.worstSteps * 100) / 100),
    tally.worstBound.toFixed(3),
    formatCount(tally.excused),
    formatCount(tally.ties),
    formatShare(tally.transcendental.identical, tally.transcendental.values),
    formatCount(tally.asked),
    formatCount(tally.failedModels),
  ]);
  return formatTable([header, ...lines]);
}

/** How many values through exp or log in float64 may differ in the last bit: numpy's own exp does not round one in 1,300 correctly. */
const transcendentalMisses = 0.002;

/** The tallies of which more differ than that and three standard deviations, which count where there are a thousand values. */
export function tooFewIdentical(tallies: readonly Tally[]): Tally[] {
  return tallies.filter(({ transcendental: { values, identical } }) => {
    const allowed = values * transcendentalMisses;
    return values - identical > allowed + 3 * Math.sqrt(allowed);
  });
}

/** A share that is only 100 % where nothing is missing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  return part === whole ? '100%' : `${(Math.floor((part / whole) * 1e5) / 1e3).toFixed(3)}%`;
}
