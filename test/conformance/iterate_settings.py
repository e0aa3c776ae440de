"""Settings of what repeats steps until little moves: how much of each topic or component is in a row."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from setting import Setting, data_set, make_setting
from sklearn.decomposition import NMF, LatentDirichletAllocation, MiniBatchNMF
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler


def iterate_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    yield from _topics(minor, seed)
    yield from _factors(minor, seed)


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _few(X: np.ndarray) -> np.ndarray:
    """Small whole numbers, rows and columns of zeros among them."""
    few = np.round(X / 4)
    few[::9] = 0
    few[:, 2] = 0
    return few


def _alone(name: str, estimator: Any, data: Any, **more: Any) -> Setting:
    # Rows times negative numbers are refused.
    return make_setting(name, estimator, data, extreme=False, **more)._replace(y=None)


def _topics(minor: int, seed: int) -> Iterator[Setting]:
    digits, iris, words = data_set("digits", seed), data_set("iris", seed), data_set("documents", seed)

    def topics(**params: Any) -> LatentDirichletAllocation:
        return LatentDirichletAllocation(**{"n_components": 4, "max_iter": 3, "random_state": seed, **params})

    yield _alone("counts", topics(), digits, X=_few)
    yield _alone("any sizes, names", topics(learning_method="online", batch_size=16), iris, named=True)
    yield _alone("few and large shares", topics(doc_topic_prior=0.9, topic_word_prior=0.01), digits, X=_few)
    yield _alone("whole shares", topics(doc_topic_prior=1.0, n_components=3), digits, X=_few)
    yield _alone("one topic", topics(n_components=1), iris)
    yield _alone("to the end", topics(mean_change_tol=0.0, max_doc_update_iter=40, n_components=2), iris)
    yield _alone("no step", topics(max_doc_update_iter=0), iris)
    yield _alone("float32", topics(), digits, X=lambda X: _single(_few(X)))
    yield _alone("float32, sizes", topics(n_components=3, mean_change_tol=1e-4), iris, X=_single)
    yield _alone("words", make_pipeline(CountVectorizer(max_features=60), topics()), words)
    yield _alone("weighed words", make_pipeline(TfidfVectorizer(max_features=60), topics(n_components=3)), words)
    yield _alone("scaled", make_pipeline(MinMaxScaler(clip=True), topics(n_components=3)), iris)


def _factors(minor: int, seed: int) -> Iterator[Setting]:
    digits, iris, words = data_set("digits", seed), data_set("iris", seed), data_set("documents", seed)
    settings: dict[str, dict[str, Any]] = {
        "as it is": {},
        "more exactly": {"tol": 1e-7, "max_iter": 500},
        "penalties": {"alpha_W": 0.01, "l1_ratio": 0.4},
        "few steps": {"max_iter": 7},
        "no tolerance": {"tol": 0, "max_iter": 12},
    }

    for name, params in settings.items():
        yield _alone(name, NMF(3, random_state=seed, **params), iris)
        yield _alone(f"products, {name}", NMF(3, solver="mu", random_state=seed, init="nndsvda", **params), iris)
        yield _alone(name, MiniBatchNMF(3, batch_size=32, random_state=seed, **params), iris)
        if minor > 2:
            leibler = {"beta_loss": "kullback-leibler", "random_state": seed, "init": "nndsvda", **params}
            yield _alone(f"Kullback-Leibler, {name}", MiniBatchNMF(3, batch_size=32, **leibler), iris)
            if name != "penalties":
                yield _alone(f"Kullback-Leibler, {name}", NMF(3, solver="mu", **leibler), iris)
    yield _alone("counts", NMF(4, random_state=seed, init="nndsvda"), digits, X=_few)
    yield _alone("counts, products", NMF(4, random_state=seed, solver="mu", init="nndsvda"), digits, X=_few)
    yield _alone("counts", MiniBatchNMF(4, random_state=seed, init="nndsvda"), digits, X=_few)
    yield _alone("names", NMF(2, random_state=seed), iris, named=True)
    yield _alone("words", make_pipeline(TfidfVectorizer(max_features=60), NMF(4, random_state=seed)), words)
    yield _alone("words, products", make_pipeline(TfidfVectorizer(max_features=60), MiniBatchNMF(4, random_state=seed)), words)
