import { refuse } from '../refuse.js';
import type { Dialect } from './dialect.js';

/** Terms that are added, and conditions that are joined, in one expression: engines nest a thousand deep at most. */
const mostTerms = 100;
/** Columns of a table: SQLite has 2,000. */
const mostColumns = 1800;

/** A query that grows: each stage adds columns to those of the one before. */
export class Query {
  readonly dialect: Dialect;
  readonly #stages: string[] = [];
  readonly #guards = new Set<string>();
  #columns = 0;

  constructor(dialect: Dialect, from: string) {
    this.dialect = dialect;
    this.#stages.push(from);
  }

  /** Names for the values of expressions, which may then be used again. */
  name(expressions: readonly string[]): string[] {
    if (expressions.length === 0) return [];
    const names = expressions.map(() => `nh_${this.#columns++}`);
    if (this.#columns > mostColumns)
      refuse('limit-exceeded', 'model', `a query of more than ${mostColumns} columns; use --to js`);
    const list = expressions.map((expression, i) => `${expression} AS ${names[i]}`);
    this.#stages.push(`SELECT *,\n  ${list.join(',\n  ')}\nFROM nh_s${this.#stages.length - 1}`);
    return names;
  }

  /** A row for which this does not hold has no answer: the library would refuse it. */
  require(condition: string): void {
    this.#guards.add(condition);
  }

  /** The sum of terms, one added to those before, as the library adds them. */
  sum(terms: readonly string[]): string {
    let [sum = '0e0', ...rest] = terms;
    for (;;) {
      const more = rest.slice(0, mostTerms);
      sum = [sum, ...more].join(' + ');
      rest = rest.slice(mostTerms);
      if (rest.length === 0) return `(${sum})`;
      [sum] = this.name([sum]) as [string];
    }
  }

  /** The whole text: these answers under their names, of rows that the library would answer. */
  finish(
    keep: readonly string[],
    answers: readonly (readonly [name: string, sql: string])[],
  ): string {
    const guards = [...this.#guards];
    const joined: string[] = [];
    for (let i = 0; i < guards.length; i += mostTerms)
      joined.push(
        `CASE WHEN ${guards.slice(i, i + mostTerms).join('\n    AND ')} THEN 1 ELSE 0 END`,
      );
    const ok = this.name(joined)
      .map((name) => `${name} = 1`)
      .join(' AND ');
    const last = `nh_s${this.#stages.length - 1}`;
    const columns = [
      ...keep,
      ...answers.map(([name, sql]) =>
        ok ? `CASE WHEN ${ok} THEN ${sql} END AS ${name}` : `${sql} AS ${name}`,
      ),
    ];
    const stages = this.#stages.map((stage, i) => `nh_s${i} AS (\n${stage}\n)`);
    return `WITH ${stages.join(',\n')}\nSELECT\n  ${columns.join(',\n  ')}\nFROM ${last};\n`;
  }
}
