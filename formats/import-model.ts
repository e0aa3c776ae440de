import { NuthatchError } from '../src/errors.js';
import {
  defaultLimits,
  type Limits,
  type ModelDescription,
  validateModel,
} from '../src/ir/index.js';
import { version } from '../src/version.js';
import { foreignNames, type ImportedModel, type ImportOptions } from './format.js';
import { inflate } from './inflate.js';
import { isNut, type ReadNutOptions, readNut } from './nut/index.js';

/** Names of the formats that `importModel` reads. */
export const formatNames: readonly string[] = ['nut', ...foreignNames];

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
  // Half of what this library is made of: models in its own format are ready in half the time without.
  const { formats } = await import('./formats.js');
  const name = foreignNames.find((candidate) => formats[candidate].detect(bytes));
  if (name === undefined) {
    throw new NuthatchError(
      'not-a-model',
      '',
      `the file is in none of the known formats: ${formatNames.join(', ')}`,
    );
  }
  const imported = await formats[name].read(bytes, {
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
        format: name,
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
