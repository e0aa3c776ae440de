import { readdirSync } from 'node:fs';
import { describeMachine } from './machine.js';

/** Runs every workload in `workloads/`, or those whose names were given. */
const folder = new URL('./workloads/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `there is no workload ${unknown.join(', ')}; there are ${names.join(', ')}\n`,
  );
  process.exit(2);
}
process.stdout.write(`${describeMachine()}\n\n`);
for (const name of wanted.length > 0 ? wanted : names) {
  const { run } = (await import(new URL(`${name}.js`, folder).href)) as {
    run: () => Promise<void>;
  };
  await run();
}
