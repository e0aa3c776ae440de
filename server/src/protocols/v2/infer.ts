import type { MethodName } from 'nuthatch';
import type { Asker, Context } from '../../context.js';
import { HttpError } from '../../http-error.js';
import { defaultOutput, outputsOf, rowsOf, tensorOf } from './signature.js';
import type { Tensor } from './tensor.js';

/** What is asked of a model, over HTTP or gRPC. */
export interface InferRequest {
  readonly id: string | null;
  readonly inputs: readonly Tensor[];
  /** Outputs by name, and whether each is to come in binary form; null where none are named. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[] | null;
  /** Whether outputs that say nothing else come in binary form. */
  readonly binary: boolean;
}

/** What is answered: a tensor, and whether it is to go in binary form. */
export interface InferOutput {
  readonly tensor: Tensor;
  readonly binary: boolean;
}

/** Answers a request by the outputs it names, or by the model's usual one, of the model that was chosen. @throws HttpError 400, 413; NuthatchError `input-…` */
export async function infer(
  context: Context,
  asker: Asker,
  { inputs, outputs, binary }: InferRequest,
): Promise<InferOutput[]> {
  const served = asker.served!;
  const offered = outputsOf(served);
  const wanted = outputs ?? [{ name: defaultOutput(served), binary }];
  const slots = wanted.map(({ name }, i) => {
    const slot = offered.find((one) => one.name === name);
    if (slot !== undefined) return slot;
    const names = offered.map((one) => one.name).join(', ');
    throw new HttpError(400, 'usage', `this model has the outputs ${names}`, `outputs[${i}]`);
  });
  // Each costs as much as all of the rows, and few bytes name it.
  if (new Set(slots).size < slots.length)
    throw new HttpError(400, 'usage', 'an output is named twice', 'outputs');
  const methods = slots.map(({ name }) => name as MethodName);
  const rows = rowsOf(served, inputs);
  const answers = await context.answer(asker, methods, rows, 'inputs');
  return slots.map((slot, i) => ({
    tensor: tensorOf(slot, answers[i]!),
    binary: wanted[i]!.binary,
  }));
}
