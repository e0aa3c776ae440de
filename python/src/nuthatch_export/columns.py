"""Changes to a user's rows of mixed columns: gaps, and categories that no model has seen."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

UNSEEN = "a value not seen in training"
SEED = 20240301


def text_columns(frame: Any) -> list[int]:
    """Places of the columns of text or of categories of text."""
    return [place for place in range(frame.shape[1]) if _is_text(frame.iloc[:, place])]


def gap_columns(frame: Any) -> list[int]:
    """Places of the columns that can hold a missing value: all but booleans and times."""
    return [place for place, dtype in enumerate(frame.dtypes) if _holds_gaps(dtype)]


def with_unseen_categories(frame: Any, count: int) -> Any | None:
    """``count`` of the rows, in turn, each with another of the columns of text or categories set to a value no
    model has seen; None where there is no such column."""
    import pandas

    columns = text_columns(frame)
    if not columns:
        return None
    chosen = _in_turn(frame, count)
    for turn, place in enumerate(columns):
        rows = [i for i in range(count) if i % len(columns) == turn % count]
        column = chosen.iloc[:, place]
        values = column.astype(object)
        values.iloc[rows] = UNSEEN
        dtype = column.dtype
        if isinstance(dtype, pandas.CategoricalDtype):
            dtype = pandas.CategoricalDtype([*dtype.categories, UNSEEN], dtype.ordered)
        chosen = _replaced(chosen, place, values.astype(dtype))
    return chosen


def with_gaps(frame: Any, places: Sequence[int], count: int, categories: Sequence[Any] = ()) -> Any:
    """``count`` of the rows, in turn, with gaps in some of the columns at ``places``, the first with gaps in all.

    A gap is what the column has for one: NaN in floats, pandas.NA in its nullable dtypes, and in columns of objects
    the marker that is there already, or that lies among ``categories`` (arrays, fitted) with values of the column,
    else NaN. Integers become float64, as they do when pandas reads a gap.
    """
    random = np.random.RandomState(SEED)
    chosen = _in_turn(frame, count)
    gone = random.random_sample((count, len(places))) < 0.35
    gone[np.arange(count), random.randint(len(places), size=count)] = True
    gone[0] = True
    for k, place in enumerate(places):
        column = chosen.iloc[:, place]
        if column.dtype == object:
            values = column.to_numpy(copy=True)
            marker = _marker(frame.iloc[:, place], categories)
            for i in np.flatnonzero(gone[:, k]):
                values[i] = marker
            changed = _object_series(values, chosen.index)
        else:
            changed = column.mask(gone[:, k])
        chosen = _replaced(chosen, place, changed)
    return chosen


def _in_turn(frame: Any, count: int) -> Any:
    return frame.iloc[[i % len(frame) for i in range(count)]].reset_index(drop=True)


def _replaced(frame: Any, place: int, values: Any) -> Any:
    """A frame with another column; never in place, since pandas keeps the old dtype there in some versions."""
    import pandas

    columns = [values if k == place else frame.iloc[:, k] for k in range(frame.shape[1])]
    made = pandas.concat(columns, axis=1)
    made.columns = frame.columns
    return made


def _object_series(values: np.ndarray, index: Any) -> Any:
    import pandas

    return pandas.Series(values, index=index, dtype=object)


def _marker(column: Any, categories: Sequence[Any]) -> Any:
    missing = column.isna().to_numpy()
    if missing.any():
        return column.iloc[int(np.argmax(missing))]
    seen = {value for value in column if isinstance(value, str)}
    for known in categories:
        if any(value is None for value in known) and not seen.isdisjoint(known):
            return None
    return np.nan


def _is_text(column: Any) -> bool:
    dtype = column.dtype
    categories = getattr(dtype, "categories", None)
    if categories is not None:
        return getattr(categories.dtype, "kind", "O") == "O"
    if isinstance(dtype, np.dtype) and dtype.hasobject:
        return any(isinstance(value, str) for value in column)
    return str(dtype).startswith("str")


def _holds_gaps(dtype: Any) -> bool:
    kind = getattr(dtype, "kind", "O")
    return kind in "iufO" or (kind == "b" and not isinstance(dtype, np.dtype))
