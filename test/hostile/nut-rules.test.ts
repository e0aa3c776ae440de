import { describe, expect, test } from 'vitest';
import { sealed, takeApart } from './encode-nut.js';
import { smallModels } from './models.js';
import { judgeNut } from './oracle.js';
import { at, type Numbers, replaced } from './plain-data.js';

describe('what SPEC.md says a reader must check', () => {
  type Plain = { root: Record<string, unknown> } & Record<string, unknown>;
  const table = 'narrow table, single tree, ids, covers, strings';
  const inline = 'narrow inline forest, weights, base, mean';
  const wideInline = 'wide inline, tree outputs, softmax, int64';
  const wideTable = 'wide table, categories, any, booleans, normalize';
  const linear = 'linear, softmax';
  const leafModels = 'linear models in leaves, a link';
  const gaussian = 'gaussian, variances, a naive Bayes';
  const votes = 'ensemble, votes, misses, folded';
  const stacked = 'answers beside the rows, before trees';

  /** Replaces one element of the array at `path`. */
  const element = (path: string, index: number, value: number) => (plain: Plain) => {
    const keys = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const copy = (at(plain, keys) as Numbers).slice();
    copy[index < 0 ? copy.length + index : index] = value;
    return replaced(plain, keys, copy) as Plain;
  };
  /** Replaces fields of the root. */
  const root = (fields: object) => (plain: Plain) => ({
    ...plain,
    root: { ...plain.root, ...fields },
  });
  const head = (fields: object) => (plain: Plain) =>
    root({ head: { ...(plain.root.head as object), ...fields } })(plain);

  /** Replaces fields of the map at a path. */
  const changed = (path: (string | number)[], fields: object) => (plain: Plain) =>
    replaced(plain, path, { ...(at(plain, path) as object), ...fields }) as Plain;
  const changedPart = (fields: object) => changed(['root', 'parts', 0], fields);
  const changedAnswer = (part: number, fields: object) =>
    changed(['root', 'steps', 0, 'parts', part, 'node'], fields);

  /** A narrow split whose children are leaves, for two features. */
  const split = (child: number, flags = 6) => [0, ((child << 6) | flags) >>> 0];
  const leaf = [0, 0];
  /** A forest of inline narrow trees given slot by slot. */
  const forest =
    (depths: readonly number[], ...trees: number[][][]) =>
    (plain: Plain) => {
      const starts = [0];
      for (const tree of trees) starts.push(starts.at(-1)! + tree.length);
      return {
        ...root({
          features: 2,
          featureBits: 2,
          nodes: Uint32Array.from(trees.flat(2)),
          starts: Uint32Array.from(starts),
          depths: Uint8Array.from(depths),
          treeWeights: null,
          paths: null,
        })(plain),
        input: { type: 'matrix', features: 2, names: null },
        golden: [],
      };
    };

  const sound: Readonly<Record<string, [string, (plain: Plain) => Plain]>> = {
    'two trees by hand': [inline, forest([1, 0], [split(1), leaf, leaf], [leaf])],
  };
  const refused: Readonly<Record<string, [string, (plain: Plain) => Plain, RegExp]>> = {
    'a child in the next tree': [
      inline,
      forest([1, 1, 0], [split(1), leaf, leaf], [split(1), leaf], [leaf]),
      /nodes\[3\]/,
    ],
    'a child in a next tree that is larger': [
      inline,
      forest([1, 1], [split(1), leaf], [split(1), leaf, leaf]),
      /nodes\[0\]/,
    ],
    'a child beyond the last tree': [
      inline,
      forest([1, 1], [split(1), leaf, leaf], [split(1), leaf]),
      /nodes\[3\]/,
    ],
    'a node with two parents': [
      inline,
      forest([2], [split(1, 4), split(2), leaf, leaf]),
      /nodes\[1\]/,
    ],
    'a node without parent': [inline, forest([1], [split(2), leaf, leaf, leaf]), /nodes\[1\]/],
    'a node that is its own child': [
      inline,
      forest([1], [split(1, 4), split(1), leaf]),
      /nodes\[1\]/,
    ],
    'a split where a leaf is announced': [
      inline,
      forest([1], [split(1), split(1), leaf, leaf, leaf]),
      /nodes\[3\]/,
    ],
    'a depth too small': [inline, element('root.depths', 0, 0), /depths\[0\]/],
    'a depth too large': [inline, element('root.depths', 1, 200), /depths\[1\]/],
    'a tree without nodes': [inline, element('root.starts', 1, 0), /starts\[1\]/],
    'starts that go back': [inline, element('root.starts', 2, 1), /starts|nodes/],
    'starts that begin late': [inline, element('root.starts', 0, 1), /starts/],
    'starts that end early': [inline, element('root.starts', -1, 64), /starts/],
    'a leaf that is NaN': [inline, element('root.nodes', -1, 0x7ff80000), /nodes\[64\]/],
    'a leaf that is infinite': [
      inline,
      (plain) => element('root.nodes', -1, 0x7ff00000)(element('root.nodes', -2, 0)(plain)),
      /nodes\[64\]/,
    ],
    'a weight that is NaN': [
      inline,
      element('root.treeWeights', 0, Number.NaN),
      /treeWeights\[0\]/,
    ],
    'a weight that is infinite': [
      inline,
      element('root.treeWeights', 4, Infinity),
      /treeWeights\[4\]/,
    ],
    'a base that is infinite': [inline, element('root.base', 0, -Infinity), /base\[0\]/],
    'a leaf vector with NaN': [table, element('root.leaves', 1, Number.NaN), /leaves\[1\]/],
    'a cover that is NaN': [table, element('root.covers', 0, Number.NaN), /covers\[0\]/],
    'leaf vectors cut off': [
      table,
      (plain) => root({ leaves: (plain.root.leaves as Float64Array).slice(1) })(plain),
      /leaves/,
    ],
    'one leaf vector too few': [
      table,
      (plain) => root({ leaves: (plain.root.leaves as Float64Array).slice(3) })(plain),
      /nodes\[\d+\]/,
    ],
    'one leaf vector too few, wide': [
      wideTable,
      (plain) => root({ leaves: (plain.root.leaves as Float64Array).slice(2) })(plain),
      /nodes\[\d+\]/,
    ],
    'an id twice': [table, element('root.nodeIds', 3, 0), /nodeIds\[/],
    'an id beyond the tree': [table, element('root.nodeIds', 3, 11), /nodeIds\[3\]/],
    'an output beyond the last': [
      wideInline,
      element('root.treeOutputs', 2, 3),
      /treeOutputs\[2\]/,
    ],
    'no tree outputs': [wideInline, root({ treeOutputs: null }), /treeOutputs/],
    'a set of odd length': [wideTable, element('root.categories.starts', 1, 3), /starts\[/],
    'a set of no words': [wideTable, element('root.categories.starts', 1, 0), /starts\[1\]/],
    'sets that end early': [wideTable, element('root.categories.starts', -1, 6), /starts/],
    'a set that goes nowhere': [wideTable, element('root.categories.unlisted', 0, 3), /unlisted/],
    'a set too few': [
      wideTable,
      (plain) =>
        root({
          categories: {
            starts: Uint32Array.of(0, 2),
            words: Uint32Array.of(1, 2),
            unlisted: Uint8Array.of(0),
          },
        })(plain),
      /nodes\[\d+\]/,
    ],
    'no sets': [wideTable, root({ categories: null }), /nodes\[\d+\]/],
    'float64 inputs in narrow slots': [inline, root({ precision: 'float64' }), /precision/],
    'too few bits for the features': [inline, root({ featureBits: 2 }), /featureBits/],
    'leaf columns that are neither 1 nor all': [
      wideInline,
      root({ leafColumns: 2 }),
      /leafColumns/,
    ],
    'one vector of leaf ids for several trees': [inline, root({ paths: 'tree' }), /paths/],
    'path lengths that are divided by nothing': [
      inline,
      root({ aggregation: 'isolation' }),
      /isolation/,
    ],
    'a sum that is no path length': [inline, root({ isolation: Float64Array.of(2) }), /isolation/],
    'float32 sums that are divided': [inline, root({ sums: 'float32' }), /sums/],
    'a divisor of a sum': [wideInline, root({ divisor: Float64Array.of(2) }), /divisor/],
    'a mean that is divided by 0': [inline, root({ divisor: Float64Array.of(0) }), /divisor/],
    'logarithms of trees without probabilities': [
      wideInline,
      head({ logProbability: 'parts' }),
      /logProbability/,
    ],
    'path lengths divided by NaN': [
      'narrow inline, path lengths, an offset to decide by',
      element('root.isolation', 0, Number.NaN),
      /isolation/,
    ],
    'a decision by probabilities that are not there': [
      linear,
      head({ decide: 'probable', probability: null }),
      /probability/,
    ],
    'an offset of several scores': [
      linear,
      head({ decisionOffset: Float64Array.of(1) }),
      /decisionOffset/,
    ],
    'an offset that is infinite': [
      'narrow inline, path lengths, an offset to decide by',
      element('root.head.decisionOffset', 0, Infinity),
      /decisionOffset/,
    ],
    'logarithms of probabilities that are found of none': [
      linear,
      head({ logProbability: 'scores' }),
      /logProbability/,
    ],
    'joint probabilities by another name': [linear, head({ joint: 'product' }), /joint/],
    'a difference of three scores': [linear, head({ folded: true }), /folded/],
    'a density of two of three components': [
      linear,
      root({ head: { task: 'density', components: 2, uncertainty: Float64Array.of(0) } }),
      /head/,
    ],
    'a density that is less than certain': [
      linear,
      root({ head: { task: 'density', components: 3, uncertainty: Float64Array.of(-1) } }),
      /uncertainty/,
    ],
    'a density of three scores': [linear, root({ head: { task: 'density' } }), /head/],
    'two offsets': [
      'narrow inline, path lengths, an offset to decide by',
      head({ scoreOffset: Float64Array.of(1) }),
      /decisionOffset/,
    ],
    'a regressor whose scores are multiplied by NaN': [
      'narrow inline, sums of float32, categories that are never negative, softmax of targets',
      element('root.head.factor', 0, Number.NaN),
      /factor/,
    ],
    'categories read in another way': [
      wideTable,
      (plain) => replaced(plain, ['root', 'categories', 'reading'], 'bits') as Plain,
      /reading/,
    ],
    'leaves of rows of any kind': [inline, root({ pathsNonFinite: 'any' }), /pathsNonFinite/],
    'more trees than the limit': [inline, root({ starts: new Uint32Array(100_002) }), /starts/],
    'a variance of 0': [gaussian, element('root.scales', 1, 0), /scales/],
    'a mean that is NaN': [gaussian, element('root.means', 5, Number.NaN), /means\[5\]/],
    'a mean too few': [gaussian, root({ means: new Float64Array(5) }), /means/],
    'half a row of scales': [gaussian, root({ scales: new Float64Array(9).fill(1) }), /scales/],
    'more rows of variances than one': [
      gaussian,
      root({ scales: new Float64Array(12).fill(1) }),
      /scales/,
    ],
    'no factors': [gaussian, root({ distance: 'factors', scales: new Float64Array(0) }), /scales/],
    'a precision that is not square': [gaussian, root({ distance: 'precision' }), /scales/],
    'a distance by another name': [gaussian, root({ distance: 'manhattan' }), /distance/],
    'no constants': [gaussian, root({ constants: new Float64Array(0) }), /constants/],
    'half a row of constants': [gaussian, root({ constants: new Float64Array(4) }), /constants/],
    'more constants than could be of use': [
      gaussian,
      root({ constants: new Float64Array(27) }),
      /constants/,
    ],
    'a constant that is infinite': [gaussian, element('root.constants', 0, Infinity), /constants/],
    'an uncertainty that is negative': [
      gaussian,
      root({ uncertainty: Float64Array.of(0, -1, 0) }),
      /uncertainty/,
    ],
    'a spread that is negative': [
      gaussian,
      root({ spread: new Float64Array(6).fill(-1e-9) }),
      /spread/,
    ],
    'a spread of other columns': [gaussian, root({ spread: new Float64Array(2) }), /spread/],
    'rounding of what there is none': [gaussian, root({ rounded: 'score' }), /rounded/],
    'densities that are not expanded or not': [gaussian, root({ expanded: 'no' }), /expanded/],
    'more densities than labels': [gaussian, root({ outputs: 2 }), /means/],
    'support vectors of one class': [
      'support vectors of two classes, probabilities',
      head({ decide: 'argmax', labels: [{ dtype: 'str', values: ['a'] }] }),
      /labels/,
    ],
    'a Gaussian process of one class': [
      'a Gaussian process of two classes',
      head({ decide: 'argmax', labels: [{ dtype: 'str', values: ['a'] }] }),
      /labels/,
    ],
    'a feature beyond the input': [linear, root({ features: 4 }), /coefficients/],
    'a coefficient that is NaN': [
      linear,
      element('root.coefficients', 0, Number.NaN),
      /coefficients\[0\]/,
    ],
    'an intercept that is infinite': [
      linear,
      element('root.intercepts', 2, Infinity),
      /intercepts\[2\]/,
    ],
    'fewer scores than classes': [
      linear,
      head({ labels: [{ dtype: 'str', values: ['a', 'b'] }] }),
      /head/,
    ],
    'a label twice': [
      linear,
      head({ labels: [{ dtype: 'str', values: ['a', 'b', 'a'] }] }),
      /labels\[0\]/,
    ],
    'a label that is NaN': [
      linear,
      head({ labels: [{ dtype: 'float64', values: Float64Array.of(0, 1, Number.NaN) }] }),
      /labels\[0\]/,
    ],
    'a label that is no integer': [
      linear,
      head({ labels: [{ dtype: 'int8', values: Float64Array.of(0, 1, 1.5) }] }),
      /labels\[0\]/,
    ],
    'a label beyond 2⁵³': [
      linear,
      head({ labels: [{ dtype: 'uint64', values: Float64Array.of(0, 1, 2 ** 53) }] }),
      /labels\[0\]/,
    ],
    'a boolean that is 2': [
      wideTable,
      head({ labels: [{ dtype: 'bool', values: Uint8Array.of(0, 2) }] }),
      /labels\[0\]/,
    ],
    'no labels': [linear, head({ labels: [] }), /labels/],
    'a sign between three classes': [linear, head({ decide: 'positive' }), /labels/],
    'one score for the probabilities of three': [
      linear,
      head({ probability: 'expit' }),
      /probability/,
    ],
    'targets beyond the scores': [
      'linear regressor without probabilities',
      head({ targets: 3 }),
      /head/,
    ],
    'a vector of two targets': [
      'linear regressor without probabilities',
      head({ flat: true }),
      /flat/,
    ],
    'a column beyond the input': [
      'pipeline of select and trees',
      element('root.steps.0.columns', 0, 4),
      /columns\[0\]/,
    ],
    'no columns': [
      'pipeline of select and trees',
      (plain) => replaced(plain, ['root', 'steps', 0, 'columns'], new Uint32Array(0)) as Plain,
      /columns/,
    ],
    'steps that do not fit': [
      'pipeline of select and trees',
      (plain) => replaced(plain, ['root', 'steps', 0, 'columns'], Uint32Array.of(0, 1)) as Plain,
      /steps\[1\]/,
    ],
    'a head before the last step': [
      linear,
      (plain) => ({ ...plain, root: { kind: 'pipeline', steps: [plain.root, plain.root] } }),
      /steps\[0\]/,
    ],
    'scores that are not as many as the head takes': [
      'scores alone',
      head({ targets: 3 }),
      /^model\.root\.head\.task$/,
    ],
    'scores of compressed rows': [
      'scores alone',
      (plain) => {
        const rows = {
          kind: 'union',
          features: 2,
          sparse: true,
          parts: [{ columns: null, node: null }],
        };
        return { ...plain, root: { kind: 'pipeline', steps: [rows, plain.root] } };
      },
      /steps\[1\]/,
    ],
    'no steps': [linear, (plain) => ({ ...plain, root: { kind: 'pipeline', steps: [] } }), /steps/],
    'a part without a head': [
      votes,
      changedPart({ node: { kind: 'select', features: 3, columns: Uint32Array.of(0) } }),
      /^model\.root\.parts\[0\]\.node$/,
    ],
    'a class of a part that the ensemble has not': [
      votes,
      changedPart({ classes: Uint8Array.of(0, 2) }),
      /classes/,
    ],
    'a class of a part twice': [votes, changedPart({ classes: Uint8Array.of(1, 1) }), /classes/],
    'a part with fewer classes than it says': [
      votes,
      changedPart({ classes: Uint8Array.of(1) }),
      /classes/,
    ],
    'a column of a part beyond the input': [
      votes,
      changedPart({ columns: Uint32Array.of(0, 1, 3) }),
      /columns\[2\]/,
    ],
    'columns that a part does not take': [
      votes,
      changedPart({ columns: Uint32Array.of(0, 1) }),
      /parts\[0\]\.node/,
    ],
    'sums that are divided by 0': [votes, root({ divisor: Float64Array.of(0) }), /divisor/],
    'two scores that became one': [votes, root({ outputs: 2 }), /outputs/],
    'a median of classifiers': [votes, root({ combine: 'median' }), /combine/],
    'votes of regressors': ['ensemble, median', root({ combine: 'vote' }), /combine/],
    'a mean of probabilities that are not there': [
      votes,
      (plain) => {
        const path = ['root', 'parts', 1, 'node', 'head', 'probability'];
        return replaced(root({ combine: 'mean', misses: null })(plain), path, null) as Plain;
      },
      /parts\[1\]\.node/,
    ],
    'misses without votes': [
      'ensemble, mean of margins',
      root({ misses: Float64Array.of(1, 1) }),
      /misses/,
    ],
    'a weight too few': [votes, root({ weights: Float64Array.of(1) }), /weights/],
    'a weight that is infinite of an ensemble': [
      votes,
      element('root.weights', 0, Infinity),
      /weights/,
    ],
    'a threshold of no decision': [
      'linear, softmax',
      head({ threshold: { of: 'decision_function', positive: 1, value: Float64Array.of(0) } }),
      /threshold/,
    ],
    'a threshold of a third class': [
      'linear, probabilities of the first class and a threshold',
      head({ threshold: { of: 'predict_proba', positive: 2, value: Float64Array.of(0) } }),
      /threshold\.positive/,
    ],
    'a threshold that is infinite': [
      'linear, probabilities of the first class and a threshold',
      head({ threshold: { of: 'predict_proba', positive: 0, value: Float64Array.of(Infinity) } }),
      /threshold\.value/,
    ],
    'a threshold of probabilities that parts have': [
      'ensemble, one against the rest, the last of the largest',
      (plain) => {
        const threshold = { of: 'predict_proba', positive: 1, value: Float64Array.of(0) };
        const parts = (plain.root.parts as unknown[]).slice(0, 1);
        const labels = [{ dtype: 'str', values: ['a', 'b'] }];
        const own = { labels, decide: 'positive', probability: 'complement', threshold };
        return head(own)(root({ parts, outputs: 1 })(plain) as Plain);
      },
      /threshold/,
    ],
    'margins with weights': [
      'ensemble, one against the rest, the last of the largest',
      root({ weights: Float64Array.of(1, 1, 1) }),
      /combine/,
    ],
    'a margin too few': [
      'ensemble, votes of pairs',
      (plain) => root({ parts: (plain.root.parts as unknown[]).slice(1) })(plain),
      /parts/,
    ],
    'probabilities of votes of pairs': [
      'ensemble, votes of pairs',
      head({ probability: 'normalize' }),
      /combine/,
    ],
    'decisions that parts have not': [
      'ensemble, several labels a row',
      head({ decisionFunction: true }),
      /combine/,
    ],
    'decisions of two columns of two classes': [
      'ensemble, several labels a row',
      (plain) => {
        const [first] = plain.root.parts as [{ node: { head: object } }];
        const head = { ...first.node.head, decisionFunction: true };
        const part = { ...first, node: { ...first.node, head } };
        return root({ parts: [part, part] })(plain);
      },
      /decisionFunction/,
    ],
    'a column of a model that is not there': [leafModels, element('root.columns', 0, 3), /columns/],
    'a tree that adds to no score': [leafModels, element('root.treeOutputs', 1, 1), /treeOutputs/],
    'a tree more than scores that choose': [
      leafModels,
      root({ treeOutputs: new Uint8Array(3) }),
      /treeOutputs/,
    ],
    'models that begin before others': [leafModels, element('root.starts', 1, 99), /starts/],
    'a model more than constants': [leafModels, root({ gaps: new Float64Array(10) }), /gaps/],
    'a coefficient that is not finite': [
      leafModels,
      element('root.coefficients', 0, Infinity),
      /coefficients/,
    ],
    'a constant that is NaN': [leafModels, element('root.constants', 0, Number.NaN), /constants/],
    'models that nothing chooses': [
      leafModels,
      root({ node: { kind: 'select', features: 3, columns: Uint32Array.of(0, 1) } }),
      /node/,
    ],
    'an ensemble without parts': [votes, root({ parts: [] }), /parts/],
    'margins of parts that have none': [
      'ensemble, mean of trees and margins, logarithms of parts',
      root({ decisions: 'mean' }),
      /decisions/,
    ],
    'logarithms of parts where there are none': [
      linear,
      head({ logProbability: 'parts' }),
      /logProbability/,
    ],
    'logarithms of votes': [votes, head({ logProbability: 'parts' }), /head/],
    'an answer that is not there': [
      stacked,
      changedAnswer(2, { method: 'predict_proba' }),
      /method/,
    ],
    'labels of words as an answer': [stacked, changedAnswer(0, { method: 'predict' }), /method/],
    'an answer of which nothing is left': [stacked, changedAnswer(1, { skip: 1 }), /skip/],
    'an answer of a part without a head': [
      stacked,
      changedAnswer(0, {
        node: { kind: 'select', features: 2, columns: Uint32Array.of(0) },
      }),
      /parts\[0\]\.node\.node$/,
    ],
    'pipelines seventy deep': [
      linear,
      (plain) => ({
        ...plain,
        root: Array.from({ length: 70 }).reduce<unknown>(
          (node) => ({ kind: 'pipeline', steps: [node] }),
          plain.root,
        ) as Plain['root'],
      }),
      /byte|steps/,
    ],
    'a feature name twice': [
      linear,
      (plain) => ({ ...plain, input: { type: 'matrix', features: 3, names: ['a', 'b', 'a'] } }),
      /names/,
    ],
    'a feature name too few': [
      linear,
      (plain) => ({ ...plain, input: { type: 'matrix', features: 3, names: ['a', 'b'] } }),
      /names/,
    ],
    'an input of another width': [
      linear,
      (plain) => ({ ...plain, input: { type: 'matrix', features: 4, names: null } }),
      /root/,
    ],
    'an unknown kind of node': [linear, root({ kind: 'network' }), /kind/],
    'a kind that objects inherit': [linear, root({ kind: 'constructor' }), /kind/],
  };
  test.each(Object.keys(sound))('sound: %s', (name) => {
    const [model, edit] = sound[name]!;
    const plain = edit(smallModels[model]!() as unknown as Plain);
    expect(
      judgeNut(
        name,
        sealed(takeApart(plain)),
        () => plain,
        () => [
          [-1, 0],
          [1, 0],
        ],
      ).code,
    ).toBe('accepted');
  });
  test.each(Object.keys(refused))('%s', (name) => {
    const [model, edit, path] = refused[name]!;
    const plain = edit(smallModels[model]!() as unknown as Plain);
    const verdict = judgeNut(
      name,
      sealed(takeApart(plain)),
      () => plain,
      () => [],
    );
    expect(verdict.code, name).not.toBe('accepted');
    expect(verdict.path).toMatch(path);
  });
});
