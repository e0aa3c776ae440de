import { basename } from 'node:path';
import type { ModelDescription } from '../ir/index.js';
import { writeWhole } from '../node.js';
import { type Command, choice, exitCodes, usageError } from './command.js';
import { loadPackage } from './load-server.js';
import { openModel } from './open-model.js';
import { formatBytes } from './print.js';

/** What this command needs of the package that writes models, which is installed apart. */
interface Exporter {
  readonly targetNames: readonly string[];
  exportModel(
    model: ModelDescription,
    target: string,
    options: Readonly<Record<string, unknown>>,
  ): Promise<readonly { readonly suffix: string; readonly content: string }[]>;
}

export const exportCommand: Command = {
  name: 'export',
  synopsis: 'MODEL --to TARGET [-o FILE]',
  summary: 'Writes a model as what runs elsewhere: JSON, types.',
  help: `
  --to TARGET        json    all of the model, to read and to compare; nothing is lost
                     dts     types for TypeScript: the columns with their categories, the classes, the methods
  -o, --output FILE  where to write; default: the model's name, with the target's own ending

Examples:
  nuthatch export model.nut --to json
  nuthatch export model.joblib --to dts -o types/model.d.ts
`,
  options: {
    to: { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
  positionals: [1, 1],
  async run(args) {
    const { targetNames, exportModel } = await loadPackage<Exporter>('@nuthatch/export', 'export');
    const target = choice(exportCommand, args, 'to', targetNames);
    if (target === null)
      throw usageError(exportCommand, `--to is missing; it takes ${targetNames.join(', ')}`);
    const source = args.positionals[0]!;
    const { model } = await openModel(source, args);
    const files = await exportModel(model, target, {});
    const output = args.text('output');
    const stem = basename(source).replace(/(\.[a-z]+)?(\.gz)?$/, '');
    const written: string[] = [];
    for (const { suffix, content } of files) {
      // The file that is named is the first; others stand beside it.
      const path =
        output === null
          ? `${stem}${suffix}`
          : suffix === files[0]!.suffix
            ? output
            : `${output.replace(/\.\w+$/, '')}${suffix}`;
      if (path === source)
        throw usageError(exportCommand, 'the output is the model itself; name another with -o');
      await writeWhole(path, content);
      written.push(`→ ${path}, ${formatBytes(Buffer.byteLength(content))}`);
    }
    process.stdout.write(`${written.join('\n')}\n`);
    return exitCodes.done;
  },
};
