"""The ensembles of sklearn.ensemble that are compared live; settings.py has the forests."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import costs, weights, with_gaps
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge, RidgeClassifier, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier


def ensemble_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _boosted_classifiers(minor, seed)
    yield from _boosted_regressors(minor, seed)
    yield from _histogram_classifiers(minor, seed)
    yield from _histogram_regressors(minor, seed)
    yield from _histograms_of_tables(minor, seed)
    yield from _isolation(minor, seed)
    yield from _bags(minor, seed)
    yield from _adaptive(minor, seed)
    yield from _votes(minor, seed)
    yield from _stacks(minor, seed)
    yield from _embeddings(minor, seed)


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


def _base(minor: int, estimator: Any) -> dict[str, Any]:
    """The base of an ensemble, whose parameter had another name."""
    return {"estimator" if minor >= 2 else "base_estimator": estimator}


def _logistic(**parameters: Any) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(**parameters))


def _bags(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, linnerud = data_set("iris", seed), data_set("wine", seed), data_set("linnerud", seed)
    cancer, digits, diabetes = data_set("breast cancer", seed), data_set("digits", seed), data_set("diabetes", seed)

    def make(base: Any = None, **parameters: Any) -> Any:
        return BaggingClassifier(**{**_base(minor, base), "n_estimators": 9, "random_state": seed, **parameters})

    def regressor(base: Any = None, **parameters: Any) -> Any:
        return BaggingRegressor(**{**_base(minor, base), "n_estimators": 9, "random_state": seed, **parameters})

    few = np.where(np.arange(len(wine.y)) < 3, 2, wine.y % 2)
    yield _setting("trees, names", make(), iris, "str", named=True)
    yield _setting("trees of fewer classes", make(max_samples=0.2), wine, few, fit={})
    yield _setting("feature subsets", make(max_features=0.5), cancer, _two(cancer, "bool"))
    yield _setting("features drawn twice", make(bootstrap_features=True, bootstrap=False), digits, "int8")
    yield _setting("logistic regressions", make(_logistic(max_iter=200), max_features=0.7), wine, "object")
    yield _setting("logistic regressions, two classes", make(_logistic()), cancer, _two(cancer, "negative"))
    yield _setting("logistic regressions, float32", make(LogisticRegression(max_iter=50)), iris, X=_single)
    yield _setting("votes of margins", make(make_pipeline(StandardScaler(), LinearSVC(dual=False, random_state=seed))), wine, "float")
    yield _setting("votes of ridge classifiers, two classes", make(RidgeClassifier()), cancer, _two(cancer, "str"))
    yield _setting("forests", make(RandomForestClassifier(n_estimators=4, max_depth=3), n_estimators=3), iris, "negative")
    yield _setting("bags", make(make(n_estimators=3), n_estimators=3), iris)
    yield _setting("gradient boosting", make(GradientBoostingClassifier(n_estimators=3, max_depth=2), n_estimators=3), wine)
    if minor >= 3:
        yield _setting("missing values", make(max_features=0.6), wine, X=lambda X: with_gaps(X, seed))
    yield _setting("missing values in pipelines", make(make_pipeline(SimpleImputer(), DecisionTreeClassifier(max_depth=4))), wine,
                   X=lambda X: with_gaps(X, seed))
    yield _setting("trees", regressor(), diabetes, named=True)
    yield _setting("feature subsets", regressor(max_features=4, max_samples=0.5), diabetes)
    yield _setting("linear models", regressor(LinearRegression()), diabetes)
    yield _setting("linear models, float32", regressor(LinearRegression()), diabetes, diabetes.y.astype(np.float32), _single)
    yield _setting("three targets", regressor(), linnerud)
    yield _setting("poisson regressions", regressor(PoissonRegressor()), diabetes)
    yield _setting("extra trees", regressor(ExtraTreesRegressor(n_estimators=3), n_estimators=4), diabetes)


def _adaptive(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(base: Any = None, **parameters: Any) -> Any:
        samme = {"algorithm": "SAMME"} if minor < 8 else {}
        return AdaBoostClassifier(**{**_base(minor, base), "n_estimators": 15, "random_state": seed, **samme, **parameters})

    def regressor(base: Any = None, **parameters: Any) -> Any:
        return AdaBoostRegressor(**{**_base(minor, base), "n_estimators": 15, "random_state": seed, **parameters})

    deep = DecisionTreeClassifier(max_depth=3)
    yield _setting("three classes of text, names", make(), iris, "str", named=True)
    yield _setting("two classes", make(deep), cancer, _two(cancer, "bool"))
    yield _setting("ten classes", make(deep, learning_rate=0.5), digits, "int8")
    yield _setting("sample weights", make(ExtraTreeClassifier(max_depth=2)), wine, "negative", fit=_weighted(wine, seed))
    yield _setting("logistic regressions", make(LogisticRegression(max_iter=50), n_estimators=5), iris, "object")
    yield _setting("ridge classifiers", make(RidgeClassifier(), n_estimators=5), cancer, _two(cancer, "float"))
    if minor < 6:
        real = {"algorithm": "SAMME.R"}
        yield _setting("real, three classes", make(**real), wine, "uint16")
        yield _setting("real, two classes", make(deep, **real), cancer, _two(cancer, "object"))
        yield _setting("real, ten classes", make(deep, **real), digits)
        yield _setting("real, logistic regressions", make(LogisticRegression(max_iter=50), n_estimators=5, **real), iris)
    for loss in ("linear", "square", "exponential"):
        yield _setting(loss, regressor(loss=loss), diabetes, named=loss == "square")
    yield _setting("full trees", regressor(DecisionTreeRegressor(), n_estimators=40), diabetes)
    yield _setting("linear models", regressor(LinearRegression(), n_estimators=5), diabetes)
    yield _setting("float32", regressor(), diabetes, X=_single)


def _votes(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)
    trees = [("tree", DecisionTreeClassifier(max_depth=4, random_state=seed)),
             ("forest", RandomForestClassifier(n_estimators=5, random_state=seed)),
             ("boosting", HistGradientBoostingClassifier(max_iter=3))]
    mixed = [*trees[:2], ("linear", _logistic()), ("dropped", "drop")]
    yield _setting("soft, trees", VotingClassifier(trees[:2], voting="soft"), iris, "str", named=True)
    yield _setting("soft, weights", VotingClassifier(trees, voting="soft", weights=[1, 2.5, 0.3]), digits, "int8")
    yield _setting("soft, linear", VotingClassifier(mixed, voting="soft", weights=[2, 1, 3, 9]), wine, "object")
    yield _setting("soft, not flat", VotingClassifier(trees[:2], voting="soft", flatten_transform=False), wine)
    yield _setting("hard", VotingClassifier([*mixed, ("ridge", RidgeClassifier())]), cancer, _two(cancer, "bool"))
    yield _setting("hard, weights", VotingClassifier(mixed, weights=[1, 1, 0.5, 7]), wine, "float")
    yield _setting("missing values", VotingClassifier([("one", HistGradientBoostingClassifier(max_iter=4)),
                                                       ("two", HistGradientBoostingClassifier(max_iter=2))], voting="soft"),
                   wine, "negative", lambda X: with_gaps(X, seed))
    models = [("tree", DecisionTreeRegressor(max_depth=5, random_state=seed)), ("linear", LinearRegression()),
              ("boosting", GradientBoostingRegressor(n_estimators=8, random_state=seed))]
    yield _setting("trees", VotingRegressor([models[0], models[2]]), diabetes, named=True)
    yield _setting("mixed", VotingRegressor(models), diabetes)
    yield _setting("weights", VotingRegressor(models, weights=[1, 2, 0.5]), diabetes)
    yield _setting("linear, float32", VotingRegressor([("one", LinearRegression()), ("two", Ridge())]), diabetes,
                   diabetes.y.astype(np.float32), _single)
    people = data_set("passengers", seed)
    yield _setting("tables", VotingClassifier([("few", _of_people(DecisionTreeClassifier(max_depth=5))),
                                               ("more", _of_people(LogisticRegression(max_iter=500)))], voting="soft"), people)


def _of_people(last: Any) -> Any:
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["sex", "class"]),
                                      (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "fare"]))
    return make_pipeline(columns, last)


def _stacks(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)
    cancer = data_set("breast cancer", seed)
    trees = [("tree", DecisionTreeClassifier(max_depth=4, random_state=seed)),
             ("forest", RandomForestClassifier(n_estimators=5, random_state=seed))]
    mixed = [*trees, ("margins", make_pipeline(StandardScaler(), LinearSVC(dual=False, random_state=seed))), ("dropped", "drop")]
    forest = RandomForestClassifier(n_estimators=6, max_depth=4, random_state=seed)
    yield _setting("logistic, names", StackingClassifier(trees, cv=3), iris, "str", named=True)
    yield _setting("two classes", StackingClassifier(mixed, cv=3), cancer, _two(cancer, "bool"))
    yield _setting("a forest at the end, passthrough", StackingClassifier(trees, forest, cv=3, passthrough=True), wine, "negative")
    yield _setting("predictions", StackingClassifier([*mixed, ("ridge", RidgeClassifier())], cv=3, stack_method="predict"), wine, "object")
    yield _setting("margins at the end", StackingClassifier(mixed, RidgeClassifier(), cv=3, passthrough=True), wine, "float")
    yield _setting("modified huber", StackingClassifier(trees, SGDClassifier(loss="modified_huber", random_state=seed), cv=3), iris)
    models = [("tree", DecisionTreeRegressor(max_depth=5, random_state=seed)), ("linear", LinearRegression())]
    yield _setting("ridge, names", StackingRegressor(models, cv=3), diabetes, named=True)
    yield _setting("passthrough", StackingRegressor(models, RandomForestRegressor(n_estimators=5, random_state=seed), cv=3, passthrough=True),
                   diabetes)
    yield _setting("gradient boosting at the end", StackingRegressor(models[:1], GradientBoostingRegressor(n_estimators=9, random_state=seed), cv=3),
                   diabetes)
    people = data_set("passengers", seed)
    yield _setting("tables", StackingClassifier([("few", _of_people(DecisionTreeClassifier(max_depth=5))),
                                                 ("more", _of_people(LogisticRegression(max_iter=500)))], cv=3), people)
    inside = StackingRegressor(models, cv=3)
    yield _setting("votes on stacks", VotingRegressor([("stack", inside), ("tree", models[0][1])]), diabetes)


def _embeddings(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, cancer = data_set("iris", seed), data_set("wine", seed), data_set("breast cancer", seed)

    def make(**parameters: Any) -> Any:
        return RandomTreesEmbedding(**{"n_estimators": 8, "max_depth": 3, "random_state": seed, **parameters})

    yield _setting("names", make(), iris, named=True)
    yield _setting("dense, best first", make(sparse_output=False, max_leaf_nodes=7), wine)
    yield _setting("deep, float32", make(max_depth=8, min_samples_leaf=3), cancer, X=_single)
    yield _setting("one tree", make(n_estimators=1), wine)
    yield _setting("before a linear model", make_pipeline(StandardScaler(), make(), LogisticRegression(max_iter=300)), wine, "str")
    yield _setting("last", make_pipeline(StandardScaler(), make()), wine)
