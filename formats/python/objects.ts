import type { PyObject, PyValue } from '../sklearn/python.js';

/** An object of which nothing is known yet but its class and arguments. */
export const newObject = (className: string, args: readonly PyValue[] = []): PyObject => ({
  type: 'object',
  className,
  args: args as PyValue[],
  state: null,
  items: [],
  entries: [],
});

/** The one name of a class or function, wherever a version has it. */
export function nameOf(module: string, name: string): string {
  const home = homes.get(module) ?? module.replace(/^numpy\._core(?=\.|$)/, 'numpy.core');
  const isFunction = home === 'numpy.core._multiarray_umath' || home === 'numpy.core.umath';
  const full = `${isFunction ? 'numpy' : home}.${name}`;
  return renamed.get(full) ?? full;
}

/** What Python 2 calls otherwise. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['builtins.long', 'builtins.int'],
  ['builtins.unicode', 'builtins.str'],
  ['builtins.unichr', 'builtins.chr'],
  ['builtins.xrange', 'builtins.range'],
]);

/** Modules of Python 2, whose names protocols below 3 have, private homes of functions, and modules of scikit-learn up to 0.21. */
const homes: ReadonlyMap<string, string> = new Map([
  ['copy_reg', 'copyreg'],
  ['__builtin__', 'builtins'],
  ['scipy.special._ufuncs', 'scipy.special'],
  ['sklearn.ensemble.gradient_boosting', 'sklearn.ensemble._gb'],
  ['sklearn.tree.tree', 'sklearn.tree._classes'],
]);
