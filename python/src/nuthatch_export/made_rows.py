"""Rows made for an estimator's trees: on their thresholds and one step either side, and along many paths."""

from __future__ import annotations

from typing import Iterable, NamedTuple, Sequence, Tuple

import numpy as np

from .inputs import Template
from .inverse import Crossing, Inverse
from .sites import Site

SEED = 20240229
# Trees that are looked at: more than any number of rows can probe, few enough for a large forest.
MAX_TREES = 64
_MAX_COMBINED = 2000

# (column of the steps' output, value, whether float32 is compared): what an Inverse is asked.
Key = Tuple[int, float, bool]


class MadeRows(NamedTuple):
    """``thresholds`` (n, width): triples of one step below, on, and one step above a node's threshold, each
    reaching the node. ``paths`` (m, width): every column on either side of some threshold of its own.

    ``threshold_origins`` (n,) and ``path_origins`` (m,) say which example each row was made from (see
    ``Template.rows``). ``probed`` counts the nodes behind ``thresholds``; ``exact`` those where a row lies on
    the threshold to the bit, and not only next to it; ``missed`` those no input was found for.
    """

    thresholds: np.ndarray
    paths: np.ndarray
    threshold_origins: np.ndarray
    path_origins: np.ndarray
    probed: int
    exact: int
    missed: int


