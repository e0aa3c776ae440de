import model, { predictOne, predictProba } from '../../.cache/elsewhere/titanic.js';

const passenger = {
  pclass: 3,
  sex: 'male',
  age: null,
  family: 0,
  fare: 20.68,
  embarked: 'Cherbourg',
  deck: null,
};
console.log(predictOne(passenger));
console.log(predictProba([passenger]).toArray()[0]);
try {
  model.predict([{ ...passenger, sex: 'woman' }]);
} catch (error) {
  console.log(error.code, error.message);
}
