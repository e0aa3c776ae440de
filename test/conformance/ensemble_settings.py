"""The ensembles of sklearn.ensemble that are compared live; settings.py has the forests."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import costs, weights, with_gaps
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
)


def ensemble_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _boosted_classifiers(minor, seed)
    yield from _boosted_regressors(minor, seed)
    yield from _histogram_classifiers(minor, seed)
    yield from _histogram_regressors(minor, seed)
    yield from _histograms_of_tables(minor, seed)
    yield from _isolation(minor, seed)


def _weighted(data: Any, seed: int) -> dict[str, Any]:
    return {"sample_weight": weights(len(data.y), seed)}


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _huge(X: np.ndarray) -> np.ndarray:
    """Some cells beyond float32."""
    return np.where(np.abs(X) > np.median(np.abs(X)), X * 1e40, X)


def _boosted_classifiers(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(**parameters: Any) -> Any:
        return GradientBoostingClassifier(**{"n_estimators": 12, "random_state": seed, **parameters})

    yield _setting("three classes of text, names", make(), iris, "str", named=True)
    yield _setting("two classes", make(n_estimators=25, learning_rate=0.3), cancer, _two(cancer, "bool"))
    yield _setting("two classes, sure", make(n_estimators=40, learning_rate=1.0), cancer, _two(cancer, "object"))
    yield _setting("ten classes, subsample", make(subsample=0.5, max_depth=2), digits, "int8")
    yield _setting("exponential", make(loss="exponential"), cancer, _two(cancer, "str"))
    yield _setting("exponential, sample weights", make(loss="exponential"), cancer, fit=_weighted(cancer, seed))
    yield _setting("sample weights, negative labels", make(max_features="sqrt"), wine, "negative", fit=_weighted(wine, seed))
    yield _setting("init zero, three classes", make(init="zero"), wine, "float")
    yield _setting("init zero, two classes", make(init="zero", max_leaf_nodes=5), cancer)
    yield _setting("rare class", make(n_estimators=3), iris, np.where(np.arange(len(iris.y)) < 2, 5, iris.y % 2))
    yield _setting("one stage", make(n_estimators=1, max_depth=1), wine, "uint16")
    for strategy in ("prior", "most_frequent", "uniform", "constant"):
        constant = {"constant": 1} if strategy == "constant" else {}
        yield _setting(f"init {strategy}", make(n_estimators=4, init=DummyClassifier(strategy=strategy, **constant)), wine)
    yield _setting("init most_frequent, two classes", make(n_estimators=4, init=DummyClassifier(strategy="most_frequent")), cancer)
    yield _setting("early stopping", make(n_estimators=40, n_iter_no_change=2, validation_fraction=0.3), digits)
    yield _setting("float32", make(max_depth=4), iris, "float32", _single)
    yield _setting("integers", make(), digits, X=lambda X: X.astype(np.uint8))
    yield _setting("ties", make(learning_rate=0.5, n_estimators=2, max_depth=1, init="zero"), iris,
                   X=lambda X: np.round(X / 2))


def _boosted_regressors(minor: int, seed: int) -> Iterator[Setting]:
    diabetes = data_set("diabetes", seed)

    def make(**parameters: Any) -> Any:
        return GradientBoostingRegressor(**{"n_estimators": 30, "random_state": seed, **parameters})

    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        yield _setting(loss, make(loss=loss, alpha=0.3), diabetes, named=loss == "huber")
        yield _setting(f"{loss}, sample weights", make(loss=loss, max_depth=5), diabetes, -diabetes.y, fit=_weighted(diabetes, seed))
    yield _setting("init zero", make(init="zero", learning_rate=1), diabetes)
    yield _setting("init constant", make(init=DummyRegressor(strategy="constant", constant=150.5)), diabetes)
    yield _setting("init median", make(init=DummyRegressor(strategy="median"), max_leaf_nodes=6), diabetes)
    yield _setting("many trees", make(n_estimators=150, subsample=0.7, max_features=0.4), diabetes)
    yield _setting("float32", make(), diabetes, diabetes.y.astype(np.float32), _single)
    yield _setting("constant", make(n_estimators=2), diabetes, np.full(len(diabetes.y), 0.1))


def _histogram_classifiers(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(**parameters: Any) -> Any:
        return HistGradientBoostingClassifier(**{"max_iter": 12, "random_state": seed, "min_samples_leaf": 5, **parameters})

    yield _setting("three classes of text, names", make(), iris, "str", named=True)
    yield _setting("two classes", make(max_iter=30), cancer, _two(cancer, "bool"))
    yield _setting("two classes, sure", make(max_iter=60, learning_rate=1.0), cancer, _two(cancer, "object"))
    yield _setting("ten classes", make(max_leaf_nodes=6), digits, "int8")
    yield _setting("missing values, three classes", make(), wine, "negative", lambda X: with_gaps(X, seed))
    yield _setting("missing values, two classes", make(), cancer, X=lambda X: with_gaps(X, seed))
    yield _setting("sample weights, l2", make(l2_regularization=1.5), wine, "float", fit=_weighted(wine, seed))
    yield _setting("early stopping, few bins", make(early_stopping=True, max_bins=16, max_depth=3), digits)
    yield _setting("huge values", make(), wine, "uint16", _huge)
    yield _setting("float32", make(), iris, "float32", _single)
    yield _setting("categories", make(categorical_features=[0, 2, 5], max_iter=8, min_samples_leaf=2), digits,
                   X=lambda X: np.where(X == 7, np.nan, X))
    yield _setting("many categories", make(categorical_features=[0, 1], max_iter=8, min_samples_leaf=2), wine,
                   X=lambda X: np.floor(X * 9) % 251)
    yield _setting("monotonic", make(monotonic_cst=[1, -1] + [0] * 28), cancer)
    if minor >= 2:
        yield _setting("balanced, interactions", make(class_weight="balanced", interaction_cst="pairwise"), wine)
    if minor >= 4:
        yield _setting("max_features", make(max_features=0.3), cancer)


def _histogram_regressors(minor: int, seed: int) -> Iterator[Setting]:
    diabetes = data_set("diabetes", seed)

    def make(**parameters: Any) -> Any:
        return HistGradientBoostingRegressor(**{"max_iter": 20, "random_state": seed, **parameters})

    losses = ["squared_error", "absolute_error", "poisson"]
    losses += ["gamma"] if minor >= 3 else []
    for loss in losses:
        yield _setting(loss, make(loss=loss), diabetes, named=loss == "poisson")
        yield _setting(f"{loss}, missing values, sample weights", make(loss=loss, min_samples_leaf=4), diabetes,
                       X=lambda X: with_gaps(X, seed), fit=_weighted(diabetes, seed))
    yield _setting("quantile", make(loss="quantile", quantile=0.8), diabetes)
    yield _setting("many trees, full depth", make(max_iter=120, max_leaf_nodes=None, min_samples_leaf=2), diabetes)
    yield _setting("no tree but roots", make(min_samples_leaf=1000, max_iter=3), diabetes)
    yield _setting("categories", make(categorical_features=[1], min_samples_leaf=3), diabetes, X=lambda X: np.round(X * 50 + 40))
    yield _setting("booleans for categories", make(categorical_features=[False, True] + [False] * 8, max_iter=5), diabetes,
                   X=lambda X: np.column_stack([X[:, 0], np.digitize(X[:, 2], np.linspace(-0.1, 0.1, 9)), X[:, 2:]]))
    yield _setting("float32", make(), diabetes, diabetes.y.astype(np.float32), _single)


def _histograms_of_tables(minor: int, seed: int) -> Iterator[Setting]:
    """DataFrames with columns of categories, which an encoder inside turns into numbers."""
    people = data_set("passengers", seed)
    if minor < 4:
        return

    def few(frame: Any) -> Any:
        return frame[["age", "fare", "height", "deck", "sex", "port", "title", "cabin", "alone"]].astype(
            {"sex": "category", "port": "category", "title": "category"})

    classifier = HistGradientBoostingClassifier(max_iter=10, random_state=seed, min_samples_leaf=4, categorical_features="from_dtype")
    yield _setting("tables", classifier, people, X=few)
    named = HistGradientBoostingRegressor(max_iter=10, random_state=seed, categorical_features=["cabin", "deck", "sex"])
    yield _setting("tables, categories by name", named, people, costs(people.X),
                   X=lambda frame: few(frame).drop(columns=["port", "title"]))


def _isolation(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(**parameters: Any) -> Any:
        return IsolationForest(**{"n_estimators": 30, "random_state": seed, **parameters})

    yield _setting("names", make(), iris, named=True)
    yield _setting("contamination", make(contamination=0.1), wine)
    yield _setting("feature subsets", make(max_features=5, max_samples=64), cancer)
    yield _setting("one feature a tree, bootstrap", make(max_features=1, bootstrap=True, max_samples=0.5), digits)
    yield _setting("one row a tree", make(max_samples=1, n_estimators=3), iris)
    yield _setting("two rows a tree", make(max_samples=2), iris)
    yield _setting("many trees", make(n_estimators=150, contamination=0.2), wine)
    yield _setting("float32", make(max_features=0.7), wine, X=_single)
    if minor >= 6:
        yield _setting("missing values", make(contamination=0.05), wine, X=lambda X: with_gaps(X, seed))
