"""Settings of transformers that give columns another distribution, and of chains and other compositions of several targets."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from data_sets import with_gaps
from setting import Setting, data_set
from setting import make_setting as _setting
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, QuantileTransformer
from sklearn.tree import DecisionTreeClassifier


def chain_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    yield from _powers(minor, seed)
    yield from _quantiles(seed)


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
