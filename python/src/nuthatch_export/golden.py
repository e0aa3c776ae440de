"""Golden sets: rows with the answers Python gives, for a reader to replay."""

from __future__ import annotations

import copy
import pickle
from typing import Any, Dict

import numpy as np

from . import environment
from .answers import ask
from .columns import gap_columns, with_gaps, with_unseen_categories
from .errors import ExportError
from .fitted import METHODS
from .inputs import Rows, Template, as_frame, feature_names, read_rows, rows_like
from .made_rows import MadeRows, rows_for_trees
from .plain_rows import plain_rows, takes_text_or_categories, text_categories, with_missing
from .sites import find_sites

GoldenSet = Dict[str, Any]

# Made rows of very wide models are fewer: they should not outweigh the model itself.
_MAX_CELLS = 1_000_000
# Columns that are probed for gaps one at a time.
_MAX_PROBED = 200


def golden_sets(estimator: Any, rows: Any = None, max_rows: int = 64) -> tuple[list[GoldenSet], list[str]]:
    """Golden sets for a fitted estimator, and notes on what could not be made.

    ``rows`` are a user's (see ``inputs.read_rows``), ``max_rows`` limits the made ones. Predictions are asked
    of a copy, since some estimators change when they predict, and numpy's global random state is put back.

    Raises ExportError where the estimator does not take the user's rows.
    """
    before = np.random.get_state()
    try:
        with environment.reference():
            return _Maker(_copy(estimator), max_rows).make(rows)
    finally:
        np.random.set_state(before)


def _copy(estimator: Any) -> Any:
    """What loading a file of this estimator gives: pickling makes views of arrays contiguous, as the document
    does, and matrix products depend on that in the last bit."""
    try:
        return pickle.loads(pickle.dumps(estimator, protocol=4))
    except Exception:  # the document can hold more than pickle can find again, such as a class in a notebook
        return copy.deepcopy(estimator)


