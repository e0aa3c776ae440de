import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { messageType } from '../capture/record.js';
import type { Context } from '../context.js';
import {
  ModelInferRequestSchema,
  ModelInferResponseSchema,
} from '../grpc/generated/inference_pb.js';
import { inference } from '../grpc/inference.js';
import { readTensor } from '../grpc/message.js';
import { toHttpError } from '../http-error.js';
import type { Tensor } from '../protocols/v2/tensor.js';
import type { Kept, Side } from './kept.js';

/** The answer to a call that was kept; null where it is refused. */
export async function ask(context: Context, { input }: Kept): Promise<Side | null> {
  try {
    const message = fromBinary(ModelInferRequestSchema, input.bytes);
    const call = { context, header: () => null, served: null, steps: null };
    // Of the candidate there is one version.
    const answer = await inference.modelInfer.answer({ ...message, modelVersion: '' }, call);
    const bytes = toBinary(ModelInferResponseSchema, create(ModelInferResponseSchema, answer));
    return { type: messageType, bytes: Buffer.from(bytes), jsonBytes: null };
  } catch (error) {
    if (toHttpError(error).statusCode >= 500) throw error;
    return null;
  }
}

/** The tensors of an answer. @throws Error where it is none */
export function tensorsOf(bytes: Uint8Array): Tensor[] {
  const { outputs, rawOutputContents } = fromBinary(ModelInferResponseSchema, bytes);
  return outputs.map((output, i) =>
    readTensor(output, rawOutputContents[i] ?? null, bytes.length, `outputs[${i}]`),
  );
}
