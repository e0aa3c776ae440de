"""Densities of rows that are compared live: sklearn.neighbors.KernelDensity."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from setting import Setting, data_set
from setting import make_setting as _setting
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def density_settings(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, cancer = data_set("iris", seed), data_set("wine", seed), data_set("breast cancer", seed)

    def make(kernel: str, bandwidth: Any = 0.6, **parameters: Any) -> Any:
        return KernelDensity(bandwidth=bandwidth, kernel=kernel, **parameters)

    yield _setting("gaussian, names", make("gaussian"), iris, named=True)
    yield _setting("gaussian, balls, depth first", make("gaussian", 1.5, algorithm="ball_tree", breadth_first=False, leaf_size=7), iris)
    yield _setting("gaussian, many columns", make_pipeline(StandardScaler(), make("gaussian", 2)), cancer)
    yield _setting("exponential", make("exponential"), iris)
    yield _setting("exponential, manhattan", make("exponential", 3, metric="manhattan"), wine, X=lambda X: X[:, :5])
    yield _setting("tophat", make("tophat", leaf_size=5), iris)
    yield _setting("tophat, rows on the edge", make("tophat", 1.0, metric="manhattan"), iris, X=np.round)
    yield _setting("epanechnikov, weights", make("epanechnikov", leaf_size=4), iris, fit={"sample_weight": np.arange(len(iris.X)) % 5 / 2})
    yield _setting("linear, depth first", make("linear", leaf_size=6, breadth_first=False), iris)
    yield _setting("linear, manhattan", make("linear", 1.2, metric="l1"), iris)
    yield _setting("cosine, a column", make("cosine", leaf_size=10), iris, X=lambda X: X[:, :1])
    yield _setting("cosine, two columns", make("cosine", 0.4), iris, X=lambda X: X[:, 1:3])
    yield _setting("float32, weights, balls", make("gaussian", algorithm="ball_tree"), iris, X=lambda X: X.astype(np.float32),
                   fit={"sample_weight": np.arange(len(iris.X)) % 3 + 0.5})
    if minor >= 2:
        yield _setting("scott", make("gaussian", "scott"), iris)
