import { pythonPeer } from './python.js';

export const treelite = pythonPeer({
  name: 'treelite',
  tolerance: 1e-6,
});
