import type { Node, ProbabilityLink } from '../../src/ir/index.js';
import { Classes } from './classes.js';
import { type Column, calculated, groupOf, keyOf } from './column.js';
import type { DataField } from './data-dictionary.js';
import { fieldOf } from './expressions.js';
import { joined } from './forest.js';
import type { Lowering } from './lowering.js';
import { numericOf } from './numeric.js';
import { oneHots } from './one-hots.js';
import type { Prediction, Regression } from './prediction.js';
import { combined, product } from './products.js';
import { all, childrenOf, isSingle, numberOf, refuseAt, textOf, wordOf } from './reading.js';
import type { Scope } from './scope.js';
import type { Element } from './xml.js';

/** A sum: for each of its columns what it is multiplied by. */
interface Table {
  readonly intercept: number;
  readonly terms: readonly { readonly column: Column; readonly coefficient: number }[];
}

const normalizations = ['none', 'simplemax', 'softmax', 'logit', 'exp'] as const;

/** RegressionModel: products of columns, and what is made of them. */
export function lowerRegression(
  lowering: Lowering,
  scope: Scope,
  model: Element,
  target: DataField | null,
): Prediction {
  const task = wordOf(lowering, model, 'functionName', ['regression', 'classification']);
  const normalization = wordOf(lowering, model, 'normalizationMethod', normalizations, 'none');
  const tables = childrenOf(model, 'RegressionTable');
  const one = oneHots(lowering, scope, tables);
  const read = all(lowering, tables, (table) => readTable(lowering, scope, table, one));
  const single = isSingle(lowering, model);
  if (task === 'regression') {
    if (read.length !== 1) return refuseAt(lowering, model, 'expected one RegressionTable in it');
    const [column] = sums(lowering, model, read, single);
    const link = regressionLinks[normalization];
    return link === undefined
      ? refuseAt(lowering, model, `normalizationMethod ${normalization} is not supported`)
      : { task, column: column!, link };
  }
  const classes = new Classes(lowering, target);
  const order = tables.map((table) =>
    classes.indexOf(table, textOf(lowering, table, 'targetCategory')),
  );
  if (new Set(order).size < order.length) refuseAt(lowering, model, 'a class twice');
  if (order.length !== classes.count || order.length < 2)
    refuseAt(lowering, model, 'expected a RegressionTable for each of two classes or more');
  if (normalization === 'exp') return refuseAt(lowering, model, 'exp of classes is not supported');
  if (order.length > 2 || (normalization === 'softmax' && !isEmpty(read[1]!))) {
    // Of equal probabilities the first table's counts.
    const labels = classes.labels(order);
    const scores = joined(lowering, sums(lowering, model, read, single));
    const probability = links[normalization];
    return {
      task,
      labels,
      scores,
      decide: 'probable',
      probability,
      threshold: null,
      chooser: null,
    };
  }
  if (normalization === 'simplemax')
    return refuseAt(lowering, model, 'simplemax of two classes is not supported');
  // Of two classes the first table says how probable the first one is.
  const [score] = sums(lowering, model, read.slice(0, 1), single);
  const scores = normalization === 'none' ? [clipped(score!)] : [score!];
  return {
    task,
    labels: classes.labels([order[1]!, order[0]!]),
    scores,
    decide: 'positive',
    probability: normalization === 'none' ? 'complement' : 'expit',
    threshold: 0.5,
    chooser: null,
  };
}

const isEmpty = ({ intercept, terms }: Table) => intercept === 0 && terms.length === 0;

/** A number brought into what probabilities are in. */
const clipped = (column: Column): Column =>
  calculated(calculated(column, 'maximum', 0), 'minimum', 1);

const regressionLinks: Partial<Record<(typeof normalizations)[number], Regression['link']>> = {
  ...{ none: 'identity', exp: 'exp', logit: 'expit', softmax: 'expit' },
};

