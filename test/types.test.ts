import { describe, expectTypeOf, test } from 'vitest';
import {
  asClassifier,
  asRegressor,
  type Classifier,
  type Label,
  type Matrix,
  type Model,
  type MultiOutputClassifier,
  type MultiOutputRegressor,
  type Parallel,
  type Regressor,
} from '../src/index.js';

/** What the compiler knows of models; `npm run typecheck` is where these fail. */
describe('types', () => {
  test('tell classifiers from regressors', () => {
    expectTypeOf<
      Extract<Model, { task: 'classifier'; multiOutput: false }>
    >().toEqualTypeOf<Classifier>();
    expectTypeOf<
      Extract<Model, { task: 'regressor'; multiOutput: false }>
    >().toEqualTypeOf<Regressor>();
    expectTypeOf(asClassifier).returns.toEqualTypeOf<Classifier>();
    expectTypeOf(asRegressor).returns.toEqualTypeOf<Regressor>();
    expectTypeOf<Regressor>().not.toHaveProperty('predictProba');
    expectTypeOf<Regressor>().not.toHaveProperty('classes');
  });

  test('say what predict gives', () => {
    expectTypeOf<ReturnType<Classifier['predict']>>().toEqualTypeOf<Label[]>();
    expectTypeOf<ReturnType<MultiOutputClassifier['predict']>>().toEqualTypeOf<Label[][]>();
    expectTypeOf<ReturnType<Regressor['predict']>>().toEqualTypeOf<Float64Array>();
    expectTypeOf<ReturnType<MultiOutputRegressor['predict']>>().toEqualTypeOf<Matrix>();
    expectTypeOf<ReturnType<Regressor['predictOne']>>().toEqualTypeOf<number>();
  });

  test('say what methods in threads give', async () => {
    type Threads = Parallel<Classifier>;
    expectTypeOf<ReturnType<Threads['predict']>>().toEqualTypeOf<Promise<Label[]>>();
    expectTypeOf<ReturnType<Threads['close']>>().toEqualTypeOf<Promise<void>>();
    expectTypeOf<Threads['predictProba']>().extract<undefined>().toEqualTypeOf<undefined>();
    expectTypeOf<Threads['classes']>().toEqualTypeOf<Classifier['classes']>();
    expectTypeOf<Threads>().not.toHaveProperty('parallel');
    expectTypeOf<Awaited<ReturnType<Classifier['parallel']>>>().toEqualTypeOf<Threads>();
    const narrow = (many: Parallel<Model>) => ('predict' in many ? many.predict : null);
    expectTypeOf(narrow).returns.not.toBeAny();
    expectTypeOf<Awaited<ReturnType<Model['parallel']>>>().toExtend<Parallel<Model>>();
  });

  test('have methods that only some models have as optional', () => {
    expectTypeOf<Classifier['predictProba']>().extract<undefined>().toEqualTypeOf<undefined>();
    expectTypeOf<Classifier['decisionFunction']>().extract<undefined>().toEqualTypeOf<undefined>();
  });
});
