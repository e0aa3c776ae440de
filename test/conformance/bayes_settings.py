"""Naive Bayes, Gaussian mixtures, quadratic discriminants and elliptic envelopes that are compared live."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import Split, weights
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn.covariance import EllipticEnvelope
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def bayes_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _discrete(minor, seed)
    yield from _categorical(minor, seed)
    yield from _gaussian(minor, seed)
    yield from _mixtures(minor, seed)
    yield from _quadratic(minor, seed)
    yield from _envelopes(minor, seed)
    yield from _parts(minor, seed)


def _weighted(data: Split, seed: int) -> dict[str, Any]:
    return {"sample_weight": weights(len(data.y), seed)}


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _few(X: np.ndarray) -> np.ndarray:
    """Columns of digits that differ in every class."""
    return X[:, [2, 10, 20, 21, 28, 36, 43, 61]]


def _forced(minor: int) -> dict[str, Any]:
    """No smoothing where that can be had."""
    return {"alpha": 1e-12, "force_alpha": True} if minor >= 2 else {"alpha": 1e-12}


def _discrete(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    cancer, words = data_set("breast cancer", seed), data_set("documents", seed)
    one = np.full(len(iris.y), "only")
    for kind in (MultinomialNB, ComplementNB):
        yield _setting("three classes of text, names", kind(), iris, "str", named=True)
        yield _setting("two classes, sample weights", kind(alpha=0.3), cancer, _two(cancer, "bool"), fit=_weighted(cancer, seed))
        yield _setting("counts, ten classes, class priors", kind(class_prior=np.arange(1, 11) / 55), digits, "int8")
        yield _setting("hardly any smoothing, integers", kind(**_forced(minor)), digits, X=lambda X: X.astype(np.int64))
        yield _setting("float32", kind(fit_prior=False), wine, "negative", _single)
        yield _setting("smoothing for each column", kind(alpha=np.linspace(0.1, 2, wine.X.shape[1])), wine, "object")
        yield _setting("one class", kind(), iris, one)
        yield _setting("words", make_pipeline(CountVectorizer(), kind()), words)
        yield _setting("weights of words", make_pipeline(TfidfVectorizer(), kind(alpha=0.05)), words, _two(words, "str"))
    yield _setting("normalised", ComplementNB(norm=True), digits)
    yield _setting("normalised, two classes", ComplementNB(norm=True), cancer, _two(cancer, "float"))
    yield _setting("three classes of text, names", BernoulliNB(binarize=3.0), iris, "str", named=True)
    yield _setting("two classes, sample weights", BernoulliNB(binarize=20.0, alpha=0.3), cancer, _two(cancer, "bool"),
                   fit=_weighted(cancer, seed))
    yield _setting("ten classes, hardly any smoothing", BernoulliNB(**_forced(minor)), digits, "int8")
    yield _setting("float32", BernoulliNB(binarize=2.5, fit_prior=False), wine, X=_single)
    yield _setting("zeros and ones already", BernoulliNB(binarize=None), digits, X=lambda X: (X > 7).astype(np.float64))
    yield _setting("one class", BernoulliNB(binarize=2.0), iris, one)
    yield _setting("words", make_pipeline(CountVectorizer(), BernoulliNB()), words)
    yield _setting("encoded", make_pipeline(OneHotEncoder(handle_unknown="ignore"), BernoulliNB(class_prior=[0.2, 0.5, 0.3])), iris,
                   X=np.round)


def _categorical(minor: int, seed: int) -> Iterator[Setting]:
    digits, wine = data_set("digits", seed), data_set("wine", seed)
    least = np.r_[digits.X, digits.held_out].max(axis=0).astype(int) + 1
    yield _setting("ten classes", CategoricalNB(min_categories=18), digits, "int8", extreme=False)
    yield _setting("two classes, least categories, names", CategoricalNB(min_categories=least), digits, _two(digits, "str"),
                   named=True, extreme=False)
    yield _setting("numbers that are truncated", CategoricalNB(min_categories=2000, alpha=0.5), wine, "object",
                   lambda X: X + 0.25, extreme=False)
    yield _setting("sample weights, hardly any smoothing", CategoricalNB(min_categories=18, **_forced(minor)), digits,
                   fit=_weighted(digits, seed), extreme=False)
    yield _setting("integers, no priors", CategoricalNB(min_categories=18, fit_prior=False), digits, "negative",
                   lambda X: X.astype(np.int32), extreme=False)
    yield _setting("float32, one class", CategoricalNB(min_categories=18), digits, np.full(len(digits.y), 4), _single, extreme=False)


def _gaussian(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    cancer = data_set("breast cancer", seed)
    yield _setting("three classes of text, names", GaussianNB(), iris, "str", named=True)
    yield _setting("two classes, sample weights", GaussianNB(), cancer, _two(cancer, "bool"), fit=_weighted(cancer, seed))
    yield _setting("ten classes, constant columns", GaussianNB(var_smoothing=1e-3), digits, "int8")
    yield _setting("priors", GaussianNB(priors=[0.7, 0.2, 0.1]), wine, "negative")
    yield _setting("float32", GaussianNB(), wine, "object", _single)
    yield _setting("float32, ten classes", GaussianNB(var_smoothing=0.1), digits, X=_single)
    yield _setting("one class", GaussianNB(), iris, np.full(len(iris.y), "only"))
    yield _setting("one column", GaussianNB(), iris, "float", lambda X: X[:, :1])
    yield _setting("integers, far from 0", GaussianNB(), digits, X=lambda X: X.astype(np.int64) + 1000)
    yield _setting("after a scaler", make_pipeline(StandardScaler(), GaussianNB()), cancer, _two(cancer, "str"))


def _mixtures(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)

    def setting(name: str, mixture: Any, data: Split, X: Any = None, named: bool = False) -> Setting:
        return _setting(name, mixture, data, X=X, named=named)._replace(y=None)

    kinds = ("full", "tied", "diag", "spherical")
    for kind in kinds:
        def make(**parameters: Any) -> Any:
            return GaussianMixture(**{"n_components": 3, "covariance_type": kind, "random_state": seed, **parameters})

        yield setting(f"{kind}, names", make(), iris, named=True)
        yield setting(f"{kind}, nine components", make(n_components=9, reg_covar=1e-2), digits, _few)
        yield setting(f"{kind}, float32", make(reg_covar=1e-3), wine, _single)
        yield setting(f"{kind}, far from 0", make(reg_covar=1e-2), iris, lambda X: X + 300)

        def bayesian(**parameters: Any) -> Any:
            fixed = {"n_components": 4, "covariance_type": kind, "random_state": seed, "max_iter": 60}
            return BayesianGaussianMixture(**{**fixed, **parameters})

        yield setting(f"{kind}, a process", bayesian(weight_concentration_prior=0.01), iris, named=True)
        yield setting(f"{kind}, a distribution", bayesian(weight_concentration_prior_type="dirichlet_distribution"), wine)
        yield setting(f"{kind}, float32", bayesian(mean_precision_prior=0.3), iris, _single)
    yield setting("one component", GaussianMixture(), wine)
    yield setting("one component of a process", BayesianGaussianMixture(random_state=seed), wine)
    yield setting("after a scaler", make_pipeline(StandardScaler(), GaussianMixture(2, random_state=seed)), wine)


def _quadratic(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, digits = data_set("iris", seed), data_set("wine", seed), data_set("digits", seed)
    cancer = data_set("breast cancer", seed)

    def make(**parameters: Any) -> Any:
        return QuadraticDiscriminantAnalysis(**parameters)

    yield _setting("three classes of text, names", make(), iris, "str", named=True)
    yield _setting("two classes", make(reg_param=0.01), cancer, _two(cancer, "bool"))
    yield _setting("two classes, regularised", make(reg_param=0.3, store_covariance=True), wine, _two(wine, "negative"))
    yield _setting("ten classes, priors", make(reg_param=0.1, priors=np.arange(1, 11) / 55), digits, "int8", _few)
    yield _setting("float32", make(), wine, "object", _single)
    yield _setting("float32, two classes", make(reg_param=0.01), cancer, _two(cancer, "float"), _single)
    yield _setting("after a scaler", make_pipeline(StandardScaler(), make(reg_param=0.5)), wine)
    if minor < 8:
        few = np.where(np.arange(len(wine.y)) < 9, 7, wine.y % 2)
        yield _setting("fewer rows than columns", make(reg_param=0.2), wine, few)
    else:
        yield _setting("eigen", make(solver="eigen", shrinkage="auto"), wine, "float")
        yield _setting("eigen, two classes", make(solver="eigen", shrinkage=0.2), cancer, _two(cancer, "str"))


def _envelopes(minor: int, seed: int) -> Iterator[Setting]:
    iris, wine, cancer = data_set("iris", seed), data_set("wine", seed), data_set("breast cancer", seed)

    def make(**parameters: Any) -> Any:
        return EllipticEnvelope(**{"random_state": seed, **parameters})

    yield _setting("names", make(), iris, named=True)
    yield _setting("many outliers", make(contamination=0.3, support_fraction=0.8), wine)
    yield _setting("centred already", make(assume_centered=True), iris, X=lambda X: X - 4)
    yield _setting("float32", make(contamination=0.2), wine, X=_single)
    yield _setting("after a scaler", make_pipeline(StandardScaler(), make()), cancer, X=lambda X: X[:, :9])
    yield _setting("without a precision", make(store_precision=False), iris)._replace(refused="is not stored")


def _parts(minor: int, seed: int) -> Iterator[Setting]:
    """Of other estimators: probabilities that are 0 have logarithms, and two classes one decision."""
    wine, cancer = data_set("wine", seed), data_set("breast cancer", seed)
    quadratic = QuadraticDiscriminantAnalysis(reg_param=0.2)
    yield _setting("naive Bayes", BaggingClassifier(GaussianNB(), n_estimators=4, random_state=seed), wine, "str")
    yield _setting("quadratic discriminants", BaggingClassifier(quadratic, n_estimators=3, random_state=seed), cancer, _two(cancer, "bool"))
    yield _setting("densities", VotingClassifier([("naive", GaussianNB()), ("quadratic", quadratic)], voting="soft"), wine)
    yield _setting("densities", StackingClassifier([("naive", GaussianNB()), ("quadratic", quadratic)], cv=3), cancer, _two(cancer, "str"))
