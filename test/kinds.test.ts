import { describe, expect, test } from 'vitest';
import { writeNut } from '../formats/nut/index.js';
import { allKinds } from '../src/compile/compile.js';
import * as kinds from '../src/compile/kinds.js';
import { load, loadWith, type Model } from '../src/index.js';
import { type ModelDescription, type Node, rulesOfAll } from '../src/ir/index.js';
import { smallModels } from './hostile/models.js';

/** Programs that know some kinds of model alone. */

const described = Object.values(smallModels).map((make) => make());

/** The kinds of a node and of all parts inside it. */
function kindsIn(node: Node): string[] {
  return [node.kind, ...partsOf(node).flatMap(kindsIn)];
}

function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'pipeline':
      return [node.steps, node.beside ?? [], node.chooser ?? []].flat();
    case 'union':
    case 'rounds':
    case 'ensemble':
      return node.parts.flatMap((part) => part.node ?? []);
    case 'answers':
    case 'leaf-models':
      return [node.node];
    default:
      return [];
  }
}

const used = new Set(described.flatMap(({ root }) => kindsIn(root)));

const kindOf = (name: string) => allKinds().find(({ rules }) => rules.kind === name)!;

/** What a model answers to rows of zeros of its own width, or how it refuses them. */
function answerOf(model: Model): unknown {
  const row = new Array<number>(model.nFeatures).fill(0);
  try {
    return 'raw' in model ? model.raw([row]) : model.transform([row]);
  } catch (error) {
    return String(error);
  }
}

test('every kind has rules and a compiler, and a model here', () => {
  const names = allKinds().map(({ rules }) => rules.kind);
  expect(new Set(names).size).toBe(Object.keys(kinds).length);
  for (const name of names) expect(rulesOfAll(name)).toBe(kindOf(name).rules);
  for (const name of used) expect(names).toContain(name);
  expect([...used].sort()).toEqual(names.sort());
});

describe('a loader of some kinds', () => {
  test('reads every model of those kinds as load does', () => {
    for (const description of described) {
      const few = loadWith([...new Set(kindsIn(description.root))].map(kindOf));
      const bytes = writeNut(description);
      expect(answerOf(few(bytes))).toEqual(answerOf(load(bytes)));
    }
  });

  test('refuses a file with another kind, and says which and where', () => {
    const refusal = (description: ModelDescription, missing: string) => {
      const few = loadWith(allKinds().filter(({ rules }) => rules.kind !== missing));
      try {
        few(writeNut(description));
      } catch (error) {
        return error;
      }
      return null;
    };
    for (const description of described) {
      for (const missing of new Set(kindsIn(description.root))) {
        expect(refusal(description, missing), missing).toMatchObject({
          code: 'unsupported',
          path: expect.stringMatching(/^model\.root(\..*)?\.kind$/),
          message: expect.stringContaining(`unknown kind "${missing}": update nuthatch or add it`),
        });
      }
    }
  });
});
