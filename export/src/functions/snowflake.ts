import type { ModelDescription } from 'nuthatch/ir';
import type { ExportedFile, ExportOptions } from '../options.js';
import { refuse } from '../refuse.js';
import { keyOf, listCells, writeProgram } from './program.js';
import { type Signature, signatureOf } from './signature.js';

/** Bytes of a body that Snowflake advises to stay within: see docs/export.md. */
const mostBytes = 100 * 1000;

const types = { number: 'FLOAT', boolean: 'BOOLEAN', string: 'VARCHAR' } as const;

/** A function for Snowflake, whose JavaScript loads no files. */
export async function writeSnowflake(
  model: ModelDescription,
  { name = 'predict' }: ExportOptions,
): Promise<readonly ExportedFile[]> {
  const found = signatureOf(model);
  // Here integers are numbers, as all of JavaScript's.
  const signature: Signature = {
    ...found,
    result: found.result === 'integer' ? 'number' : found.result,
  };
  const { parameters, isList } = signature;
  const key = keyOf(model, name);
  const program = await writeProgram(model, signature, key);
  // Whatever the case of a parameter's name, the program sees capitals; what is missing may come as undefined.
  const cells = listCells(signature, (cell) => cell.toUpperCase());
  const body = `if (typeof ${key} === 'undefined') { ${program} }\nreturn ${key}(${cells});`;
  if (body.length > mostBytes)
    refuse(
      'limit-exceeded',
      'model',
      `a body of ${body.length} bytes; Snowflake advises ${mostBytes} at most, and loads no files; use --to sql, or nuthatch predict`,
    );
  const list = isList
    ? 'x ARRAY'
    : parameters.map((one) => `${one.name} ${types[one.type]}`).join(', ');
  const content = `CREATE OR REPLACE FUNCTION ${name}(${list})
RETURNS ${resultOf(signature)}
LANGUAGE JAVASCRIPT
IMMUTABLE
AS ${quoteBody(body)};
`;
  return [{ suffix: '.snowflake.sql', content }];
}

function resultOf({ result, isArray, isRecord }: Signature): string {
  if (isRecord) return 'OBJECT';
  return isArray ? 'ARRAY' : types[result as keyof typeof types];
}

const quoteBody = (body: string): string =>
  body.includes('$$')
    ? `'\n${body.replaceAll('\\', '\\\\').replaceAll("'", "''")}\n'`
    : `$$\n${body}\n$$`;
