import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs the commands of READMEs and compares what they print, but for sizes; returns what differs. */
export function checkExamples(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    mkdirSync(join('.cache', name), { recursive: true });
    const readme = readFileSync(join('examples', name, 'README.md'), 'utf8');
    const steps = [...readme.matchAll(/^```console\n(.*?)^```$/gms)]
      .flatMap(([, block]) => block!.split(/^\$ /m).slice(1))
      .map((step) => step.split(/\n(.*)/s) as [command: string, printed: string])
      .filter(([command]) => !command.startsWith('npm '));
    if (steps.length < 2) return [`examples/${name} has no commands`];
    return steps.flatMap(([command, printed]) => {
      const line = command.replace('npx nuthatch', `node ${join('dist', 'src', 'cli', 'main.js')}`);
      const { stdout, stderr } = spawnSync(line, { shell: true, encoding: 'utf8' });
      const found = withoutSizes(stdout);
      return stderr === '' && found === withoutSizes(printed)
        ? []
        : [`examples/${name}: ${command}\n${stdout}${stderr}`];
    });
  });
}

/** What each run prints otherwise: sizes and times. */
const withoutSizes = (text: string): string =>
  text
    .replaceAll(/[\d.]+ (kB|B)\b/g, 'size')
    .replaceAll(/in [\d.]+ s \([\d,]+ rows\/s\)/g, 'in a moment');
