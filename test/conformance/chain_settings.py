"""Settings of transformers that give columns another distribution, and of chains and other compositions of several targets."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import relabel, with_gaps
from setting import Setting, data_set
from setting import make_setting as _setting
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge, SGDClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KernelCenterer,
    LabelBinarizer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def chain_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    yield from _powers(minor, seed)
    yield from _quantiles(seed)
    yield from _outputs(minor, seed)
    yield from _chains(minor, seed)
    yield from _targets(minor, seed)
    yield from _labels_in_one_dimension(seed)
    yield from _splines(minor, seed)
    yield from _centers(seed)
    yield from _rounds(minor, seed)


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _powers(minor: int, seed: int) -> Iterator[Setting]:
    wine, iris, diabetes = data_set("wine", seed), data_set("iris", seed), data_set("diabetes", seed)
    constant = [] if minor < 3 else [("a constant column", lambda X: np.column_stack([X[:, :4], np.full(len(X), 3.5)]))]
    for shown, X in [("names", None), ("missing values", lambda X: with_gaps(X, seed)), ("float32", _single), *constant]:
        yield _setting(f"yeo-johnson, {shown}", PowerTransformer(), diabetes, X=X, named=shown == "names")
        if shown != "a constant column":
            yield _setting(f"box-cox, {shown}", PowerTransformer(method="box-cox"), wine, X=X, named=shown == "names", extreme=False)
    yield _setting("yeo-johnson, not scaled", PowerTransformer(standardize=False), wine)
    yield _setting("yeo-johnson, large and skewed", PowerTransformer(), wine, X=lambda X: np.exp(X[:, :4]) * np.sign(X[:, :4] - 2))
    yield _setting("box-cox, not scaled", PowerTransformer(method="box-cox", standardize=False), iris, X=lambda X: X**3, extreme=False)
    yield _setting("logarithms", _lambdas([0, 2, 1, -1.5]), iris, X=lambda X: X - 3)
    yield _setting("before a tree", make_pipeline(PowerTransformer(), DecisionTreeClassifier(max_depth=4)), wine, "str")


def _lambdas(lambdas: list[float]) -> Any:
    transformer = PowerTransformer(standardize=False)
    fit = transformer.fit

    def fixed(X: Any, y: Any) -> Any:
        fit(X)
        transformer.lambdas_[:] = lambdas
        del transformer.fit
        return transformer

    transformer.fit = fixed
    return transformer


def _labels(data: Any, kinds: list[str]) -> np.ndarray:
    """Labels of several outputs: that of the data, of its own kind, and some of two classes."""
    halves = [data.X[:, k] > np.median(data.X[:, k]) for k in range(len(kinds) - 1)]
    return np.column_stack([relabel(data.y, kinds[0]), *(relabel(half.astype(np.int64), kind) for half, kind in zip(halves, kinds[1:]))])


def _halves(data: Any, kind: str = "int", count: int = 3) -> np.ndarray:
    return np.column_stack([relabel((data.X[:, k] > np.median(data.X[:, k])).astype(np.int64), kind) for k in range(count)])


def _scaled(last: Any) -> Any:
    return make_pipeline(StandardScaler(), last)


def _outputs(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, linnerud = data_set("iris", seed), data_set("wine", seed), data_set("linnerud", seed)
    diabetes = data_set("diabetes", seed)
    tree = DecisionTreeClassifier(max_depth=3, random_state=seed)
    for shown, base, kinds in [
        ("trees", tree, ["int", "int", "negative"]),
        ("logistic regressions", _scaled(LogisticRegression(max_iter=200)), ["str", "str", "str"]),
        ("margins alone", _scaled(LinearSVC(dual=False, random_state=seed)), ["int", "negative", "int"]),
        ("modified huber", _scaled(SGDClassifier(loss="modified_huber", random_state=seed)), ["object", "object"]),
        ("forests", RandomForestClassifier(n_estimators=4, max_depth=3, random_state=seed), ["int8", "int8"]),
    ]:
        yield _setting(shown, MultiOutputClassifier(base), wine, _labels(wine, kinds), named=shown == "trees")
    yield _setting("float32", MultiOutputClassifier(LogisticRegression(max_iter=50)), iris, _labels(iris, ["int", "int"]), _single)
    yield _setting("one output", MultiOutputClassifier(tree), iris, iris.y[:, None])
    if minor >= 3:
        yield _setting("missing values", MultiOutputClassifier(tree), wine, _labels(wine, ["int", "bool"]), lambda X: with_gaps(X, seed))
    regressors = [("trees", DecisionTreeRegressor(max_depth=4, random_state=seed)), ("linear", Ridge()), ("generalised", PoissonRegressor()),
                  ("boosting", GradientBoostingRegressor(n_estimators=5, random_state=seed))]
    for shown, base in regressors:
        yield _setting(shown, MultiOutputRegressor(base), linnerud, named=shown == "linear")
    yield _setting("float32", MultiOutputRegressor(LinearRegression()), diabetes,
                   np.column_stack([diabetes.y, diabetes.X[:, 0]]).astype(np.float32), _single)


def _chains(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, linnerud = data_set("iris", seed), data_set("wine", seed), data_set("linnerud", seed)
    tree = DecisionTreeClassifier(max_depth=3, random_state=seed)
    logistic = _scaled(LogisticRegression(max_iter=200))
    yield _setting("trees, names", ClassifierChain(tree), wine, _halves(wine), named=True)
    yield _setting("an order", ClassifierChain(logistic, order=[2, 0, 1], cv=3), wine, _halves(wine, "negative"))
    yield _setting("a random order", ClassifierChain(tree, order="random", random_state=seed), wine, _halves(wine, "float", 4))
    yield _setting("three classes", ClassifierChain(tree), wine, _labels(wine, ["int", "int"]))
    yield _setting("margins alone", ClassifierChain(_scaled(LinearSVC(dual=False, random_state=seed))), iris, _halves(iris))
    yield _setting("float32", ClassifierChain(LogisticRegression(max_iter=50), order=[1, 0]), iris, _halves(iris, count=2), _single)
    yield _setting("booleans", ClassifierChain(logistic), iris, _halves(iris, "bool", 2))
    if minor >= 5:
        for method in ("predict_proba", "predict_log_proba", "decision_function"):
            yield _setting(f"{method} in the chain", ClassifierChain(logistic, order=[1, 2, 0], chain_method=method), wine, _halves(wine),
                           extreme=method != "predict_log_proba")
        yield _setting("the first method there is", ClassifierChain(tree, chain_method=["decision_function", "predict_proba"]), wine, _halves(wine))
    yield _setting("trees, names", RegressorChain(DecisionTreeRegressor(max_depth=3, random_state=seed)), linnerud, named=True)
    yield _setting("an order", RegressorChain(_scaled(Ridge()), order=[2, 0, 1]), linnerud)
    yield _setting("a random order, folds", RegressorChain(LinearRegression(), order="random", random_state=seed, cv=3), linnerud)
    yield _setting("float32", RegressorChain(Ridge()), linnerud, linnerud.y.astype(np.float32), _single)


def _targets(minor: int, seed: int) -> Iterator[Setting]:
    diabetes, linnerud = data_set("diabetes", seed), data_set("linnerud", seed)
    tree = DecisionTreeRegressor(max_depth=5, random_state=seed)

    def make(transformer: Any, base: Any = tree) -> Any:
        return TransformedTargetRegressor(base, transformer=transformer)

    yield _setting("trees, standard, names", make(StandardScaler()), diabetes, named=True)
    yield _setting("trees, min-max", make(MinMaxScaler((-1, 3))), diabetes)
    yield _setting("linear, robust", make(RobustScaler(), _scaled(Ridge())), diabetes)
    yield _setting("linear, largest", make(MaxAbsScaler(), LinearRegression()), diabetes, X=_single)
    yield _setting("linear, float32", make(StandardScaler(), LinearRegression()), diabetes, diabetes.y.astype(np.float32), _single)
    yield _setting("linear, yeo-johnson", make(PowerTransformer(), _scaled(Ridge())), diabetes, extreme=False)
    yield _setting("trees, box-cox", make(PowerTransformer("box-cox")), diabetes)
    yield _setting("trees, box-cox, not scaled", make(PowerTransformer("box-cox", standardize=False)), diabetes)
    yield _setting("trees, quantiles", make(QuantileTransformer(n_quantiles=50)), diabetes)
    yield _setting("linear, normal quantiles", make(QuantileTransformer(n_quantiles=30, output_distribution="normal"), _scaled(Ridge())), diabetes)
    yield _setting("trees, logarithm", TransformedTargetRegressor(tree, func=np.log1p, inverse_func=np.expm1), diabetes)
    yield _setting("linear, square root", TransformedTargetRegressor(_scaled(Ridge()), func=np.sqrt, inverse_func=np.square), diabetes)
    yield _setting("nothing", TransformedTargetRegressor(tree), diabetes)
    yield _setting("a pipeline", make(make_pipeline(FunctionTransformer(np.log, np.exp, validate=True), StandardScaler())), diabetes)
    yield _setting("three targets", make(PowerTransformer()), linnerud)
    yield _setting("one target in two dimensions", make(StandardScaler()), linnerud, linnerud.y[:, :1])
    yield _setting("boosting", make(StandardScaler(), GradientBoostingRegressor(n_estimators=5, random_state=seed)), diabetes)


def _labels_in_one_dimension(seed: int) -> Iterator[Setting]:
    wine = data_set("wine", seed)
    for kind in ("int", "str", "negative", "float"):
        labels = relabel(wine.y, kind)
        yield Setting(f"{kind} labels", LabelBinarizer(), labels, None, labels[::-1], {})
    for kind in ("str", "bool", "int8"):
        labels = relabel((wine.y == 1).astype(np.int64), kind)
        yield Setting(f"two {kind} labels", LabelBinarizer(neg_label=-1, pos_label=2), labels, None, labels[::-1], {})
    yield Setting("sparse", LabelBinarizer(sparse_output=True), wine.y, None, wine.y[::-1], {})
    yield Setting("a label not seen", LabelBinarizer(neg_label=-2, pos_label=0), wine.y, None, np.append(wine.y, [7, -1]), {})


def _splines(minor: int, seed: int) -> Iterator[Setting]:
    wine, iris, diabetes = data_set("wine", seed), data_set("iris", seed), data_set("diabetes", seed)
    for extrapolation in ("constant", "linear", "continue", "periodic"):
        yield _setting(extrapolation, SplineTransformer(n_knots=4, extrapolation=extrapolation), iris, named=extrapolation == "linear")
    wide = np.repeat([[-1e6], [1], [3], [1e6]], 4, axis=1)
    yield _setting("error", SplineTransformer(knots=wide, extrapolation="error"), iris)
    yield _setting("quantiles, degree 2, no bias", SplineTransformer(4, 2, knots="quantile", include_bias=False), wine)
    yield _setting("degree 5, linear", SplineTransformer(6, 5, extrapolation="linear"), diabetes)
    yield _setting("degree 1", SplineTransformer(3, 1, extrapolation="continue"), diabetes)
    yield _setting("degree 1, linear, one column", SplineTransformer(4, 1, extrapolation="linear"), diabetes, X=lambda X: X[:, :1])
    yield _setting("degree 0", SplineTransformer(5, 0, extrapolation="continue"), iris)
    yield _setting("periodic, degree 2, no bias", SplineTransformer(6, 2, extrapolation="periodic", include_bias=False), iris)
    yield _setting("float32", SplineTransformer(5), wine, X=_single)
    yield _setting("knots given", SplineTransformer(knots=np.array([[0.1, 1], [3, 2], [4, 5.5], [8, 9]])), iris, X=lambda X: X[:, :2])
    if minor >= 3:
        for extrapolation in ("constant", "linear", "continue", "periodic"):
            yield _setting(f"sparse, {extrapolation}", SplineTransformer(4, extrapolation=extrapolation, sparse_output=True), iris)
    if minor >= 9:
        for extrapolation in ("constant", "periodic", "linear", "continue"):
            yield _setting(f"missing values, {extrapolation}", SplineTransformer(4, extrapolation=extrapolation, handle_missing="zeros"), wine,
                           X=lambda X: with_gaps(X, seed))
        yield _setting("missing values, error", SplineTransformer(knots=wide, extrapolation="error", handle_missing="zeros"), iris,
                       X=lambda X: with_gaps(X, seed))
    yield _setting("before a linear model", make_pipeline(SplineTransformer(4), Ridge()), diabetes)


def _centers(seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    for shown, data, X in [("names", iris, None), ("float32", iris, _single), ("many rows", wine, None)]:
        fitted = (X or np.asarray)(data.X)
        yield Setting(shown, KernelCenterer(), fitted @ fitted.T, None, (X or np.asarray)(data.held_out) @ fitted.T, {})


def _rounds(minor: int, seed: int) -> Iterator[Setting]:
    wine, iris = data_set("wine", seed), data_set("iris", seed)

    def gone(X: np.ndarray) -> np.ndarray:
        return with_gaps(X, seed)

    def make(base: Any = None, **parameters: Any) -> Any:
        return IterativeImputer(base, **{"max_iter": 3, "random_state": seed, **parameters})

    yield _setting("names", make(), iris, X=gone, named=True, extreme=False)
    yield _setting("trees, medians", make(DecisionTreeRegressor(max_depth=4, random_state=seed), initial_strategy="median"), wine, X=gone)
    yield _setting("neighbors, an indicator", make(n_nearest_features=3, add_indicator=True), wine, X=gone, extreme=False)
    yield _setting("limits, backwards", make(min_value=0, max_value=4, imputation_order="descending"), iris, X=gone)
    yield _setting("a random order, no complete columns", make(imputation_order="random", skip_complete=True), iris, X=gone)
    yield _setting("-1 for missing", make(missing_values=-1), iris, X=lambda X: np.nan_to_num(gone(X), nan=-1))
    yield _setting("float32", make(), iris, X=lambda X: gone(X).astype(np.float32))
    yield _setting("no round", make(max_iter=0), iris, X=gone)

    def emptied(X: np.ndarray) -> np.ndarray:
        return np.column_stack([gone(X)[:, :3], np.full(len(X), np.nan), gone(X)[:, 3:]])

    yield _setting("an empty column", make(), iris, X=emptied)
    if minor >= 2:
        yield _setting("an empty column, kept", make(keep_empty_features=True), iris, X=emptied)
    yield _setting("before a tree", make_pipeline(make(DecisionTreeRegressor(max_depth=3)), DecisionTreeClassifier(max_depth=4)), wine, X=gone)


def _quantiles(seed: int) -> Iterator[Setting]:
    wine, iris, digits = data_set("wine", seed), data_set("iris", seed), data_set("digits", seed)
    for distribution in ("uniform", "normal"):
        def make(**parameters: Any) -> Any:
            return QuantileTransformer(**{"n_quantiles": 40, "output_distribution": distribution, "random_state": seed, **parameters})

        yield _setting(f"{distribution}, names", make(), wine, named=True)
        yield _setting(f"{distribution}, missing values", make(n_quantiles=1000), wine, X=lambda X: with_gaps(X, seed))
        yield _setting(f"{distribution}, float32", make(), iris, X=_single)
        yield _setting(f"{distribution}, repeated and constant values", make(subsample=200), digits, X=lambda X: X[:, :20])
        yield _setting(f"{distribution}, large numbers", make(), wine, X=lambda X: X * 1e10)
        yield _setting(f"{distribution}, one quantile", make(n_quantiles=1), iris)
    steps = make_pipeline(QuantileTransformer(n_quantiles=30, output_distribution="normal"), LogisticRegression())
    yield _setting("before a linear model", steps, wine, "object")
