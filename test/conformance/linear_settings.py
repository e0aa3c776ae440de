"""The linear models of sklearn.linear_model and sklearn.svm that are compared live; settings.py has the first two."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import numpy as np
from data_sets import Split, weights
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn import linear_model as linear
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeRegressor

def linear_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _least_squares(minor, seed)
    yield from _multi_task(seed)
    yield from _bayesian(minor, seed)
    yield from _robust(seed)
    yield from _generalized(seed)
    yield from _logistic_cv(minor, seed)
    yield from _ridge_classifiers(seed)
    yield from _gradient_descent(minor, seed)
    yield from _support_vectors(seed)
    yield from _one_class(seed)


def _same(X: np.ndarray) -> np.ndarray:
    return X


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _integers(X: np.ndarray) -> np.ndarray:
    return X.astype(np.int64)


def _scaled(X: np.ndarray) -> np.ndarray:
    # By powers of two, which round nothing, and the same for fitted and held-out rows.
    return X / 2.0 ** np.arange(X.shape[1], 0, -1).clip(0, 9)


def _constants(X: np.ndarray) -> np.ndarray:
    """Columns that do not vary, and one that is there twice."""
    rows = len(X)
    return np.column_stack([np.full(rows, -3.5), X, np.zeros(rows), X[:, :1]])


def _weighted(data: Split, seed: int) -> dict[str, Any]:
    return {"sample_weight": weights(len(data.y), seed)}


def _regressors(make: Callable[..., Any], seed: int, intercept: bool = True) -> Iterator[Setting]:
    """Settings that regressors share; ``intercept`` says whether they have the parameter."""
    diabetes, digits = data_set("diabetes", seed), data_set("digits", seed)
    yield _setting("names", make(), diabetes, named=True)
    if intercept:
        yield _setting("no intercept", make(fit_intercept=False), diabetes)
        yield _setting("float32, no intercept", make(fit_intercept=False), diabetes, X=_single)
    yield _setting("float32", make(), diabetes, diabetes.y.astype(np.float32), _single)
    yield _setting("integers, constant columns", make(), digits, X=_integers)
    yield _setting("constant and equal columns", make(), diabetes, X=_constants)


def _least_squares(minor: int, seed: int) -> Iterator[Setting]:
    linnerud, diabetes = data_set("linnerud", seed), data_set("diabetes", seed)
    several: tuple[tuple[Any, dict[str, Any]], ...] = (
        (linear.Ridge, {}),
        (linear.RidgeCV, {}),
        (linear.Lasso, {}),
        (linear.ElasticNet, {"alpha": 0.1}),
        (linear.Lars, {}),
        (linear.LassoLars, {"alpha": 0.1}),
        (linear.OrthogonalMatchingPursuit, {"n_nonzero_coefs": 3}),
    )
    one: tuple[tuple[Any, dict[str, Any]], ...] = (
        (linear.LassoCV, {"cv": 3}),
        (linear.ElasticNetCV, {"cv": 3}),
        (linear.LarsCV, {"cv": 3}),
        (linear.LassoLarsCV, {"cv": 3}),
        (linear.LassoLarsIC, {}),
        (linear.OrthogonalMatchingPursuitCV, {"cv": 3}),
    )
    for kind, fixed in several + one:
        yield from _regressors(lambda kind=kind, fixed=fixed, **more: kind(**fixed, **more), seed)
        yield _setting("one column", kind(**fixed), diabetes, diabetes.y.reshape(-1, 1))
    for kind, fixed in several:
        yield _setting("three targets", kind(**fixed), linnerud)
        yield _setting("three targets, float32", kind(**fixed), linnerud, linnerud.y.astype(np.float32), _single)
        if kind is not linear.OrthogonalMatchingPursuit:
            yield _setting("one feature", kind(**fixed), diabetes, X=lambda X: X[:, 2:3])
            yield _setting("one feature, one column", kind(**fixed), diabetes, diabetes.y.reshape(-1, 1), lambda X: X[:, 2:3])
    # scikit-learn 1.1 calls a sparse_cg that SciPy no longer has.
    for solver in ("svd", "cholesky", "lsqr", *(["sparse_cg"] if minor >= 3 else []), "sag", "saga"):
        yield _setting(f"{solver}, sample weights", linear.Ridge(solver=solver, random_state=seed), diabetes,
                       fit=_weighted(diabetes, seed))
    yield _setting("positive", linear.Ridge(positive=True), diabetes)
    yield _setting("an alpha a target", linear.Ridge(alpha=np.array([0.1, 1, 10])), linnerud)
    yield _setting("folds", linear.RidgeCV(cv=3), diabetes, X=_single)
    yield _setting("an alpha a target", linear.RidgeCV(alpha_per_target=True), linnerud)
    yield _setting("positive, warm start", linear.Lasso(positive=True, warm_start=True, alpha=0.2), diabetes)
    yield _setting("precomputed", linear.ElasticNet(precompute=True, l1_ratio=0.9, alpha=0.01), diabetes)


def _multi_task(seed: int) -> Iterator[Setting]:
    linnerud = data_set("linnerud", seed)
    for kind, fixed in ((linear.MultiTaskLasso, {}), (linear.MultiTaskElasticNet, {"alpha": 0.3}),
                        (linear.MultiTaskLassoCV, {"cv": 3}), (linear.MultiTaskElasticNetCV, {"cv": 3})):
        yield _setting("three targets", kind(**fixed), linnerud, named=True)
        yield _setting("no intercept", kind(fit_intercept=False, **fixed), linnerud)
        yield _setting("float32", kind(**fixed), linnerud, linnerud.y.astype(np.float32), _single)
        yield _setting("constant and equal columns", kind(**fixed), linnerud, X=_constants)


def _bayesian(minor: int, seed: int) -> Iterator[Setting]:
    diabetes, digits = data_set("diabetes", seed), data_set("digits", seed)
    for kind in (linear.BayesianRidge, linear.ARDRegression):
        yield from _regressors(kind, seed)
        yield _setting("one feature", kind(), diabetes, X=lambda X: X[:, 2:3])
        yield _setting("far from 0", kind(), diabetes, X=lambda X: X + 100)
        yield _setting("floats, scores", kind(compute_score=True, alpha_1=1e-3), digits, X=lambda X: X / 16)
        if minor < 2:
            yield _setting("normalize", kind(normalize=True), diabetes, X=lambda X: X * 30 + 2)
            yield _setting("normalize, float32", kind(normalize=True), diabetes, X=lambda X: (X * 30 + 2).astype(np.float32))
    yield _setting("sample weights", linear.BayesianRidge(), diabetes, fit=_weighted(diabetes, seed))
    for last in (linear.BayesianRidge(), linear.ARDRegression()):
        yield _setting(f"scaled, {type(last).__name__}", make_pipeline(StandardScaler(), last), diabetes, named=True)
        yield _setting(f"normalized, {type(last).__name__}, float32", make_pipeline(Normalizer(), last), digits, X=_single)
    yield _setting("no column is relevant", linear.ARDRegression(threshold_lambda=1e-9), diabetes)
    yield _setting("few columns are relevant", linear.ARDRegression(threshold_lambda=1e-2), diabetes)


def _robust(seed: int) -> Iterator[Setting]:
    diabetes, linnerud = data_set("diabetes", seed), data_set("linnerud", seed)
    fixed = {"random_state": seed}
    yield from _regressors(lambda **more: linear.HuberRegressor(max_iter=200, alpha=0.01, **more), seed)
    yield from _regressors(lambda **more: linear.TheilSenRegressor(max_subpopulation=150, **fixed, **more), seed)
    yield from _regressors(lambda **more: linear.QuantileRegressor(solver="highs", alpha=0.01, **more), seed)
    yield _setting("90 %", linear.QuantileRegressor(solver="highs", quantile=0.9, alpha=0), diabetes)
    yield from _regressors(lambda: linear.RANSACRegressor(**fixed), seed, intercept=False)

    def ransac(base: Any) -> Any:
        return linear.RANSACRegressor(base, min_samples=0.5, **fixed)

    for base in (linear.Ridge(), linear.BayesianRidge(), linear.HuberRegressor(max_iter=200), linear.PoissonRegressor(),
                 DecisionTreeRegressor(max_depth=4, **fixed), make_pipeline(StandardScaler(), linear.BayesianRidge())):
        yield _setting(f"of {type(base).__name__}", ransac(base), diabetes)
    yield _setting("three targets", ransac(linear.LinearRegression()), linnerud, named=True)
    yield _setting("one column", ransac(linear.LinearRegression()), diabetes, diabetes.y.reshape(-1, 1))


def _generalized(seed: int) -> Iterator[Setting]:
    diabetes = data_set("diabetes", seed)
    for kind in (linear.PoissonRegressor, linear.GammaRegressor):
        yield from _positive(kind, seed)
    for power, link in ((0, "auto"), (-1, "auto"), (1, "auto"), (1.5, "auto"), (2, "auto"), (3, "auto"), (0, "log"), (1, "log"),
                        (0, "identity"), (2, "log")):
        model = linear.TweedieRegressor(power=power, link=link, alpha=0.1, max_iter=300)
        yield _setting(f"power {power}, {link}", model, diabetes)
    yield from _positive(lambda **more: linear.TweedieRegressor(power=1.5, **more), seed)


def _positive(make: Callable[..., Any], seed: int) -> Iterator[Setting]:
    """Settings of models with the link log: targets above 0."""
    diabetes, digits, wine = data_set("diabetes", seed), data_set("digits", seed), data_set("wine", seed)
    yield _setting("names", make(alpha=1e-3), diabetes, named=True)
    yield _setting("no intercept", make(fit_intercept=False, alpha=0.1), diabetes)
    yield _setting("float32", make(alpha=1e-3), diabetes, diabetes.y.astype(np.float32), _single)
    yield _setting("integers, constant columns", make(), digits, digits.y + 1, _integers)
    yield _setting("constant and equal columns, sample weights", make(alpha=0.01), diabetes, X=_constants,
                   fit=_weighted(diabetes, seed))
    yield _setting("scaled", make(alpha=0.01, max_iter=300), wine, wine.y + 0.5, _scaled)


def _classifiers(make: Callable[..., Any], seed: int, sparse: bool, intercept: bool = True) -> Iterator[Setting]:
    """Settings that classifiers share; ``sparse`` says whether they have ``sparsify``."""
    iris, wine = data_set("iris", seed), data_set("wine", seed)
    cancer, digits = data_set("breast cancer", seed), data_set("digits", seed)
    yield _setting("two classes", make(), cancer, _two(cancer, "str"), _scaled)
    yield _setting("three classes, names", make(), iris, "negative", named=True)
    yield _setting("ten classes", make(), digits, "int8", lambda X: X / 16)
    yield _setting("booleans", make(), wine, _two(wine, "bool"), _scaled)
    yield _setting("float32, two classes", make(), cancer, _two(cancer, "float"), lambda X: _single(_scaled(X)))
    yield _setting("float32, three classes", make(), wine, "object", lambda X: _single(_scaled(X)))
    yield _setting("float32, ten classes", make(), digits, "str" if seed == 1 else "int", lambda X: _single(X / 16))
    yield _setting("integers, constant columns", make(), digits, "uint16", _integers)
    yield _setting("constant and equal columns", make(), iris, "str", _constants)
    if intercept:
        yield _setting("no intercept", make(fit_intercept=False), iris, "float32")
        yield _setting("no intercept, two classes", make(fit_intercept=False), cancer, _two(cancer, "negative"), _scaled)
    if sparse:
        for name, data, y, X in (("two classes", cancer, _two(cancer, "str"), _scaled), ("three classes", iris, "negative", _same),
                                 ("float32", iris, "str", _single)):
            yield _setting(f"sparse, {name}", make(), data, y, X)._replace(after="sparsify")


def _logistic_cv(minor: int, seed: int) -> Iterator[Setting]:
    iris, cancer = data_set("iris", seed), data_set("breast cancer", seed)
    fixed = {"Cs": [0.1, 1], "cv": 3, "max_iter": 60, "random_state": seed}
    if minor >= 9:
        fixed |= {"use_legacy_attributes": False}

    def make(**more: Any) -> Any:
        return linear.LogisticRegressionCV(**{**fixed, **more})

    yield from _classifiers(make, seed, sparse=True)
    yield _setting("liblinear", make(solver="liblinear"), cancer, _two(cancer, "str"), _scaled)
    yield _setting("saga, no refit", make(solver="saga", refit=False), iris, "str")
    if minor >= 2:
        yield _setting("newton-cholesky", make(solver="newton-cholesky"), iris, "int8")
    if minor < 8:
        yield _setting("liblinear, three classes", make(solver="liblinear"), iris, "str")
        for mode in ("ovr", "multinomial"):
            yield _setting(f"{mode}, two classes", make(multi_class=mode), cancer, _two(cancer, "str"), _scaled)
            yield _setting(f"{mode}, three classes", make(multi_class=mode), iris, "object")
    for name, data, y, X in (("two classes", cancer, _two(cancer, "str"), _scaled), ("three classes", iris, "negative", _same),
                             ("ten classes", data_set("digits", seed), "int8", lambda X: X / 16)):
        yield _setting(f"sparse, {name}", linear.LogisticRegression(max_iter=60), data, y, X)._replace(after="sparsify")


def _ridge_classifiers(seed: int) -> Iterator[Setting]:
    iris, linnerud, digits = data_set("iris", seed), data_set("linnerud", seed), data_set("digits", seed)
    labels = np.column_stack([digits.y % 2, digits.y > 4, digits.y < 3, digits.y == 0]).astype(np.int64)
    for kind in (linear.RidgeClassifier, linear.RidgeClassifierCV):
        yield from _classifiers(kind, seed, sparse=False)
        yield _setting("balanced, sample weights", kind(class_weight="balanced"), iris, fit=_weighted(iris, seed))
        yield _setting("four labels a row", kind(), digits, labels)
        yield _setting("four labels a row, float32, no intercept", kind(fit_intercept=False), digits, labels, _single)
        yield _setting("two labels a row", kind(), linnerud, (linnerud.y[:, :2] > np.median(linnerud.y[:, :2], axis=0)) * 1)


LOSSES = ("hinge", "modified_huber", "squared_hinge", "perceptron", "squared_error", "huber", "epsilon_insensitive",
          "squared_epsilon_insensitive")


def _gradient_descent(minor: int, seed: int) -> Iterator[Setting]:
    diabetes, iris, cancer = data_set("diabetes", seed), data_set("iris", seed), data_set("breast cancer", seed)
    digits = data_set("digits", seed)
    fixed = {"random_state": seed, "max_iter": 50}

    def classifier(kind: Any, **always: Any) -> Callable[..., Any]:
        return lambda **more: kind(**{**fixed, **always, **more})

    for loss in ("log_loss", "modified_huber"):
        yield from (one._replace(name=f"{loss}, {one.name}")
                    for one in _classifiers(classifier(linear.SGDClassifier, loss=loss, alpha=1e-3), seed, sparse=True))
        yield _setting(f"{loss}, unlikely classes", linear.SGDClassifier(loss=loss, alpha=1e-6, **fixed), digits, "int8")
        yield _setting(f"{loss}, average, float32", linear.SGDClassifier(loss=loss, average=True, **fixed), cancer,
                       _two(cancer, "str"), lambda X: _single(_scaled(X)))
    if minor < 3:
        yield _setting("log", linear.SGDClassifier(loss="log", **fixed), iris, "str")
    for loss in LOSSES:
        model = linear.SGDClassifier(loss=loss, alpha=0.01, learning_rate="adaptive", eta0=1e-3, **fixed)
        yield _setting(f"{loss}, two classes", model, cancer, _two(cancer, "str"), _scaled)
        yield _setting(f"{loss}, three classes", linear.SGDClassifier(**model.get_params()), iris, "bool" if seed == 2 else "object")
    yield _setting("elastic net", linear.SGDClassifier(penalty="elasticnet", class_weight="balanced", **fixed), iris,
                   fit=_weighted(iris, seed))
    yield _setting("sparse, l1, float32", linear.SGDClassifier(penalty="l1", alpha=0.01, **fixed), digits, "int8",
                   lambda X: _single(X / 16))._replace(after="sparsify")
    yield from _classifiers(classifier(linear.Perceptron), seed, sparse=True)
    yield from _classifiers(classifier(linear.PassiveAggressiveClassifier), seed, sparse=True)
    for kind in (linear.SGDRegressor, linear.PassiveAggressiveRegressor):
        # Steps that the integers of digits do not blow up.
        small = {"eta0": 1e-4} if kind is linear.SGDRegressor else {}
        yield from _regressors(lambda kind=kind, small=small, **more: kind(**fixed, **small, **more), seed)
        yield _setting("average, one column", kind(average=True, **fixed), diabetes, diabetes.y.reshape(-1, 1))
        yield _setting("sparse", kind(**fixed), diabetes)._replace(after="sparsify")
        yield _setting("sparse, float32", kind(**fixed), diabetes, X=_single)._replace(after="sparsify")
    for loss in ("huber", "epsilon_insensitive", "squared_epsilon_insensitive"):
        yield _setting(loss, linear.SGDRegressor(loss=loss, penalty="l1", **fixed), diabetes)


def _support_vectors(seed: int) -> Iterator[Setting]:
    iris, cancer = data_set("iris", seed), data_set("breast cancer", seed)
    fixed = {"random_state": seed, "max_iter": 300}
    yield from _classifiers(lambda **more: LinearSVC(dual=True, **fixed, **more), seed, sparse=True)
    yield _setting("crammer_singer", LinearSVC(multi_class="crammer_singer", **fixed), iris, "str")
    yield _setting("crammer_singer, two classes", LinearSVC(multi_class="crammer_singer", **fixed), cancer, _two(cancer, "str"),
                   _scaled)
    yield _setting("l1, intercept_scaling", LinearSVC(penalty="l1", dual=False, intercept_scaling=2.5, **fixed), iris, "int8")
    yield _setting("hinge, balanced", LinearSVC(loss="hinge", dual=True, class_weight="balanced", **fixed), iris, "float")
    yield from _regressors(lambda **more: LinearSVR(**fixed, **more), seed)
    yield _setting("squared, epsilon", LinearSVR(loss="squared_epsilon_insensitive", dual=False, epsilon=0.5, **fixed),
                   data_set("diabetes", seed))


def _one_class(seed: int) -> Iterator[Setting]:
    cancer, iris, digits = (data_set(name, seed) for name in ("breast cancer", "iris", "digits"))
    fixed = {"random_state": seed}
    for nu in (0.1, 0.5, 0.9):
        yield _setting(f"nu {nu}", linear.SGDOneClassSVM(nu=nu, **fixed), iris)
    yield _setting("names", linear.SGDOneClassSVM(**fixed), iris, named=True)
    yield _setting("no intercept", linear.SGDOneClassSVM(fit_intercept=False, **fixed), iris)
    yield _setting("average", linear.SGDOneClassSVM(average=True, **fixed), cancer, X=_scaled)
    yield _setting("float32", linear.SGDOneClassSVM(**fixed), cancer, X=lambda X: _single(_scaled(X)))
    yield _setting("average, float32", linear.SGDOneClassSVM(average=20, **fixed), cancer, X=lambda X: _single(_scaled(X)))
    yield _setting("integers, constant columns", linear.SGDOneClassSVM(**fixed), digits, X=_integers)
    for name, X in (("sparse", _same), ("sparse, float32", _single)):
        yield _setting(name, linear.SGDOneClassSVM(**fixed), iris, X=X)._replace(after="sparsify")
