export { type DialectName, dialectNames } from './dialect.js';
export { writeSql } from './write.js';
