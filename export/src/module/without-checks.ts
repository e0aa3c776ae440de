import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Leaves out what checks a model before it is used: this one was when it was read, and a bundle is a fifth smaller without, which decides
 * whether a linear model fits a definition of BigQuery. The compiler writes all functions alike: they end where their indentation does.
 */
export const withoutChecks: Plugin = {
  name: 'without-checks',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]ir[\\/][\w-]+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text
        .replace(/^((?:export )?function validate\w*)\(.*?^}\n/gms, '$1() {}\n')
        .replace(/^( +)validate\([^\n]*\{\n.*?^\1\},?\n/gms, '$1validate() {},\n');
      return { contents, loader: 'js' };
    });
  },
};
