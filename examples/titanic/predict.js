/** What train.py exported, in Node: `node examples/titanic/predict.js [OUT.nut]`, after `npm ci && npm run build`. */
import { fileURLToPath } from 'node:url';
import { load, NuthatchError } from 'nuthatch';
import { readModel, saveFile } from 'nuthatch/node';
import { passed, verify } from 'nuthatch/verify';

// Once: read the export, replay the rows that Python answered, write the small file that programs load.
const description = await readModel(fileURLToPath(new URL('model.json', import.meta.url)));
console.log('answers as in Python:', passed(verify(description)));
const bytes = await saveFile(description, process.argv[2] ?? 'model.nut');
console.log(`as .nut: ${bytes.length} bytes`);

// Then anywhere: the bytes become a model, and a record an answer.
const model = load(bytes);
const passenger = {
  pclass: 3,
  sex: 'male',
  age: null, // a gap: the pipeline fills it
  family: 0,
  fare: 20.68,
  embarked: 'Cherbourg',
  deck: null,
};
console.log(model.predictOne(passenger));
console.log(model.classes, model.predictProba([passenger]).toArray()[0]);

// A port that training never saw counts as an infrequent one, as the encoder was told.
const others = [
  { ...passenger, sex: 'female', pclass: 1, deck: 'C' },
  { ...passenger, sex: 'female', embarked: 'Reykjavík' },
];
console.log(model.predict(others), model.predictProba(others).toArray());

// What is wrong with a record is said in one sentence, with its place.
const wrong = [
  { ...passenger, sex: 'woman' },
  { ...passenger, age: 'thirty' },
  { Pclass: 3, sex: 'male', age: 22, family: 1, fare: 7.25, embarked: 'Southampton' },
];
for (const record of wrong) {
  try {
    model.predictOne(record);
  } catch (error) {
    if (!(error instanceof NuthatchError)) throw error;
    console.log(`${error.code}: ${error.message}`);
  }
}
