/** What train.py exported, in Node: `node examples/messages/predict.js [OUT.nut]`, after `npm ci && npm run build`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadWith } from 'nuthatch';
import { elementwise, linear, pipeline, rowNorm, union, vectorize } from 'nuthatch/kinds';
import { readModel, saveFile } from 'nuthatch/node';
import { passed, verify } from 'nuthatch/verify';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));

// Once: read the export, replay the messages that Python answered, write the small file that programs load.
const description = await readModel(fileOf('model.json'));
console.log('answers as in Python:', passed(verify(description)));
const bytes = await saveFile(description, process.argv[2] ?? 'model.nut');
console.log(`as .nut: ${bytes.length} bytes`);

// Then anywhere, with the kinds of model that it takes and no others: a message is a string.
const model = loadWith([elementwise, linear, pipeline, rowNorm, union, vectorize])(bytes);
const [first] = readFileSync(fileOf('messages.ndjson'), 'utf8').split('\n');
const message = JSON.parse(first);
console.log(message);
console.log(model.predictOne(message));
console.log(model.classes, model.predictProba([message]).toArray()[0]);

// Characters are Python's: capitals, accents and alphabets of any kind.
console.log(
  model.predict(['MY CAFÉ GRINDER DOES NOT SWITCH ON', 'Where is my refund?', 'Livré où ?']),
);
