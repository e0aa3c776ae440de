import { endOfString } from './scan.js';

/** As JSON has them. Spaces keep what is around apart, so that what was no token before is none after. */
const replacements: readonly (readonly [name: string, json: string])[] = [
  ['-Infinity', ' -1e999 '],
  ['Infinity', ' 1e999 '],
  ['NaN', ' null '],
];

/** Text by Python's `json` module with its names of non-finite numbers, outside strings, in JSON: infinities overflow, NaN is null. */
export function replaceNonFinite(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at) - 1;
    } else if (code === 0x2d || code === 0x49 || code === 0x4e) {
      const found = replacements.find(([name]) => text.startsWith(name, at));
      if (found === undefined) continue;
      parts.push(text.slice(from, at), found[1]);
      from = at + found[0].length;
      at = from - 1;
    }
  }
  parts.push(text.slice(from));
  return parts.join('');
}
