import type { Limits, ModelDescription, Provenance, Reference } from '../src/ir/index.js';

/** Formats besides `.nut`, as shown to people and kept as provenance, in the order in which bytes are looked at. */
export const foreignNames = [
  ...(['sklearn-json', 'sklearn-json-package', 'xgboost-json', 'xgboost-ubjson'] as const),
  // It has no mark: what looks like it is it.
  'xgboost-binary',
  ...([
    'pickle',
    'lightgbm',
    'lightgbm-json',
    'catboost',
    'catboost-json',
    'skops',
    'pmml',
  ] as const),
  // Last of all: its bytes say least of what they are.
  'onnx',
] as const;

export type FormatName = (typeof foreignNames)[number];

/** A format that models can be imported from. */
export interface Format {
  /** Whether bytes look like this format; cheap, and never throws. */
  detect(bytes: Uint8Array): boolean;
  read(bytes: Uint8Array, options: ImportOptions): ImportedModel | Promise<ImportedModel>;
}

/** Told how much of a step is done, from 0 to 1: often enough for a bar, not for every byte. */
export type ImportProgress = (step: 'inflate' | 'read' | 'pack', share: number) => void;

export interface ImportOptions {
  readonly limits: Limits;
  /** Keep each node's weighted number of training rows: needed to explain predictions, not to make them. */
  readonly keepCovers: boolean;
  /** Accept library versions that this release was not proved on; compare with golden rows then. */
  readonly allowUnprovenVersion: boolean;
  /** Of large files: bytes that are inflated and read, and trees that are packed. */
  readonly onProgress?: ImportProgress | undefined;
}

/** What a reader finds; the rest of the description is the same for all formats. */
export interface ImportedModel extends Pick<ModelDescription, 'root' | 'input' | 'golden'> {
  readonly provenance: Pick<Provenance, 'library' | 'libraryVersion' | 'className' | 'time'>;
  /** Statistics of the training rows, where the file has them. */
  readonly reference?: Reference | null;
}
