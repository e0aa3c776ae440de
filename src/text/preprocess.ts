import { sorts } from '../ir/index.js';
import type { Kinds } from './characters.js';

/** Python's `str.lower`. */
export const lowerCase = (kinds: Kinds, text: string): string =>
  changeAssigned(kinds, text, lowerAssigned);

const lowerAssigned = (text: string): string =>
  text.includes('Σ')
    ? text.replace(finalSigma, 'ς').replaceAll('Σ', 'σ').toLowerCase()
    : text.toLowerCase();

/**
 * The lower case of each code unit that is a character and has one of a single unit, whatever stands beside it; 0 of the others. An eighth
 * of a megabyte: a document that it serves needs no other string.
 */
export const lowerUnits = (kinds: Kinds): Uint16Array =>
  Uint16Array.from({ length: 0x10000 }, (_, unit) => {
    if (kinds[unit] === sorts.unassigned) return unit;
    const lower = String.fromCharCode(unit).toLowerCase();
    const stays = unit !== 0x3a3 && (unit & 0xf800) !== 0xd800 && lower.length === 1;
    return stays ? lower.charCodeAt(0) : 0;
  });

/** A sigma at the end of a word. Later versions of Unicode have changed two characters that may stand beside it. */
const finalSigma =
  /(?<=(?![\p{Case_Ignorable}\u{1171e}])[\p{Cased}\u0295][\p{Case_Ignorable}\u{1171e}]*)Σ(?![\p{Case_Ignorable}\u{1171e}]*(?![\p{Case_Ignorable}\u{1171e}])[\p{Cased}\u0295])/gu;

/** scikit-learn's `strip_accents_unicode`: decomposed, without what combines. */
export function stripAccents(kinds: Kinds, text: string): string {
  if (isAscii(text)) return text;
  let result = '';
  for (const char of changeAssigned(kinds, text, decompose))
    if (kinds[char.codePointAt(0)!] !== sorts.combining) result += char;
  return result;
}

/** scikit-learn's `strip_accents_ascii`: decomposed, without all that is not ASCII. */
export const keepAscii = (kinds: Kinds, text: string): string =>
  changeAssigned(kinds, text, decompose).replace(/[^\0-\x7f]/g, '');

const decompose = (text: string): string => text.normalize('NFKD');

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Changes what lies between characters that Python does not know: to it they are neither letters nor marks, and stay. */
function changeAssigned(kinds: Kinds, text: string, change: (part: string) => string): string {
  if (isAscii(text)) return change(text);
  let result = '';
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at)!;
    const next = at + (point > 0xffff ? 2 : 1);
    if (kinds[point] === sorts.unassigned) {
      result += change(text.slice(from, at)) + text.slice(at, next);
      from = next;
    }
    at = next;
  }
  return from === 0 ? change(text) : result + change(text.slice(from));
}
