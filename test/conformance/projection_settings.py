"""Settings of what projects rows: decompositions, projections, discriminants, partial least squares, networks."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import numpy as np
from setting import Setting, data_set, make_setting, two_classes
from sklearn.cluster import FeatureAgglomeration
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.decomposition import (
    PCA,
    DictionaryLearning,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    MiniBatchDictionaryLearning,
    MiniBatchSparsePCA,
    SparseCoder,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.neural_network import BernoulliRBM, MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection


def projection_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    yield from _principal(minor, seed)
    yield from _factors(minor, seed)
    yield from _projections(minor, seed)
    yield from _discriminants(minor, seed)
    yield from _least_squares(minor, seed)
    yield from _networks(minor, seed)
    yield from _codes(minor, seed)


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


def _projections(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    for kind in (GaussianRandomProjection, SparseRandomProjection):
        fixed = {"random_state": seed}
        yield make_setting("three components, names", kind(n_components=3, **fixed), wine, named=True)
        yield make_setting("wider than rows", kind(n_components=7, **fixed), iris)
        yield make_setting("float32", kind(n_components=9, **fixed), digits, X=_single)
        yield make_setting("integers", kind(n_components=5, **fixed), digits, X=_whole)
    yield make_setting("dense", SparseRandomProjection(4, density=0.9, dense_output=True, random_state=seed), wine, X=_far)
    yield make_setting("sparse rows", make_pipeline(OneHotEncoder(handle_unknown="ignore"), SparseRandomProjection(6, random_state=seed)), digits)
    yield make_setting("sparse rows, dense", make_pipeline(
        OneHotEncoder(handle_unknown="ignore"), SparseRandomProjection(6, dense_output=True, random_state=seed)), iris)
    yield make_setting("sparse rows, Gaussian", make_pipeline(OneHotEncoder(handle_unknown="ignore"), GaussianRandomProjection(6, random_state=seed)), iris)
    yield make_setting("sparse rows, singular values", make_pipeline(OneHotEncoder(handle_unknown="ignore"), TruncatedSVD(6, random_state=seed)), iris)
    yield make_setting("sparse rows, float32", make_pipeline(
        OneHotEncoder(handle_unknown="ignore", dtype=np.float32), TruncatedSVD(6, random_state=seed)), iris)
    if minor >= 5:
        yield make_setting("sparse rows, principal components", make_pipeline(
            OneHotEncoder(handle_unknown="ignore"), PCA(6, svd_solver="arpack", random_state=seed)), iris)
    yield make_setting("sparse rows, batches", make_pipeline(OneHotEncoder(handle_unknown="ignore"), IncrementalPCA(4, batch_size=50)), iris)

    def neighbours(**parameters: Any) -> NeighborhoodComponentsAnalysis:
        return NeighborhoodComponentsAnalysis(**{"random_state": seed, "max_iter": 5, **parameters})

    yield make_setting("all components, names", neighbours(), iris, named=True)
    yield make_setting("two components, words", neighbours(n_components=2, init="pca"), iris, "str")
    yield make_setting("float32", neighbours(n_components=3, init="random"), iris, X=_single)

    yield make_setting("two clusters, names", FeatureAgglomeration(), iris, named=True)
    yield make_setting("nine clusters", FeatureAgglomeration(n_clusters=9, linkage="average"), digits)
    yield make_setting("many clusters, far from zero", FeatureAgglomeration(n_clusters=13), wine, X=_far)
    yield make_setting("float32, by distance", FeatureAgglomeration(n_clusters=None, distance_threshold=200.0), digits, X=_single)
    yield make_setting("integers", FeatureAgglomeration(n_clusters=5), digits, X=_whole)


def _discriminants(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, cancer = data_set("iris", seed), data_set("wine", seed), data_set("breast cancer", seed)
    digits = data_set("digits", seed)
    kind = LinearDiscriminantAnalysis
    yield make_setting("svd, three classes of text, names", kind(), iris, "str", named=True)
    yield make_setting("svd, two classes", kind(), cancer, two_classes(cancer, "bool"))
    yield make_setting("svd, one component, negative labels", kind(n_components=1), wine, "negative")
    yield make_setting("svd, ten classes, constant columns", kind(n_components=5), digits)
    yield make_setting("svd, float32", kind(), iris, X=_single)
    yield make_setting("svd, float32, two classes", kind(), cancer, two_classes(cancer, "object"), X=_single)
    yield make_setting("lsqr, shrinkage", kind(solver="lsqr", shrinkage="auto"), wine, "float")
    yield make_setting("lsqr, two classes, priors", kind(solver="lsqr", shrinkage=0.3, priors=[0.2, 0.8]), cancer, two_classes(cancer, "int8"))
    yield make_setting("eigen, shrinkage", kind(solver="eigen", shrinkage=0.1), wine)
    yield make_setting("eigen, two classes", kind(solver="eigen", shrinkage="auto"), cancer)
    yield make_setting("far from zero", kind(), wine, "uint16", X=_far)


def _least_squares(minor: int, seed: int) -> Iterator[Setting]:
    linnerud, diabetes, wine = (data_set(name, seed) for name in ("linnerud", "diabetes", "wine"))
    outputs = np.column_stack([wine.y, wine.X[:, 0] * 1e3, wine.X[:, 5] - 7])
    for kind in (PLSRegression, PLSCanonical, CCA):
        yield make_setting("two components", kind(n_components=2), linnerud)
        yield make_setting("not scaled, names", kind(n_components=1, scale=False), diabetes, named=True)
        yield make_setting("one column", kind(n_components=1), diabetes, diabetes.y.reshape(-1, 1))
        yield make_setting("three outputs, far from zero", kind(n_components=2, max_iter=50), wine, outputs, X=_far)
        yield make_setting("float32", kind(n_components=2), linnerud, X=_single)
        yield make_setting("integers", kind(n_components=1), wine, X=_whole)
    yield make_setting("many components", PLSRegression(n_components=8), diabetes)
    yield make_setting("two components", PLSSVD(n_components=2), linnerud)
    yield make_setting("not scaled, float32", PLSSVD(n_components=1, scale=False), diabetes, X=_single)
    yield make_setting("one component, names", PLSSVD(n_components=1), wine, outputs, named=True)
    yield make_setting("before a regression", make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(), LogisticRegression()), wine)


def _networks(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    cancer, diabetes, linnerud = (data_set(name, seed) for name in ("breast cancer", "diabetes", "linnerud"))
    scale: Callable[[np.ndarray], np.ndarray] = lambda X: X / np.abs(X).max(axis=0).clip(1)

    def classifier(**parameters: Any) -> MLPClassifier:
        return MLPClassifier(**{"random_state": seed, "max_iter": 12, "hidden_layer_sizes": (9,), **parameters})

    def regressor(**parameters: Any) -> MLPRegressor:
        return MLPRegressor(**{"random_state": seed, "max_iter": 12, "hidden_layer_sizes": (9,), **parameters})

    yield make_setting("relu, three classes of text, names", classifier(), iris, "str", named=True)
    yield make_setting("tanh, two classes", classifier(activation="tanh"), cancer, two_classes(cancer, "bool"), X=scale)
    yield make_setting("logistic, three layers, negative labels", classifier(activation="logistic", hidden_layer_sizes=(7, 5, 4)), wine, "negative")
    yield make_setting("identity, lbfgs, ten classes", classifier(activation="identity", solver="lbfgs"), digits, "int8")
    yield make_setting("two classes, not scaled", classifier(hidden_layer_sizes=(20,)), cancer, two_classes(cancer, "object"))
    yield make_setting("no hidden layer", classifier(hidden_layer_sizes=()), wine)
    yield make_setting("float32, tanh", classifier(activation="tanh"), iris, X=_single)
    yield make_setting("float32, two classes", classifier(activation="logistic"), cancer, two_classes(cancer, "str"), X=lambda X: _single(scale(X)))
    yield make_setting("relu, names", regressor(), diabetes, named=True)
    yield make_setting("tanh, three targets", regressor(activation="tanh", hidden_layer_sizes=(5, 6)), linnerud, X=scale)
    yield make_setting("logistic, one column, sgd", regressor(activation="logistic", solver="adam"), diabetes, diabetes.y.reshape(-1, 1))
    yield make_setting("identity, lbfgs", regressor(activation="identity", solver="lbfgs"), diabetes)
    yield make_setting("float32, relu", regressor(), diabetes, diabetes.y.astype(np.float32), _single)
    yield make_setting("integers", regressor(), digits, X=_whole)
    if minor >= 7:
        yield make_setting("poisson", regressor(loss="poisson"), diabetes, diabetes.y / 50)

    # With a generator each answer of score_samples is another one, which the exporter sees and leaves out.
    yield make_setting("two hidden units, names", BernoulliRBM(n_components=2, n_iter=3, random_state=np.random.RandomState(seed)), iris, named=True)
    yield make_setting("digits", BernoulliRBM(n_components=12, n_iter=3, random_state=np.random.RandomState(seed)), digits, X=lambda X: X / 16)
    yield make_setting("float32", BernoulliRBM(n_components=5, n_iter=3, random_state=np.random.RandomState(seed)), digits, X=lambda X: _single(X / 16))
    yield make_setting("sparse rows", make_pipeline(OneHotEncoder(handle_unknown="ignore"), BernoulliRBM(4, n_iter=2, random_state=np.random.RandomState(seed))), iris)
    yield make_setting("a network of sparse rows", make_pipeline(
        OneHotEncoder(handle_unknown="ignore"), MLPClassifier((6,), max_iter=4, random_state=seed)), iris, "str")
    yield make_setting("a network after components", make_pipeline(StandardScaler(), PCA(4), classifier(activation="tanh")), wine)


def _codes(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    random = np.random.RandomState(seed)
    centred: Callable[[np.ndarray], np.ndarray] = lambda X: (X - 8) / 16

    def atoms(rows: int, columns: int) -> np.ndarray:
        made = random.standard_normal((rows, columns))
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    for kind, few in ((DictionaryLearning, {"max_iter": 4}), (MiniBatchDictionaryLearning, {"batch_size": 30})):
        few = {**few, "random_state": seed}
        yield make_setting("omp, names", kind(n_components=5, **few), wine, named=True)
        yield make_setting("omp, three atoms", kind(n_components=9, transform_n_nonzero_coefs=3, **few), digits, X=centred)
        yield make_setting("omp, split, float32", kind(n_components=6, transform_n_nonzero_coefs=4, split_sign=True, **few), digits,
                           X=lambda X: _single(centred(X)))
        yield make_setting("threshold", kind(n_components=5, alpha=0.7, transform_algorithm="threshold", **few), digits, X=centred)
        yield make_setting("threshold, split, positive", kind(
            n_components=4, transform_algorithm="threshold", transform_alpha=0.2, split_sign=True, positive_code=True, fit_algorithm="cd", **few), digits, X=centred)
        yield make_setting("threshold, float32", kind(n_components=4, transform_algorithm="threshold", transform_alpha=0.1, **few), digits,
                           X=lambda X: _single(centred(X)))
        for algorithm in ("lars", "lasso_lars", "lasso_cd"):
            yield make_setting(algorithm, kind(n_components=4, transform_algorithm=algorithm, **few), iris)._replace(
                refused=f"{algorithm} is not supported")
    yield make_setting("omp, more atoms than columns", SparseCoder(atoms(9, 4)), iris)
    yield make_setting("omp, four atoms", SparseCoder(atoms(20, 64), transform_n_nonzero_coefs=4), digits, X=centred)
    yield make_setting("omp, atoms of any length", SparseCoder(3 * random.standard_normal((6, 13)), transform_n_nonzero_coefs=6), wine)
    yield make_setting("omp, float32", SparseCoder(atoms(20, 64).astype(np.float32), transform_n_nonzero_coefs=4), digits, X=lambda X: _single(centred(X)))
    yield make_setting("threshold, integers", SparseCoder(atoms(7, 64), transform_algorithm="threshold"), digits, X=_whole)
