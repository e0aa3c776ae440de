import { type ReadNutOptions, readNutContent } from '../formats/nut/read.js';
import { allKinds, rulesIn } from './compile/compile.js';
import type { NodeKind } from './compile/kind.js';
import { validateRunnableWith } from './ir/index.js';
import { type Model, type ModelOptions, modelOf } from './model.js';

/**
 * Makes the bytes of a `.nut` file a model. Runs anywhere JavaScript does.
 *
 * The bytes are used in place, so they must not change afterwards.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `unsupported-version`, `malformed`, `corrupt`, `limit-exceeded`, `invalid-model`, `unsupported`
 */
export function load(
  bytes: Uint8Array | ArrayBuffer,
  options: ReadNutOptions & ModelOptions = {},
): Model {
  return loadWith(allKinds())(bytes, options);
}

/**
 * `load` of some kinds of model alone, those of `nuthatch/kinds`: a program that is bundled carries no others.
 *
 * The function it returns throws `unsupported` for a file with another kind.
 */
export const loadWith =
  (kinds: readonly NodeKind[]): typeof load =>
  (bytes, options = {}) => {
    const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    // Golden rows and provenance are neither checked nor kept.
    const { header, limits } = readNutContent(file, options);
    const description = validateRunnableWith(rulesIn(kinds), header, limits);
    return modelOf(description, kinds, options);
  };
