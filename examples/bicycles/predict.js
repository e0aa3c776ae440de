/** What train.py exported, in Node: `node examples/bicycles/predict.js [OUT.nut]`, after `npm ci && npm run build`. */
import { fileURLToPath } from 'node:url';
import { load } from 'nuthatch';
import { readModel, saveFile } from 'nuthatch/node';
import { passed, verify } from 'nuthatch/verify';

// Once: read the export, replay the rows that Python answered, write the small file that programs load.
const description = await readModel(fileURLToPath(new URL('model.json', import.meta.url)));
console.log('answers as in Python:', passed(verify(description)));
const bytes = await saveFile(description, process.argv[2] ?? 'model.nut');
console.log(`as .nut: ${bytes.length} bytes`);

// Then anywhere: one record goes through all three members, and what they say into the last model.
const model = load(bytes);
const bicycle = {
  kind: 'road',
  brand: 'Calanda',
  age: 8.7,
  price: 390,
  'new price': 1300,
  gears: 12,
  pictures: 2,
};
console.log(model.predictOne(bicycle));
console.log(model.classes, model.predictProba([bicycle]).toArray()[0]);

// What the members say, side by side, is what `transform` gives, as in scikit-learn.
const said = model.transform([bicycle]).toArray()[0];
console.log('linear', said.slice(0, 3), 'boosting', said.slice(6));

// Cheaper, it is gone the next day; a brand that no member has seen is taken as such.
console.log(
  model.predict([
    { ...bicycle, price: 150, pictures: 6 },
    { ...bicycle, brand: 'Piz' },
  ]),
);
