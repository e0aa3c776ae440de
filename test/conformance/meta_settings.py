"""Estimators made of others that are compared live: selectors, searches, thresholds, calibration, one class against others."""

from __future__ import annotations

import warnings
from typing import Any, Iterator

import numpy as np
from data_sets import weights, with_gaps
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, RFECV, SelectFromModel, SequentialFeatureSelector
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import BayesianRidge, ElasticNetCV, Lasso, LinearRegression, LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.metrics import make_scorer, recall_score
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def meta_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _dummies(minor, seed)
    yield from _searches(minor, seed)
    yield from _self_training(minor, seed)
    yield from _recursive(minor, seed)
    yield from _from_models(minor, seed)
    yield from _sequential(minor, seed)
    if minor >= 6:
        yield from _frozen(minor, seed)
    yield from _isotonic(minor, seed)
    yield from _calibrated(minor, seed)
    yield from _one_vs_rest(minor, seed)
    yield from _one_vs_one(minor, seed)
    yield from _output_codes(minor, seed)
    if minor >= 5:
        yield from _thresholds(minor, seed)


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _logistic(**parameters: Any) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(**{"max_iter": 200, **parameters}))


def _dummies(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, linnerud = data_set("iris", seed), data_set("wine", seed), data_set("linnerud", seed)
    cancer, diabetes = data_set("breast cancer", seed), data_set("diabetes", seed)
    two = np.column_stack([wine.y, wine.y % 2])

    def make(strategy: str, **parameters: Any) -> Any:
        return DummyClassifier(strategy=strategy, **parameters)

    yield _setting("prior, names", make("prior"), iris, "str", named=True)
    yield _setting("most_frequent, missing values", make("most_frequent"), wine, "negative", lambda X: with_gaps(X, seed))
    yield _setting("constant", make("constant", constant=wine.y[0]), wine)
    yield _setting("constant of text", make("constant", constant="class 1"), cancer, np.where(_two(cancer, "bool"), "class 1", "b"))
    yield _setting("prior, booleans, sample weights", make("prior"), cancer, _two(cancer, "bool"), fit={"sample_weight": weights(len(cancer.y), seed)})
    yield _setting("most_frequent, two outputs", make("most_frequent"), wine, two)
    yield _setting("prior, two outputs, float32", make("prior"), wine, two, _single)
    yield _setting("constant, two outputs", make("constant", constant=[1, 0]), wine, two)

    yield _setting("mean", DummyRegressor(), diabetes, named=True)
    yield _setting("median, missing values", DummyRegressor(strategy="median"), diabetes, X=lambda X: with_gaps(X, seed))
    yield _setting("quantile, float32", DummyRegressor(strategy="quantile", quantile=0.3), diabetes, X=_single)
    yield _setting("constant", DummyRegressor(strategy="constant", constant=0.1), diabetes)
    yield _setting("mean, several targets", DummyRegressor(), linnerud)
    yield _setting("constant integers, several targets", DummyRegressor(strategy="constant", constant=[1, -2, 3]), linnerud)


def _searches(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, diabetes = data_set("breast cancer", seed), data_set("diabetes", seed)

    trees = {"max_depth": [2, 4]}
    yield _setting("trees, names", GridSearchCV(DecisionTreeClassifier(random_state=seed), trees, cv=2), iris, "str", named=True)
    yield _setting("a pipeline", GridSearchCV(_logistic(), {"logisticregression__C": [0.1, 1.0]}, cv=2), wine, "negative")
    yield _setting("deviations, which are not asked", GridSearchCV(BayesianRidge(), {"tol": [1e-3, 1e-2]}, cv=2), diabetes)
    yield _setting("a transformer", GridSearchCV(StandardScaler(), {"with_mean": [True, False]}, cv=2, scoring=_nothing), wine, X=lambda X: with_gaps(X, seed))
    yield _setting("leaves, which are not asked", GridSearchCV(RandomTreesEmbedding(n_estimators=3, random_state=seed), trees, cv=2, scoring=_nothing), wine)
    outliers = GridSearchCV(IsolationForest(n_estimators=5, random_state=seed), {"max_samples": [16, 32]}, cv=2, scoring=_nothing)
    yield _setting("outliers", outliers, iris)
    yield _setting("several scores", RandomizedSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, n_iter=2, cv=2, random_state=seed, refit="r2",
                                                       scoring=["r2", "neg_mean_squared_error"]), diabetes)
    forest = RandomForestClassifier(n_estimators=4, random_state=seed)
    yield _setting("a forest", RandomizedSearchCV(forest, {"max_depth": [2, 3, None]}, n_iter=2, cv=2, random_state=seed), wine, _two(wine, "bool"))
    yield _setting("halves", HalvingGridSearchCV(DecisionTreeClassifier(random_state=seed), trees, cv=2, random_state=seed), cancer, _two(cancer, "object"))
    yield _setting("halves, float32", HalvingRandomSearchCV(LogisticRegression(max_iter=50), {"C": [0.1, 1.0, 10.0]}, cv=2, random_state=seed, min_resources=40),
                   cancer, X=_single)
    yield _setting("a search in a pipeline", make_pipeline(StandardScaler(), GridSearchCV(LinearSVC(dual=False), {"C": [0.1, 1.0]}, cv=2)), wine)


def _nothing(estimator: Any, X: Any, y: Any = None) -> float:
    return 0.0


def _self_training(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, cancer = data_set("iris", seed), data_set("wine", seed), data_set("breast cancer", seed)

    def some(y: np.ndarray) -> np.ndarray:
        return np.where(np.arange(len(y)) % 3 == 0, -1, y)

    yield _setting("logistic regression, names", SelfTrainingClassifier(_logistic()), iris, some(iris.y), named=True)
    yield _setting("two classes", SelfTrainingClassifier(_logistic(), threshold=0.9), cancer, some(cancer.y))
    yield _setting("trees", SelfTrainingClassifier(DecisionTreeClassifier(max_depth=4, random_state=seed)), wine, some(wine.y))
    boosted = HistGradientBoostingClassifier(max_iter=4, random_state=seed)
    yield _setting("missing values", SelfTrainingClassifier(boosted, criterion="k_best", k_best=20), wine, some(wine.y), lambda X: with_gaps(X, seed))
    votes = VotingClassifier([("a", _logistic()), ("b", RandomForestClassifier(n_estimators=3, random_state=seed))], voting="soft")
    yield _setting("votes", SelfTrainingClassifier(votes, max_iter=2), wine, some(wine.y))


def _recursive(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, diabetes = data_set("breast cancer", seed), data_set("diabetes", seed)

    yield _setting("linear, names", RFE(LogisticRegression(max_iter=50), n_features_to_select=2), iris, "str", named=True)
    yield _setting("trees", RFE(DecisionTreeClassifier(random_state=seed), step=3), wine, "negative")
    yield _setting("a regressor", RFE(Ridge(), n_features_to_select=0.3), diabetes)
    yield _setting("deviations, which are not asked", RFE(BayesianRidge(), step=0.4), diabetes)
    if minor >= 4:
        yield _setting("missing values", RFE(RandomForestClassifier(n_estimators=3, max_depth=3, random_state=seed), step=4), wine, X=lambda X: with_gaps(X, seed))
    yield _setting("before a classifier", make_pipeline(RFE(LinearRegression(), step=4), _logistic()), wine, wine.y)
    yield _setting("two classes, float32", RFECV(LinearSVC(dual=False, random_state=seed), step=8, cv=2), cancer, _two(cancer, "bool"), _single)
    yield _setting("a forest, names", RFECV(ExtraTreesClassifier(n_estimators=3, random_state=seed), step=4, cv=2), wine, named=True)
    yield _setting("a regressor", RFECV(DecisionTreeRegressor(max_depth=3, random_state=seed), cv=2, min_features_to_select=2), diabetes)


def _from_models(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, linnerud = data_set("iris", seed), data_set("wine", seed), data_set("linnerud", seed)
    cancer, digits, diabetes = data_set("breast cancer", seed), data_set("digits", seed), data_set("diabetes", seed)

    def make(estimator: Any, **parameters: Any) -> Any:
        return SelectFromModel(estimator, **parameters)

    yield _setting("trees, names", make(DecisionTreeClassifier(random_state=seed)), iris, named=True)
    yield _setting("a forest, median", make(RandomForestClassifier(n_estimators=6, random_state=seed), threshold="median"), wine)
    yield _setting("boosting", make(GradientBoostingClassifier(n_estimators=4, random_state=seed), threshold="0.5*mean"), wine)
    yield _setting("a forest of regressors", make(RandomForestRegressor(n_estimators=6, random_state=seed), threshold=" 1.5 * median"), diabetes)
    yield _setting("at most", make(RandomForestClassifier(n_estimators=6, random_state=seed), threshold=-np.inf, max_features=9), digits)
    yield _setting("at most, ties", make(Lasso(alpha=1.0), max_features=4), diabetes)
    yield _setting("an l1 penalty", make(LinearSVC(penalty="l1", dual=False, C=0.01, random_state=seed)), cancer, X=_single)
    yield _setting("l1_ratio", make(ElasticNetCV(l1_ratio=[1.0], cv=2, n_alphas=5) if minor < 7 else ElasticNetCV(l1_ratio=[1.0], cv=2, alphas=5)), diabetes)
    for order in (1, 2, np.inf, -np.inf, 3, -1):
        yield _setting(f"norm {order}", make(LogisticRegression(max_iter=30), norm_order=order), wine)
    yield _setting("several targets", make(LinearRegression(), threshold="mean"), linnerud)
    named = make(_logistic(), importance_getter="named_steps.logisticregression.coef_", threshold=0.9)
    yield _setting("importances by a path", named, wine)
    fitted = RandomForestClassifier(n_estimators=5, random_state=seed).fit(cancer.X, cancer.y)
    yield _setting("fitted before", make(fitted, prefit=True), cancer)
    if minor >= 3:
        yield _setting("missing values", make(DecisionTreeClassifier(random_state=seed)), wine, X=lambda X: with_gaps(X, seed))
    searched = make(GridSearchCV(Lasso(), {"alpha": [0.5, 1.0]}, cv=2), importance_getter="best_estimator_.coef_", threshold=1.0)
    yield _setting("of a search, then trees", make_pipeline(searched, DecisionTreeRegressor(max_depth=3)), diabetes)
    sgd = SGDClassifier(random_state=seed, max_iter=20)
    yield _setting("sparsified", make(sgd, threshold=5.0), iris)


def _sequential(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)

    def make(estimator: Any, count: Any, **parameters: Any) -> Any:
        return SequentialFeatureSelector(estimator, n_features_to_select=count, cv=2, **parameters)

    yield _setting("names", make(LogisticRegression(max_iter=20), 2), iris, named=True)
    yield _setting("backwards", make(Ridge(), 7, direction="backward"), diabetes)
    yield _setting("a share, before a classifier", make_pipeline(make(DecisionTreeClassifier(max_depth=2), 0.2), _logistic()), wine)
    trees = DecisionTreeClassifier(max_depth=2, random_state=seed)
    if minor >= 3:
        yield _setting("missing values", make(trees, 2), iris, X=lambda X: with_gaps(X, seed))
    yield _setting("float32", make(LinearRegression(), 3), diabetes, X=_single)


def _frozen(minor: int, seed: int) -> Iterator[Setting]:
    from sklearn.frozen import FrozenEstimator

    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield _setting("a pipeline, names", FrozenEstimator(_logistic().fit(iris.X, iris.y)), iris)
        yield _setting("trees and their leaves", FrozenEstimator(RandomForestClassifier(n_estimators=3, random_state=seed).fit(wine.X, wine.y)), wine)
        yield _setting("deviations", FrozenEstimator(BayesianRidge().fit(diabetes.X, diabetes.y)), diabetes)
        yield _setting("a transformer", make_pipeline(FrozenEstimator(StandardScaler().fit(wine.X)), _logistic()), wine)


def _isotonic(minor: int, seed: int) -> Iterator[Setting]:
    diabetes, iris = data_set("diabetes", seed), data_set("iris", seed)

    def column(at: int) -> Any:
        return lambda X: X[:, at : at + 1]

    yield _setting("outside is clipped", IsotonicRegression(out_of_bounds="clip"), diabetes, X=column(2))
    yield _setting("outside is missing", IsotonicRegression(), diabetes, X=column(2))
    yield _setting("outside is refused", IsotonicRegression(out_of_bounds="raise"), diabetes,
                   X=lambda X: np.clip(X[:, 2:3], -0.03, 0.05), extreme=False)
    yield _setting("decreasing, float32", IsotonicRegression(increasing=False, out_of_bounds="clip"), diabetes, diabetes.y.astype(np.float32),
                   lambda X: X[:, 6:7].astype(np.float32))
    yield _setting("between bounds, sample weights", IsotonicRegression(y_min=90, y_max=200, increasing="auto", out_of_bounds="clip"), diabetes, X=column(8),
                   fit={"sample_weight": weights(len(diabetes.y), seed)})
    yield _setting("one point", IsotonicRegression(), iris, iris.y * 0.5, lambda X: X[:, :1] * 0 + 3)
    yield _setting("before trees", make_pipeline(IsotonicRegression(out_of_bounds="clip")), diabetes, X=column(3))


def _calibrated(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(estimator: Any, method: str, **parameters: Any) -> Any:
        named = {"estimator" if minor >= 2 else "base_estimator": estimator}
        return CalibratedClassifierCV(**{**named, "method": method, "cv": 2, **parameters})

    def forest() -> Any:
        # Not so deep that it is right about every row: 1.8 finds no temperature then.
        return RandomForestClassifier(n_estimators=3, max_depth=1, random_state=seed)

    def margins() -> Any:
        return make_pipeline(StandardScaler(), LinearSVC(dual=False, random_state=seed))

    for method in ("sigmoid", "isotonic") + (("temperature",) if minor >= 8 else ()):
        # 1.8 takes numbers of labels for those of classes where it seeks a temperature: others than 0, 1, … read what lies beside.
        negative, int8 = ("int", "int") if method == "temperature" else ("negative", "int8")
        yield _setting(f"{method}, margins, names", make(margins(), method), iris, "str", named=True)
        yield _setting(f"{method}, margins of two classes", make(margins(), method), cancer, _two(cancer, "bool"))
        yield _setting(f"{method}, probabilities", make(forest(), method), wine, negative)
        yield _setting(f"{method}, probabilities of two classes", make(forest(), method, ensemble=False), cancer, _two(cancer, "object"))
        yield _setting(f"{method}, float32", make(LogisticRegression(max_iter=20, C=0.1), method), iris, int8, _single)
        yield _setting(f"{method}, float32, two classes", make(LogisticRegression(max_iter=30), method), cancer, X=_single)
        yield _setting(f"{method}, ten classes", make(HistGradientBoostingClassifier(max_iter=2, max_depth=2, random_state=seed), method, ensemble=False), digits)
    yield _setting("sigmoid, ten classes of trees", make(DecisionTreeClassifier(max_depth=5, random_state=seed), "sigmoid"), digits)
    boosted = HistGradientBoostingClassifier(max_iter=4, random_state=seed)
    yield _setting("sigmoid, missing values", make(boosted, "sigmoid"), wine, X=lambda X: with_gaps(X, seed))
    yield _setting("isotonic, sample weights", make(_logistic(), "isotonic"), wine, fit={"sample_weight": weights(len(wine.y), seed)})
    fitted = _logistic().fit(cancer.X[::2], cancer.y[::2])
    if minor >= 6:
        from sklearn.frozen import FrozenEstimator

        yield _setting("frozen", make(FrozenEstimator(fitted), "isotonic"), cancer)
    if minor <= 7:
        yield _setting("fitted before", make(fitted, "isotonic", cv="prefit"), cancer)


def _one_vs_rest(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, diabetes = data_set("iris", seed), data_set("wine", seed), data_set("diabetes", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)
    many = np.column_stack([wine.y == 0, wine.y > 0, wine.X[:, 0] > 13]).astype(int)

    def make(estimator: Any) -> Any:
        return OneVsRestClassifier(estimator)

    trees = DecisionTreeClassifier(max_depth=2, random_state=seed)
    yield _setting("logistic regression, names", make(_logistic()), iris, "str", named=True)
    yield _setting("margins", make(LinearSVC(dual=False, random_state=seed)), wine, "negative")
    yield _setting("trees, ties", make(trees), wine, "float")
    yield _setting("trees, none of ten classes", make(DecisionTreeClassifier(max_depth=3, random_state=seed)), digits, "int8")
    yield _setting("boosting", make(GradientBoostingClassifier(n_estimators=2, init="zero", random_state=seed)), wine, "object")
    yield _setting("regressors", make(LinearRegression()), iris)
    yield _setting("two classes", make(_logistic()), cancer, _two(cancer, "bool"))
    yield _setting("two classes, trees", make(trees), cancer, _two(cancer, "object"))
    yield _setting("float32", make(LogisticRegression(max_iter=30)), iris, X=_single)
    yield _setting("float32, ten classes", make(SGDClassifier(loss="modified_huber", max_iter=10, random_state=seed)), digits, X=_single)
    yield _setting("several labels", make(_logistic()), wine, many)
    yield _setting("several labels, trees", make(trees), wine, many)
    with_constant = np.column_stack([many, np.zeros(len(many), int), np.ones(len(many), int)])
    yield _setting("several labels, constant ones", make(_logistic()), wine, with_constant)
    yield _setting("several labels, constant ones, trees", make(trees), wine, with_constant[:, ::-1])
    yield _setting("missing values", make(HistGradientBoostingClassifier(max_iter=3, random_state=seed)), wine, X=lambda X: with_gaps(X, seed))
    yield _setting("in a pipeline", make_pipeline(StandardScaler(), make(RidgeClassifier())), wine, "str")
    yield _setting("bags with margins of their own", make(BaggingClassifier(LogisticRegression(max_iter=30), n_estimators=2, random_state=seed)), iris)


def _one_vs_one(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(estimator: Any) -> Any:
        return OneVsOneClassifier(estimator)

    trees = DecisionTreeClassifier(max_depth=2, random_state=seed)
    yield _setting("margins, names", make(LinearSVC(dual=False, random_state=seed)), iris, "str", named=True)
    yield _setting("probabilities, ties", make(trees), wine, "negative")
    yield _setting("two classes", make(_logistic()), cancer, _two(cancer, "bool"))
    yield _setting("two classes, probabilities", make(trees), cancer, _two(cancer, "object"))
    yield _setting("ten classes", make(trees), digits, "int8")
    yield _setting("float32", make(LogisticRegression(max_iter=30)), wine, X=_single)
    yield _setting("missing values", make(HistGradientBoostingClassifier(max_iter=3, random_state=seed)), wine, X=lambda X: with_gaps(X, seed))
    yield _setting("in a pipeline", make_pipeline(StandardScaler(), make(RidgeClassifier())), wine, "float")


def _thresholds(minor: int, seed: int) -> Iterator[Setting]:
    from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

    wine, cancer = data_set("wine", seed), data_set("breast cancer", seed)
    first = _two(wine, "negative")
    trees = RandomForestClassifier(n_estimators=4, max_depth=3, random_state=seed)
    margins = make_pipeline(StandardScaler(), LinearSVC(dual=False, random_state=seed))
    names = np.where(_two(cancer, "bool"), "yes", "no")

    def fixed(estimator: Any, **parameters: Any) -> Any:
        return FixedThresholdClassifier(estimator, **parameters)

    yield _setting("probabilities, names", fixed(_logistic(), threshold=0.3), cancer, _two(cancer, "str"), named=True)
    yield _setting("probabilities, by default", fixed(trees), wine, first)
    yield _setting("probabilities of trees, ties", fixed(trees, threshold=0.25), wine, first)
    yield _setting("margins, by default", fixed(margins), cancer, _two(cancer, "bool"))
    yield _setting("margins of a classifier with probabilities", fixed(_logistic(), threshold=-1.5, response_method="decision_function"), cancer)
    yield _setting("the first class", fixed(trees, threshold=0.75, pos_label="no"), cancer, names)
    yield _setting("margins of the first class", fixed(margins, threshold=0.5, pos_label="no"), cancer, names)
    yield _setting("float32", fixed(LogisticRegression(max_iter=30), threshold=0.4), wine, first, _single)
    boosted = HistGradientBoostingClassifier(max_iter=3, random_state=seed)
    yield _setting("missing values", fixed(boosted, threshold=0.6), wine, first, lambda X: with_gaps(X, seed))
    votes = VotingClassifier([("a", _logistic()), ("b", trees)], voting="soft")
    yield _setting("votes", fixed(votes, threshold=0.4), wine, first)

    def tuned(estimator: Any, **parameters: Any) -> Any:
        return TunedThresholdClassifierCV(estimator, **{"cv": 2, "thresholds": 20, **parameters})

    yield _setting("balanced accuracy", tuned(_logistic()), cancer, _two(cancer, "object"))
    yield _setting("f1, names", tuned(trees, scoring="f1"), wine, (wine.y == wine.y[0]).astype(int), named=True)
    yield _setting("another positive label", tuned(_logistic(), scoring=make_scorer(recall_score, pos_label="no")), cancer, names)
    yield _setting("margins", tuned(margins, response_method="decision_function", scoring="precision"), cancer)
    yield _setting("not fitted again", tuned(_logistic().fit(cancer.X, cancer.y), cv="prefit", refit=False), cancer)


def _output_codes(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)

    def make(estimator: Any, code_size: float = 2.0) -> Any:
        return OutputCodeClassifier(estimator, code_size=code_size, random_state=seed)

    trees = DecisionTreeClassifier(max_depth=3, random_state=seed)
    yield _setting("margins, names", make(_logistic()), iris, "str", named=True)
    yield _setting("probabilities, ties", make(trees), wine, "negative")
    yield _setting("ten classes", make(trees, 1.5), digits, "int8")
    yield _setting("a long code", make(LinearSVC(dual=False, random_state=seed), 6.0), wine, "float")
    yield _setting("two classes, constant cells", make(_logistic(), 4.0), cancer, _two(cancer, "bool"))
    yield _setting("float32", make(LogisticRegression(max_iter=30), 3.0), iris, X=_single)
    yield _setting("missing values", make(HistGradientBoostingClassifier(max_iter=3, random_state=seed)), wine, X=lambda X: with_gaps(X, seed))
