import { type Reference, readReference, type Statistics } from 'nuthatch/reference';
import type { ServedModel } from '../served-model.js';
import { exampleRows } from '../signature/example-rows.js';
import { type Signature, signatureOf } from '../signature/signature.js';
import type { PageFeature, PageModel } from './reports.js';

/** Of wider models, a page shows no form. */
const mostFeatures = 1000;
const mostExamples = 10;
const mostCells = 100_000;
/** Longer lists help nobody who chooses. */
const mostValues = 1000;

/** What a person needs to know of a model to ask it. */
export function describeForPage(served: ServedModel): PageModel {
  const { name, version, digest, description, model } = served;
  const signature = signatureOf(served);
  const reference = referenceOf(served);
  const { form, features, methods } = signature;
  return {
    ...{ name, version, digest, form, methods },
    className: description.provenance.className,
    task: model.task,
    columns: features.length,
    features: features
      .slice(0, mostFeatures)
      .map((feature, i) => describeFeature(feature, reference?.columns[i])),
    classes: classesOf(served),
    ...examplesOf(served, signature, reference),
  };
}

function describeFeature(feature: Signature['features'][number], known?: Statistics): PageFeature {
  const { name, type, values, closed, gaps } = feature;
  const isListed = values !== null && values.length <= mostValues;
  const [low = Number.NaN, high = Number.NaN] = known?.type === 'numbers' ? known.summary : [];
  return {
    ...{ name, type, gaps },
    values: isListed ? values : null,
    closed: isListed && closed,
    range: Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null,
  };
}

function classesOf({ model }: ServedModel): PageModel['classes'] {
  if (model.task !== 'classifier') return null;
  return model.multiOutput ? model.classes : [model.classes];
}

/** A model answers as well whose statistics are none. */
function referenceOf({ description }: ServedModel): Reference | null {
  try {
    return readReference(description);
  } catch {
    return null;
  }
}

/** Rows that the model was proved with; else one as the training rows were; else whatever it answers. */
function examplesOf(
  { description }: ServedModel,
  { features, example }: Signature,
  reference: Reference | null,
): Pick<PageModel, 'examples' | 'exampleSource'> {
  const most = Math.min(mostExamples, Math.floor(mostCells / Math.max(1, features.length)));
  const made = example === null ? [] : [example.cells];
  if (description.golden.length > 0) {
    // The last one is made up.
    const golden = exampleRows(description, features).slice(0, -1);
    return { examples: golden.slice(0, most), exampleSource: 'golden' };
  }
  if (reference === null) return { examples: made.slice(0, most), exampleSource: 'made-up' };
  const typical = features.map((_, i) => typicalOf(reference.columns[i]) ?? made[0]?.[i] ?? null);
  return { examples: [typical].slice(0, most), exampleSource: 'training' };
}

/** About the median, which is a value that was there; or the most frequent value. */
function typicalOf(known: Statistics | undefined): number | string | null {
  if (known?.type === 'values') return known.values[0] ?? null;
  if (known?.type !== 'numbers') return null;
  const counts = Array.from(known.counts);
  const half = counts.reduce((sum, count) => sum + count, 0) / 2;
  let below = 0;
  const bin = counts.findIndex((count) => {
    below += count;
    return below >= half;
  });
  return known.edges[bin] ?? known.summary[1] ?? null;
}
