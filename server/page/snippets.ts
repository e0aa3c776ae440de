/** A request that somebody wants to make elsewhere. */
export interface Request {
  readonly url: string;
  readonly body: unknown;
  /** Whether the server wants a token, which is read of the environment. */
  readonly withToken: boolean;
}

/** Programs that make it, by the names of their languages. */
export const languages: Readonly<Record<string, (request: Request) => string>> = {
  curl: ({ url, body, withToken }) =>
    [
      `curl ${shellWord(url)}`,
      ...(withToken ? [`-H "Authorization: Bearer $NUTHATCH_TOKEN"`] : []),
      `-H 'Content-Type: application/json'`,
      `-d ${shellWord(JSON.stringify(body))}`,
    ].join(' \\\n  '),

  Python: ({ url, body, withToken }) =>
    [
      ...(withToken ? ['import os', ''] : []),
      'import requests',
      '',
      'answer = requests.post(',
      `    ${JSON.stringify(url)},`,
      ...(withToken
        ? [`    headers={"Authorization": "Bearer " + os.environ["NUTHATCH_TOKEN"]},`]
        : []),
      `    json=${pythonOf(body)},`,
      ')',
      'print(answer.json())',
    ].join('\n'),

  JavaScript: ({ url, body, withToken }) =>
    [
      `const answer = await fetch(${JSON.stringify(url)}, {`,
      `  method: 'POST',`,
      `  headers: {`,
      ...(withToken ? ["    Authorization: 'Bearer ' + process.env.NUTHATCH_TOKEN,"] : []),
      `    'Content-Type': 'application/json',`,
      '  },',
      `  body: ${scriptOf(body)},`,
      '});',
      'console.log(await answer.json());',
    ].join('\n'),
};

/** In a program, one name would be an object's prototype: then it is the text that is sent. */
function scriptOf(body: unknown): string {
  const json = JSON.stringify(body);
  return json.includes('"__proto__":') ? JSON.stringify(json) : `JSON.stringify(${json})`;
}

const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** JSON as Python writes it; its strings are those of Python, too. */
function pythonOf(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonOf).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const pairs = Object.entries(value as object);
  return `{${pairs.map(([name, own]) => `${JSON.stringify(name)}: ${pythonOf(own)}`).join(', ')}}`;
}
