import type { Peer } from '../subject.js';
import { requirePeer } from './installed.js';
import { type OnnxRuntime, openOnnx } from './onnx-session.js';

const name = 'onnxruntime-node';

export const onnxruntimeNode: Peer = {
  name,
  async open(workload) {
    const found = requirePeer<OnnxRuntime>(name);
    if ('absent' in found) return found;
    return openOnnx(workload, found.library, { name, version: found.version, provider: 'cpu' });
  },
};
