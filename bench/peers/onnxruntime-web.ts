import type { Peer } from '../subject.js';
import { requirePeer } from './installed.js';
import { type OnnxRuntime, openOnnx } from './onnx-session.js';

const name = 'onnxruntime-web';

interface OnnxRuntimeWeb extends OnnxRuntime {
  readonly env: { readonly wasm: { numThreads: number } };
}

export const onnxruntimeWeb: Peer = {
  name,
  async open(workload) {
    const found = requirePeer<OnnxRuntimeWeb>(name);
    if ('absent' in found) return found;
    found.library.env.wasm.numThreads = 1;
    return openOnnx(workload, found.library, { name, version: found.version, provider: 'wasm' });
  },
};
