import { createModel } from 'nuthatch';
import {
  columnsOf,
  headOf,
  inputColumns,
  inputNames,
  isItemForm,
  type Labels,
  type ModelDescription,
} from 'nuthatch/ir';
import { refuse } from '../refuse.js';

/** What is passed for a column. */
export interface Parameter {
  /** A name that every dialect takes as it is. */
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'string';
  readonly column: number;
}

export type ResultType = 'number' | 'integer' | 'boolean' | 'string';

/** What a function takes and gives. */
export interface Signature {
  readonly parameters: readonly Parameter[];
  /** Set where all cells are numbers, and too many for parameters of their own: they are one list. */
  readonly isList: boolean;
  readonly columns: number;
  /** The class, or what the model predicts or makes of the row. */
  readonly result: ResultType;
  readonly isArray: boolean;
  /** Of a classifier: a record of its class, or classes, and what probabilities there are. */
  readonly isRecord: boolean;
  readonly hasProbabilities: boolean;
}

/** BigQuery takes 256 parameters at most, Snowflake 500. */
const mostParameters = 250;

export function signatureOf(description: ModelDescription): Signature {
  const { input, root } = description;
  const model = createModel(description);
  const names = inputNames(input);
  const columns = inputColumns(input);
  const used = new Set<string>();
  const parameters = Array.from({ length: columns }, (_, column): Parameter[] => {
    const type = columnsOf(input)?.[column]?.type ?? 'number';
    if (type === 'unused') return [];
    if (isItemForm(type))
      return refuse(
        'unsupported',
        `column ${column}`,
        `holds items, which no such function takes; use --to js`,
      );
    return [
      {
        name: nameOf(names?.[column] ?? '', column, used),
        type: type === 'category' ? 'string' : type,
        column,
      },
    ];
  }).flat();
  const isList = parameters.length > mostParameters;
  if (isList && parameters.some(({ type }) => type !== 'number'))
    refuse(
      'limit-exceeded',
      'model.input',
      `${parameters.length} columns, not all numbers; functions take ${mostParameters}; use --to js`,
    );
  const head = headOf(root);
  const { task, multiOutput } = model;
  const result = head?.task === 'classifier' ? labelType(head.labels) : 'number';
  if (task === 'transformer' && Array.isArray(model.transform([])))
    refuse(
      'unsupported',
      'model.root',
      'gives strings, which no list of numbers holds; use --to js',
    );
  return {
    parameters,
    isList,
    columns,
    result,
    isArray: multiOutput || task === 'transformer',
    isRecord: task === 'classifier',
    hasProbabilities:
      task === 'classifier' && !multiOutput && model.methods.includes('predict_proba'),
  };
}

/** Letters, digits and `_`, none twice; in small letters, since Snowflake makes no difference. `x_` keeps them apart from words of any language. */
function nameOf(name: string, column: number, used: Set<string>): string {
  const plain = `x_${
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .slice(0, 60) || column
  }`;
  const own = used.has(plain) ? `${plain}_${column}` : plain;
  if (used.has(own)) return nameOf(`${own}_`, column, used);
  used.add(own);
  return own;
}

function labelType(all: readonly Labels[]): ResultType {
  const types = new Set(
    all.map(({ dtype }): ResultType => {
      if (dtype === 'bool') return 'boolean';
      if (dtype === 'str' || dtype === 'object') return 'string';
      return dtype.startsWith('float') ? 'number' : 'integer';
    }),
  );
  if (types.size > 1)
    refuse(
      'unsupported',
      'model.root',
      'classes of different types do not fit one list; use --to js',
    );
  return [...types][0]!;
}
