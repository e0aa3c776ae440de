import {
  block,
  type Code,
  constant,
  leaveIf,
  load,
  loop,
  op,
  repeat,
  repeatIf,
  Variables,
} from './assemble.js';
import {
  addLeaf,
  cellBytes,
  type EveryLane,
  featureOf,
  lanes,
  nextTree,
  ofLanes,
  startMask,
  startScore,
  treeEntry,
  type WalkCode,
  walkCertainSteps,
  walkLanes,
} from './walk-code.js';

/** The address of the cell of a row, whose address is in `cells`, for the feature of the word on the stack. */
const cellOf = (code: WalkCode, v: Variables, cells: string): Code => [
  featureOf(code, cellBytes(code)),
  v.get(cells),
  op.i32Add,
];

/**
 * A module whose function walks eight rows at a time through tree after tree and adds their leaves to their scores.
 *
 * `f(x, scores, tree, end, rows)` is given the addresses of the rows, which lie one after another, each before a NaN, of the scores, of the first tree's entry and
 * the last one's end. Rows must be a multiple of eight.
 */
export function assembleRowsWalk(code: WalkCode): Uint8Array<ArrayBuffer> {
  const v = new Variables('x', 'scores', 'tree', 'end', 'rows');
  const rowBytes = (code.features + 1) * cellBytes(code);
  const every: EveryLane = (part) =>
    ofLanes((name) => part({ name, root: 'root', cell: cellOf(code, v, `cells${name}`) }));
  return v.assemble(
    loop(
      v.set('root', [v.get('tree'), load('i32', treeEntry.root)]),
      startScore(v),
      v.set('cells', v.get('x')),
      v.set('left', v.get('rows')),
      loop(
        v.set('steps', [v.get('tree'), load('i32', treeEntry.steps)]),
        ofLanes((lane) => [
          v.set(`cells${lane}`, [v.get('cells'), constant(lane * rowBytes), op.i32Add]),
          v.set(`slot${lane}`, v.get('root')),
          startMask(code, v, lane, v.get('steps')),
        ]),
        walkCertainSteps(code, v, every),
        walkLanes(code, v, every),
        ofLanes((lane) => [
          addLeaf(code, v, v.get(`slot${lane}`), (base, add) => add(base)),
          v.set('score', [v.get('score'), constant(code.outputs * 8), op.i32Add]),
        ]),
        v.set('cells', [v.get('cells'), constant(lanes * rowBytes), op.i32Add]),
        v.tee('left', [v.get('left'), constant(lanes), op.i32Subtract]),
        [constant(0), op.i32Greater, repeatIf(0)],
      ),
      [nextTree(v), repeatIf(0)],
    ),
    code.shared,
  );
}

/**
 * A module whose function walks one row through eight trees at a time and adds their leaves to its scores, tree after tree.
 *
 * `f(x, scores, tree, end)` is given the addresses of the row, of its scores, of the first tree's entry, and of the last one's end. Seven
 * more entries must follow, which are walked for nothing.
 */
export function assembleRowWalk(code: WalkCode): Uint8Array<ArrayBuffer> {
  const v = new Variables('x', 'scores', 'tree', 'end');
  const ofEntry = (lane: number, offset: number): Code => [
    v.get('tree'),
    load('i32', lane * treeEntry.bytes + offset),
  ];
  const every: EveryLane = (part) =>
    ofLanes((name) => part({ name, root: `root${name}`, cell: cellOf(code, v, 'x') }));
  return v.assemble(
    block(
      loop(
        v.set('steps', [v.get('tree'), load('i32', treeEntry.groupSteps)]),
        ofLanes((lane) => [
          v.set(`slot${lane}`, v.tee(`root${lane}`, ofEntry(lane, treeEntry.root))),
          startMask(code, v, lane, ofEntry(lane, treeEntry.steps)),
        ]),
        walkCertainSteps(code, v, every),
        walkLanes(code, v, every),
        ofLanes((lane) => [
          startScore(v),
          addLeaf(code, v, v.get(`slot${lane}`), (base, add) => add(base)),
          [nextTree(v), op.i32Eqz, leaveIf(1)],
        ]),
        repeat(0),
      ),
    ),
    code.shared,
  );
}
