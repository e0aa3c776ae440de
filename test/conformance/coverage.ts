import { formatCount } from '../../src/cli/print.js';
import { formatShare, type Tally } from './tally.js';

const header = [
  'estimator',
  'scikit-learn',
  'settings',
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
];

/**
 * docs/coverage.md: what was compared of each estimator in each version. `versions` holds the exact versions of the libraries of each
 * environment. The text depends on nothing but what was compared.
 */
export function formatCoverage(
  tallies: readonly Tally[],
  versions: readonly Readonly<Record<string, string>>[],
): string {
  const lines = [...tallies]
    .sort((a, b) => compareWords(a.estimator, b.estimator) || compareWords(a.version, b.version))
    .map((tally) => [
      tally.estimator,
      tally.version,
      formatCount(tally.settings.size),
      formatCount(tally.models - tally.stages),
      formatCount(tally.stages),
      formatCount(tally.rows),
      formatCount(tally.values),
      formatShare(tally.identical, tally.values),
      String(Math.ceil(tally.worstSteps * 100) / 100),
      (Math.ceil(tally.worstBound * 1000) / 1000).toFixed(3),
      formatCount(tally.excused),
      formatCount(tally.ties),
      formatShare(tally.transcendental.identical, tally.transcendental.values),
      formatCount(tally.asked),
    ]);
  const libraries = Object.keys(versions[0] ?? {});
  return `# What is compared with scikit-learn

Written by \`npm run conformance -- --coverage docs/coverage.md\`, which trains models in every version below and compares every answer by the
rules of \`src/verify.ts\`. Nothing differs by more than these allow.

${table(
  libraries,
  versions.map((one) => libraries.map((name) => one[name]!)),
)}

- settings: of parameters and data; each is fitted with several seeds. models: those, fitted.
- stages: parts of pipelines, column transformers and unions, each compared alone on Python's own input to it.
- identical: values that are the same to the bit. The others lie within a bound, which for what is only copied, counted, chosen or
  summed over trees is none.
- worst steps: of a float, where exp or log is involved. worst of bound: of a dot product's, where 1 is the bound.
- excused: values that differ within what is allowed. ties: labels among them, of rows whose margin lies inside the bound.
- exp, log: values through them in float64, given the same margins, that are the same to the bit.
- asked: whether a row is refused, decision paths, and rows alone, which get what they get in a batch.

${table(header, lines)}
`;
}

/** In the order of code units, versions by their numbers: the same on every machine. */
function compareWords(a: string, b: string): number {
  const [x, y] = [a, b].map((word) => word.replace(/\d+/g, (digits) => digits.padStart(6, '0')));
  return x! < y! ? -1 : x! > y! ? 1 : 0;
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = head.map((_, k) => (k < 1 ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
