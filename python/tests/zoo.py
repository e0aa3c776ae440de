"""Every scikit-learn estimator that can be fitted on small data with (nearly) default parameters."""

from __future__ import annotations

import inspect
import warnings
from typing import Any, Iterator

import numpy as np

TEXTS = ["the cat sat", "a dog ran far", "the dog and the cat", "far away a bird", "bird and cat ran"] * 6
NUMBERS = np.round(np.random.RandomState(0).standard_normal((30, 4)) * 3, 3)
POSITIVE = np.abs(NUMBERS) + 0.25
LABELS = np.arange(30) % 3
TARGET = NUMBERS[:, 0] * 2 + NUMBERS[:, 1]
TWO_TARGETS = np.column_stack([TARGET, NUMBERS[:, 2]])
TWO_LABELS = np.column_stack([LABELS > 0, LABELS > 1]).astype(int)

# What to try fitting on, in turn: a fit that raises is followed by the next.
_DATA = (
    (NUMBERS, LABELS),
    (POSITIVE, LABELS),
    (NUMBERS, (LABELS > 0).astype(int)),
    (NUMBERS, TARGET),
    (POSITIVE, np.abs(TARGET) + 0.1),
    (NUMBERS, TWO_TARGETS),
    (NUMBERS, TWO_LABELS),
    (NUMBERS[:, :1], TARGET),
    (LABELS, None),
    (TEXTS, None),
    ([{"a": 1.0, "b": "x"}, {"b": "y", "c": 2.0}] * 5, None),
    ([["a", "b"], ["b"], ["c"]] * 4, None),
    (NUMBERS @ NUMBERS.T, LABELS),
)

# Small enough to be quick, where a default is not.
_QUICK = {
    "n_estimators": 4,
    "max_iter": 30,
    "n_components": 2,
    "n_quantiles": 10,
    "n_init": 1,
    "cv": 2,
    "perplexity": 5,
    "min_samples_leaf": 2,
    "n_bins": 4,
}


def fitted(kind: type) -> tuple[Any, Any] | None:
    """(a fitted instance, the X it was fitted on), or None where nothing above fits."""
    ways = [construct(kind, quick, inner) for quick in (True, False) for inner in (False, True)]
    for X, y in _DATA:
        for estimator in ways:
            if estimator is None:
                continue
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    if y is None:
                        estimator.fit(X)
                    else:
                        estimator.fit(X, y)
            except Exception:
                continue
            return estimator, X
    return None


def construct(kind: type, quick: bool, inner_always: bool) -> Any:
    """An instance with default parameters, sub-estimators where they are required."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.preprocessing import StandardScaler

    parameters = inspect.signature(kind.__init__).parameters
    classifies = getattr(kind, "_estimator_type", None) == "classifier" or "Classifier" in kind.__name__
    inner = LogisticRegression() if classifies or "Output" in kind.__name__ else Ridge()
    given = {}
    for name, parameter in parameters.items():
        if name in ("estimator", "base_estimator", "regressor", "classifier") and (
            parameter.default is parameter.empty or inner_always
        ):
            given[name] = inner
        elif name == "estimators":
            given[name] = [("a", inner), ("b", construct_like(inner))]
        elif name == "steps":
            given[name] = [("scale", StandardScaler()), ("model", LogisticRegression())]
        elif name == "transformer_list":
            given[name] = [("scale", StandardScaler())]
        elif name == "transformers":
            given[name] = [("scale", StandardScaler(), [0, 1])]
        elif name == "param_grid":
            given[name] = {_first_parameter(inner): [0.1, 1.0]}
        elif name == "param_distributions":
            given[name] = {_first_parameter(inner): [0.1, 1.0, 2.0]}
        elif name == "random_state":
            given[name] = 0
        elif name == "dictionary":
            given[name] = np.eye(4)
        elif quick and name in _QUICK:
            given[name] = _QUICK[name]
    try:
        return kind(**given)
    except Exception:
        return None


def construct_like(estimator: Any) -> Any:
    """A second estimator of the same sort."""
    from sklearn.base import clone

    return clone(estimator).set_params(**{_first_parameter(estimator): 0.5})


def _first_parameter(estimator: Any) -> str:
    return "C" if hasattr(estimator, "C") else "alpha"


def all_fitted() -> Iterator[tuple[str, Any, Any]]:
    """(name, fitted estimator, its X) for every estimator class of the scikit-learn at hand."""
    import sklearn.experimental.enable_halving_search_cv
    import sklearn.experimental.enable_iterative_imputer  # noqa: F401
    from sklearn.utils import all_estimators

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = all_estimators()
    for name, kind in kinds:
        made = fitted(kind)
        if made is not None:
            yield name, made[0], made[1]
