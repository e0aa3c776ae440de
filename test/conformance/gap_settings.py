"""Imputers that look for neighbours among rows with gaps, compared live: sklearn.impute.KNNImputer."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import with_gaps
from setting import Setting, data_set
from setting import make_setting as _setting
from sklearn.impute import KNNImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier


def gap_settings(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)

    def gone(X: np.ndarray) -> np.ndarray:
        return with_gaps(X, seed)

    def make(*arguments: Any, **parameters: Any) -> Any:
        return KNNImputer(*arguments, **{"n_neighbors": 5, **parameters})

    yield _setting("names", make(), iris, X=gone, named=True)
    yield _setting("weights, an indicator", make(n_neighbors=3, weights="distance", add_indicator=minor >= 3), wine, X=gone)
    yield _setting("one neighbour", make(n_neighbors=1), diabetes, X=gone)
    yield _setting("more neighbours than rows", make(n_neighbors=1000), iris, X=gone)
    yield _setting("weights, rows that it was fitted on", make(weights="distance"), iris._replace(held_out=iris.X), X=gone)
    yield _setting("-1 for missing", make(missing_values=-1), iris, X=lambda X: np.nan_to_num(gone(X), nan=-1))
    yield _setting("float32", make(weights="distance"), wine, X=lambda X: gone(X).astype(np.float32))
    yield _setting("float32 without weights", make(), iris, X=lambda X: gone(X).astype(np.float32))
    yield _setting("ties", make(n_neighbors=4), iris, X=lambda X: gone(np.round(X)))

    def sparse(X: np.ndarray) -> np.ndarray:
        """Many rows share no column."""
        return np.where(np.random.default_rng(seed).random(X.shape) < 0.6, np.nan, X)

    yield _setting("few cells", make(n_neighbors=9), iris, X=sparse)
    yield _setting("few cells, all rows", make(n_neighbors=500), iris, X=lambda X: sparse(X[:, :3]))
    yield _setting("few cells, weights", make(n_neighbors=500, weights="distance"), iris, X=lambda X: sparse(X[:, :3]))

    def emptied(X: np.ndarray) -> np.ndarray:
        return np.column_stack([gone(X)[:, :3], np.full(len(X), np.nan), gone(X)[:, 3:]])

    yield _setting("an empty column", make(), iris, X=emptied)
    if minor >= 2:
        yield _setting("an empty column, kept", make(keep_empty_features=True), iris, X=emptied)
    yield _setting("after a scaler, before a tree", make_pipeline(StandardScaler(), make(), DecisionTreeClassifier(max_depth=4)), wine, X=gone)