const links: Record<Exclude<(typeof normalizations)[number], 'exp'>, ProbabilityLink> = {
  none: 'identity',
  softmax: 'softmax',
  logit: 'one-vs-rest',
  simplemax: 'normalize-nan',
};

/** The columns of tables: what they hold itself, where that is a column each, or else products. */
function sums(
  lowering: Lowering,
  model: Element,
  tables: readonly Table[],
  single: boolean,
): readonly Column[] {
  const plain = tables.map(({ intercept, terms }) =>
    intercept === 0 && terms.length === 1 && terms[0]!.coefficient === 1 ? terms[0]!.column : null,
  );
  if (plain.every((column) => column !== null && (column.type === 'float') === single))
    return plain as Column[];
  if (single) return refuseAt(lowering, model, 'products in float32 are not supported');
  const columns: Column[] = [];
  const places = new Map<string, number>();
  for (const { terms } of tables)
    for (const { column } of terms) {
      const key = keyOf(column);
      if (!places.has(key)) places.set(key, columns.push(column) - 1);
    }
  const outputs = tables.length;
  lowering.memory.spend(8 * columns.length * outputs);
  const weights = new Float64Array(outputs * columns.length);
  tables.forEach(({ terms }, k) => {
    for (const { column, coefficient } of terms)
      weights[k * columns.length + places.get(keyOf(column))!]! += coefficient;
  });
  const intercepts = Float64Array.from(tables, ({ intercept }) => intercept);
  // A model of intercepts alone is one of any column.
  const given = columns.length > 0 ? columns : [lowering.first];
  const facts = {
    columns: () => given,
    make: (at: readonly number[], features: number, head: Parameters<typeof product>[3]): Node => {
      const coefficients = new Float64Array(outputs * features);
      for (let k = 0; k < outputs; k++)
        columns.forEach((_, i) => {
          coefficients[k * features + at[i]!] = weights[k * columns.length + i]!;
        });
      return product(
        features,
        coefficients,
        intercepts,
        head,
        given.some(({ mayMiss }) => mayMiss),
      );
    },
    answers: true,
    width: outputs,
    cost: 8 * weights.length + 1000,
  };
  return groupOf(lowering, facts, 'double');
}

function readTable(
  lowering: Lowering,
  scope: Scope,
  table: Element,
  one: (predictor: Element) => Column,
): Table {
  const terms = all(
    lowering,
    table.children.filter(({ name }) => name !== 'Extension'),
    (predictor) => {
      lowering.memory.spend(100);
      return {
        column: columnOf(lowering, scope, predictor, one),
        coefficient: numberOf(lowering, predictor, 'coefficient'),
      };
    },
  );
  return { intercept: numberOf(lowering, table, 'intercept', 0), terms };
}

function columnOf(
  lowering: Lowering,
  scope: Scope,
  predictor: Element,
  one: (predictor: Element) => Column,
): Column {
  const numeric = (element: Element, name: string) =>
    numericOf(
      lowering,
      element,
      fieldOf(lowering, scope, element, textOf(lowering, element, name)),
    );
  switch (predictor.name) {
    case 'NumericPredictor': {
      const column = numeric(predictor, 'name');
      const exponent = numberOf(lowering, predictor, 'exponent', 1);
      if (exponent === 1) return column;
      if (exponent === 2) return calculated(column, 'square', null, 'double');
      return refuseAt(lowering, predictor, `exponent ${exponent} is not supported`);
    }
    case 'CategoricalPredictor':
      return one(predictor);
    case 'PredictorTerm': {
      const [first, ...others] = childrenOf(predictor, 'FieldRef').map((ref) =>
        numeric(ref, 'field'),
      );
      if (!first) return refuseAt(lowering, predictor, 'expected FieldRef in it');
      return others.reduce((term, column) => combined(lowering, 'multiply', term, column), first);
    }
    default:
      return refuseAt(lowering, predictor, `${predictor.name} is not supported`);
  }
}
