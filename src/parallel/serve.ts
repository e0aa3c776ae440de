import { webAssembly } from '../compile/webassembly.js';
import { type Names, type Value, viewRows } from '../input/dense.js';
import { inputColumns, inputNames } from '../ir/index.js';
import { useScratch } from '../kernels/shared-memory.js';
import { createModel, type Door, type Model } from '../model.js';
import {
  type Reply,
  type RowsMessage,
  type Share,
  type Start,
  type Task,
  toFailure,
} from './message.js';
import { viewThrough } from './share.js';
import { takeShares } from './turn.js';

/** A thread's side of its messages. */
export interface ThreadPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

/** Answers messages for as long as the thread lives: first the model, then rows for its methods. */
export function serve(port: ThreadPort): void {
  let answer: ((task: Task) => Share[]) | null = null;
  port.onmessage = ({ data }) => {
    let reply: Reply;
    try {
      if (answer) reply = { answer: answer(data as Task) };
      else {
        answer = open(data as Start);
        reply = { answer: [] };
      }
    } catch (error) {
      reply = { failure: toFailure(error) };
    }
    port.postMessage(
      reply,
      'answer' in reply ? reply.answer.flatMap(([, answer]) => buffersOf(answer)) : [],
    );
  };
}

/** Methods take values that the calling thread has read. */
const door: Door = { all: (method) => method as never, one: (method) => method as never };

type Methods = Record<string, (x: Value, out?: Int32Array) => unknown>;

/** The model that a thread was sent, its trees walked where they lie. */
export function openShared({ description, scratch }: Start, options: { door?: Door } = {}): Model {
  const moved = scratch ? viewThrough(description, useScratch(scratch)) : description;
  return createModel(moved, { accelerator: scratch && webAssembly, ...options });
}

function open(start: Start): (task: Task) => Share[] {
  const { input } = start.description;
  const model = openShared(start, { door });
  const cols = inputColumns(input);
  const names = inputNames(input);
  const labels = model.task !== 'classifier' ? 0 : model.multiOutput ? model.classes.length : 1;

  function answer(method: string, x: Value): unknown {
    const run = (model as unknown as Methods)[method]!;
    if (method !== 'predictInto') return run(x);
    const indices = new Int32Array(x.rows * labels);
    run(x, indices);
    return indices;
  }
  return ({ method, rows, start: first, turn, takers }) => {
    const x = toValue(rows, cols, names);
    if (!turn) return [[first, answer(method, x)]];
    return Array.from(takeShares(turn, x.rows, takers), ([start, end]) => [
      first + start,
      answer(method, viewRows(x, start, end)),
    ]);
  };
}

/** Of one shape, so that code compiled for one message serves the next: those of messages differ. */
const toValue = (
  { data, strings, singles, rows }: RowsMessage,
  cols: number,
  names: Names,
): Value => ({
  data,
  rows,
  cols,
  names,
  strings,
  singles: singles ?? null,
  indptr: undefined,
  indices: undefined,
});

/** Memory of an answer that can be handed over instead of copied. Methods keep none of it, but may keep `treeStarts` of a decision path. */
function buffersOf(answer: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(answer)) {
    const { buffer, byteLength } = answer;
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
  }
  if (typeof answer !== 'object' || answer === null) return [];
  // Several outputs have a matrix each; rows of cells hold no memory of this sort.
  if (Array.isArray(answer)) return Array.isArray(answer[0]) ? [] : answer.flatMap(buffersOf);
  const { data, indices, indptr } = answer as Record<string, unknown>;
  return [data, indices, indptr].flatMap(buffersOf);
}
