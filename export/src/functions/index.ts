export { writeBigQuery } from './bigquery.js';
export { writeSnowflake } from './snowflake.js';
