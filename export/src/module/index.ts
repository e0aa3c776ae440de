export { bundleModel } from './bundle.js';
export { writeModule } from './write.js';
