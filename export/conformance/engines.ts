import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** A table and a query on it, which is called `rows`. */
export interface Task {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: readonly (readonly unknown[])[];
  readonly query: string;
}

/** Runs a task; throws what the engine says. */
export interface Engine {
  run(task: Task): Promise<unknown[][]>;
  close(): void;
}

/** SQLite as Python has it: Node 20 has none. */
export function startSqlite(python: string): Engine {
  const child = spawn(python, ['export/conformance/sqlite.py'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  return {
    async run(task) {
      child.stdin.write(`${writeTask(task)}\n`);
      const [line] = (await once(lines, 'line')) as [string];
      const answer = JSON.parse(line) as unknown[][] | string;
      if (typeof answer === 'string') throw new Error(`SQLite: ${answer}`);
      return answer;
    },
    close: () => child.stdin.end(),
  };
}

/** JSON, with the infinities that Python reads. */
const writeTask = ({ columns, rows, query }: Task): string => {
  const cell = (value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : JSON.stringify(value);
  const all = rows.map((row) => `[${row.map(cell).join(',')}]`);
  return `{"columns":${JSON.stringify(columns)},"query":${JSON.stringify(query)},"rows":[${all.join(',')}]}`;
};

/** What of DuckDB's package is used: it is the example's, and large. */
interface DuckDb {
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<Connection> }>;
  };
}
interface Connection {
  run(sql: string): Promise<unknown>;
  createAppender(table: string): Promise<Appender>;
  runAndReadAll(sql: string): Promise<{ getRowsJS(): unknown[][] }>;
  closeSync(): void;
}
interface Appender {
  appendNull(): void;
  appendDouble(value: number): void;
  appendBoolean(value: boolean): void;
  appendVarchar(value: string): void;
  endRow(): void;
  closeSync(): void;
}

export async function startDuckDb(): Promise<Engine> {
  const require = createRequire(new URL('../../../examples/duckdb/package.json', import.meta.url));
  const { DuckDBInstance } = require('@duckdb/node-api') as DuckDb;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  return {
    async run({ columns, rows, query }) {
      const list = columns.map(([name, type]) => `${quote(name)} ${type}`);
      await connection.run(`CREATE OR REPLACE TABLE rows (${list.join(', ')})`);
      const appender = await connection.createAppender('rows');
      for (const row of rows) {
        for (const cell of row) {
          if (cell === null) appender.appendNull();
          else if (typeof cell === 'number') appender.appendDouble(cell);
          else if (typeof cell === 'boolean') appender.appendBoolean(cell);
          else appender.appendVarchar(cell as string);
        }
        appender.endRow();
      }
      appender.closeSync();
      return (await connection.runAndReadAll(query)).getRowsJS();
    },
    close: () => connection.closeSync(),
  };
}
