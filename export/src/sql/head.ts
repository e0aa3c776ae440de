import { type ClassifierHead, type Head, labelValues, type RegressorHead } from 'nuthatch/ir';
import { refuse } from '../refuse.js';
import { elsewhere } from './cells.js';
import { number } from './dialect.js';
import type { Query } from './query.js';

export type Answer = readonly [name: string, sql: string];

/** What a head makes of raw scores: the predictions, and a classifier's probabilities. */
export function writeHead(
  query: Query,
  head: Head,
  raw: readonly string[],
  path: string,
): Answer[] {
  if (head.task === 'regressor') return writeValues(query, head, raw, path);
  if (head.task === 'density' || head.labels.length > 1 || head.each)
    return refuse('unsupported', path, `a density or classifier of several outputs ${elsewhere}`);
  const scores = query.name(raw);
  const label: Answer = ['prediction', writeLabel(query, head, scores, path)];
  if (!head.probability) return [label];
  const probabilities = query.name(writeProbabilities(query, head, scores, path));
  return [label, ...probabilities.map((sql, i): Answer => [`probability_${i}`, sql])];
}

function writeValues(
  query: Query,
  { link, factor, flat }: RegressorHead,
  raw: readonly string[],
  path: string,
): Answer[] {
  const names = (values: readonly string[]) =>
    values.map((sql, i): Answer => [flat ? 'prediction' : `prediction_${i}`, sql]);
  if (link === 'identity') return names(query.name(raw));
  const scaled = query.name(raw.map((sql) => `(${sql}) * ${number(factor?.[0] ?? 1, path)}`));
  if (link === 'exp') for (const sql of scaled) query.require(`${sql} <= 709e0`);
  const change = { exp: exponential, expit: logistic, 'signed-square': signedSquare };
  const found = Object.entries(change).find(([name]) => name === link);
  if (!found) return refuse('unsupported', path, `the link ${link} ${elsewhere}`);
  return names(scaled.map(found[1]));
}

/** PostgreSQL fails where another engine gives 0. */
const exponential = (a: string): string => `CASE WHEN ${a} < -708e0 THEN 0e0 ELSE EXP(${a}) END`;
const logistic = (a: string): string =>
  `CASE WHEN ${a} < -708e0 THEN 0e0 WHEN ${a} > 708e0 THEN 1e0 ELSE 1e0 / (1e0 + EXP(-${a})) END`;
const signedSquare = (a: string): string => `${a} * ABS(${a})`;

function writeLabel(
  { dialect }: Query,
  head: ClassifierHead,
  scores: readonly string[],
  path: string,
): string {
  const { decide, threshold, decisionOffset, outlierLabels } = head;
  const write = (value: string | number | boolean): string =>
    typeof value === 'string'
      ? dialect.text(value)
      : typeof value === 'boolean'
        ? String(value).toUpperCase()
        : Number.isInteger(value) && head.labels[0]!.dtype.includes('int')
          ? String(value)
          : number(value, path);
  const labels = labelValues(head.labels[0]!).map(write);
  if (threshold || decide === 'probable')
    return refuse('unsupported', path, `a choice by probabilities ${elsewhere}`);
  if (labels.length === 1) return labels[0]!;
  if (decide === 'positive' || decide === 'nonNegative') {
    const score = decisionOffset
      ? `${scores[0]!} - ${number(decisionOffset[0]!, path)}`
      : scores[0]!;
    const sign = decide === 'positive' ? '>' : '>=';
    return `CASE WHEN ${score} ${sign} 0e0 THEN ${labels[1]} ELSE ${labels[0]} END`;
  }
  const sign = { argmax: '>=', argmaxLast: '>', argmin: '<=' }[decide];
  const when = scores.slice(0, -1).map((score, i) => {
    const others = scores.slice(i + 1).map((other) => `${score} ${sign} ${other}`);
    return `WHEN ${others.join(' AND ')} THEN ${labels[i]}`;
  });
  const outlier = outlierLabels && labelValues(outlierLabels[0]!).map(write)[0];
  const none = outlier
    ? [`WHEN ${scores.map((score) => `${score} = 0e0`).join(' AND ')} THEN ${outlier}`]
    : [];
  return `CASE ${[...none, ...when].join(' ')} ELSE ${labels.at(-1)} END`;
}