class _Maker:
    def __init__(self, estimator: Any, max_rows: int) -> None:
        self.estimator = estimator
        self.max_rows = max_rows
        self.names = feature_names(estimator)
        self.sets: list[GoldenSet] = []
        self.notes: list[str] = []

    def make(self, rows: Any) -> tuple[list[GoldenSet], list[str]]:
        given = None
        if rows is not None:
            given = read_rows(rows, self.names, may_be_items=_width(self.estimator) is None)
            refused = self._add("rows", given)
            if refused is not None:
                raise ExportError(f"the model does not take the rows given: {refused}")
        elif not any(_has(self.estimator, method) for method in METHODS):
            return [], [f"no golden rows: the model has none of {', '.join(METHODS)}"]
        template, examples = self._template(given)
        if template is not None and template.width:
            self.max_rows = min(self.max_rows, _MAX_CELLS // template.width)
            if self.max_rows >= 2:
                self._made(template, examples)
        if given is not None and self.max_rows >= 2:
            self._changed(given, max(2, self.max_rows // 8))
        return self.sets, list(dict.fromkeys(self.notes))

    def _template(self, given: Rows | None) -> tuple[Template | None, np.ndarray | None]:
        """What made rows look like, and numbers to start from (n, width)."""
        kind = None if given is None else given.written["type"]
        if given is not None and kind == "matrix":
            matrix = given.written["value"]
            if matrix.dtype.kind in "biuf" and matrix.ndim == given.given.ndim:
                return Template(matrix.shape[1], self.names), matrix.astype(np.float64)
        if given is not None and kind == "columns":
            template = Template(given.given.shape[1], self.names, given.given)
            return template, template.example_matrix()
        if kind is not None and kind != "sparse":
            return None, None
        width = _width(self.estimator)
        if width is None:
            if given is None:
                self.notes.append(
                    "no golden rows could be made: the model does not say how many numbers it takes; "
                    "give rows= (--rows)"
                )
            return None, None
        if takes_text_or_categories(self.estimator):
            if given is None:
                self.notes.append(
                    "no golden rows could be made: the model takes categories that are not numbers; give rows= (--rows)"
                )
            return None, None
        examples = given.given[:16].toarray().astype(np.float64) if given is not None else None
        return Template(width, self.names, sparse=kind == "sparse"), examples

    def _made(self, template: Template, examples: np.ndarray | None) -> None:
        sites = find_sites(self.estimator)
        for_missing = self.max_rows // 8 if self.max_rows >= 16 else 0
        made = rows_for_trees(sites, template, examples, self.max_rows - for_missing)
        start = None
        if len(made.thresholds) or len(made.paths):
            start = self._made_for_trees(template, made)
        if sites:
            self._note_missed(made)
        if start is None:
            start = self._made_plain(template, examples, self.max_rows - for_missing)
        if start is not None and for_missing >= 2 and template.example is None:
            missing = template.rows(with_missing(start, for_missing), template.in_turn(for_missing))
            self._add("missing", missing, whole=True)

    def _made_for_trees(self, template: Template, made: MadeRows) -> np.ndarray | None:
        answered = []
        sets = (("thresholds", made.thresholds, made.threshold_origins), ("paths", made.paths, made.path_origins))
        for name, rows, origins in sets:
            if len(rows) >= 2 and self._add(name, template.rows(rows, origins)) is None:
                answered.append(rows)
        return np.vstack(answered) if answered else None

    def _note_missed(self, made: MadeRows) -> None:
        if not made.probed:
            self.notes.append(
                "no rows on thresholds: no input was found that lands on a threshold "
                "(the steps before the trees mix columns, or are not monotone)"
            )
            return
        if made.missed:
            self.notes.append(
                f"rows on thresholds: made for {made.probed} nodes; for {made.missed} others tried "
                "no input was found that lands on their threshold"
            )
        if made.exact < made.probed:
            self.notes.append(
                f"rows on thresholds: for {made.probed - made.exact} of {made.probed} nodes "
                "neighbouring inputs lie on either side of the threshold, but none exactly on it"
            )

    def _made_plain(self, template: Template, examples: np.ndarray | None, count: int) -> np.ndarray | None:
        refused: str | None = None
        for rows in plain_rows(self.estimator, template.width, count, examples):
            refused = self._add("made", template.rows(rows, template.in_turn(count)))
            if refused is None:
                return rows
        self.notes.append(f"no golden rows could be made: {refused}; give rows= (--rows)")
        return None

    def _changed(self, given: Rows, count: int) -> None:
        """Rows of the user's with gaps and with unseen categories, where there are columns that are no numbers."""
        frame = as_frame(given)
        if frame is None or not self.sets:
            return
        places = self._places_for_gaps(given, frame)
        if places:
            self._add("missing", self._gaps(given, frame, places, count), whole=True)
        unseen = with_unseen_categories(frame, count)
        if unseen is not None:
            self._add("unseen", rows_like(given, unseen), whole=True)

    def _places_for_gaps(self, given: Rows, frame: Any) -> list[int]:
        """The columns in which the model takes gaps: all that can hold one, or those it takes alone."""
        holds_gaps = given.written["type"] == "columns" or given.written["value"].dtype == object
        places = gap_columns(frame) if holds_gaps else []
        if not places or self._takes(self._gaps(given, frame, places, 2)):
            return places
        if len(places) > _MAX_PROBED:
            return []
        return [place for place in places if self._takes(self._gaps(given, frame, [place], 2))]

    def _gaps(self, given: Rows, frame: Any, places: list[int], count: int) -> Rows:
        return rows_like(given, with_gaps(frame, places, count, text_categories(self.estimator)))

    def _takes(self, rows: Rows) -> bool:
        """Whether all the methods answer that answered the user's rows."""
        return set(ask(self.estimator, rows.given).outputs) == set(self.sets[0]["outputs"])

    def _add(self, name: str, rows: Rows, whole: bool = False) -> str | None:
        """Adds a set with the answers to these rows; why not, where no method answered. Answers that cannot be
        written are noted: without others there is no set.

        ``whole`` asks for all the methods that answered before: an estimator whose trees alone take NaN does not.
        """
        outputs, refused, left_out, alone = ask(self.estimator, rows.given)
        if whole and self.sets and set(outputs) != set(self.sets[-1]["outputs"]):
            return "; ".join(refused)
        if not outputs and not left_out:
            return "; ".join(refused) or "it has no method that answers for rows"
        self.notes.extend(f"golden rows: {line}" for line in [*refused, *left_out])
        if not outputs:
            return None
        numerics = {**environment.numerics(), **({"rows": "each asked alone"} if alone else {})}
        self.sets.append({"name": name, "input": rows.written, "outputs": outputs, "numerics": numerics})
        return None


def _has(estimator: Any, method: str) -> bool:
    try:
        return callable(getattr(estimator, method, None))
    except Exception:  # a property that asks a sub-estimator may raise anything
        return False


def _width(estimator: Any) -> int | None:
    try:
        width = getattr(estimator, "n_features_in_", None)
    except Exception:  # a property of a meta-estimator, which may ask an estimator that has none
        return None
    return int(width) if width is not None else None
