"""Rows for models without trees, where nothing says which inputs matter."""

from __future__ import annotations

from typing import Any

import numpy as np

from .made_rows import SEED
from .sites import states_at_input, states_in

# Attributes that hold rows of the kind an estimator was fitted on, under names several estimators share.
_SAMPLES = ("_fit_X", "X_fit_", "X_train_", "support_vectors_", "cluster_centers_", "centroids_", "means_", "theta_")


def plain_rows(estimator: Any, width: int, count: int, examples: np.ndarray | None) -> list[np.ndarray]:
    """Matrices (count, width) to try in turn: some models take no negative numbers, others only categories.

    ``examples`` (n, width) are rows to stay near; without them, rows in the estimator's own state.
    """
    random = np.random.RandomState(SEED)
    normal = random.standard_normal((count, width))
    tries: list[np.ndarray] = []
    if examples is None or not len(examples):
        examples = _examples_in(estimator, width, normal)
    if examples is not None and len(examples):
        whole = np.nan_to_num(np.asarray(examples, dtype=np.float64))
        rows = whole[random.randint(len(whole), size=count)]
        moved = rows + normal * whole.std(axis=0) * (np.arange(count) % 2 * 0.25)[:, None]
        tries += [moved, np.abs(moved), rows]
    else:
        rows = normal * np.array([1.0, 1.0, 0.1, 10.0])[np.arange(count) % 4][:, None]
        for k, value in enumerate([0.0, 1.0, -1.0][:count]):
            rows[k] = value
        tries += [rows, np.abs(rows)]
    categories = _number_categories(estimator, width)
    if categories is not None:
        tries.append(np.column_stack([values[random.randint(len(values), size=count)] for values in categories]))
    return [*tries, np.abs(normal) + 0.5, (normal > 0).astype(np.float64)]


def _examples_in(estimator: Any, width: int, normal: np.ndarray) -> np.ndarray | None:
    """Rows in the state of an object that sees the estimator's own input, or rows around its means."""
    for state in states_at_input(estimator):
        for name in _SAMPLES:
            rows = state.get(name)
            if rows is not None and hasattr(rows, "toarray"):
                rows = rows[:256].toarray()
            if isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.shape[1] == width and rows.dtype.kind == "f":
                return rows[:256]
        mean, scale = state.get("mean_"), state.get("scale_")
        if all(isinstance(part, np.ndarray) and part.shape == (width,) for part in (mean, scale)):
            return mean + normal * scale
    return None


def _number_categories(estimator: Any, width: int) -> list[np.ndarray] | None:
    for state in states_at_input(estimator):
        categories = state.get("categories_")
        if isinstance(categories, list) and len(categories) == width and all(len(c) for c in categories):
            return [np.nan_to_num(np.asarray(values, dtype=np.float64)) for values in categories]
    return None


def with_missing(rows: np.ndarray, count: int) -> np.ndarray:
    """``count`` of the rows with NaN in some columns, the first with NaN in all."""
    random = np.random.RandomState(SEED + 1)
    chosen = np.array(rows[[i * len(rows) // count for i in range(count)]], dtype=np.float64)
    gone = random.random_sample(chosen.shape) < 0.35
    gone[np.arange(count), random.randint(chosen.shape[1], size=count)] = True
    gone[0] = True
    chosen[gone] = np.nan
    return chosen


def takes_text_or_categories(thing: Any) -> bool:
    """Whether fitted categories that are not numbers lie anywhere in an estimator's state."""
    return bool(text_categories(thing))


def text_categories(thing: Any) -> list[Any]:
    """Fitted categories, one array for each column, where any that are not numbers lie in an estimator's state."""
    found: list[Any] = []
    for state in states_in(thing):
        categories = state.get("categories_")
        if isinstance(categories, list):
            found.extend(c for c in categories if getattr(c, "dtype", np.dtype(float)).kind in "OUST")
    return found
