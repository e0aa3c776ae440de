import { isSingle } from '../input/dense.js';
import { type Scores, scoresRules } from '../ir/index.js';
import type { NodeKind } from './kind.js';

export const scores: NodeKind<Scores> = {
  rules: scoresRules,
  compile: ({ features, head }) => ({
    outputs: features,
    head,
    score({ data, rows }, out) {
      for (let i = 0; i < rows * features; i++) out[i] = data[i]!;
      return isSingle(data);
    },
  }),
};
