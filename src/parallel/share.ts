import { refuse } from '../errors.js';
import type { RunnableModel } from '../ir/index.js';
import { allocateShared, isShared } from '../kernels/shared-memory.js';

type Tensor = Uint8Array | Float64Array;
type Move = (tensor: Tensor) => Tensor;

/** A copy of plain data with other tensors. */
function moveTensors(value: unknown, move: Move): unknown {
  if (ArrayBuffer.isView(value)) return move(value as Tensor);
  if (Array.isArray(value)) return value.map((item) => moveTensors(item, move));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, item]) => [key, moveTensors(item, move)]);
  return Object.fromEntries(entries);
}

/** The tensor's elements as they lie in other memory. */
function viewAt(tensor: Tensor, buffer: ArrayBufferLike, offset: number): Tensor {
  const View = tensor.constructor as Float64ArrayConstructor;
  return new View(buffer, offset, tensor.length);
}

/**
 * The model with its tensors in one memory where threads can walk its trees: the model itself where they are in one already, else a copy.
 *
 * @throws NuthatchError `limit-exceeded`: there is not so much memory
 */
export function shareModel(description: RunnableModel): RunnableModel {
  const tensors: Tensor[] = [];
  moveTensors(description, (tensor) => {
    tensors.push(tensor);
    return tensor;
  });
  const [first] = tensors;
  const together = tensors.every(({ buffer }) => buffer === first!.buffer);
  if (first && together && isShared(first.buffer)) return description;
  const offsets = new Map<Tensor, number>();
  let size = 0;
  for (const tensor of tensors) {
    offsets.set(tensor, size);
    size += Math.ceil(tensor.byteLength / 64) * 64;
  }
  const memory = allocate(size);
  return moveTensors(description, (tensor) => {
    const copy = viewAt(tensor, memory, offsets.get(tensor)!);
    copy.set(tensor);
    return copy;
  }) as RunnableModel;
}

function allocate(bytes: number): SharedArrayBuffer {
  try {
    return allocateShared(bytes);
  } catch {
    return refuse('limit-exceeded', 'model', `${bytes} bytes for threads are more than there are`);
  }
}

/** The memory of a shared model's tensors; null where it has none. */
export function memoryOf(description: RunnableModel): ArrayBufferLike | null {
  let memory: ArrayBufferLike | null = null;
  moveTensors(description, (tensor) => {
    memory = tensor.buffer;
    return tensor;
  });
  return memory;
}

/** The same tensors as views of `buffer`, which is the same memory: what is sent with a memory comes with another buffer of it. */
export const viewThrough = (description: RunnableModel, buffer: ArrayBufferLike): RunnableModel =>
  moveTensors(description, (tensor) => viewAt(tensor, buffer, tensor.byteOffset)) as RunnableModel;