function writeProbabilities(
  query: Query,
  { probability, labels }: ClassifierHead,
  scores: readonly string[],
  path: string,
): string[] {
  const [score] = scores as readonly [string];
  const ofSecond = (sql: string): string[] => {
    const [p] = query.name([sql]);
    return [`1e0 - ${p}`, p!];
  };
  switch (probability) {
    case 'identity':
      return [...scores];
    case 'complement':
      return [`1e0 - ${score}`, `CASE WHEN ${score} > 1e0 THEN 1e0 ELSE ${score} END`];
    case 'expit':
      return ofSecond(logistic(score));
    case 'expit-twice':
      return ofSecond(logistic(query.name([`2e0 * ${score}`])[0]!));
    case 'expit-pair':
      return softmax(query, query.name([`-${score}`, score]));
    case 'softmax-pair-half':
      return softmax(query, query.name([`-(${score} / 2e0)`, `${score} / 2e0`]));
    case 'clip':
      return ofSecond(clipped(score));
    case 'normalize':
      return shares(query, scores, (p) => p);
    case 'normalize-nan':
      return shares(query, scores, () => 'NULL');
    case 'normalize-uniform':
      return shares(query, scores, () => number(1 / scores.length, path));
    case 'softmax':
      return softmax(query, scores);
    case 'softmax-log':
    case 'softmax-log-max':
      return throughLogarithm(query, scores, probability);
    case 'softmax-shared': {
      const shared = scores.map((one) => `${one} / ${number(labels[0]!.values.length - 1, path)}`);
      return softmax(query, query.name(shared));
    }
    case 'expit-each':
      return scores.map(logistic);
    case 'one-vs-rest':
      return shares(query, query.name(scores.map(logistic)), () => 'NULL');
    case 'one-vs-rest-uniform':
      return shares(query, query.name(scores.map(logistic)), () => number(1 / scores.length, path));
    case 'clip-one-vs-rest':
      return shares(query, query.name(scores.map(clipped)), () => number(1 / scores.length, path));
    default:
      return refuse('unsupported', path, `probabilities of the link ${probability} ${elsewhere}`);
  }
}

const clipped = (a: string): string =>
  `CASE WHEN ${a} <= -1e0 THEN 0e0 WHEN ${a} >= 1e0 THEN 1e0 ELSE (${a} + 1e0) / 2e0 END`;

function softmax(query: Query, scores: readonly string[]): string[] {
  const { exps } = takeExps(query, scores);
  const [sum] = query.name([query.sum(exps)]);
  return exps.map((one) => `${one} / ${sum}`);
}

/** The same, rounded as the library rounds it: exp of what scores are above the logarithm of the sum of their exps. */
function throughLogarithm(
  query: Query,
  scores: readonly string[],
  link: 'softmax-log' | 'softmax-log-max',
): string[] {
  const { most, less, exps } = takeExps(query, scores);
  const [log] = query.name([`LN(${query.sum(exps)})`]);
  const rest =
    link === 'softmax-log'
      ? scores.map((score) => `${score} - (${log} + ${most})`)
      : less.map((score) => `${score} - ${log}`);
  return query.name(rest).map(exponential);
}

/** Exps of scores less the largest, so that none is too large. */
function takeExps(query: Query, scores: readonly string[]) {
  const when = scores.slice(0, -1).map((score, i) => {
    const others = scores.slice(i + 1).map((other) => `${score} >= ${other}`);
    return `WHEN ${others.join(' AND ')} THEN ${score}`;
  });
  const [most] = query.name([`CASE ${when.join(' ')} ELSE ${scores.at(-1)} END`]);
  const less = query.name(scores.map((score) => `${score} - ${most}`));
  return { most: most!, less, exps: query.name(less.map(exponential)) };
}

/** Parts of their sum; what `none` says where that is 0. */
function shares(query: Query, parts: readonly string[], none: (part: string) => string): string[] {
  const [sum] = query.name([query.sum(parts)]);
  return parts.map((part) => `CASE WHEN ${sum} = 0e0 THEN ${none(part)} ELSE ${part} / ${sum} END`);
}
