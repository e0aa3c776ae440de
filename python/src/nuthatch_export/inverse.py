"""Which value of the estimator's input becomes which value of a tree's input: found by probing, then checked.

Nothing is known about the steps between. Columns are varied one at a time; a tree column that follows exactly
one input column, up or down, can be aimed at, and the crossing of a threshold is bisected to two neighbouring
float64 values. Whoever uses the values checks them on the full row.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple, Sequence

import numpy as np

from .inputs import Template
from .sites import Step

# Grids to vary an input column over. Some steps take no negative, others no large numbers.
_SMALL_INTEGERS = [float(i) for i in range(16)]  # categories
_GRIDS = (
    [s * 10.0**k for k in range(-3, 10) for s in (1, -1)] + _SMALL_INTEGERS,
    [s * 10.0**k for k in range(-3, 3) for s in (1, -1)] + _SMALL_INTEGERS,
    [10.0**k for k in range(-3, 7)],
    [0.0, 0.25, 0.5, 0.75, 1.0],
)
MAX_COLUMNS = 2000
_CELLS = 4_000_000
# Calls of the steps cost more than their rows as long as these are few: then intervals are cut into more parts.
_FEW_CELLS = 100_000
_PARTS = 16


class Crossing(NamedTuple):
    """Neighbouring values of one input column: a tree column is at most a value at ``below``, more at ``above``.

    For a column that falls as the input rises, ``below`` is the greater of the two.
    """

    column: int
    below: float
    above: float
    rising: bool


class Inverse:
    """Input values for a tree's columns behind ``steps``.

    ``base`` is a row (template.width) that the steps take. ``depends[j]`` is the input column that tree column
    j depends on, or -1 where it depends on none or several; ``follows[j]`` the same where it does so
    monotonically, else -1.
    """

    def __init__(self, template: Template, steps: Sequence[Step], examples: np.ndarray | None) -> None:
        self._template = template
        self._steps = tuple(steps)
        self.base = np.zeros(template.width)
        self.depends = np.zeros(0, dtype=np.int64)
        self.follows = np.zeros(0, dtype=np.int64)
        self.rising = np.zeros(0, dtype=bool)
        self._grid = np.zeros((0, 0))
        self._known: dict[tuple[int, float, bool], Crossing | None] = {}
        self._categories: dict[int, dict[int, float]] = {}
        if examples is not None and len(examples):
            self.base = np.nan_to_num(np.asarray(examples[0], dtype=np.float64))
        if self.direct:
            self.follows = self.depends = np.array(template.columns_or_minus_one(), dtype=np.int64)
            self.rising = np.ones(len(self.follows), dtype=bool)
        elif template.width <= MAX_COLUMNS:
            self._probe(examples)

    @property
    def direct(self) -> bool:
        """Whether the trees see the input itself."""
        return not self._steps

    def forward(self, matrix: np.ndarray, origins: np.ndarray | None = None) -> np.ndarray | None:
        """The tree's input (n, tree columns) for rows (n, width), or None where a step refuses them.

        ``origins`` as in ``Template.rows``.
        """
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # of values the user never gave
                given = self._template.rows(matrix, origins).given
                for step in self._steps:
                    given = step(given)
                return _dense(given)
        except Exception:  # steps may raise anything at values they were not made for
            return None

    def crossings(self, wanted: Sequence[tuple[int, float, bool]]) -> dict[tuple[int, float, bool], Crossing]:
        """Crossings for (tree column, value, as float32) triples; those that cannot be found are absent."""
        new = [one for one in dict.fromkeys(wanted) if one not in self._known]
        usable = [one for one in new if one[0] < len(self.follows) and self.follows[one[0]] >= 0]
        for one in new:
            self._known[one] = None
        rows_at_once = max(1, _CELLS // max(1, self._template.width * max(1, len(self._grid))))
        for start in range(0, len(usable), rows_at_once):
            self._bisect(usable[start : start + rows_at_once])
        return {one: found for one in wanted for found in [self._known[one]] if found is not None}

    def categories(self, column: int) -> dict[int, float]:
        """Input values for the categories 0 … 255 of a tree column, of those that integers lead to."""
        if not 0 <= column < len(self.depends) or self.depends[column] < 0:
            return {}
        if column not in self._categories:
            x = np.arange(256, dtype=np.float64)
            columns = np.full(256, column)
            codes = self._column_values(columns, np.full(256, self.depends[column]), x)
            found: dict[int, float] = {}
            for value, code in zip(x, codes):
                if code >= 0 and code == int(code):
                    found.setdefault(int(code), float(value))
            self._categories[column] = found
        return self._categories[column]

    def _column_values(self, columns: np.ndarray, inputs: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Tree columns ``columns`` where input columns ``inputs`` have the values ``x``, NaN where refused."""
        if self.direct:
            return x
        rows = np.repeat(self.base[None, :], len(x), axis=0)
        rows[np.arange(len(x)), inputs] = x
        out = self.forward(rows)
        if out is None or len(out) != len(x):
            return np.full(len(x), np.nan)
        return out[np.arange(len(x)), columns].astype(np.float64)

    def _bisect(self, wanted: list[tuple[int, float, bool]]) -> None:
        columns = np.array([one[0] for one in wanted], dtype=np.int64)
        goal = np.array([one[1] for one in wanted], dtype=np.float64)
        single = np.array([one[2] for one in wanted], dtype=bool)
        inputs, rising = self.follows[columns], self.rising[columns]

        def over(x: np.ndarray) -> np.ndarray:
            """Whether the values for each of several x (…, len(wanted)) lie over the goals."""
            tries = x.size // len(wanted)
            values = self._column_values(np.tile(columns, tries), np.tile(inputs, tries), x.ravel()).reshape(x.shape)
            with np.errstate(over="ignore"):
                compared = np.where(single, values.astype(np.float32).astype(np.float64), values)
            return compared > goal

        below, above, found = self._brackets(inputs, goal, single, rising, over)
        low, high = _ordinal(below), _ordinal(above)
        parts = _PARTS if len(wanted) * self._template.width <= _FEW_CELLS else 2
        share = np.arange(1, parts)[:, None]
        for _ in range(64):
            apart = np.abs(high - low) > 1
            if not apart.any():
                break
            # Two int64 ordinals may be 2**63 apart: divide before adding.
            rest = (low % parts * (parts - share) + high % parts * share) // parts
            between = low // parts * (parts - share) + high // parts * share + rest
            beyond = over(_from_ordinal(between))
            first = np.where(beyond.any(axis=0), beyond.argmax(axis=0), parts - 1)
            ends = np.vstack([low, between, high])
            place = np.arange(len(wanted))
            low = np.where(apart, ends[first, place], low)
            high = np.where(apart, ends[first + 1, place], high)
        below, above = _from_ordinal(low), _from_ordinal(high)
        for k in np.flatnonzero(found & ~over(below) & over(above)):
            self._known[wanted[k]] = Crossing(int(inputs[k]), float(below[k]), float(above[k]), bool(rising[k]))

    def _brackets(self, inputs: Any, goal: Any, single: Any, rising: Any, over: Any) -> tuple[Any, Any, Any]:
        if self.direct:
            widest = np.where(single, float(np.finfo(np.float32).max), float(np.finfo(np.float64).max))
            return -widest, widest, np.abs(goal) < widest
        grid = self._grid[:, inputs]
        beyond = over(grid)
        # Both ends of a bracket must be values, and NaN compares as not beyond: a rising column is bracketed
        # by its last value not beyond and the next, a falling one the other way round.
        below, above = np.zeros(len(goal)), np.zeros(len(goal))
        found = np.zeros(len(goal), dtype=bool)
        for k in range(len(goal)):
            order = np.argsort(grid[:, k], kind="stable")
            flags = beyond[order, k] if rising[k] else beyond[order, k][::-1]
            values = grid[order, k] if rising[k] else grid[order, k][::-1]
            first = int(np.argmax(flags)) if flags.any() else 0
            if first > 0:
                below[k], above[k], found[k] = values[first - 1], values[first], True
        return below, above, found

    def _probe(self, examples: np.ndarray | None) -> None:
        width = self._template.width
        for values in _GRIDS:
            for centre in (self.base, np.ones(width)):
                self.base = centre
                grid = self._full_grid(values, examples)
                if self._survey(grid):
                    self._grid = grid
                    return

    def _full_grid(self, values: list[float], examples: np.ndarray | None) -> np.ndarray:
        width = self._template.width
        grid = np.repeat(np.array(values)[:, None], width, axis=1)
        if examples is not None and len(examples):
            seen = np.nanquantile(np.nan_to_num(examples), [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0], axis=0)
            grid = np.vstack([grid, seen])
        return np.vstack([grid, self.base[None, :]])

    def _survey(self, grid: np.ndarray) -> bool:
        """Finds which tree column follows which input column over the grid; False where a step refuses it."""
        start = self.forward(np.repeat(self.base[None, :], 2, axis=0))
        if start is None:
            return False
        start = start[0].astype(np.float64)
        width, columns = self._template.width, len(start)
        moved_by = np.zeros(columns, dtype=np.int64)
        depends = np.full(columns, -1, dtype=np.int64)
        monotone = np.zeros(columns, dtype=bool)
        rising = np.zeros(columns, dtype=bool)
        block = max(1, _CELLS // max(1, len(grid) * max(width, columns)))
        for first in range(0, width, block):
            chosen = np.arange(first, min(width, first + block))
            rows = np.repeat(self.base[None, :], len(chosen) * len(grid), axis=0)
            rows[np.arange(len(rows)), np.repeat(chosen, len(grid))] = grid[:, chosen].T.ravel()
            out = self.forward(rows)
            if out is None or out.shape != (len(rows), columns):
                return False
            out = out.astype(np.float64).reshape(len(chosen), len(grid), columns)
            moved = (out != start) & ~(np.isnan(out) & np.isnan(start))
            moves = moved.any(axis=1)
            moved_by += moves.sum(axis=0)
            for k, column in enumerate(chosen):
                order = np.argsort(grid[:, column], kind="stable")
                for j in np.flatnonzero(moves[k]):
                    direction = _direction(out[k, order, j])
                    depends[j] = column
                    monotone[j], rising[j] = direction != 0, direction > 0
        self.depends = np.where(moved_by == 1, depends, -1)
        self.follows = np.where(monotone, self.depends, -1)
        self.rising = rising
        return True


def _direction(values: np.ndarray) -> int:
    """1 for values that never fall, -1 for values that never rise, 0 for others. NaN is passed over."""
    steps = np.diff(values[np.isfinite(values)])
    if (steps >= 0).all():
        return 1
    return -1 if (steps <= 0).all() else 0


def _dense(rows: Any) -> np.ndarray:
    if hasattr(rows, "toarray"):
        rows = rows.toarray()
    rows = np.asarray(rows)
    return rows if rows.dtype.kind == "f" else rows.astype(np.float64)


def _ordinal(x: np.ndarray) -> np.ndarray:
    """float64 → int64 in the same order, neighbours to neighbours (−0 and 0 are one)."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


def _from_ordinal(ordinals: np.ndarray) -> np.ndarray:
    bits = np.where(ordinals < 0, np.int64(-(2**63)) - ordinals, ordinals)
    return np.ascontiguousarray(bits, dtype=np.int64).view(np.float64)
