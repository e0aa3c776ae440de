"""Rows of mixed columns to ask a model: new ones made of held-out rows, and probes that some models refuse.

Arrays of objects or strings are taken as frames of such columns and given back as arrays.
"""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import pandas
from data_sets import plain

UNSEEN = "a value not seen in training"
# Integers have no NaN and no infinity; a category may be unseen.
UNSEEN_INTEGER = 97
_GAP = object()
FACTORS = np.array([0, -1, 10, -10, 1e2, -1e2, 1e4, -1e4, 1e-3, 1e-12, 1e-40, 3])


def is_frame(rows: Any) -> bool:
    """Whether rows have columns that are not all numbers of one type."""
    return isinstance(rows, pandas.DataFrame) or (rows.ndim == 2 and rows.dtype.kind in "OU")


def more_frame_rows(held_out: Any, count: int, extreme: bool, random: np.random.RandomState) -> Any:
    """``count`` rows: held-out ones (half), and new ones that mix columns of several; in the last fifth of all,
    columns of floats are multiplied by large and small numbers where ``extreme`` says so."""
    frame = _to_frame(held_out)
    real = frame.iloc[: count // 2]
    places = random.randint(len(frame), size=(frame.shape[1], count - len(real)))
    mixed = _beside([frame.iloc[chosen, [k]].reset_index(drop=True) for k, chosen in enumerate(places)])
    if extreme:
        last = len(mixed) - count // 5
        for k, dtype in enumerate(mixed.dtypes):
            if getattr(dtype, "kind", "O") == "f":
                factors = np.ones(len(mixed))
                factors[last:] = FACTORS[(np.arange(count // 5) + k) % len(FACTORS)]
                with np.errstate(all="ignore"):
                    changed = (mixed.iloc[:, k].to_numpy() * factors).astype(dtype)
                mixed = _with_column(mixed, k, pandas.Series(changed))
    return _given_back(pandas.concat([real, mixed], ignore_index=True), held_out)


def frame_probes(X: Any, outcomes: Callable[[Any], dict[str, str]], values: dict[str, float]) -> dict:
    """For single cells and for all cells of a type: whether each method answers when they hold another value.

    Columns of float64 get the ``values``; narrower floats do not, since their column would hold another number, and
    booleans do not, since theirs would change its type. Integers get one that was not seen, and what is no number a
    gap and an unseen category.
    """
    frame = _to_frame(X)
    base = _complete_row(frame)
    row = {name: base.iloc[0, k] for k, name in enumerate(frame.columns)}
    kinds = [_kind(base.iloc[:, k]) for k in range(base.shape[1])]
    probes = []

    def probe(kind: str, shown: str, columns: list[int], value: Any) -> None:
        changed = base
        for k in columns:
            cell = value
            if value is _GAP:
                cell = _gap_of(frame.iloc[:, k]) if isinstance(X, pandas.DataFrame) else _gap_in(frame)[0]
            changed = _with_column(changed, k, _with_first_cell(changed.iloc[:, k], cell))
        given = outcomes(_given_back(changed, X))
        probes.append({"kind": kind, "value": shown, "columns": columns, "outcomes": given})

    floats, integers, words = ([k for k, kind in enumerate(kinds) if kind == one] for one in ("float", "integer", "text"))
    for name, value in values.items():
        for columns in _some(floats):
            probe("number", name, columns, value)
    for columns in _some(integers):
        probe("number", str(UNSEEN_INTEGER), columns, UNSEEN_INTEGER)
    for columns in [[k] for k in words] + ([words] if len(words) > 1 else []):
        probe("text", UNSEEN, columns, UNSEEN)
        if isinstance(X, pandas.DataFrame) or _gap_in(frame) is not None:
            probe("missing", "", columns, _GAP)
    names = list(frame.columns) if isinstance(X, pandas.DataFrame) else None
    return {"names": names, "base": plain(list(row.values())), "probes": probes}


def _some(columns: list[int]) -> list[list[int]]:
    """The last of these columns, and all of them."""
    return [columns[-1:], columns] if len(columns) > 1 else [columns] * len(columns)


def _kind(column: Any) -> str:
    dtype = column.dtype
    if getattr(dtype, "kind", "O") in "iu":
        return "integer"
    if isinstance(dtype, np.dtype) and dtype == np.float64:
        return "float"
    return "text" if isinstance(column.iloc[0], str) else "other"


def _complete_row(frame: Any) -> Any:
    """Two equal rows without gaps: in each column its first value that is not missing."""
    columns = []
    for k in range(frame.shape[1]):
        column = frame.iloc[:, k]
        present = np.flatnonzero(column.notna().to_numpy())
        first = int(present[0]) if len(present) else 0
        columns.append(column.iloc[[first, first]].reset_index(drop=True))
    return _beside(columns)


def _with_first_cell(column: Any, value: Any) -> Any:
    if isinstance(column.dtype, pandas.CategoricalDtype):
        known = column.dtype.categories
        dtype = pandas.CategoricalDtype([*known, value] if isinstance(value, str) else known, column.dtype.ordered)
        return pandas.Series([value, column.iloc[1]], dtype=dtype, name=column.name)
    return pandas.Series([value, column.iloc[1]], dtype=column.dtype, name=column.name)


def _gap_of(column: Any) -> Any:
    """What a column has for a missing value: to some models None and NaN are two."""
    missing = column.isna().to_numpy()
    return column.iloc[int(np.argmax(missing))] if missing.any() else np.nan


def _gap_in(frame: Any) -> tuple[Any] | None:
    """What an array of objects has for a missing value; None if it has none."""
    values = frame.to_numpy(dtype=object)[frame.isna().to_numpy()]
    return (values[0],) if len(values) else None


def _with_column(frame: Any, place: int, column: Any) -> Any:
    made = _beside([column if k == place else frame.iloc[:, k] for k in range(frame.shape[1])])
    made.columns = frame.columns
    return made


def _beside(columns: list[Any]) -> Any:
    return pandas.concat(columns, axis=1)


def _to_frame(rows: Any) -> Any:
    return rows if isinstance(rows, pandas.DataFrame) else pandas.DataFrame(dict(enumerate(rows.T)), dtype=object)


def _given_back(frame: Any, like: Any) -> Any:
    if isinstance(like, pandas.DataFrame):
        return frame
    values = frame.to_numpy(dtype=object)
    return values.astype(str) if like.dtype.kind == "U" else values
