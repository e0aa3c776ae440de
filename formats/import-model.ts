import { NuthatchError } from '../src/errors.js';
import {
  defaultLimits,
  type Limits,
  type ModelDescription,
  validateModel,
} from '../src/ir/index.js';
import { version } from '../src/version.js';
import { isCatboostBinary } from './catboost/binary.js';
import { isCatboostJson } from './catboost/document.js';
import { importCatboostBinary, importCatboostJson } from './catboost/import.js';
import type { Format, ImportedModel, ImportOptions } from './format.js';
import { inflate } from './inflate.js';
import { importLightgbmJson, importLightgbmText } from './lightgbm/import.js';
import { isLightgbmJson } from './lightgbm/json.js';
import { isLightgbmText } from './lightgbm/text.js';
import { isNut, type ReadNutOptions, readNut } from './nut/index.js';
import { importOnnx, isOnnx } from './onnx/import.js';
import { importPickle, isPickle } from './pickle/import.js';
import { isPmml } from './pmml/detect.js';
import { importSklearnJson } from './sklearn-json/import.js';
import { isSklearnJson } from './sklearn-json/read.js';
import { importSklearnJsonPackage } from './sklearn-json-package/import.js';
import { isSklearnJsonPackage } from './sklearn-json-package/read.js';
import { importSkops, isSkops } from './skops/import.js';

import { isXgboostBinary } from './xgboost/binary.js';
import { importXgboostBinary, importXgboostJson, importXgboostUbjson } from './xgboost/import.js';
import { isXgboostJson, isXgboostUbjson } from './xgboost/learner.js';

/** One line for each format besides `.nut`. */
const formats: readonly Format[] = [
  { name: 'sklearn-json', detect: isSklearnJson, read: importSklearnJson },
  {
    name: 'sklearn-json-package',
    detect: isSklearnJsonPackage,
    read: importSklearnJsonPackage,
  },
  { name: 'xgboost-json', detect: isXgboostJson, read: importXgboostJson },
  { name: 'xgboost-ubjson', detect: isXgboostUbjson, read: importXgboostUbjson },
  // It has no mark: what looks like it is it.
  { name: 'xgboost-binary', detect: isXgboostBinary, read: importXgboostBinary },
  { name: 'pickle', detect: isPickle, read: importPickle },
  { name: 'lightgbm', detect: isLightgbmText, read: importLightgbmText },
  { name: 'lightgbm-json', detect: isLightgbmJson, read: importLightgbmJson },
  { name: 'catboost', detect: isCatboostBinary, read: importCatboostBinary },
  { name: 'catboost-json', detect: isCatboostJson, read: importCatboostJson },
  { name: 'skops', detect: isSkops, read: importSkops },
  { name: 'pmml', detect: isPmml, read: readPmml },
  // Last of all: its bytes say least of what they are.
  { name: 'onnx', detect: isOnnx, read: importOnnx },
];

/** Loaded for its files alone: no other format needs a parser of XML. */
async function readPmml(bytes: Uint8Array, options: ImportOptions): Promise<ImportedModel> {
  const { importPmml } = await import('./pmml/import.js');
  return importPmml(bytes, options);
}

/** Names of the formats that `importModel` reads. */
export const formatNames: readonly string[] = ['nut', ...formats.map((format) => format.name)];

export interface ImportModelOptions
  extends Partial<Omit<ImportOptions, 'limits'>>,
    Pick<ReadNutOptions, 'accelerator'> {
  readonly limits?: Partial<Limits>;
  /** Names of the columns, for files that hold none. */
  readonly columnNames?: readonly string[] | null;
  /** Kept in the model's provenance. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Reads a trained model in any supported format, recognised by its bytes, compressed by gzip or zlib or not. Nothing in the bytes is ever executed.
 *
 * @returns the model as plain data: `createModel` makes it predict, `writeNut` writes it
 * @throws NuthatchError `not-a-model`, `unsupported` (with every gap in `problems`), and the codes of `load`
 */
export async function importModel(
  file: Uint8Array,
  options: ImportModelOptions = {},
): Promise<ModelDescription> {
  const limits = { ...defaultLimits, ...options.limits };
  if (file.length > limits.fileBytes) {
    throw new NuthatchError(
      'limit-exceeded',
      '',
      `the file has ${file.length} bytes; the limit is ${limits.fileBytes}`,
    );
  }
  const bytes = await inflate(file, limits, options.onProgress);
  if (isNut(bytes)) return readNut(bytes, { limits, accelerator: options.accelerator ?? null });
  const format = formats.find((candidate) => candidate.detect(bytes));
  if (format === undefined) {
    throw new NuthatchError(
      'not-a-model',
      '',
      `the file is in none of the known formats: ${formatNames.join(', ')}`,
    );
  }
  const imported = await format.read(bytes, {
    limits,
    keepCovers: options.keepCovers ?? false,
    allowUnprovenVersion: options.allowUnprovenVersion ?? false,
    onProgress: options.onProgress,
  });
  return validateModel(
    {
      ...imported,
      input: withNames(imported.input, options.columnNames ?? null),
      provenance: {
        ...imported.provenance,
        format: format.name,
        digest: await sha256(file),
        nuthatch: version,
        metadata: options.metadata ?? {},
      },
      reference: imported.reference ?? null,
    },
    limits,
  );
}

/** A matrix without names has these, where there are as many. */
const withNames = (
  input: ImportedModel['input'],
  names: readonly string[] | null,
): ImportedModel['input'] =>
  input.type === 'matrix' && input.names === null && names?.length === input.features
    ? { ...input, names: [...names] }
    : input;

/** Absent where the page is not served securely: browsers offer no digest there. */
async function sha256(bytes: Uint8Array): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
