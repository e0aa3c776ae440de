import { pythonPeer } from './python.js';

export const scikitLearn = pythonPeer({
  name: 'scikit-learn',
  tolerance: 1e-12,
  loads: true,
});
