import type { Peer } from '../subject.js';
import { lightgbm } from './lightgbm.js';
import { m2cgen } from './m2cgen.js';
import { mlRandomForest } from './ml-random-forest.js';
import { natives } from './native.js';
import { nuthatch, nuthatchBest, nuthatchThreads } from './nuthatch.js';
import { onnxruntimeNode } from './onnxruntime-node.js';
import { onnxruntimeWeb } from './onnxruntime-web.js';
import { scikitLearn } from './scikit-learn.js';
import { treelite } from './treelite.js';
import { xgboost } from './xgboost.js';

/** One line for each peer, ours first. Only the second part needs Python and gcc. */
const nodePeers: readonly Peer[] = [
  ...nuthatch,
  onnxruntimeNode,
  onnxruntimeWeb,
  m2cgen,
  mlRandomForest,
];
const pythonPeers: readonly Peer[] = [...natives, scikitLearn, treelite, xgboost, lightgbm];

export function listPeers({ python }: { readonly python: boolean }): readonly Peer[] {
  return python ? [...nodePeers, ...pythonPeers] : nodePeers;
}

/** Our best kernel, in the calling thread and in others. */
export const threadPeers: readonly Peer[] = [nuthatchBest, ...nuthatchThreads];

/** Those that make a model of a file's bytes, or of a file, in a way to compare. */
export function listLoadingPeers({ python }: { readonly python: boolean }): readonly Peer[] {
  const peers = [...nuthatch, onnxruntimeNode, onnxruntimeWeb];
  return python ? [...peers, scikitLearn] : peers;
}
