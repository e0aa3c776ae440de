import { pythonPeer } from './python.js';

export const xgboost = pythonPeer({
  name: 'xgboost',
  tolerance: 1e-5,
  ownAnswers: 'xgboost.f64',
});
