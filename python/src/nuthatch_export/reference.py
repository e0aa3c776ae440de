"""Statistics of training rows and of the answers to them: what drift is measured against."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from typing import Any, Iterable

import numpy as np

from . import environment
from .answers import _arrays, _call, _method
from .errors import ExportError
from .golden import _copy, _width
from .inputs import Rows, feature_names, read_rows

# Bins of equally many rows, where no value is as frequent as a whole bin.
_BINS = 20
# Other columns are not counted: they would outweigh the model.
_MAX_COLUMNS = 1000
_MAX_VALUES = 100
_LONGEST_VALUE = 200
_METHODS = ("predict", "predict_proba", "score_samples")

_NONE = {"type": "none"}


def reference_statistics(estimator: Any, rows: Any) -> dict[str, Any]:
    """What a document's ``reference`` holds, arrays not yet written.

    ``rows`` are those that the estimator was fitted on, in a form that ``inputs.read_rows`` takes. The estimator is not changed.
    Raises ExportError where it does not take them.
    """
    read = read_rows(rows, feature_names(estimator), may_be_items=_width(estimator) is None)
    before = np.random.get_state()
    try:
        with environment.reference():
            answers = _answers(_copy(estimator), read.given)
    finally:
        np.random.set_state(before)
    return {"rows": _count(read.given), "columns": _columns(read), "answers": answers}


def _count(given: Any) -> int:
    return int(given.shape[0]) if hasattr(given, "shape") else len(given)


def _columns(rows: Rows) -> list[dict[str, Any]]:
    kind, value = rows.written["type"], rows.written["value"]
    if kind == "items":
        return [_NONE]
    if kind == "text":
        return [_numbers("lengths", np.array([len(text) for text in value], dtype=np.float64))]
    if kind == "columns":
        return [{"name": name, **_cells(cells, at)} for at, (name, cells) in enumerate(value.items())]
    if kind == "sparse":
        columns = value.tocsc()
        cells = (columns[:, [at]].toarray().ravel() for at in range(min(value.shape[1], _MAX_COLUMNS)))
        cells = itertools.chain(cells, itertools.repeat(None))
    else:
        cells = value.T
    names = list(rows.given.columns) if hasattr(rows.given, "columns") else [None] * value.shape[1]
    return [{"name": name, **_cells(one, at)} for at, (name, one) in enumerate(zip(names, cells))]


def _cells(cells: Any, at: int) -> dict[str, Any]:
    if at >= _MAX_COLUMNS:
        return _NONE
    if cells.dtype.kind in "biuf":
        return _numbers("numbers", cells.astype(np.float64))
    if cells.dtype.kind == "U" or any(isinstance(cell, str) for cell in cells):
        return _values(None if not isinstance(cell, str) else str(cell) for cell in cells)
    try:
        return _numbers("numbers", np.array([np.nan if _is_missing(cell) else float(cell) for cell in cells]))
    except (TypeError, ValueError):  # lists, dates and the like
        return _NONE


def _is_missing(cell: Any) -> bool:
    return cell is None or cell != cell or type(cell).__name__ == "NAType"


def _numbers(kind: str, cells: np.ndarray) -> dict[str, Any]:
    there = np.sort(cells[~np.isnan(cells)])
    edges = _edges(there)
    places = np.searchsorted(edges, there, side="left")
    counts = np.bincount(places, minlength=len(edges) + 1).astype(np.uint32)
    with np.errstate(all="ignore"):
        whole = [there[0], there[-1], there.mean(), there.std()] if len(there) else [np.nan] * 4
    return {
        "type": kind,
        "missing": len(cells) - len(there),
        "summary": np.array(whole, dtype=np.float64),
        "edges": edges,
        "counts": counts,
    }


def _edges(ordered: np.ndarray) -> np.ndarray:
    """Every value where there are few, else quantiles; below them a bin for what is smaller than all."""
    count = len(ordered)
    if count == 0:
        return ordered
    chosen = np.unique(ordered)
    if len(chosen) > _BINS:
        chosen = np.unique(ordered[[-(-(k + 1) * count // _BINS) - 1 for k in range(_BINS)]])
    with np.errstate(all="ignore"):
        edges = np.append(np.nextafter(ordered[0], -np.inf), chosen)
    return edges[np.isfinite(edges)]


def _values(cells: Iterable[str | None]) -> dict[str, Any]:
    counted = Counter(cells)
    missing = counted.pop(None, 0)
    # As JavaScript counts and sorts: by UTF-16 units.
    listed = sorted(
        ((value, count) for value, count in counted.items() if _is_listed(value)),
        key=lambda one: (-one[1], _units(one[0])),
    )[:_MAX_VALUES]
    return {
        "type": "values",
        "missing": missing,
        "values": [value for value, _ in listed],
        "counts": np.array([count for _, count in listed], dtype=np.uint32),
        "other": sum(counted.values()) - sum(count for _, count in listed),
    }


def _units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _is_listed(text: str) -> bool:
    """Half a surrogate pair has no place in a model's file."""
    return len(_units(text)) <= 2 * _LONGEST_VALUE and not any("\ud800" <= character <= "\udfff" for character in text)


def _answers(estimator: Any, given: Any) -> list[dict[str, Any]]:
    counted = []
    for name in _METHODS:
        method = _method(estimator, name)
        if method is None:
            continue
        try:
            answer = _arrays(_call(method, given))
        except Exception as error:
            if name == "predict":
                raise ExportError(f"the model does not take the rows of reference=: {error}") from error
            continue  # such as probabilities of a model that was fitted without
        if not isinstance(answer, np.ndarray) or answer.ndim not in (1, 2):
            continue
        columns = answer.reshape(len(answer), -1).T
        if 0 < len(columns) <= _MAX_VALUES:
            counted.append({"method": name, "columns": [_answer(estimator, one, name) for one in columns]})
    return counted


def _answer(estimator: Any, column: np.ndarray, method: str) -> dict[str, Any]:
    if method == "predict" and hasattr(estimator, "classes_") or column.dtype.kind not in "biuf":
        return _values(map(_label, column.tolist()))
    return _numbers("numbers", column.astype(np.float64))


def _label(label: Any) -> str:
    """A label as JavaScript writes it."""
    if isinstance(label, float) and label.is_integer() and abs(label) < 1e21:
        return str(int(label))
    return label if isinstance(label, str) else json.dumps(label, default=str)
