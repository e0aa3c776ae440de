import { NuthatchError, printable, quote } from '../../src/errors.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { stepped } from './column.js';
import { type DataField, dictionaryOf } from './data-dictionary.js';
import { Effort } from './effort.js';
import { encoded } from './encoder.js';
import { FeatureTable } from './features.js';
import { type Field, toFloat } from './field.js';
import type { Lowering } from './lowering.js';
import { Memory } from './memory.js';
import { readMiningSchema } from './mining-schema.js';
import { lowerModel } from './model.js';
import { modelIn } from './model-scope.js';
import { nodeOf, type Prediction, predicted } from './prediction.js';
import { attempt, childOf, childrenOf, Gap, type Reading, refuseAt, textOf } from './reading.js';
import { addDerived, scopeIn } from './scope.js';
import { attribute, type Element, readXml } from './xml.js';

/** Imports a PMML file of trees, regressions, scorecards, and models of these. */
export function importPmml(bytes: Uint8Array, options: ImportOptions): ImportedModel {
  const memory = new Memory(bytes.length, options.limits.memoryBytes);
  const pmml = readXml(bytes, options.limits, memory);
  if (pmml.name !== 'PMML')
    throw new NuthatchError('not-a-model', '', `a document of ${quote(pmml.name)}, not of PMML`);
  checkVersion(pmml, options);
  const reading: Reading = { ...options, memory, problems: [] };
  try {
    const imported = lower(reading, pmml, new Effort(bytes.length));
    if (reading.problems.length === 0) return imported;
  } catch (error) {
    if (!(error instanceof Gap)) throw error;
  }
  throw refusal(reading);
}

function checkVersion(pmml: Element, { allowUnprovenVersion }: ImportOptions): void {
  const version = attribute(pmml, 'version') ?? '';
  if (allowUnprovenVersion || /^4(\.[0-4](\.\d+)?)?$/.test(version)) return;
  throw new NuthatchError(
    'unsupported-version',
    'PMML.version',
    `PMML ${quote(version)}; this release was proved on 4.0 to 4.4`,
  );
}

function lower(reading: Reading, pmml: Element, effort: Effort): ImportedModel {
  const model = modelIn(reading, pmml);
  const { fields, target, input } = readMiningSchema(reading, model, dictionaryOf(reading, pmml));
  const features = new FeatureTable(reading.memory);
  const [first] = fields.values();
  const dictionary = childOf(pmml, 'TransformationDictionary');
  const lowering: Lowering = {
    ...reading,
    effort,
    features,
    functions: functionsOf(reading, dictionary),
    given: fields.size,
    first: numbersOf(first!),
  };
  const scope = scopeIn(null, new Map(fields));
  for (const transformations of [dictionary, childOf(model, 'LocalTransformations')])
    if (transformations) addDerived(lowering, scope, transformations);
  attempt(lowering, () => checkOutput(lowering, model));
  const prediction = lowerModel(lowering, scope, model, target);
  const root = nodeOf(lowering, inTypeOf(lowering, model, target, prediction));
  const header = childOf(pmml, 'Header');
  const application = header && childOf(header, 'Application');
  const timestamp = header && childOf(header, 'Timestamp')?.text.trim();
  return {
    root,
    input,
    golden: [],
    provenance: {
      library: (application && attribute(application, 'name')) ?? 'unknown',
      libraryVersion: (application && attribute(application, 'version')) ?? 'unknown',
      className: attribute(model, 'algorithmName') ?? model.name,
      time: timestamp || null,
    },
  };
}

/** A prediction in the type of its target. */
function inTypeOf(
  lowering: Lowering,
  model: Element,
  target: DataField | null,
  prediction: Prediction,
): Prediction {
  if (prediction.task !== 'regression' || !target) return prediction;
  if (target.type === 'double') return prediction;
  if (target.type === 'float') {
    if (prediction.column.type === 'float') return prediction;
    const column = stepped(predicted(prediction), toFloat, 'float');
    return { task: 'regression', column, link: 'identity' };
  }
  const [one] = childrenOf(childOf(model, 'Targets') ?? model, 'Target');
  if (target.type === 'integer' && one && attribute(one, 'castInteger') !== null) return prediction;
  return refuseAt(lowering, target.element, `numbers of the type ${target.type} are not supported`);
}

/** Functions by their names. */
function functionsOf(
  reading: Reading,
  dictionary: Element | undefined,
): ReadonlyMap<string, Element> {
  const functions = new Map<string, Element>();
  for (const one of dictionary ? childrenOf(dictionary, 'DefineFunction') : []) {
    const name = textOf(reading, one, 'name');
    if (functions.has(name)) refuseAt(reading, one, 'a name twice');
    functions.set(name, one);
  }
  return functions;
}

/** Any field as numbers: what models are of that ask for none. */
const numbersOf = (field: Field) =>
  field.categories ? encoded(field, new Map(), 0, 0) : field.column;

/** What people see of the answers beside labels, numbers and probabilities must not be lost. */
function checkOutput(lowering: Lowering, model: Element): void {
  const output = childOf(model, 'Output');
  for (const field of output ? childrenOf(output, 'OutputField') : []) {
    const feature = attribute(field, 'feature') ?? 'predictedValue';
    const isShown = attribute(field, 'isFinalResult') !== 'false';
    if (isShown && (feature === 'transformedValue' || feature === 'decision'))
      refuseAt(lowering, field, `results made of predictions (${feature}) are not supported`);
  }
}

const listedGaps = 50;

function refusal({ problems }: Reading): NuthatchError {
  const [first, ...others] = problems;
  const more = others
    .slice(0, listedGaps - 1)
    .map(({ path, message }) => `${printable(path)}: ${message}`);
  if (problems.length > listedGaps) more.push(`and ${problems.length - listedGaps} more`);
  return new NuthatchError(
    'unsupported',
    first!.path,
    [first!.message, ...more].join('\n'),
    problems,
  );
}
