/** JSON as Python writes it: for the command line, batches and servers alike. */

/** Words that Python writes for numbers that JSON does not have. */
const pythonWords = /-?\b(?:NaN|Infinity)\b/g;
const pythonValues: Readonly<Record<string, string>> = {
  NaN: 'null',
  Infinity: '1e999',
  '-Infinity': '-1e999',
};

/**
 * A text as JSON, with NaN, which is missing, and infinities. In time that grows with its length, whatever it holds.
 *
 * @throws SyntaxError of the text as it was given
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = replacePythonWords(text);
    if (plain === text) throw error;
    try {
      return JSON.parse(plain);
    } catch {
      throw error;
    }
  }
}

/** null and infinities where Python's words stand. No expression finds the ends of strings in one pass whatever they hold. */
function replacePythonWords(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const start = quote === -1 ? text.length : quote;
    parts.push(text.slice(at, start).replace(pythonWords, (word) => pythonValues[word] ?? word));
    at = endOfString(text, start);
    parts.push(text.slice(start, at));
  }
  return parts.join('');
}

/** Behind the quote that ends a string; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let before = quote;
    while (text[before - 1] === '\\') before--;
    if ((quote - before) % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}
