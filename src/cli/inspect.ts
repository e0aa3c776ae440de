import { type Command, exitCodes } from './command.js';
import { openModel } from './open-model.js';
import type { Part } from './parts.js';
import { formatBytes, formatCount, formatTable, plural } from './print.js';
import { type Feature, type Summary, summarize } from './summary.js';

export const inspect: Command = {
  name: 'inspect',
  synopsis: 'MODEL [--json]',
  summary:
    'Says what a model is: parts, features, classes, size, trees, golden rows, reference statistics, provenance.',
  help: `
  --json    everything, as one JSON object

Examples:
  nuthatch inspect model.nut
  nuthatch inspect model.json --json | jq .features
`,
  options: {},
  positionals: [1, 1],
  async run(args) {
    const { bytes, model } = await openModel(args.positionals[0]!, args);
    const summary = summarize(bytes, model);
    process.stdout.write(
      args.flag('json') ? `${JSON.stringify(summary, null, 2)}\n` : describe(summary),
    );
    return exitCodes.done;
  },
};

const shownNames = 8;
const shownColumns = 4;
const shownRows = 40;
const shownTensors = 8;

function describe(s: Summary): string {
  const { provenance } = s;
  const rows: [string, string][] = [
    ['model', `${provenance.className}, ${s.task} (${s.steps.join(' → ')})`],
    ['trained by', `${provenance.library} ${provenance.libraryVersion}`],
    ['features', describeFeatures(s)],
    ...(s.classes ?? []).map(({ dtype, values }, k): [string, string] => [
      s.outputs > 1 ? `classes ${k}` : 'classes',
      `${shorten(values.map(String))} (${dtype})`,
    ]),
    ['outputs', s.task === 'transformer' ? plural(s.outputs, 'column') : formatCount(s.outputs)],
  ];
  if (s.trees !== null) {
    rows.push([
      'trees',
      `${formatCount(s.trees)}; ${plural(s.nodes!, 'node')}, ${formatCount(s.leaves!)} of them leaves; depth ${s.depth}`,
    ]);
  }
  rows.push(
    ['methods', s.methods.join(', ')],
    ['golden rows', describeGolden(s)],
    ...describeReference(s),
    ['imported', `from ${provenance.format} by nuthatch ${provenance.nuthatch}`],
    ['source', provenance.digest ?? 'no digest'],
    ['file', `${formatBytes(s.fileBytes)}; as .nut ${s.formatVersion} ${formatBytes(s.nutBytes)}`],
    ['digest', s.digest],
    ...Object.entries(provenance.metadata).map(([key, value]): [string, string] => [
      `note: ${key}`,
      value,
    ]),
  );
  const tensors = s.tensors
    .filter(({ name }) => !name.startsWith('golden'))
    .sort((a, b) => b.length - a.length);
  const sections: [title: string, shown: number, cells: string[][]][] = [
    ['columns', shownRows, s.features.some(isTelling) ? s.features.map(describeFeature) : []],
    ['parts', shownRows, s.parts.length > 1 ? s.parts.map(describePart) : []],
    [
      'tensors',
      shownTensors,
      tensors.map((t) => [t.name, t.dtype, `[${t.shape.join(', ')}]`, formatBytes(t.length)]),
    ],
  ];
  return `${[formatTable(rows), ...sections.flatMap(formatSection)].join('\n')}\n`;
}

/** A titled table, indented and cut. */
function formatSection([title, shown, cells]: [
  title: string,
  shown: number,
  cells: string[][],
]): string[] {
  if (cells.length === 0) return [];
  const more = cells.length - shown;
  const table = formatTable(cells.slice(0, shown)).replaceAll(/^/gm, '  ');
  return [title, table, ...(more > 0 ? [`  … ${formatCount(more)} more; --json has all`] : [])];
}

/** Whether there is more to say of a column than its name. */
function isTelling({ type, categories }: Feature): boolean {
  return type !== 'number' || categories !== null;
}

function describeFeature({ name, type, categories }: Feature, i: number): string[] {
  const count = categories === 1 ? '1 category' : `${formatCount(categories ?? 0)} categories`;
  return [name ?? String(i), type, categories === null ? '' : count];
}

function describePart({ depth, kind, operations, follows, columns, gives }: Part): string[] {
  const does = operations === null ? '' : ` (${shorten(operations, shownColumns)})`;
  const of = columns === null ? '' : ` of ${shorten(columns.map(String), shownColumns)}`;
  const values = { dense: 'column', sparse: 'sparse column', columns: 'column', text: 'text' };
  return [
    `${'  '.repeat(depth)}${follows ? 'then ' : ''}${kind}${does}${of}`,
    `→ ${plural(gives.columns, values[gives.kind])}`,
  ];
}

function describeFeatures({ features }: Summary): string {
  const names = features.map(({ name }) => name);
  const count = formatCount(features.length);
  return names.every((name) => name !== null)
    ? `${count}: ${shorten(names as string[])}`
    : `${count}, unnamed`;
}

function describeGolden({ golden }: Summary): string {
  if (golden.length === 0) return 'none';
  return golden
    .map(({ name, rows, methods }) => `${rows} ${name} × ${methods.length} methods`)
    .join(', ');
}

function describeReference({ reference }: Summary): [string, string][] {
  if (reference === null) return [];
  const { rows, columns, answers } = reference;
  const of = [plural(columns, 'column'), ...answers].join(', ');
  return [['reference', `statistics of ${plural(rows, 'training row')}: ${of}`]];
}

function shorten(names: readonly string[], most = shownNames): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown}, … ${formatCount(names.length - most)} more` : shown;
}
