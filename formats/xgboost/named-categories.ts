import type { Names } from '../boosting/named-categories.js';
import { malformed } from '../json/json.js';
import { integersOf, isMap, listOf, numbersOf, own, type ValueMap } from './document.js';

/**
 * The categories of each feature, in the order of their codes: null of numbers. From 3.1 on a model of a DataFrame has them.
 *
 * @param model what holds the trees
 */
export function readNamedCategories(model: ValueMap, path: string): readonly (Names | null)[] {
  const cats = own(model, 'cats');
  if (!isMap(cats) || own(cats, 'enc') === undefined) return [];
  return listOf(cats, 'enc', `${path}.cats`).map((one, feature) => {
    const place = `${path}.cats.enc[${feature}]`;
    if (!isMap(one)) throw malformed(place, 'expected an object');
    const names =
      own(one, 'offsets') === undefined ? readNumbers(one, place) : readTexts(one, place);
    if (new Set<unknown>(names).size < names.length) throw malformed(place, 'a category twice');
    return names.length === 0 ? null : names;
  });
}

const readNumbers = (map: ValueMap, path: string): Float64Array =>
  Float64Array.from(numbersOf(map, 'values', path));

/** Texts one after another as bytes, and where each begins and the last ends. */
function readTexts(map: ValueMap, path: string): string[] {
  const bytes = Uint8Array.from(integersOf(map, 'values', path, -128, 255));
  const offsets = integersOf(map, 'offsets', path, 0, bytes.length);
  return Array.from({ length: Math.max(0, offsets.length - 1) }, (_, i) => {
    if (offsets[i + 1]! < offsets[i]!) throw malformed(`${path}.offsets`, 'not ascending');
    try {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      return decoder.decode(bytes.subarray(offsets[i], offsets[i + 1]));
    } catch {
      throw malformed(`${path}.values`, 'a text that is not UTF-8');
    }
  });
}
