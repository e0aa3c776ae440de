import { HttpError } from '../http-error.js';
import { loadAsked } from '../load-asked.js';
import { describeModel, describeServer, type ModelMetadata } from '../protocols/v2/describe.js';
import { infer } from '../protocols/v2/infer.js';
import { indexOf } from '../protocols/v2/repository.js';
import type { Repository } from '../repository.js';
import type { ServedModel } from '../served-model.js';
import type { GRPCInferenceService } from './generated/inference_pb.js';
import { readInfer, writeInfer } from './message.js';
import type { Unaries } from './service.js';

/** The Open Inference Protocol over gRPC. */
export const inference: Unaries<typeof GRPCInferenceService> = {
  serverLive: { scope: null, answer: () => ({ live: true }) },
  serverReady: { scope: null, answer: (_, { context }) => ({ ready: context.repository.ready }) },
  modelReady: {
    scope: null,
    answer({ name, version }, { context }) {
      find(context.repository, name, version);
      return { ready: context.repository.ready };
    },
  },
  serverMetadata: { scope: 'predict', answer: () => describeServer(['model_repository']) },
  modelMetadata: {
    scope: 'predict',
    answer({ name, version }, { context }) {
      const served = find(context.repository, name, version);
      const { inputs, outputs, ...described } = describeModel(context.repository, served);
      return { ...described, inputs: slotsOf(inputs), outputs: slotsOf(outputs) };
    },
  },
  modelInfer: {
    scope: 'predict',
    async answer(request, call) {
      const { context } = call;
      const key = call.header(context.repository.keyHeader);
      const served = find(context.repository, request.modelName, request.modelVersion, key);
      call.served = served;
      const asked = readInfer(request, context.limits.cells);
      const answered = writeInfer(request.id, await infer(context, call, asked));
      return { ...answered, modelName: served.name, modelVersion: served.version };
    },
  },
  repositoryIndex: {
    scope: 'predict',
    answer: ({ ready }, { context }) => ({ models: indexOf(context.repository, ready) }),
  },
  repositoryModelLoad: {
    scope: 'admin',
    async answer(request, { context }) {
      const modelName = nameOf(request);
      if (Object.keys(request.parameters).length > 0)
        throw new HttpError(501, 'unsupported', 'models and settings are not taken from requests');
      await loadAsked(context, modelName);
      return { modelName, isLoaded: true };
    },
  },
  repositoryModelUnload: {
    scope: 'admin',
    async answer(request, { context }) {
      const modelName = nameOf(request);
      await context.repository.unloadModel(modelName);
      return { modelName, isUnloaded: true };
    },
  },
};

/** KServe's clients know no repositories, and send the model's name as the first field. */
const nameOf = ({ modelName, repositoryName }: { modelName: string; repositoryName: string }) =>
  checkName(modelName === '' ? repositoryName : modelName);

const mostName = 300;

/** In protobuf, who names no version sends an empty one. */
function find(
  repository: Repository,
  name: string,
  version: string,
  key: string | null = null,
): ServedModel {
  checkName(version);
  return repository.get(checkName(name), version === '' ? null : version, key);
}

const slotsOf = (slots: ModelMetadata['inputs']) =>
  slots.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) }));

function checkName(name: string): string {
  if (name.length <= mostName) return name;
  throw new HttpError(404, 'unknown-model', `no name has more than ${mostName} characters`);
}
