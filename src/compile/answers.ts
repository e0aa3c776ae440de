import type { Value } from '../input/dense.js';
import {
  type AnswerMethod,
  type Answers,
  answersRules,
  type ClassifierHead,
  columnsOfHead,
  labelValues,
  type Node,
  type ValueType,
} from '../ir/index.js';
import { withRoom, zeros } from '../math/zeros.js';
import { floatType, ValueBuffer } from './buffer.js';
import { compileChoices, compileDecisions, compileProbabilities, compileValues } from './head.js';
import type { NodeKind } from './kind.js';
import type { Answer, Scorer } from './scorer.js';
import type { Transformer } from './transformer.js';

export const answers: NodeKind<Answers<Node>> = {
  rules: answersRules,
  compile({ node, method, skip, paths }, { given, names, gives, compile }) {
    const scorer = compile(node, given, names) as Scorer;
    const made = handOnAnswer(compileAnswer(scorer, method), gives, skip);
    return { ...made, ...(paths && { leaves: scorer.leaves! }) };
  },
};

/** An answer, or what remains of it without its first columns, as a dense value. */
export function handOnAnswer({ columns, write }: Answer, gives: ValueType, skip = 0): Transformer {
  const out = new ValueBuffer(gives, null);
  let found = zeros(0);
  return {
    gives,
    names: null,
    transform(x) {
      const count = x.rows * columns;
      found = withRoom(found, count);
      const data = out.fit(x, floatType(write(x, found)));
      for (let i = skip, at = 0; i < count; i += skip)
        for (let end = i + columns - skip; i < end; i++) data[at++] = found[i]!;
      return out;
    },
  };
}

/** A method of a part of one output; with `logarithms` those of probabilities. */
export function compileAnswer(scorer: Scorer, method: AnswerMethod, logarithms = false): Answer {
  const { head, leaves } = scorer;
  if (method === 'apply')
    return {
      columns: leaves!.trees,
      write(x, out) {
        out.set(leaves!.apply(x));
        return false;
      },
    };
  const columns = columnsOfHead(head, method);
  if (method === 'raw') return { columns, write: scorer.score };
  if (head.task !== 'classifier') return { columns, write: compileValues(scorer) };
  if (method === 'decision_function') return compileDecisions(scorer, head);
  if (method === 'predict') {
    const labels = [head.labels[0]!, ...(head.outlierLabels ?? [])].flatMap(
      labelValues,
    ) as number[];
    const single = head.labels[0]!.dtype === 'float32';
    return answerChoices(scorer, labels, single);
  }
  const write = compileProbabilities(scorer, head, logarithms);
  return { columns, write: (x, out) => write(x, [out]) };
}

/** What each class that a classifier of one output may choose stands for. */
export function answerChoices(
  scorer: Scorer,
  meanings: ArrayLike<number>,
  single: boolean,
): Answer {
  const choose = compileChoice(scorer);
  return {
    columns: 1,
    write(x, out) {
      const chosen = choose(x);
      for (let row = 0; row < x.rows; row++) out[row] = meanings[chosen[row]!]!;
      return single;
    },
  };
}

/** The index of the class that a classifier of one output chooses for each row, in a scratch that the next batch uses again. */
export function compileChoice(scorer: Scorer): (x: Value) => Int32Array {
  const choose = compileChoices(scorer, scorer.head as ClassifierHead);
  let chosen = new Int32Array(0);
  return (x) => {
    if (chosen.length < x.rows) chosen = new Int32Array(x.rows);
    choose(x, chosen);
    return chosen;
  };
}
