import { pythonPeer } from './python.js';

export const lightgbm = pythonPeer({
  name: 'lightgbm',
  tolerance: 1e-9,
  ownAnswers: 'lightgbm.f64',
});
