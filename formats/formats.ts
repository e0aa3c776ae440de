import { isCatboostBinary } from './catboost/binary.js';
import { isCatboostJson } from './catboost/document.js';
import { importCatboostBinary, importCatboostJson } from './catboost/import.js';
import type { Format, FormatName, ImportedModel, ImportOptions } from './format.js';
import { importLightgbmJson, importLightgbmText } from './lightgbm/import.js';
import { isLightgbmJson } from './lightgbm/json.js';
import { isLightgbmText } from './lightgbm/text.js';
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

/** Of each format besides `.nut`. */
export const formats: Readonly<Record<FormatName, Format>> = {
  'sklearn-json': { detect: isSklearnJson, read: importSklearnJson },
  'sklearn-json-package': { detect: isSklearnJsonPackage, read: importSklearnJsonPackage },
  'xgboost-json': { detect: isXgboostJson, read: importXgboostJson },
  'xgboost-ubjson': { detect: isXgboostUbjson, read: importXgboostUbjson },
  'xgboost-binary': { detect: isXgboostBinary, read: importXgboostBinary },
  pickle: { detect: isPickle, read: importPickle },
  lightgbm: { detect: isLightgbmText, read: importLightgbmText },
  'lightgbm-json': { detect: isLightgbmJson, read: importLightgbmJson },
  catboost: { detect: isCatboostBinary, read: importCatboostBinary },
  'catboost-json': { detect: isCatboostJson, read: importCatboostJson },
  skops: { detect: isSkops, read: importSkops },
  pmml: { detect: isPmml, read: readPmml },
  onnx: { detect: isOnnx, read: importOnnx },
};

/** Loaded for its files alone: no other format needs a parser of XML. */
async function readPmml(bytes: Uint8Array, options: ImportOptions): Promise<ImportedModel> {
  const { importPmml } = await import('./pmml/import.js');
  return importPmml(bytes, options);
}
