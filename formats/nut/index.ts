export { formatVersion, type TensorEntry } from './layout.js';
export {
  isNut,
  type NutContent,
  type ReadNutOptions,
  readNut,
  readNutContent,
} from './read.js';
export { writeNut } from './write.js';
