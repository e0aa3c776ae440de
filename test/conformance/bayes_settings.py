"""Naive Bayes, Gaussian mixtures, quadratic discriminants and elliptic envelopes that are compared live."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import Split, weights
from setting import Setting, data_set
from setting import make_setting as _setting
from setting import two_classes as _two
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def bayes_settings(minor: int, seed: int) -> Iterator[Setting]:
    yield from _discrete(minor, seed)
    yield from _categorical(minor, seed)


def _weighted(data: Split, seed: int) -> dict[str, Any]:
    return {"sample_weight": weights(len(data.y), seed)}


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


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
