"""The models that are compared live: estimators × settings × seeds, for one version of scikit-learn."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Iterator

import numpy as np
from data_sets import Split, relabel, weights, with_gaps
from setting import Setting, data_set
from setting import make_setting as _setting
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor


HERE = Path(__file__).resolve().parent
# Each file X_settings.py beside this one has a function X_settings(minor, seed).
MODULES = sorted(path.stem for path in HERE.glob("*_settings.py"))


def settings(minor: int, seeds: list[int]) -> Iterator[Setting]:
    """Every setting with each seed; a setting that a version does not have is not there."""
    for seed in seeds:
        known = [*_trees(minor, seed), *_forests(minor, seed), *_linear(seed), *_logistic(minor, seed)]
        others = [setting for name in MODULES for setting in getattr(import_module(name), name)(minor, seed)]
        for setting in [*known, *others]:
            yield setting._replace(name=f"{type(setting.estimator).__name__}, {setting.name}, seed {seed}")


def _two(data: Split, kind: str) -> np.ndarray:
    return relabel((data.y == data.y[0]).astype(np.int64), kind)


def _outputs(data: Split) -> np.ndarray:
    return np.column_stack([data.y, (data.X[:, 0] > np.median(data.X[:, 0])) * 4 - 3, data.X[:, 1] > data.X[:, 1].mean()])


def _word_outputs(data: Split) -> np.ndarray:
    large = np.where(data.X[:, 0] > np.median(data.X[:, 0]), "large", "small")
    return np.column_stack([relabel(data.y, "object"), large.astype(object)])


def _takes_missing(name: str, minor: int, criterion: str, splitter: str) -> bool:
    """Whether fitting takes missing values."""
    if criterion == "absolute_error" and minor < 9:
        return False
    if name.startswith("Extra"):
        return minor >= 6 and splitter == "random"
    return minor >= (4 if name.startswith("Random") else 3 if splitter == "best" else 6)


def _classifiers(kind: Any, minor: int, seed: int, fixed: dict[str, Any]) -> Iterator[Setting]:
    """Settings that trees and forests share; ``fixed`` are parameters of all."""
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)
    balance = {0: 0.3, 1: 1.7, 2: 1.1}

    def make(**parameters: Any) -> Any:
        return kind(**{**fixed, "random_state": seed, **parameters})

    def weighted(data: Split) -> dict[str, Any]:
        return {"sample_weight": weights(len(data.y), seed)}

    yield _setting("text labels, names", make(), iris, "str", named=True)
    yield _setting("entropy, negative labels", make(criterion="entropy"), wine, "negative")
    yield _setting("log_loss, int8 labels", make(criterion="log_loss", max_depth=7), digits, "int8")
    yield _setting("max_depth, booleans", make(max_depth=3), cancer, _two(cancer, "bool"))
    yield _setting("max_leaf_nodes, uint16 labels", make(max_leaf_nodes=25), digits, "uint16")
    yield _setting("balanced, sample weights, objects", make(class_weight="balanced"), cancer, _two(cancer, "object"),
                   fit=weighted(cancer))
    yield _setting("class weights, sample weights", make(class_weight=balance, max_depth=4), wine, fit=weighted(wine))
    yield _setting("weighted leaves, max_leaf_nodes", make(max_leaf_nodes=8, min_weight_fraction_leaf=0.02), wine,
                   fit=weighted(wine))
    yield _setting("three outputs", make(max_depth=5), iris, _outputs(iris))
    yield _setting("three weighted outputs", make(max_depth=5, class_weight="balanced"), wine, _outputs(wine),
                   fit=weighted(wine))
    yield _setting("outputs of words", make(max_leaf_nodes=9), iris, _word_outputs(iris))
    yield _setting("float labels, min_samples_leaf", make(min_samples_leaf=4), iris, "float")
    yield _setting("float32", make(), iris, "float32", lambda X: X.astype(np.float32))
    yield _setting("integers, Fortran order", make(max_features=0.5), digits, X=lambda X: np.asfortranarray(X.astype(np.uint8)))
    yield _setting("pruned", make(ccp_alpha=0.005, min_impurity_decrease=0.001), cancer)
    yield _setting("one class", make(), iris, np.full(len(iris.y), 3))
    yield _setting("tiny values", make(max_features=None), wine, X=lambda X: X * 2.0**-136)
    yield _setting("huge values", make(), wine, X=lambda X: (X - X.mean(axis=0)) * 1e34)
    yield _setting("ties and constants", make(max_depth=6), wine,
                   X=lambda X: np.column_stack([np.round(X), np.zeros((len(X), 2)), -np.floor(X[:, :3])]))
    if minor >= 4 and kind is not ExtraTreeClassifier:
        yield _setting("monotonic", make(monotonic_cst=[1, -1] + [0] * 28, max_depth=5), cancer)
    for criterion, data in (("gini", wine), ("entropy", cancer)):
        if _takes_missing(kind.__name__, minor, criterion, fixed.get("splitter", _splitter(kind))):
            yield _setting(f"missing values, {criterion}", make(criterion=criterion, max_features="sqrt"), data,
                           X=lambda X: with_gaps(X, seed), fit=weighted(data) if data is cancer else {})


def _regressors(kind: Any, minor: int, seed: int, fixed: dict[str, Any]) -> Iterator[Setting]:
    diabetes, linnerud = data_set("diabetes", seed), data_set("linnerud", seed)
    wine = data_set("wine", seed)

    def make(**parameters: Any) -> Any:
        return kind(**{**fixed, "random_state": seed, **parameters})

    criteria = ("squared_error", "friedman_mse", "absolute_error", "poisson")
    for criterion in criteria:
        yield _setting(criterion, make(criterion=criterion, max_depth=7), diabetes, named=criterion == "squared_error")
    yield _setting("full depth", make(), diabetes)
    yield _setting("max_leaf_nodes", make(max_leaf_nodes=40), diabetes, -diabetes.y)
    yield _setting("sample weights", make(max_depth=6, max_features=0.5), diabetes,
                   fit={"sample_weight": weights(len(diabetes.y), seed)})
    yield _setting("three outputs", make(), linnerud)
    yield _setting("outputs of many sizes", make(max_depth=6), wine, np.column_stack([wine.X[:, 0] * 1e9, wine.X[:, 4] * 1e-9]))
    yield _setting("one column", make(max_depth=4), diabetes, diabetes.y.reshape(-1, 1))
    yield _setting("float32", make(max_depth=8), diabetes, diabetes.y.astype(np.float32), lambda X: X.astype(np.float32))
    yield _setting("pruned", make(ccp_alpha=20.0, min_samples_split=7), diabetes)
    yield _setting("constant", make(), diabetes, np.full(len(diabetes.y), -0.0))
    yield _setting("huge values", make(max_depth=5), diabetes, X=lambda X: X * 1e39)
    if minor >= 4 and kind is not ExtraTreeRegressor:
        yield _setting("monotonic", make(monotonic_cst=[0, 0, 1, 1] + [0] * 6, max_depth=5), diabetes)
    for criterion in criteria:
        if _takes_missing(kind.__name__, minor, criterion, fixed.get("splitter", _splitter(kind))):
            yield _setting(f"missing values, {criterion}", make(criterion=criterion, max_depth=6), diabetes,
                           X=lambda X: with_gaps(X, seed))


def _splitter(kind: Any) -> str:
    return "random" if kind.__name__.startswith("Extra") else "best"


def _trees(minor: int, seed: int) -> Iterator[Setting]:
    for kind, other in ((DecisionTreeClassifier, "random"), (ExtraTreeClassifier, "best")):
        yield from _classifiers(kind, minor, seed, {})
        for setting in _classifiers(kind, minor, seed, {"splitter": other}):
            if setting.name.startswith(("text", "missing", "max_leaf_nodes")):
                yield setting._replace(name=f"{setting.name}, {other} splitter")
    for kind, other in ((DecisionTreeRegressor, "random"), (ExtraTreeRegressor, "best")):
        yield from _regressors(kind, minor, seed, {})
        for setting in _regressors(kind, minor, seed, {"splitter": other}):
            if setting.name.startswith(("full", "missing", "absolute", "monotonic")):
                yield setting._replace(name=f"{setting.name}, {other} splitter")


def _forests(minor: int, seed: int) -> Iterator[Setting]:
    small = {"n_estimators": 12}
    for kind in (RandomForestClassifier, ExtraTreesClassifier):
        yield from _classifiers(kind, minor, seed, small)
        cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)
        yield _setting("balanced_subsample, bootstrap, max_samples",
                       kind(n_estimators=15, bootstrap=True, max_samples=0.4, class_weight="balanced_subsample",
                            random_state=seed), cancer)
        yield _setting("many trees, out-of-bag scores",
                       kind(n_estimators=150, max_depth=4, bootstrap=True, oob_score=True, random_state=seed, n_jobs=2), digits)
        yield _setting("one tree", kind(n_estimators=1, random_state=seed), digits, "int8")
        yield _setting("warm start", _warm(kind(n_estimators=5, warm_start=True, random_state=seed)), cancer)
    for kind in (RandomForestRegressor, ExtraTreesRegressor):
        yield from _regressors(kind, minor, seed, small)
        diabetes = data_set("diabetes", seed)
        yield _setting("bootstrap, max_samples", kind(n_estimators=20, bootstrap=True, max_samples=50, random_state=seed),
                       diabetes)
        yield _setting("many trees", kind(n_estimators=150, max_depth=4, random_state=seed), diabetes)
        yield _setting("no bootstrap", kind(n_estimators=10, bootstrap=False, max_features="sqrt", random_state=seed), diabetes)


def _warm(forest: Any) -> Any:
    """A forest that is fitted already, to grow when it is fitted again."""
    data = data_set("breast cancer", forest.random_state)
    return forest.fit(data.X, data.y).set_params(n_estimators=9)


def _linear(seed: int) -> Iterator[Setting]:
    diabetes, linnerud, digits = (data_set(name, seed) for name in ("diabetes", "linnerud", "digits"))
    random = np.random.RandomState(seed)
    wide = random.standard_normal((300, 1500)) * 10.0 ** random.randint(-6, 6, size=1500)
    wide_data = Split(wide[:120], wide[:120, :7].sum(axis=1), wide[120:], [])
    large = random.standard_normal((500, 40)) + 1000
    large_data = Split(large[:250], large[:250] @ random.standard_normal((40, 3)) * 1e5, large[250:], [])

    def single(X: np.ndarray) -> np.ndarray:
        return X.astype(np.float32)

    yield _setting("one target, names", LinearRegression(), diabetes, named=True)
    yield _setting("three targets", LinearRegression(), linnerud)
    yield _setting("one column", LinearRegression(), diabetes, diabetes.y.reshape(-1, 1))
    yield _setting("no intercept", LinearRegression(fit_intercept=False), diabetes)
    yield _setting("three targets, no intercept", LinearRegression(fit_intercept=False), linnerud)
    yield _setting("positive, sample weights", LinearRegression(positive=True), diabetes,
                   fit={"sample_weight": weights(len(diabetes.y), seed)})
    yield _setting("float32", LinearRegression(), diabetes, X=single)
    yield _setting("float32, no intercept", LinearRegression(fit_intercept=False), diabetes, X=single)
    yield _setting("float32, three float32 targets", LinearRegression(), linnerud, linnerud.y.astype(np.float32), single)
    yield _setting("collinear", LinearRegression(), digits, X=lambda X: np.column_stack([X, X[:, :20] * 3]))
    yield _setting("integers", LinearRegression(), digits, X=lambda X: X.astype(np.int64))
    yield _setting("ten targets", LinearRegression(), digits, np.eye(10)[digits.y])
    yield _setting("wide", LinearRegression(), wide_data)
    yield _setting("cancelling", LinearRegression(), large_data)
    yield _setting("one feature", LinearRegression(), diabetes, X=lambda X: X[:, :1])


def _logistic(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)
    no_penalty = {"C": np.inf} if minor >= 8 else {"penalty": None if minor >= 2 else "none"}

    def penalty(l1_ratio: float) -> dict[str, Any]:
        if minor >= 8:
            return {"l1_ratio": l1_ratio}
        return {"penalty": "l1"} if l1_ratio == 1 else {"penalty": "elasticnet", "l1_ratio": l1_ratio}

    def scaled(X: np.ndarray) -> np.ndarray:
        # By powers of two, which round nothing, and the same for fitted and held-out rows.
        return X / 2.0 ** np.arange(X.shape[1], 0, -1).clip(0, 9)

    def single(X: np.ndarray) -> np.ndarray:
        return scaled(X).astype(np.float32)

    def make(**parameters: Any) -> LogisticRegression:
        return LogisticRegression(**{"random_state": seed, "max_iter": 120, **parameters})

    two = _two(cancer, "str")
    solvers = ["lbfgs", "newton-cg", "sag", "saga", *(["newton-cholesky"] if minor >= 2 else [])]
    for solver in solvers:
        yield _setting(f"{solver}, two classes", make(solver=solver), cancer, two, scaled)
        yield _setting(f"{solver}, three classes", make(solver=solver), iris, "negative", named=True)
        yield _setting(f"{solver}, float32", make(solver=solver), iris, "str", single)
        yield _setting(f"{solver}, float32, two classes", make(solver=solver), cancer, two, single)
    yield _setting("liblinear", make(solver="liblinear"), cancer, two, scaled)
    yield _setting("liblinear, l1, intercept_scaling", make(solver="liblinear", intercept_scaling=3, **penalty(1)), cancer,
                   _two(cancer, "bool"), scaled)
    yield _setting("liblinear, dual, float32", make(solver="liblinear", dual=True), cancer, _two(cancer, "float"), single)
    if minor < 8:
        yield _setting("liblinear, three classes", make(solver="liblinear"), wine, "object", scaled)
    yield _setting("saga, l1", make(solver="saga", **penalty(1)), digits, X=lambda X: X / 16)
    yield _setting("saga, elastic net", make(solver="saga", **penalty(0.4)), wine, "int8", scaled)
    yield _setting("balanced, no intercept", make(class_weight="balanced", fit_intercept=False), wine, X=scaled)
    yield _setting("no intercept, two classes", make(fit_intercept=False), cancer, two, scaled)
    yield _setting("no penalty: probabilities of 0 and 1", make(**no_penalty), iris, "uint16")
    yield _setting("no penalty, two classes", make(**no_penalty), cancer, two, scaled)
    yield _setting("ten classes", make(C=0.01, max_iter=60), digits, "int8")
    yield _setting("ten classes, float32", make(C=0.01, max_iter=60), digits, X=lambda X: X.astype(np.float32))
    yield _setting("class and sample weights", make(class_weight={0: 2.5, 1: 0.4, 2: 1}), wine, X=scaled,
                   fit={"sample_weight": weights(len(wine.y), seed)})
    yield _setting("integers", make(max_iter=30), digits, "str", lambda X: X.astype(np.int32))
    if minor >= 8:
        return
    for mode in ("ovr", "multinomial"):
        yield _setting(f"{mode}, two classes", make(multi_class=mode), cancer, two, scaled)
        yield _setting(f"{mode}, three classes", make(multi_class=mode), iris, "str")
        yield _setting(f"{mode}, ten classes", make(multi_class=mode, max_iter=60), digits, X=lambda X: X / 16)
        yield _setting(f"{mode}, float32", make(multi_class=mode, solver="newton-cg"), wine, X=single)
        yield _setting(f"{mode}, float32, two classes", make(multi_class=mode, solver="saga"), cancer, two, single)
    if minor >= 2:
        yield _setting("ovr, newton-cholesky", make(multi_class="ovr", solver="newton-cholesky"), iris)
