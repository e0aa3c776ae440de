import { type Json, type JsonMap, malformed, own } from '../json/json.js';
import { parseDocument } from '../json/parse.js';
import type { ModelInfo } from './model.js';

/** Reads what a file says of the training: texts, and objects or their texts. */
export function readInfo(map: JsonMap): ModelInfo {
  const loss = objectOf(own(map, 'loss_function'), 'loss_function') ?? lossOf(map);
  const name = loss && own(loss, 'type');
  return {
    version: textOf(map, 'catboost_version_info'),
    time: textOf(map, 'train_finish_time'),
    loss: typeof name === 'string' ? name : null,
    classes: objectOf(own(map, 'class_params'), 'class_params'),
    threshold: textOf(map, 'binclass_probability_threshold'),
  };
}

function lossOf(map: JsonMap): JsonMap | null {
  const params = objectOf(own(map, 'params'), 'params');
  return params && objectOf(own(params, 'loss_function'), 'params.loss_function');
}

function textOf(map: JsonMap, key: string): string | null {
  const value = own(map, key) ?? null;
  if (value === null || typeof value === 'string') return value;
  throw malformed(`model_info.${key}`, 'expected a string');
}

/** An object, or the text of one; sums of models have such, and all of what the binary format holds is text. */
function objectOf(value: Json | undefined, key: string): JsonMap | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return parseDocument(new TextEncoder().encode(value), 'standard');
  if (typeof value !== 'object' || Array.isArray(value))
    throw malformed(`model_info.${key}`, 'expected an object');
  return value;
}
