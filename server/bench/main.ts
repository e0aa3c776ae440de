import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { markdown, writeSection } from '../../bench/document.js';
import { projectFolder } from '../../bench/fixtures.js';
import { describeMachine } from '../../bench/machine.js';
import { formatTable } from '../../src/cli/print.js';
import { judge } from './goals.js';
import { measure } from './measure.js';
import { judgementTable, tableOf } from './report.js';
import { readRows } from './rows.js';
import { leaveServerCore } from './server-process.js';
import { bare, plain, type Subject, subjects, type Where } from './subject.js';

const help = `npm run bench:server -- [options]

Loads nuthatch's server, a bare Fastify route that returns a constant, the recipe of Flask, scikit-learn and a pickle, MLServer and MLflow by
wrk, each in a process of its own on one core, in interleaved rounds; answers are checked before and after. Needs wrk, taskset, Python 3.11.

  --quick        nuthatch and bare Fastify alone, briefly: fails where an answer is wrong or refused, not where goals are missed beside other work
  --only A,B     subjects whose names have one of these in them
  --rounds N     default 5
  --seconds N    of each load, default 3: all takes about seven minutes
  --json FILE    writes all figures
  --document     writes the tables to docs/serving/performance.md
`;

const document = join(projectFolder, 'docs', 'serving', 'performance.md');
const models = join(projectFolder, '.cache', 'serving-bench');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      document: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { quick } = values;
  const chosen = subjects.filter(({ name }) =>
    quick
      ? [bare, plain].includes(name)
      : (values.only?.split(',') ?? ['']).some((part) => name.includes(part)),
  );
  if (chosen.length === 0) throw new Error(`--only names none of the subjects`);
  prepare(chosen);
  leaveServerCore();
  const plan = {
    starts: quick ? 1 : 3,
    rounds: Number(values.rounds ?? (quick ? 3 : 5)),
    seconds: Number(values.seconds ?? (quick ? 1 : 3)),
    halfLoad: !quick,
  };
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const measured = await measure(chosen, plan, readRows(projectFolder), whereOf, say);
  const judgements = judge(measured);
  const [table, verdicts] = [tableOf(measured), judgementTable(judgements)];
  const machine = describeMachine();
  process.stdout.write(`${machine}\n\n${formatTable(table)}\n\n${formatTable(verdicts)}\n`);
  if (values.json !== undefined) {
    const figures = measured.map(({ subject: { name }, ...figures }) => ({ name, ...figures }));
    writeFileSync(values.json, `${JSON.stringify({ machine, figures, judgements }, null, 1)}\n`);
  }
  if (values.document) {
    const section = [machine, markdown(table), markdown(verdicts)].join('\n\n');
    writeSection(document, section);
  }
  const isRefused = measured.some(({ full, half }) =>
    [...full, ...half].some(({ refused }) => refused > 0),
  );
  if (isRefused) process.stderr.write('bench:server: requests were refused\n');
  return isRefused ? 1 : 0;
}

/** Ports of their own for each: a server that has just ended may leave its port in use. */
const whereOf = (subject: Subject): Where => ({
  port: 18_400 + 10 * subjects.indexOf(subject),
  project: projectFolder,
  models,
  bin: join(projectFolder, '.venvs', subject.environment ?? 'none', 'bin'),
});

/** Makes the environments that are needed, and trains what Python serves. */
function prepare(chosen: readonly Subject[]): void {
  mkdirSync(models, { recursive: true });
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const environments = new Set(chosen.flatMap(({ environment }) => environment ?? []));
  for (const name of environments) {
    run('python3.11', join(projectFolder, 'python/environments/create.py'), name);
    const python = join(projectFolder, '.venvs', name, 'bin', 'python');
    const train = join(projectFolder, 'server/bench/apps/train.py');
    if (name === 'mlflow') {
      if (!existsSync(join(models, 'mlflow'))) run(python, train, models, '--mlflow');
    } else if (!existsSync(join(models, 'model.pkl'))) run(python, train, models);
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`bench:server: ${error.message}\n`);
    process.exitCode = 2;
  },
);