def rows_for_trees(sites: Sequence[Site], template: Template, examples: np.ndarray | None, budget: int) -> MadeRows:
    """At most ``budget`` rows for the trees of an estimator; ``examples`` (n, width) are rows to start from."""
    empty = np.zeros((0, template.width))
    aims = [aim for aim in _aims(sites, template, examples) if len(aim.nodes)]
    if not aims or budget < 3:
        return MadeRows(empty, empty, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 0, 0, 0)
    for_paths = budget // 4
    wanted = max(1, (budget - for_paths) // 3)
    bases = _bases(aims, template, examples)
    probes = _spread(aims, 3 * wanted)
    rows: list[np.ndarray] = []
    origins: list[int] = []
    exact = missed = 0
    for k, (aim, node) in enumerate(probes):
        if len(rows) == wanted:
            break
        if k % wanted == 0:  # those after the first are for nodes that were missed
            _prepare(probes[k : k + wanted])
        triple = aim.triple(node, bases[k % len(bases)], k)
        if triple is None:
            missed += 1
        else:
            rows.append(triple)
            origins += [bases[k % len(bases)].origin] * 3
            exact += aim.lands_exactly(node, triple)
    return MadeRows(
        np.vstack(rows) if rows else empty,
        _combinations(aims, bases, for_paths, template.width),
        np.array(origins, dtype=np.int64),
        np.array([bases[k % len(bases)].origin for k in range(for_paths)], dtype=np.int64),
        len(rows),
        exact,
        missed,
    )


def _aims(sites: Sequence[Site], template: Template, examples: np.ndarray | None) -> list[_Aim]:
    # One inverse for all trees behind the same steps: probing and bisecting are the slow part.
    inverses: dict[int, Inverse] = {}
    aims = []
    for which in _evenly(len(sites), min(len(sites), MAX_TREES)):
        steps = sites[which].way.steps
        key = id(steps) if steps else 0
        if key not in inverses:
            inverses[key] = Inverse(template, steps, examples)
        aims.append(_Aim(sites[which], inverses[key]))
    return aims


class _Base(NamedTuple):
    """A row (width) to start from, and the example it is."""

    row: np.ndarray
    origin: int


class _Aim:
    """A tree that can be aimed at; ``nodes`` are those with a threshold an input can be found for."""

    def __init__(self, site: Site, inverse: Inverse) -> None:
        self.tree = site.tree()
        self.inverse = inverse
        self._chosen = site.way.columns
        total = len(inverse.follows)
        features = np.arange(total) if self._chosen is None else self._chosen
        inside = (features >= 0) & (features < total)
        # For each feature of the tree, its column of the steps' output and the input column that follows.
        self._source = np.where(inside, features, -1)
        follows = np.append(inverse.follows, -1)[self._source]
        splits = self.tree.splits()
        splits = splits[self.tree.feature[splits] < len(follows)]
        self.nodes = splits[follows[self.tree.feature[splits]] >= 0]
        self.columns = follows[self.tree.feature[self.nodes]]
        self._parent = self.tree.parents()

    def key(self, node: int) -> Key:
        """What to ask the inverse for this node's threshold."""
        return self._source_of(node), float(self.tree.threshold[node]), self.tree.single

    def needs(self, node: int) -> list[Key]:
        """What to ask the inverse for rows that reach ``node``."""
        ancestors = [parent for parent, _ in self._ancestors(node) if not self.tree.categorical[parent]]
        return [self.key(one) for one in [node, *ancestors]]

    def step_before(self, node: int) -> Key | None:
        """What to ask the inverse for the value one step below this node's threshold."""
        here = self._crossing(self.key(node))
        if here is None or self._source_of(node) < 0:
            return None
        rows = np.repeat(self.inverse.base[None, :], 2, axis=0)
        rows[:, here.column] = here.below
        seen = self.seen(rows)
        if seen is None:
            return None
        value = self.tree.compared(seen[0])[self.tree.feature[node]]
        return self._source_of(node), self._below(float(value)), self.tree.single

    def triple(self, node: int, base: _Base, turn: int) -> np.ndarray | None:
        """Three rows (3, width) that reach ``node``: two go left, the last right. None if not found."""
        self.inverse.crossings(self.needs(node))
        here = self._crossing(self.key(node))
        if here is None:
            return None
        ancestors = self._ancestors(node)
        row = base.row.copy()
        for column, (low, high) in self._box(ancestors).items():
            if not low <= row[column] <= high:
                row[column] = _inside(low, high)
        for column, allowed in self._allowed_categories(ancestors).items():
            if allowed and row[column] not in allowed:
                row[column] = allowed[turn % len(allowed)]
        rows = np.repeat(row[None, :], 3, axis=0)
        for points in self._points(node, here, turn):
            rows[:, here.column] = points
            if self._straddles(node, rows, base.origin):
                return rows
        return None

    def lands_exactly(self, node: int, rows: np.ndarray) -> bool:
        """Whether the second row of a triple is on the threshold, as the tree compares, not only next to it."""
        seen = self.seen(rows)
        if seen is None:
            return False
        value = float(self.tree.compared(seen[1])[self.tree.feature[node]])
        threshold = float(self.tree.threshold[node])
        return value == (float(_float32_at_most(threshold)) if self.tree.single else threshold)

    def seen(self, rows: np.ndarray, origin: int = 0) -> np.ndarray | None:
        """What the tree sees of rows (n, width), or None where a step refuses them."""
        out = self.inverse.forward(rows, np.full(len(rows), origin))
        return out if out is None or self._chosen is None else out[:, self._chosen]

    def category_choices(self) -> dict[int, list[float]]:
        """For input columns of categorical nodes: values of categories, known ones and likely one that is not."""
        found = {}
        for feature in np.unique(self.tree.feature[self.tree.categorical & ~self.tree.leaf]):
            if feature < len(self._source) and self._source[feature] >= 0:
                known = self.inverse.categories(int(self._source[feature]))
                highest = self.tree.highest_category()
                values = sorted(x for code, x in known.items() if code <= highest + 1)
                if values:
                    found[int(self.inverse.depends[self._source[feature]])] = values[:32] + [values[-1] + 1.0]
        return found

    def _source_of(self, node: int) -> int:
        feature = int(self.tree.feature[node])
        return int(self._source[feature]) if 0 <= feature < len(self._source) else -1

    def _crossing(self, key: Key) -> Crossing | None:
        return self.inverse.crossings([key]).get(key)

    def _above(self, value: float) -> float:
        if self.tree.single:
            return float(np.nextafter(np.float32(value), np.float32(np.inf)))
        return float(np.nextafter(value, np.inf))

    def _below(self, value: float) -> float:
        return -self._above(-value)

    def _points(self, node: int, here: Crossing, turn: int) -> list[list[float]]:
        """Candidates for the column's values: one step below, on and one step above the threshold."""
        threshold = float(self.tree.threshold[node])
        if self.inverse.direct and not self.tree.single:
            return [[self._below(threshold), threshold, self._above(threshold)]]
        key = self.step_before(node)
        before = None if key is None else self._crossing(key)
        toward = -np.inf if here.rising else np.inf
        down = float(np.nextafter(here.below, toward)) if before is None else before.below
        crossing = [down, here.below, here.above]
        if not self.inverse.direct:
            return [crossing]
        # The steps of float32, which the tree compares, and those of float64, which the input has: the
        # second find a reader that forgets to round. They take turns.
        on = float(_float32_at_most(threshold))
        steps = [self._below(on), on, self._above(on)]
        return [steps, crossing] if turn % 2 == 0 else [crossing, steps]

    def _ancestors(self, node: int) -> list[tuple[int, bool]]:
        """(ancestor, whether the way to ``node`` goes left there), the root last."""
        found = []
        child, parent = node, int(self._parent[node])
        while parent >= 0:
            found.append((parent, int(self.tree.left[parent]) == child))
            child, parent = parent, int(self._parent[parent])
        return found

    def _box(self, ancestors: list[tuple[int, bool]]) -> dict[int, tuple[float, float]]:
        """Bounds, both included, for input columns such that a row goes the way of ``ancestors``."""
        box: dict[int, tuple[float, float]] = {}
        for parent, left in ancestors:
            crossing = None if self.tree.categorical[parent] else self._crossing(self.key(parent))
            if crossing is None:
                continue
            low, high = box.get(crossing.column, (-np.inf, np.inf))
            bound = crossing.below if left else crossing.above
            box[crossing.column] = (low, min(high, bound)) if left == crossing.rising else (max(low, bound), high)
        return box

    def _allowed_categories(self, ancestors: list[tuple[int, bool]]) -> dict[int, list[float]]:
        """For input columns of categorical ancestors, the values that go their way."""
        allowed: dict[int, list[float]] = {}
        for parent, left in ancestors:
            source = self._source_of(parent)
            if not self.tree.categorical[parent] or source < 0:
                continue
            known = self.inverse.categories(source)
            fitting = [x for code, x in known.items() if self.tree.category_goes_left(parent, code) == left]
            if known:
                column = int(self.inverse.depends[source])
                before = allowed.get(column, fitting)
                allowed[column] = [x for x in fitting if x in before]
        return allowed

    def _straddles(self, node: int, rows: np.ndarray, origin: int) -> bool:
        """Whether all rows reach the node and go left, left and right there, seen from the tree's own input."""
        seen = self.seen(rows, origin)
        if seen is None:
            return False
        left, right = int(self.tree.left[node]), int(self.tree.right[node])
        for row, child in zip(seen, (left, left, right)):
            path = self.tree.path(row)
            if node not in path or path[path.index(node) + 1] != child:
                return False
        return True


def _prepare(probes: list[tuple[_Aim, int]]) -> None:
    """Asks each inverse for all that the probes need at once: a bisection costs the same for one as for many."""
    _ask_all((aim.inverse, key) for aim, node in probes for key in aim.needs(node))
    before = [(aim, aim.step_before(node)) for aim, node in probes]
    _ask_all((aim.inverse, key) for aim, key in before if key is not None)


def _ask_all(wanted: Iterable[tuple[Inverse, Key]]) -> None:
    by_inverse: dict[int, tuple[Inverse, list[Key]]] = {}
    for inverse, key in wanted:
        by_inverse.setdefault(id(inverse), (inverse, []))[1].append(key)
    for inverse, keys in by_inverse.values():
        inverse.crossings(keys)


def _float32_at_most(value: float) -> np.float32:
    rounded = np.float32(value)
    return np.nextafter(rounded, np.float32(-np.inf)) if float(rounded) > value else rounded


def _inside(low: float, high: float) -> float:
    """A value between two bounds; a lone bound itself, since that lies on an ancestor's threshold."""
    if np.isinf(low):
        return high
    if np.isinf(high):
        return low
    return low + (high - low) / 2


def _evenly(total: int, count: int) -> list[int]:
    return [i * total // count for i in range(count)]


def _spread(aims: list[_Aim], count: int) -> list[tuple[_Aim, int]]:
    """Nodes to probe, spread over trees, then over input columns, then over depths. The same each time."""
    order = _evenly(len(aims), min(len(aims), count))
    used: dict[int, int] = {}
    free = {which: np.ones(len(aims[which].nodes), dtype=bool) for which in order}
    probes: list[tuple[_Aim, int]] = []
    for turn in range(4 * count):
        which = order[turn % len(order)]
        left = np.flatnonzero(free[which])
        if len(probes) == count or not len(left):
            continue
        aim = aims[which]
        uses = np.array([used.get(int(column), 0) for column in aim.columns[left]])
        rarest = left[uses == uses.min()]
        place = int(rarest[(turn * 7919) % len(rarest)])
        free[which][place] = False
        column = int(aim.columns[place])
        used[column] = used.get(column, 0) + 1
        probes.append((aim, int(aim.nodes[place])))
    return probes


def _bases(aims: list[_Aim], template: Template, examples: np.ndarray | None) -> list[_Base]:
    """Rows to start from: the user's, or one with each column at the median of its thresholds."""
    if examples is not None and len(examples):
        whole = np.nan_to_num(np.asarray(examples, dtype=np.float64))
        return [_Base(whole[i], i) for i in _evenly(len(whole), min(len(whole), 16))]
    row = aims[0].inverse.base.copy()
    middles = [choices[len(choices) // 2] for choices in _thresholds_by_column(aims).values()]
    _ask_all((aim.inverse, aim.key(node)) for aim, node in middles)
    for aim, node in middles:
        for crossing in aim.inverse.crossings([aim.key(node)]).values():
            row[crossing.column] = crossing.below
    return [_Base(row, 0)]


def _thresholds_by_column(aims: list[_Aim]) -> dict[int, list[tuple[_Aim, int]]]:
    """For each input column, (aim, node) pairs in the order of their thresholds; not all nodes of large trees."""
    found: dict[int, list[tuple[_Aim, int]]] = {}
    for aim in aims:
        for place in _evenly(len(aim.nodes), min(len(aim.nodes), 64)):
            found.setdefault(int(aim.columns[place]), []).append((aim, int(aim.nodes[place])))
    for choices in found.values():
        choices.sort(key=lambda choice: float(choice[0].tree.threshold[choice[1]]))
    return found


def _combinations(aims: list[_Aim], bases: list[_Base], count: int, width: int) -> np.ndarray:
    """Rows (count, width) with every column on either side of some threshold of its own."""
    random = np.random.RandomState(SEED)
    choices = _thresholds_by_column(aims)
    picks: list[tuple[int, _Aim, int, bool]] = []
    for k in range(count):
        for column in sorted(choices)[: max(1, _MAX_COMBINED // max(1, count))]:
            aim, node = choices[column][random.randint(len(choices[column]))]
            picks.append((k, aim, node, random.randint(2) == 1))
    _ask_all((aim.inverse, aim.key(node)) for _, aim, node, _ in picks)
    rows = np.array([bases[k % len(bases)].row for k in range(count)]).reshape(count, width)
    for k, aim, node, above in picks:
        for crossing in aim.inverse.crossings([aim.key(node)]).values():
            rows[k, crossing.column] = crossing.above if above else crossing.below
    categories: dict[int, list[float]] = {}
    for aim in aims:
        for column, values in aim.category_choices().items():
            categories.setdefault(column, values)
    for column in sorted(categories):
        rows[:, column] = [categories[column][random.randint(len(categories[column]))] for _ in range(count)]
    return rows
