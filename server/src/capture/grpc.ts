import { toBinary } from '@bufbuild/protobuf';
import type { CallObserver } from '../grpc/service.js';
import type { Keeper } from './keeper.js';
import { messageType } from './record.js';

/** Keeps calls that a model answered, and the answers. */
export function captureCalls(keeper: Keeper): CallObserver {
  return ({ path, output, request, call }) => {
    return ({ answer }) => {
      if (call.served === null || answer === null) return;
      keeper.keep(call.served, () => ({
        input: { contentType: messageType, body: request },
        output: { contentType: messageType, body: toBinary(output, answer) },
        path,
      }));
    };
  };
}
