"""Neighbours and clusters that are compared live: sklearn.neighbors, sklearn.cluster, sklearn.semi_supervised."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn.cluster import MeanShift, AffinityPropagation, Birch, BisectingKMeans, KMeans, MiniBatchKMeans
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestCentroid,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelPropagation, LabelSpreading


def near_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _classifiers(minor, seed)
    yield from _regressors(minor, seed)
    yield from _within_radius(minor, seed)
    yield from _labels_within_radius(minor, seed)
    yield from _graphs(minor, seed)
    yield from _outliers(minor, seed)
    yield from _clusters(minor, seed)
    yield from _centroids(minor, seed)
    yield from _spread(minor, seed)


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _integers(X: np.ndarray) -> np.ndarray:
    return np.round(X * 2).astype(np.int64)


def _rounded(X: np.ndarray) -> np.ndarray:
    """Few different values, so that many rows lie as far away as others."""
    return np.round(X)


def _few_columns(X: np.ndarray) -> np.ndarray:
    return X[:, :6]


def _wide(X: np.ndarray) -> np.ndarray:
    """So many columns that BLAS adds up a row's own square in another order than products: a row is not at distance 0 from itself."""
    return np.hstack([X, X / 3, X / 7])


def _twice(X: np.ndarray) -> np.ndarray:
    """Every row but the last few twice."""
    return np.vstack([X[: len(X) // 2], X[: len(X) - len(X) // 2]])


def _outputs(data: Any) -> np.ndarray:
    return np.column_stack([data.y, data.X[:, 0] > np.median(data.X[:, 0]), np.digitize(data.X[:, 1], np.quantile(data.X[:, 1], [0.3, 0.6]))])


def _classifiers(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(*arguments: Any, **parameters: Any) -> Any:
        return KNeighborsClassifier(*arguments, **parameters)

    yield _setting("text labels, names", make(), iris, "str", named=True)
    yield _setting("weights, negative labels", make(4, weights="distance"), wine, "negative", X=_few_columns)
    yield _setting("brute, booleans", make(6, algorithm="brute"), cancer, _two(cancer, "bool"))
    yield _setting("brute, weights", make(9, algorithm="brute", weights="distance"), wine, "float")
    yield _setting("brute, weights, rows that it was fitted on", make(5, algorithm="brute", weights="distance"), wine._replace(held_out=wine.X), X=_wide)
    yield _setting("brute, names", make(3, algorithm="brute"), wine, "object", named=True)
    yield _setting("whole numbers, ties", make(8), digits, "int8")
    yield _setting("whole numbers, ties, tree", make(5, leaf_size=3), digits, X=lambda X: X[:, 20:29])
    yield _setting("ties, balls, weights", make(6, algorithm="ball_tree", leaf_size=7, weights="distance"), iris, X=_rounded)
    yield _setting("fitted on integers", make(4), iris, X=_integers)
    yield _setting("rows twice", make(3, algorithm="ball_tree"), iris, X=_twice)
    yield _setting("three outputs", make(7), iris, _outputs(iris))
    yield _setting("three outputs, brute, weights", make(5, weights="distance", algorithm="brute"), wine, _outputs(wine))
    yield _setting("manhattan", make(5, metric="manhattan"), wine, X=_few_columns)
    yield _setting("manhattan, brute", make(5, p=1, algorithm="brute", weights="distance"), wine)
    yield _setting("minkowski", make(5, p=3, weights="distance"), wine, X=_few_columns)
    yield _setting("minkowski, brute, half", make(5, p=2.5, algorithm="brute"), wine)
    yield _setting("chebyshev, balls", make(5, metric="chebyshev", algorithm="ball_tree"), cancer, "str")
    yield _setting("chebyshev, boxes", make(3, metric="chebyshev", algorithm="kd_tree"), wine)
    yield _setting("canberra", make(5, metric="canberra", algorithm="ball_tree", weights="distance"), iris)
    yield _setting("braycurtis, brute", make(4, metric="braycurtis", algorithm="brute"), wine)
    yield _setting("seuclidean", make(4, metric="seuclidean", metric_params={"V": wine.X.var(axis=0)}, algorithm="brute", weights="distance"), wine)
    yield _setting("cosine", make(5, metric="cosine"), wine, _two_words(wine))
    yield _setting("float32", make(4, weights="distance"), iris, "float32", _single)
    yield _setting("float32, brute", make(4, algorithm="brute"), wine, X=_single)
    yield _setting("after a scaler", make_pipeline(StandardScaler(), make(5, weights="distance")), wine, "str")
    words = data_set("documents", seed)
    yield _setting("compressed rows, angles", make_pipeline(TfidfVectorizer(max_features=40), make(4, metric="cosine", weights="distance")), words)
    yield _setting("all rows", make(len(iris.X), weights="distance"), iris)


def _two_words(data: Any) -> np.ndarray:
    return np.where(data.y == data.y[0], "ä", "b")


def _regressors(minor: int, seed: int) -> Iterator[Setting]:
    diabetes, linnerud, wine = data_set("diabetes", seed), data_set("linnerud", seed), data_set("wine", seed)

    def make(*arguments: Any, **parameters: Any) -> Any:
        return KNeighborsRegressor(*arguments, **parameters)

    fractions = diabetes.y / 7
    yield _setting("names", make(), diabetes, fractions, named=True)
    yield _setting("weights", make(12, weights="distance"), diabetes, fractions)
    yield _setting("many, brute", make(20, algorithm="brute"), diabetes, fractions)
    yield _setting("brute, weights", make(10, algorithm="brute", weights="distance"), wine, wine.X[:, 3] / 3)
    yield _setting("brute, weights, rows that it was fitted on", make(5, algorithm="brute", weights="distance"), wine._replace(held_out=wine.X), wine.X[:, 3] / 3, X=_wide)
    yield _setting("three targets", make(3), linnerud)
    yield _setting("three targets, weights", make(4, weights="distance", leaf_size=4), linnerud)
    yield _setting("one column of targets", make(9, algorithm="ball_tree"), diabetes, fractions[:, None])
    yield _setting("ties", make(9), wine, wine.X[:, 3] / 3, X=lambda X: np.round(X[:, 1:5]))
    yield _setting("float32 targets", make(6), diabetes, fractions.astype(np.float32), _single)
    yield _setting("whole numbers", make(6), wine, wine.y * 3)


def _within_radius(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)
    linnerud = data_set("linnerud", seed)

    def regressor(radius: float, **parameters: Any) -> Any:
        return RadiusNeighborsRegressor(radius, **parameters)

    yield _setting("names, some alone", regressor(0.1), diabetes, diabetes.y / 7, named=True)
    yield _setting("weights", regressor(0.12, weights="distance", algorithm="ball_tree"), diabetes, diabetes.y / 7)
    yield _setting("brute", regressor(0.12, algorithm="brute"), diabetes, diabetes.y / 7)
    yield _setting("three targets, weights", regressor(60, weights="distance", algorithm="brute"), linnerud)
    yield _setting("three targets", regressor(50, leaf_size=3), linnerud)
    yield _setting("whole numbers", regressor(0.7), iris, iris.y * 3)
    yield _setting("rows on the radius", regressor(2, p=1), iris, iris.X[:, 3] / 3, X=_rounded)


def _labels_within_radius(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)

    def make(radius: float, **parameters: Any) -> Any:
        return RadiusNeighborsClassifier(radius, **parameters)

    yield _setting("outliers are a class, names", make(0.5, outlier_label="setosa"), iris, np.array(["setosa", "x", "y"])[iris.y], named=True)
    yield _setting("outliers are no class", make(0.4, outlier_label="none"), iris, np.array(["setosa", "x", "y"])[iris.y].astype("<U8"))
    yield _setting("outliers are none, weights", make(0.6, weights="distance", outlier_label=-1), iris, np.array([4, 0, 9])[iris.y])
    yield _setting("the most frequent", make(60, outlier_label="most_frequent", algorithm="brute"), wine, "float")
    yield _setting("no label for outliers", make(9), iris, "negative", extreme=False)
    yield _setting("two outputs", make(0.4, outlier_label=[7, 1], algorithm="ball_tree"), iris, np.column_stack([iris.y, iris.y == 1]))
    yield _setting("manhattan, brute", make(0.7, outlier_label=1, metric="manhattan", algorithm="brute"), iris, np.array([1, 0, 2])[iris.y])
    yield _setting("manhattan, brute, no class", make(0.5, outlier_label=-3, p=1, algorithm="brute"), iris)
    yield _setting("rows on the radius", make(1, outlier_label=0, algorithm="brute"), iris, X=_rounded)


def _graphs(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    yield _setting("distances, names", KNeighborsTransformer(), iris, named=True)
    yield _setting("connectivity", KNeighborsTransformer(mode="connectivity", n_neighbors=7), iris)
    yield _setting("brute", KNeighborsTransformer(algorithm="brute", n_neighbors=3), wine)
    yield _setting("ties", KNeighborsTransformer(mode="connectivity", n_neighbors=4), iris, X=_rounded)
    yield _setting("distances", RadiusNeighborsTransformer(radius=0.8), iris)
    yield _setting("connectivity, brute", RadiusNeighborsTransformer(radius=0.5, mode="connectivity", algorithm="brute"), iris)
    yield _setting("after a scaler", make_pipeline(StandardScaler(), KNeighborsTransformer(mode="connectivity")), wine)


def _outliers(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, cancer = data_set("iris", seed), data_set("wine", seed), data_set("breast cancer", seed)

    def make(**parameters: Any) -> Any:
        return LocalOutlierFactor(**{"novelty": True, "n_neighbors": 10, **parameters})

    yield _setting("names", make(), iris, named=True)
    yield _setting("contamination", make(contamination=0.1, n_neighbors=5), wine)
    yield _setting("brute", make(algorithm="brute"), cancer)
    yield _setting("balls, manhattan", make(algorithm="ball_tree", metric="manhattan", n_neighbors=20), cancer)
    yield _setting("rows twice", make(n_neighbors=2), iris, X=_twice)
    yield _setting("float32", make(), iris, X=_single)


def _clusters(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)

    def one(name: str, estimator: Any, data: Any, **more: Any) -> Setting:
        return _setting(name, estimator, data, **more)

    fixed = {"random_state": seed}
    for kind in (KMeans, MiniBatchKMeans):
        few = {"n_init": 1, **fixed}
        yield one("names", kind(3, **few), iris, named=True)
        yield one("many", kind(15, **few), digits)
        yield one("float32", kind(4, **few), wine, X=_single)
        yield one("integers", kind(5, **few), iris, X=_integers)
        yield one("one cluster", kind(1, **few), wine)
        yield _setting("after a scaler, before a model", make_pipeline(StandardScaler(), kind(6, **few), KNeighborsClassifier(3)), wine, "str")
    yield one("names", BisectingKMeans(5, **fixed), iris, named=True)
    yield one("many, by size", BisectingKMeans(12, bisecting_strategy="largest_cluster", **fixed), digits)
    yield one("float32", BisectingKMeans(6, **fixed), wine, X=_single)
    yield one("one cluster", BisectingKMeans(1, **fixed), wine)
    yield one("names", Birch(n_clusters=3, threshold=0.6), iris, named=True)
    yield one("subclusters", Birch(n_clusters=None, threshold=0.9), iris)
    yield one("clusters of a model", Birch(n_clusters=KMeans(3, n_init=1, **fixed), threshold=1.5, branching_factor=10), wine,
              X=lambda X: X[:, :5])
    yield one("names", MeanShift(bandwidth=1.2), iris, named=True)
    yield one("not all rows", MeanShift(bandwidth=0.8, cluster_all=False, bin_seeding=True), iris)
    yield one("estimated", MeanShift(), wine, X=_few_columns)
    yield one("names", AffinityPropagation(**fixed), iris, named=True)
    yield one("preference", AffinityPropagation(damping=0.8, preference=-50, **fixed), iris)


def _centroids(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, cancer = data_set("iris", seed), data_set("wine", seed), data_set("breast cancer", seed)
    yield _setting("manhattan, names", NearestCentroid(metric="manhattan"), iris, "str", named=True)
    yield _setting("manhattan, ties", NearestCentroid(metric="manhattan"), iris, "negative", X=_rounded)
    yield _setting("manhattan, two classes", NearestCentroid(metric="manhattan"), cancer, _two(cancer, "bool"))
    yield _setting("euclidean", NearestCentroid(), wine, "object")
    yield _setting("shrunken", NearestCentroid(shrink_threshold=0.3), iris, "float")
    yield _setting("two classes, names", NearestCentroid(), cancer, _two(cancer, "str"), named=True)
    yield _setting("constant columns, float32", NearestCentroid(), iris, X=lambda X: np.hstack([_single(X), np.ones((len(X), 1), np.float32)]))
    yield _setting("ties", NearestCentroid(), iris, "negative", X=_rounded)
    yield _setting("after a scaler", make_pipeline(StandardScaler(), NearestCentroid()), wine, "float")
    yield _setting("among those that vote", VotingClassifier([("near", NearestCentroid()), ("far", NearestCentroid(metric="manhattan"))]), wine)
    if minor >= 6:
        yield _setting("priors", NearestCentroid(priors=[0.1, 0.6, 0.3]), wine)
        yield _setting("empirical, two classes", NearestCentroid(priors="empirical", shrink_threshold=1.5), cancer, _two(cancer, "bool"))
        yield _setting("probabilities that vote", VotingClassifier([("near", NearestCentroid())], voting="soft"), wine)
        from sklearn.model_selection import FixedThresholdClassifier

        yield _setting("a threshold", FixedThresholdClassifier(NearestCentroid(), threshold=0.7), cancer, _two(cancer, "str"))


def _spread(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)

    def known(data: Any) -> np.ndarray:
        return np.where(np.arange(len(data.y)) % 3 > 0, -1, data.y * 2 + 1)

    for kind in (LabelPropagation, LabelSpreading):
        yield _setting("names", kind(max_iter=200), iris, known(iris), named=True)
        yield _setting("gamma", kind(gamma=2, max_iter=200), iris, known(iris))
        yield _setting("neighbours", kind(kernel="knn", n_neighbors=5, max_iter=200), iris, known(iris))
        yield _setting("neighbours, few columns", kind(kernel="knn", n_neighbors=4, max_iter=100), wine, known(wine), X=_few_columns)
