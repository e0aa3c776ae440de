export { writeTypes } from './write.js';
