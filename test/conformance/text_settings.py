"""Settings of vectorizers of documents, alone and before linear models and trees."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from setting import Setting, data_set, make_setting
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, Normalizer
from sklearn.svm import LinearSVC

ANALYSES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "case kept": {"lowercase": False},
    "accents stripped": {"strip_accents": "unicode"},
    "ASCII": {"strip_accents": "ascii", "lowercase": False},
    "English stop words": {"stop_words": "english"},
    "own stop words": {"stop_words": ["the", "goal", "мир", "cafe"], "ngram_range": (1, 2)},
    "one to three words": {"ngram_range": (1, 3)},
    "pairs": {"ngram_range": (2, 2), "binary": True},
    "any word": {"token_pattern": r"(?u)\b\w+\b"},
    "letters": {"token_pattern": r"[^\W\d_]+"},
    "not white": {"token_pattern": r"\S+"},
    "with hyphens": {"token_pattern": r"(?u)\b\w+(?:[-']\w+)*\b"},
    "a group": {"token_pattern": r"\b(\w\w)\w*"},
    "characters": {"analyzer": "char"},
    "runs of characters": {"analyzer": "char", "ngram_range": (2, 4), "strip_accents": "unicode"},
    "characters of words": {"analyzer": "char_wb", "ngram_range": (1, 3)},
    "long runs in words": {"analyzer": "char_wb", "ngram_range": (6, 8), "lowercase": False},
    "float32": {"dtype": np.float32},
}


def text_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    data = data_set("documents", seed)

    def alone(name: str, estimator: Any) -> Setting:
        return make_setting(name, estimator, data)._replace(y=None)

    for name, analysis in ANALYSES.items():
        yield alone(name, CountVectorizer(max_features=150, **analysis))
        yield alone(name, TfidfVectorizer(max_features=100, **analysis))
        yield alone(name, HashingVectorizer(n_features=97, **{**analysis, "dtype": analysis.get("dtype", np.float64)}))
    yield alone("whole numbers of 32 bits", CountVectorizer(dtype=np.int32))
    yield alone("a vocabulary of its own", CountVectorizer(vocabulary={"moon": 1, "мир": 0, "goal ball": 2}, ngram_range=(1, 2)))
    for norm in ("l1", "l2", None):
        for sublinear in (False, True):
            weights = {"norm": norm, "sublinear_tf": sublinear}
            yield alone(f"{norm}, {sublinear}", TfidfVectorizer(**weights))
            yield alone(f"{norm}, {sublinear}, no frequencies, float32", TfidfVectorizer(use_idf=False, dtype=np.float32, **weights))
            yield alone(f"{norm}, {sublinear}, apart", make_pipeline(CountVectorizer(), TfidfTransformer(smooth_idf=False, **weights)))
        signs = {"norm": norm, "n_features": 31}
        yield alone(f"{norm}, without signs", HashingVectorizer(alternate_sign=False, **signs))
        yield alone(f"{norm}, binary", HashingVectorizer(binary=True, **signs))
    yield make_setting("matrices", TfidfTransformer(), data_set("digits", seed), extreme=False)._replace(y=None)
    yield from _models(data, minor, seed)


def _models(data: Any, minor: int, seed: int) -> Iterator[Setting]:
    words, counts = TfidfVectorizer(sublinear_tf=True), CountVectorizer(ngram_range=(1, 2))
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=400)
    for name, first in {"words": words, "counts": counts, "characters": characters, "hashes": HashingVectorizer(n_features=2**12)}.items():
        yield make_setting(f"{name}, logistic regression", make_pipeline(first, LogisticRegression()), data, "str")
        yield make_setting(f"{name}, LinearSVC", make_pipeline(first, LinearSVC(random_state=seed)), data, "object")
    yield make_setting("words, SGDClassifier", make_pipeline(words, SGDClassifier(random_state=seed)), data, "int")
    yield make_setting("words, a forest", make_pipeline(counts, RandomForestClassifier(8, random_state=seed)), data, "bool")
    chosen = make_pipeline(counts, SelectKBest(chi2, k=20), TfidfTransformer(), LogisticRegression())
    yield make_setting("chosen counts, weighted", chosen, data, "str")
    if minor >= 4:  # before, they call what the pinned scipy no longer has
        yield make_setting("words, Ridge", make_pipeline(words, Ridge()), data)
        scaled = make_pipeline(counts, MaxAbsScaler(), Normalizer("l1"), LogisticRegression())
        yield make_setting("scaled counts", scaled, data, "negative")
    union = FeatureUnion([("words", words), ("characters", characters)], transformer_weights={"characters": 0.5})
    yield make_setting("words and characters", Pipeline([("both", union), ("model", LogisticRegression())]), data, "str")

    def frame(documents: np.ndarray) -> Any:
        import pandas

        return pandas.DataFrame({"size": [float(len(text)) for text in documents], "text": documents, "again": documents})

    columns = ColumnTransformer([("size", MaxAbsScaler(), ["size"]), ("words", words, "text"), ("hashes", HashingVectorizer(n_features=32), "again")])
    yield make_setting("among columns", make_pipeline(columns, LogisticRegression()), data, "str", frame, extreme=False)
