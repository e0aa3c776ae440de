import { formatCount } from '../../src/cli/print.js';
import type { Compared } from './record.js';
import { compareWords, formatShare, type Tally } from './tally.js';
import { unsupported } from './unsupported.js';

const header = [
  'estimator',
  'scikit-learn',
  'methods',
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
  'refused',
];

/**
 * docs/coverage.md: what was compared of each estimator, and which of the newest scikit-learn are not supported, and why. The text
 * depends on nothing but what was compared.
 *
 * @throws Error where an estimator is neither compared nor has a reason
 */
export function formatCoverage(compared: readonly Compared[]): string {
  const minors = compared.map(({ libraries }) => minorOf(libraries['scikit-learn']!));
  const tallies = compared
    .flatMap((one) => one.tallies)
    .filter(({ settings }) => settings.size > 0);
  const names = [...new Set(tallies.map(({ estimator }) => estimator))].sort(compareWords);
  const lines = names.map((name) =>
    lineOf(
      tallies.filter(({ estimator }) => estimator === name),
      minors,
    ),
  );
  const { classes, libraries: newest } = compared.at(-1)!;
  const answering = Object.entries(classes).filter(([, methods]) => methods.length > 0);
  const others = answering.filter(([name]) => !names.includes(name));
  const reasons = others.map(([name, methods]) => {
    const reason = unsupported[name];
    if (reason === undefined) throw new Error(`no reason says why ${name} is not compared`);
    return [name, methods.join(', '), reason];
  });
  const silent = Object.keys(classes).filter(
    (name) => classes[name]!.length === 0 && !names.includes(name),
  );
  const libraries = Object.keys(newest);
  return `# What is compared with scikit-learn

Written by \`npm run conformance -- --coverage docs/coverage.md\`, which trains models in every version below and compares every answer by the
rules of \`src/verify.ts\`. Nothing differs by more than these allow. ${names.length} classes are compared; of the ${answering.length} of
scikit-learn ${minorOf(newest['scikit-learn']!)} that answer new rows, ${answering.length - others.length}.

${table(
  libraries,
  compared.map((one) => libraries.map((name) => one.libraries[name]!)),
)}

- settings: of parameters and data; each is fitted with several seeds. models: those, fitted, in all versions.
- stages: parts of pipelines, column transformers and unions, each compared alone on Python's own input to it.
- identical: values that are the same to the bit. The others lie within a bound, which for what is only copied, counted, chosen or
  summed over trees is none.
- worst steps: of a float, where exp or log is involved. worst of bound: of a dot product's, where 1 is the bound.
- excused: values that differ within what is allowed. ties: labels among them, of rows whose margin lies inside the bound.
- exp, log: values through them in float64, given the same margins, that are the same to the bit.
- asked: whether a row is refused, decision paths, and rows alone, which get what they get in a batch.
- refused: what an import refuses by name, as it cannot be reproduced.

${table(header, lines)}

## What is not supported

Of scikit-learn ${minorOf(newest['scikit-learn']!)}:

${table(['estimator', 'methods', 'why not'], reasons)}

These answer no new rows in scikit-learn itself: ${silent.join(', ')}.
${comparedAgain(tallies)}`;
}

/** Which estimators a later state of the code was compared of than of most. */
function comparedAgain(tallies: readonly Tally[]): string {
  const counts = new Map<string, number>();
  for (const { code } of tallies) counts.set(code, (counts.get(code) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const others = tallies.filter(({ code }) => counts.get(code)! < most);
  if (others.length === 0) return '';
  const names = [...new Set(others.map(({ estimator }) => estimator))].sort(compareWords);
  return `\nCompared again by later code, after changes that were theirs: ${names.join(', ')}.\n`;
}

/** One row for an estimator: what was compared of it in all versions. */
function lineOf(tallies: readonly Tally[], minors: readonly string[]): string[] {
  const sum = (count: (tally: Tally) => number) =>
    tallies.reduce((total, tally) => total + count(tally), 0);
  const most = (count: (tally: Tally) => number) => Math.max(...tallies.map(count));
  const all = (names: (tally: Tally) => Iterable<string>) =>
    [...new Set(tallies.flatMap((tally) => [...names(tally)]))].sort(compareWords);
  const { estimator } = tallies[0]!;
  const versions = tallies.map(({ version }) => minors.indexOf(minorOf(version)));
  const refused = all((tally) => tally.refused).map((name) => name.slice(estimator.length + 2));
  return [
    estimator,
    runsOf(versions, minors),
    all((tally) => tally.methods).join(', '),
    formatCount(all((tally) => tally.settings).length),
    formatCount(sum((tally) => tally.models - tally.stages)),
    formatCount(sum((tally) => tally.stages)),
    formatCount(sum((tally) => tally.rows)),
    formatCount(sum((tally) => tally.values)),
    formatShare(
      sum((tally) => tally.identical),
      sum((tally) => tally.values),
    ),
    String(Math.ceil(most((tally) => tally.worstSteps) * 100) / 100),
    (Math.ceil(most((tally) => tally.worstBound) * 1000) / 1000).toFixed(3),
    formatCount(sum((tally) => tally.excused)),
    formatCount(sum((tally) => tally.ties)),
    formatShare(
      sum((tally) => tally.transcendental.identical),
      sum((tally) => tally.transcendental.values),
    ),
    formatCount(sum((tally) => tally.asked)),
    refused.join('; '),
  ];
}

const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

/** Places among the versions, ascending, as in "1.1–1.9" or "1.1, 1.5–1.9". */
function runsOf(places: readonly number[], minors: readonly string[]): string {
  const sorted = [...places].sort((a, b) => a - b);
  const firsts = sorted.filter((place) => !sorted.includes(place - 1));
  const lasts = sorted.filter((place) => !sorted.includes(place + 1));
  return firsts
    .map((first, i) =>
      first === lasts[i] ? minors[first] : `${minors[first]}–${minors[lasts[i]!]}`,
    )
    .join(', ');
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = head.map((_, k) =>
    lines.every((cells) => /^[\d.,%–]*$/.test(cells[k]!)) ? '---:' : '---',
  );
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
