export { bundleModel } from './bundle.js';
export { writeLiteral } from './literal.js';
export { writeModule } from './write.js';
