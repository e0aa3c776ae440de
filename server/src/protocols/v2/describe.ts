import type { Repository } from '../../repository.js';
import type { ServedModel } from '../../served-model.js';
import { inputsOf, outputsOf, type Slot } from './signature.js';

/** What the protocol's metadata say of the server, over HTTP and gRPC. */
export const describeServer = (extensions: string[]) => ({
  name: 'nuthatch',
  version: '0.1.0',
  extensions,
});

export interface ModelMetadata {
  readonly name: string;
  readonly versions: string[];
  readonly platform: string;
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
}

/** What they say of a model. */
export const describeModel = (repository: Repository, served: ServedModel): ModelMetadata => ({
  name: served.name,
  versions: repository.versionsOf(served.name).map(({ version }) => version),
  platform: 'nuthatch',
  inputs: inputsOf(served),
  outputs: outputsOf(served),
});
