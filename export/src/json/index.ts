export { readJson } from './read.js';
export { writeJson } from './write.js';
