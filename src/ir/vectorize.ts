import { type Characters, readCharacters } from './characters.js';
import {
  type ArrayOf,
  absent,
  flag,
  integer,
  map,
  oneOf,
  optional,
  type Reader,
  read,
  readAll,
  starts,
  tensor,
  upTo,
  within,
} from './fields.js';
import type { NodeRules } from './rules.js';
import { readPattern, type TokenPattern } from './token-pattern.js';
import { expectCells } from './value.js';

/** Makes compressed rows of documents: how often each term occurs. Terms have the columns that a vocabulary or a hash gives them. */
export interface Vectorize {
  readonly kind: 'vectorize';
  /** 1: the column of documents. */
  readonly features: number;
  readonly type: 'float64' | 'float32';
  /** What a term is: words, characters, or characters inside words with a space on either side. */
  readonly analyzer: Analyzer;
  readonly lowercase: boolean;
  /** How accents are stripped; null where they stay. */
  readonly accents: 'ascii' | 'unicode' | null;
  readonly characters: Characters;
  /** What a word is; null for characters. */
  readonly pattern: TokenPattern | null;
  /** Words that are left out; null for none. */
  readonly stopWords: Terms | null;
  /** How many words or characters in a row a term has, at least and at most. */
  readonly smallest: number;
  readonly largest: number;
  /** Each column's term; null where columns are hashes. */
  readonly vocabulary: Terms | null;
  /** null with a vocabulary. */
  readonly hash: TermHash | null;
  /** Whether a term that occurs counts 1, however often it does. */
  readonly binary: boolean;
}

/** Strings one after another, in UTF-16. */
export interface Terms {
  readonly units: ArrayOf<'uint8' | 'uint16'>;
  /** [terms + 1]: where each begins. */
  readonly starts: Uint32Array;
}

/** The column of a term is its hash, without its sign, modulo `columns`. */
export interface TermHash {
  readonly columns: number;
  /** Whether terms with a negative hash count −1. */
  readonly signed: boolean;
}

export const analyzers = ['word', 'char', 'char_wb'] as const;
export type Analyzer = (typeof analyzers)[number];

/** Words or characters in a row: with more, a document would have terms without end. */
export const longestTerm = 100;

export const vectorizeRules: NodeRules<Vectorize> = {
  kind: 'vectorize',
  takesAny: true,
  takes: () => ['columns'],
  validate(f, features) {
    within(f, 'features', features, 1);
    const analyzer = read(f, 'analyzer', oneOf(...analyzers));
    const ifWords = <T>(reader: Reader<T>) => (analyzer === 'word' ? reader : absent);
    const smallest = read(f, 'smallest', integer(1, longestTerm));
    const vocabulary = read(f, 'vocabulary', optional(readTerms));
    const node = readAll(f, {
      type: oneOf('float64', 'float32'),
      lowercase: flag,
      accents: optional(oneOf('ascii', 'unicode')),
      characters: readCharacters,
      pattern: ifWords(readPattern),
      stopWords: ifWords(optional(readTerms)),
      largest: integer(smallest, longestTerm),
      hash: vocabulary ? absent : readHash,
      binary: flag,
    });
    return { analyzer, smallest, vocabulary, ...node };
  },
  gives(node, given, path) {
    expectCells('string', given, 0, path);
    return { kind: 'sparse', columns: termColumns(node) };
  },
};

/** Columns of the output. */
export const termColumns = ({ vocabulary, hash }: Vectorize): number =>
  hash ? hash.columns : vocabulary!.starts.length - 1;

const readTerms: Reader<Terms> = map((f) => {
  const units = read(f, 'units', tensor(['uint8', 'uint16']));
  return { units, starts: read(f, 'starts', starts(1, f.limits.features, units.length)) };
});

export const readHash: Reader<TermHash> = map((f) =>
  readAll(f, { columns: upTo('features'), signed: flag }),
);
