/** What train.py exported, in Node: `node examples/rain/predict.js [OUT.nut]`, after `npm ci && npm run build`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from 'nuthatch';
import { readModel, saveFile } from 'nuthatch/node';
import { passed, verify } from 'nuthatch/verify';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));

// Once: read the export, replay the days that Python answered, write the small file that programs load.
const description = await readModel(fileOf('model.json'));
console.log('answers as in Python:', passed(verify(description)));
const bytes = await saveFile(description, process.argv[2] ?? 'model.nut');
console.log(`as .nut: ${bytes.length} bytes`);

// Then anywhere: a record, with gaps or without, becomes a probability that means what it says.
const model = load(bytes);
const days = readFileSync(fileOf('days.ndjson'), 'utf8').trim().split('\n').map(JSON.parse);
console.log(days[0]);
console.log(model.predictOne(days[0]));
console.log(model.classes, model.predictProba(days.slice(0, 1)).toArray()[0]);

// Take an umbrella from a third on.
const rain = model.classes.indexOf('rain');
const chances = model
  .predictProba(days)
  .toArray()
  .map((row) => row[rain]);
console.log(chances.map((chance) => (chance > 1 / 3 ? '☂' : '☀')).join(' '));
