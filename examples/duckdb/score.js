import { DOUBLE, DuckDBInstance, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { exportModel } from '@nuthatch/export';
import { loadFile, readModel } from 'nuthatch/node';

// A pipeline of columns of numbers and words to a logistic regression, and rows that Python answered.
const file = 'examples/titanic/model.json';
const model = await loadFile(file);

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run(
  "CREATE TABLE passengers AS SELECT row_number() OVER () AS id, * FROM read_csv('examples/titanic/passengers.csv', types = {'ticket': 'VARCHAR'})",
);

// 1. User functions: DuckDB calls them with chunks of up to 2,048 rows.
const types = {
  pclass: DOUBLE,
  sex: VARCHAR,
  age: DOUBLE,
  family: DOUBLE,
  fare: DOUBLE,
  embarked: VARCHAR,
  deck: VARCHAR,
};
function register(name, returnType, answer) {
  const scalar = DuckDBScalarFunction.create({
    name,
    returnType,
    parameterTypes: Object.values(types),
    // NULL is a missing cell, which the model fills; else it would be the answer.
    specialHandling: true,
    mainFunction(_info, chunk, output) {
      const columns = Object.keys(types).map((column, i) => [column, chunk.getColumnValues(i)]);
      const answers = answer(Object.fromEntries(columns));
      for (let row = 0; row < chunk.rowCount; row++) output.setItem(row, answers[row]);
      output.flush();
    },
  });
  connection.registerScalarFunction(scalar);
}
register('fate', VARCHAR, (columns) => model.predict(columns));
register('survival', DOUBLE, (columns) =>
  model
    .predictProba(columns)
    .toArray()
    .map((row) => row[1]),
);

const cells = Object.keys(types).join(', ');
const called = await connection.runAndReadAll(
  `SELECT id, fate(${cells}) AS prediction, survival(${cells}) AS probability FROM passengers ORDER BY id`,
);

// 2. The model as a query: nothing of JavaScript runs, and DuckDB plans it.
const [query] = await exportModel(await readModel(file), 'sql', {
  table: 'passengers',
  keep: ['id'],
});
const asked = await connection.runAndReadAll(
  `SELECT id, prediction, probability_1 FROM (${query.content.replace(/;\s*$/, '')}) ORDER BY id`,
);

// 3. Columns: what a query gives goes to the model as it is.
const table = await connection.runAndReadAll(`SELECT ${cells} FROM passengers ORDER BY id`);
const predicted = model.predict(table.getColumnsObjectJS());

const rows = called.getRowsJS();
const queried = asked.getRowsJS();
console.log(`${rows.length} passengers; the first: ${rows[0][1]}, ${rows[0][2]}`);
console.log(`as columns: ${rows.filter(([, fate], i) => fate === predicted[i]).length} the same`);
console.log(`as a query: ${rows.filter(([, fate], i) => fate === queried[i][1]).length} the same`);
const furthest = Math.max(...rows.map(([, , p], i) => Math.abs(p - queried[i][2])));
console.log(`probabilities within 1e-15: ${furthest <= 1e-15}`);
const groups = await connection.runAndReadAll(
  `SELECT sex, count(*)::INTEGER, round(avg(survival(${cells})), 3) FROM passengers GROUP BY sex ORDER BY sex`,
);
for (const [sex, count, mean] of groups.getRowsJS()) console.log(sex, count, mean);
connection.closeSync();
