import {
  absent,
  fail,
  finite,
  flag,
  names,
  oneOf,
  optional,
  readAll,
  text,
  unique,
  within,
} from './fields.js';
import { denseOr, type NodeRules } from './rules.js';
import { columnsOnly, expectCells, type ItemForm, itemForms } from './value.js';
import { readHash, type TermHash } from './vectorize.js';

/** Adds up what items are given, term by term. Terms have the columns that a list of them or a hash gives them. */
export interface Tally {
  readonly kind: 'tally';
  /** 1: the column of items. */
  readonly features: number;
  /** What its cells look like. */
  readonly form: ItemForm;
  /** What sums are kept as. Of integers, what items are given is cut to whole numbers; a sum is float64 then. */
  readonly type: (typeof tallyTypes)[number];
  /** An item's term is its name or, where it is given a string, its name, this and the string: then it counts 1. */
  readonly separator: string;
  /** Each column's term; not both are there. Other terms are left out. */
  readonly strings: readonly string[] | null;
  /** Each column's label, where labels are numbers. */
  readonly numbers: Float64Array | null;
  /** null with terms or labels. What is given 0 is left out, lists and nothing are errors. */
  readonly hash: TermHash | null;
  /** Whether a term that occurs counts 1, however often it does. */
  readonly binary: boolean;
  /** Whether the result is sparse; with `hash` it is. */
  readonly sparse: boolean;
}

/** In UTF-16. */
const longestSeparator = 1000;

export const tallyTypes = ['float64', 'float32', 'int64', 'int32'] as const;

export const tallyRules: NodeRules<Tally> = {
  kind: 'tally',
  takesAny: true,
  takes: columnsOnly,
  validate(f, features) {
    within(f, 'features', features, 1);
    const { strings, numbers } = readAll(f, {
      strings: optional(names),
      numbers: optional(unique(finite())),
    });
    const known = strings ?? numbers;
    if (known) within(f, 'strings', known.length, 1, f.limits.features);
    const node = readAll(f, {
      form: oneOf(...itemForms),
      type: oneOf(...tallyTypes),
      separator: text,
      hash: known ? absent : readHash,
      binary: flag,
      sparse: flag,
    });
    if (strings && numbers) fail(f, 'numbers', 'not beside strings');
    if (numbers && node.form !== 'list') fail(f, 'numbers', 'only of lists');
    // A long one would cost a file once, and every item of every row.
    within(f, 'separator', node.separator.length, 0, longestSeparator);
    // Columns of hashes would cost a file nothing, and every row memory.
    if (node.hash && !node.sparse) fail(f, 'sparse', 'hashes are');
    return { strings, numbers, ...node };
  },
  gives(node, given, path) {
    expectCells(node.form, given, 0, path);
    return denseOr(node.sparse, tallyColumns(node));
  },
};

/** Columns of the output. */
export const tallyColumns = ({ strings, numbers, hash }: Tally): number =>
  hash ? hash.columns : (strings ?? numbers!).length;
