import type { Node } from '../../src/ir/index.js';
import { headColumns, headOf } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';
import { lowerInverse } from './inverse.js';
import { withoutOtherMethods } from './linear-model.js';
import { lowerMember } from './members.js';
import type { LoweringTable } from './table.js';

export const transformedTarget = 'sklearn.compose._target.TransformedTargetRegressor';

/** sklearn.compose: a regressor whose targets were transformed */
export const targetTable: LoweringTable = { [transformedTarget]: lowerTransformedTarget };

/** What the regressor predicts, transformed back. */
function lowerTransformedTarget(owner: Estimator): Node {
  const { given } = owner.lowering;
  const value = owner.get('regressor_');
  const node = withoutOtherMethods(lowerMember(owner, value, 'regressor_', given, 'regressor'));
  const features = given.columns ?? owner.refuse('', 'does not say how many columns it takes');
  const targets = headColumns(headOf(node)!);
  const back = lowerInverse(owner, owner.get('transformer_'), 'transformer_', targets);
  const flat = owner.integer('_training_dim') === 1;
  if (flat && targets !== 1) owner.refuse('_training_dim', `of ${targets} targets`);
  return {
    kind: 'pipeline',
    steps: [
      { kind: 'answers', features, node, method: 'predict', skip: 0 },
      ...back,
      {
        kind: 'scores',
        features: targets,
        head: { task: 'regressor', targets, flat, link: 'identity' },
      },
    ],
  };
}
