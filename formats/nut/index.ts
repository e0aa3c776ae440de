export { formatVersion, type TensorEntry } from './layout.js';
export { isNut, type NutParts, type ReadNutOptions, readNut, readNutParts } from './read.js';
export { writeNut } from './write.js';
