import { NuthatchError } from 'nuthatch';
import type { ModelDescription } from 'nuthatch/ir';
import type { Target } from '../src/index.js';
import { checkExamples } from './examples.js';
import { fixtures } from './fixtures.js';
import { proveFunction } from './functions.js';
import { proveJson } from './json.js';
import { proveModule } from './module.js';
import type { Proof } from './proof.js';
import { closeEngines, proveSql } from './sql.js';
import { checkTypes, proveTypes } from './types.js';

/**
 * Exports the models of all fixtures to every target and compares what the exports answer with what Python did:
 * `node export/dist/conformance/main.js [--target NAME] [--only TEXT] [--verbose]`. A model that a target cannot have must be refused by an
 * error that says why.
 */
const provers: Readonly<Record<Target, (model: ModelDescription) => Promise<Proof>>> = {
  json: proveJson,
  dts: proveTypes,
  js: proveModule,
  sql: proveSql,
  bigquery: proveFunction('bigquery'),
  snowflake: proveFunction('snowflake'),
};

const option = (name: string): string =>
  process.argv.at(process.argv.indexOf(`--${name}`) + 1 || process.argv.length) ?? '';
const wanted = option('target');
const verbose = process.argv.includes('--verbose');
let failed = 0;
const targets = (Object.keys(provers) as Target[]).filter(
  (name) => wanted === '' || name === wanted,
);
const totals = new Map(
  targets.map((name) => [name, { exported: 0, refused: 0, values: 0, identical: 0, bytes: 0 }]),
);
for await (const { name, model } of fixtures(option('only'))) {
  for (const target of targets) {
    const total = totals.get(target)!;
    try {
      const proof = await provers[target](model);
      total.exported++;
      total.values += proof.values;
      total.identical += proof.identical;
      total.bytes += proof.bytes;
      if (verbose) console.log(`${target} ${name}: ${JSON.stringify(proof)}`);
      if (proof.failed === 0) continue;
      failed++;
      console.log(`${target} ${name}: ${proof.failed} of ${proof.values} values differ`);
    } catch (error) {
      if (
        error instanceof NuthatchError &&
        ['unsupported', 'limit-exceeded'].includes(error.code)
      ) {
        total.refused++;
        if (verbose) console.log(`${target} ${name}: refused: ${error.message}`);
        continue;
      }
      failed++;
      console.log(`${target} ${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
}
closeEngines();
for (const problem of [...checkTypes(), ...checkExamples(['duckdb', 'elsewhere', 'files'])]) {
  failed++;
  console.log(problem);
}
console.table(Object.fromEntries(totals));
if (failed > 0 || [...totals.values()].some(({ exported }) => exported === 0)) process.exitCode = 1;
