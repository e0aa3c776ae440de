"""Settings of what projects rows: decompositions, projections, discriminants, partial least squares, networks."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import numpy as np
from setting import Setting, data_set, make_setting
from sklearn.decomposition import (
    PCA,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    MiniBatchSparsePCA,
    SparsePCA,
    TruncatedSVD,
)


def projection_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    yield from _principal(minor, seed)
    yield from _factors(minor, seed)


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _constants(X: np.ndarray) -> np.ndarray:
    """Columns that are constant, or nearly."""
    return np.column_stack([X, np.zeros(len(X)), np.full(len(X), 0.1), np.full(len(X), 1e9) + X[:, 0] * 1e-9])


def _far(X: np.ndarray) -> np.ndarray:
    """Columns far from zero, so that what is centred cancels."""
    return X + 1e5 * np.arange(1, X.shape[1] + 1)


def _whole(X: np.ndarray) -> np.ndarray:
    return np.round(X).astype(np.int64)


def _principal(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    yield make_setting("all components, names", PCA(random_state=seed), iris, named=True)
    yield make_setting("a share of the variance", PCA(n_components=0.9, svd_solver="full"), wine)
    yield make_setting("whitened", PCA(n_components=5, whiten=True, random_state=seed), digits)
    yield make_setting("whitened, constant columns", PCA(n_components=6, whiten=True, random_state=seed), wine, X=_constants)
    yield make_setting("randomized, integers", PCA(n_components=7, svd_solver="randomized", random_state=seed), digits, X=_whole)
    yield make_setting("float32", PCA(n_components=6, random_state=seed), digits, X=_single)
    yield make_setting("float32, whitened", PCA(n_components=3, whiten=True, random_state=seed), wine, X=_single)
    yield make_setting("far from zero", PCA(n_components=4, random_state=seed), wine, X=_far)
    yield make_setting("arpack, one component", PCA(n_components=1, svd_solver="arpack", random_state=seed), wine)
    if minor >= 5:
        yield make_setting("covariance_eigh, whitened", PCA(svd_solver="covariance_eigh", whiten=True, n_components=5), wine)

    yield make_setting("all components, names", IncrementalPCA(), iris, named=True)
    yield make_setting("batches, whitened", IncrementalPCA(n_components=8, whiten=True, batch_size=60), digits)
    yield make_setting("float32, one batch", IncrementalPCA(n_components=3, batch_size=1000), wine, X=_single)
    yield make_setting("float32, batches, whitened", IncrementalPCA(n_components=3, whiten=True, batch_size=40), wine, X=_single)
    yield make_setting("far from zero", IncrementalPCA(n_components=4, batch_size=30), wine, X=_far)

    yield make_setting("two components, names", TruncatedSVD(random_state=seed), wine, named=True)
    yield make_setting("arpack", TruncatedSVD(n_components=11, algorithm="arpack", random_state=seed), digits)
    yield make_setting("float32", TruncatedSVD(n_components=5, random_state=seed), digits, X=_single)
    yield make_setting("integers", TruncatedSVD(n_components=5, random_state=seed), digits, X=_whole)

    def ica(**parameters: Any) -> FastICA:
        return FastICA(**{"random_state": seed, "max_iter": 60, "whiten": "unit-variance", **parameters})

    yield make_setting("unit variance, names", ica(n_components=3), wine, named=True)
    yield make_setting("arbitrary variance", ica(n_components=2, whiten="arbitrary-variance", fun="cube"), iris)
    yield make_setting("deflation, exp", ica(n_components=2, algorithm="deflation", fun="exp"), wine)
    yield make_setting("not whitened", ica(whiten=False, max_iter=5), iris, X=lambda X: (X - X.mean(axis=0)) / X.std(axis=0))
    yield make_setting("float32", ica(n_components=4), wine, X=_single)


def _factors(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    filled: Callable[[np.ndarray], np.ndarray] = lambda X: X[:, X[:200].std(axis=0) > 0.5]
    yield make_setting("two factors, names", FactorAnalysis(n_components=2, random_state=seed), iris, named=True)
    yield make_setting("lapack", FactorAnalysis(n_components=3, svd_method="lapack", tol=1e-4), wine)
    yield make_setting("varimax", FactorAnalysis(n_components=3, rotation="varimax", random_state=seed), wine)
    yield make_setting("quartimax, float32", FactorAnalysis(n_components=2, rotation="quartimax", random_state=seed), wine, X=_single)
    yield make_setting("all factors, integers", FactorAnalysis(max_iter=20, random_state=seed), iris, X=lambda X: _whole(10 * X))

    for kind, fixed in ((SparsePCA, {"max_iter": 12}), (MiniBatchSparsePCA, {"batch_size": 20})):
        fixed = {**fixed, "random_state": seed}
        yield make_setting("three components, names", kind(n_components=3, **fixed), wine, named=True)
        yield make_setting("coordinate descent, no ridge", kind(n_components=2, method="cd", ridge_alpha=1e-9, **fixed), iris)
        yield make_setting("more components than columns", kind(n_components=6, alpha=0.5, **fixed), iris)
        yield make_setting("zero components", kind(n_components=4, alpha=30, **fixed), wine)
        yield make_setting("float32", kind(n_components=4, ridge_alpha=0.5, **fixed), wine, X=_single)
        yield make_setting("integers, far from zero", kind(n_components=3, **fixed), wine, X=lambda X: _whole(_far(X)))
