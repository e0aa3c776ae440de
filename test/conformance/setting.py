"""One model to compare: what it is fitted on, and rows that it has not seen."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, NamedTuple

import numpy as np
from data_sets import Split, documents, passengers, relabel, split


class Setting(NamedTuple):
    """An estimator to fit on ``X`` and ``y``, and rows that it has not seen; ``names`` makes both DataFrames.

    ``X`` and ``held_out`` are matrices of numbers, objects or strings, DataFrames, or labels or documents in one dimension. ``y``
    is None for an estimator whose fit takes none. ``extreme`` is false for a model that refuses columns of floats
    multiplied by large and small numbers. ``after`` is a method to call once it is fitted. ``refused`` is why an import is
    refused, as the error says it; the answers are compared where it is None.
    """

    name: str
    estimator: Any
    X: Any
    y: Any
    held_out: Any
    fit: dict[str, Any]
    names: list[str] | None = None
    extreme: bool = True
    after: str | None = None
    refused: str | None = None


@lru_cache(maxsize=None)
def data_set(name: str, seed: int) -> Split:
    """A data set by name; treat it as read-only, others use it too."""
    made = {"passengers": passengers, "documents": documents}
    return made[name](seed) if name in made else split(name, seed)


def make_setting(
    name: str,
    estimator: Any,
    data: Split,
    y: Any = None,
    X: Callable[[Any], Any] | None = None,
    fit: Any = None,
    named: bool = False,
    extreme: bool = True,
) -> Setting:
    """A setting of a data set: ``y`` is a kind of labels or the labels, ``X`` changes the rows."""
    labels = data.y if y is None else relabel(data.y, y) if isinstance(y, str) else y
    change = X or (lambda values: values)
    names = data.names if named else None
    return Setting(name, estimator, change(data.X), labels, change(data.held_out), fit or {}, names, extreme)


def two_classes(data: Split, kind: str) -> np.ndarray:
    """Labels of two classes."""
    return relabel((data.y == data.y[0]).astype(np.int64), kind)
