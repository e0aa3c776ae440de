import { type ReadNutOptions, readRunnable } from '../formats/nut/read.js';
import { createModel, type Model, type ModelOptions } from './model.js';

/**
 * Makes the bytes of a `.nut` file a model. Runs anywhere JavaScript does.
 *
 * The bytes are used in place, so they must not change afterwards.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `unsupported-version`, `malformed`, `corrupt`, `limit-exceeded`, `invalid-model`
 */
export function load(
  bytes: Uint8Array | ArrayBuffer,
  options: ReadNutOptions & ModelOptions = {},
): Model {
  const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return createModel(readRunnable(file, options), options);
}
