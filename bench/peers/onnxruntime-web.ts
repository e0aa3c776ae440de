import { formatBytes } from '../../src/cli/print.js';
import type { Peer } from '../subject.js';
import { readFileOf } from '../workload.js';
import { requirePeer } from './installed.js';
import { type OnnxRuntime, openOnnx } from './onnx-session.js';

const name = 'onnxruntime-web';

/** Opening a file takes it time that grows with the square of the size: 0.1 s for W2, 2 s for W3 of 20 MB, minutes for W4 of 140 MB. */
const largestFile = 40e6;

interface OnnxRuntimeWeb extends OnnxRuntime {
  readonly env: { readonly wasm: { numThreads: number } };
}

export const onnxruntimeWeb: Peer = {
  name,
  async open(workload) {
    const found = requirePeer<OnnxRuntimeWeb>(name);
    if ('absent' in found) return found;
    const size = readFileOf(workload, 'model.onnx')?.length ?? 0;
    if (size > largestFile)
      return { absent: `takes minutes to open a file of ${formatBytes(size)}` };
    found.library.env.wasm.numThreads = 1;
    return openOnnx(workload, found.library, { name, version: found.version, provider: 'wasm' });
  },
};
