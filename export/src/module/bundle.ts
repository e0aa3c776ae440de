import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import type { ModelDescription } from 'nuthatch/ir';
import * as kinds from 'nuthatch/kinds';
import { tensorSource, writeLiteral } from './literal.js';
import { withoutChecks } from './without-checks.js';

/** A program in one file: `model`, made of the library's own code for the kinds that it has, and what `rest` does with it. */
export async function bundleModel(
  { root, input }: ModelDescription,
  rest: string,
  options: BuildOptions,
): Promise<string> {
  const names = kindsIn(root);
  const contents = `import { modelOf } from 'nuthatch';
import { ${names.join(', ')} } from 'nuthatch/kinds';
${tensorSource}
const model = /* @__PURE__ */ modelOf(${writeLiteral({ root, input })}, [${names.join(', ')}], {});
${rest}`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'js' },
    bundle: true,
    minify: true,
    platform: 'neutral',
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
    plugins: [withoutChecks],
    ...options,
  });
  return outputFiles![0]!.text;
}

/** The names of `nuthatch/kinds` that a model needs. */
function kindsIn(root: unknown): string[] {
  const found = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    if ('kind' in value) found.add(value.kind);
    Object.values(value).forEach(visit);
  };
  visit(root);
  return Object.entries(kinds)
    .filter(([, { rules }]) => found.has(rules.kind))
    .map(([name]) => name);
}
