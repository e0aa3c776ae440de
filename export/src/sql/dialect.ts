import { refuse } from '../refuse.js';

export const dialectNames = ['standard', 'bigquery', 'snowflake'] as const;
/** `standard` is what DuckDB, SQLite and PostgreSQL read. */
export type DialectName = (typeof dialectNames)[number];

/** What engines write differently. */
export interface Dialect {
  readonly double: string;
  name(text: string): string;
  text(text: string): string;
}

const doubled = (text: string, quote: string): string =>
  `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
const escaped = (text: string, quote: string): string =>
  `${quote}${text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n').replaceAll('\r', '\\r')}${quote}`;

/** No engine holds these in a text: one would end there, or another character would take their place. */
function checked(text: string): string {
  if (/\0|\p{Surrogate}/u.test(text))
    refuse('unsupported', JSON.stringify(text), 'a text that SQL cannot hold; use --to js');
  return text;
}

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  standard: {
    double: 'DOUBLE PRECISION',
    name: (text) => doubled(checked(text), '"'),
    text: (text) => doubled(checked(text), "'"),
  },
  bigquery: {
    double: 'FLOAT64',
    name: (text) => escaped(checked(text), '`'),
    text: (text) => escaped(checked(text), "'"),
  },
  snowflake: {
    double: 'DOUBLE PRECISION',
    name: (text) => doubled(checked(text), '"'),
    text: (text) => escaped(checked(text), "'"),
  },
};

/** A number that every engine reads as float64, and not as a decimal; missing where it is NaN. */
export function number(value: number, path: string): string {
  if (Number.isNaN(value)) return 'NULL';
  if (!Number.isFinite(value))
    return refuse('unsupported', path, 'an infinite number, which SQL cannot write; use --to js');
  const digits = String(value);
  const written = digits.includes('e') ? digits : `${digits}e0`;
  return value < 0 || Object.is(value, -0) ? `(${written})` : written;
}
