import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { predictFiles } from '@nuthatch/batch';
import { loadFile } from 'nuthatch/node';

const summary = await predictFiles({
  model: await loadFile('examples/titanic/model.json'),
  inputs: ['examples/titanic/*.csv', 'examples/files/*.csv'],
  methods: ['predict', 'predict_proba'],
  columns: ['sex', 'age'],
  from: null,
  to: 'ndjson',
  output: '.cache/files/fates.ndjson',
  onError: 'null',
  rejects: null,
  threads: null,
});
console.log(summary);
for await (const line of createInterface(createReadStream('.cache/files/fates.ndjson'))) {
  console.log(line);
  break;
}
