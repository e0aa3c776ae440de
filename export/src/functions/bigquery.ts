import type { ModelDescription } from 'nuthatch/ir';
import type { ExportedFile, ExportOptions } from '../options.js';
import { refuse } from '../refuse.js';
import { keyOf, listCells, writeProgram } from './program.js';
import { type ResultType, type Signature, signatureOf } from './signature.js';

/** Bytes of a definition, and of a file that it loads: see docs/export.md. */
const mostInline = 32 * 1024;
const mostInFile = 1024 * 1024;

const types: Readonly<Record<ResultType, string>> = {
  number: 'FLOAT64',
  integer: 'INT64',
  boolean: 'BOOL',
  string: 'STRING',
};

/** A function for BigQuery: in its definition where that fits, else in a file beside it, for a bucket. */
export async function writeBigQuery(
  model: ModelDescription,
  { name = 'predict', library }: ExportOptions,
): Promise<readonly ExportedFile[]> {
  const signature = signatureOf(model);
  const key = keyOf(model, name);
  const program = await writeProgram(model, signature, key);
  const call = `return ${key}(${listCells(signature, (cell) => cell)});`;
  const inline = define(
    name,
    signature,
    `if (typeof ${key} === 'undefined') { ${program} }\n${call}`,
  );
  if (library === undefined && inline.length <= mostInline)
    return [{ suffix: '.bigquery.sql', content: inline }];
  if (program.length > mostInFile)
    refuse(
      'limit-exceeded',
      'model',
      `a program of ${program.length} bytes; BigQuery loads files of ${mostInFile} at most; use nuthatch predict`,
    );
  const place = library ?? `gs://BUCKET/${key}.js`;
  return [
    { suffix: '.bigquery.sql', content: define(name, signature, call, place) },
    { suffix: '.bigquery.js', content: program },
  ];
}

function define(name: string, signature: Signature, body: string, library?: string): string {
  const { parameters, isList } = signature;
  const list = isList
    ? 'x ARRAY<FLOAT64>'
    : parameters.map((one) => `${one.name} ${types[one.type]}`).join(', ');
  const options = library ? `\nOPTIONS (library = [${JSON.stringify(library)}])` : '';
  return `CREATE OR REPLACE FUNCTION ${name}(${list})
RETURNS ${resultOf(signature)}
LANGUAGE js${options}
AS ${quoteBody(body)};
`;
}

function resultOf({ result, isArray, isRecord, hasProbabilities }: Signature): string {
  const own = isArray ? `ARRAY<${types[result]}>` : types[result];
  if (!isRecord) return own;
  return `STRUCT<prediction ${own}${hasProbabilities ? ', probabilities ARRAY<FLOAT64>' : ''}>`;
}

/** A raw string where none of its ends is in the program. */
function quoteBody(body: string): string {
  for (const end of ['"""', "'''"]) if (!body.includes(end)) return `r${end}\n${body}\n${end}`;
  return `"""\n${body.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}\n"""`;
}
