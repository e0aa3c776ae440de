import { sorts, sortsOfCharacters } from './characters.js';

/** Python's `str.lower`. */
export const lowerCase = (text: string): string =>
  changeAssigned(text, (part) => part.replace(finalSigma, 'ς').replaceAll('Σ', 'σ').toLowerCase());

/** A sigma at the end of a word. Later versions of Unicode have changed two characters that may stand beside it. */
const finalSigma =
  /(?<=(?![\p{Case_Ignorable}\u{1171e}])[\p{Cased}\u0295][\p{Case_Ignorable}\u{1171e}]*)Σ(?![\p{Case_Ignorable}\u{1171e}]*(?![\p{Case_Ignorable}\u{1171e}])[\p{Cased}\u0295])/gu;

/** scikit-learn's `strip_accents_unicode`: decomposed, without what combines. */
export function stripAccents(text: string): string {
  if (isAscii(text)) return text;
  const kinds = sortsOfCharacters();
  let result = '';
  for (const char of changeAssigned(text, decompose))
    if (kinds[char.codePointAt(0)!] !== sorts.combining) result += char;
  return result;
}

/** scikit-learn's `strip_accents_ascii`: decomposed, without all that is not ASCII. */
export const keepAscii = (text: string): string =>
  changeAssigned(text, decompose).replace(/[^\0-\x7f]/g, '');

const decompose = (text: string): string => text.normalize('NFKD');

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Changes what lies between characters that Python does not know: to it they are neither letters nor marks, and stay. */
function changeAssigned(text: string, change: (part: string) => string): string {
  if (isAscii(text)) return change(text);
  const kinds = sortsOfCharacters();
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
