/**
 * What JSON lacks stands in maps of one key, which begins with `@`; a key of a model that begins so itself has one more.
 *
 * * `{"@float64": [0.5, "NaN", "-Infinity"]}`: a tensor of that type; a NaN of other bits is `"NaN:"` and these in hexadecimal digits.
 * * `{"@number": "NaN"}`: a number that is not finite.
 * * `{"@trees": [[slot, …], …]}`: what `nodes`, `starts` and `depths` say, a line for each slot.
 */
export const mark = '@';
export const numberKey = '@number';
export const treesKey = '@trees';

/** What the first keys of a document say. */
export const formName = 'nuthatch-ir';
export const formVersion = '1.1';

/** Maps and arrays inside one another: far more than a model has. */
export const deepest = 256;
