"""Settings of what is given rows of items: records of any features, pairs, and lists of names or labels."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from setting import Setting, data_set
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MultiLabelBinarizer, StandardScaler

NAMES = ["size", "città", "", "a=b", "__proto__", "constructor", "x", "日本", "😀", "0", "Size"]
WORDS = ["Bern", "bern", "", "a=b", "Zürich", "東京", "=", "no", "0", "NaN"]


def items_settings(minor: int, seed: int) -> Iterator[Setting]:
    random = np.random.RandomState(seed)
    records = rows_of(random, 160, record)
    gaps = [{**row, "gap": [None, np.nan, 2.5][i % 3]} for i, row in enumerate(records)]
    spread = rows_of(random, 160, numbers)
    y = np.array(["yes", "no"])[random.randint(2, size=100)]

    def alone(name: str, estimator: Any, rows: list[Any], labels: Any = None) -> Setting:
        rows = as_array(rows)
        return Setting(name, estimator, rows[:100], labels, rows[100:], {})

    yield alone("as it is", DictVectorizer(), records)
    yield alone("dense", DictVectorizer(sparse=False), records)
    yield alone("float32, dense", DictVectorizer(dtype=np.float32, sparse=False), gaps)
    yield alone("missing values", DictVectorizer(), gaps)
    yield alone("not sorted, another separator", DictVectorizer(sort=False, separator="://"), records)
    yield alone("no separator", DictVectorizer(separator=""), records)
    yield alone("whole numbers", DictVectorizer(dtype=np.int64, sparse=False), records)
    yield alone("whole numbers of 32 bits", DictVectorizer(dtype=np.int32), records)

    hashed = [{name: value for name, value in row.items() if not isinstance(value, list)} for row in records]
    for columns in (1, 7, 64, 2**12):
        yield alone(f"{columns} columns", FeatureHasher(n_features=columns), hashed)
    yield alone("sums of many numbers", FeatureHasher(n_features=5), spread)
    yield alone("sums of many numbers, float32", FeatureHasher(n_features=5, dtype=np.float32), spread)
    yield alone("without signs", FeatureHasher(n_features=16, alternate_sign=False), hashed)
    yield alone("whole numbers", FeatureHasher(n_features=16, dtype=np.int64), hashed)
    yield alone("pairs", FeatureHasher(n_features=32, input_type="pair"), [list(row.items()) * 2 for row in hashed])
    words = rows_of(random, 160, lambda draw: [*draw.choice(NAMES + WORDS, draw.randint(9))])
    yield alone("names", FeatureHasher(n_features=32, input_type="string"), words)
    yield alone("names, of one length", FeatureHasher(n_features=9, input_type="string"), [["a", "b"], ["c", "a"]] * 80)

    for sparse in (False, True):
        yield alone(f"words, sparse {sparse}", MultiLabelBinarizer(sparse_output=sparse), words)
        labels = rows_of(random, 160, lambda draw: [int(label) for label in draw.randint(-9, 9, draw.randint(5))])
        yield alone(f"numbers, sparse {sparse}", MultiLabelBinarizer(sparse_output=sparse), labels)
    yield alone("classes given", MultiLabelBinarizer(classes=["no", "Bern", "x"]), words)
    yield alone("of one length", MultiLabelBinarizer(), [[1, 2], [7, 2], [1, 1]] * 50)
    yield alone("sets", MultiLabelBinarizer(), [set(row) for row in words])

    # Before 1.4, MaxAbsScaler calls what the pinned scipy no longer has.
    scaler = MaxAbsScaler() if minor >= 4 else StandardScaler(with_mean=False)
    composed = {
        "logistic regression": make_pipeline(DictVectorizer(), LogisticRegression(max_iter=60)),
        "a forest": make_pipeline(DictVectorizer(sparse=False), RandomForestClassifier(n_estimators=5, random_state=seed)),
        "scaled": make_pipeline(DictVectorizer(sparse=False), StandardScaler(), SGDClassifier(random_state=seed)),
        "hashes": make_pipeline(FeatureHasher(n_features=2**10), scaler, LogisticRegression(max_iter=60)),
        "chosen": make_pipeline(DictVectorizer(), SelectKBest(f_classif, k=5), LogisticRegression(max_iter=60)),
        "side by side": make_pipeline(
            FeatureUnion([("known", DictVectorizer()), ("hashes", FeatureHasher(n_features=32))]),
            LogisticRegression(max_iter=60),
        ),
    }
    positive = [{name: abs(v) if isinstance(v, float) else v for name, v in row.items()} for row in hashed]
    for name, estimator in composed.items():
        yield alone(name, estimator, positive, y)
    texts = data_set("documents", seed)
    bags = [{word: float(count) for word, count in zip(*np.unique(text.split(), return_counts=True))} for text in texts.X]
    bags = [{str(word): count for word, count in bag.items()} for bag in bags]
    yield Setting("counts of words", make_pipeline(DictVectorizer(), LogisticRegression(max_iter=60)),
                  as_array(bags[:100]), texts.y[:100], as_array(bags[100:160]), {})


def rows_of(random: np.random.RandomState, count: int, draw: Any) -> list[Any]:
    return [draw(random) for _ in range(count)]


def as_array(rows: list[Any]) -> np.ndarray:
    """Rows of items in one dimension, as documents are."""
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


def record(random: np.random.RandomState) -> dict[str, Any]:
    """Numbers, booleans, words and lists of words by name; some rows are empty."""
    made: dict[str, Any] = {}
    for name in random.permutation(NAMES)[: random.randint(8)]:
        kind = random.randint(6)
        word = str(random.choice(WORDS))
        made[str(name)] = [
            float(np.round(random.standard_normal() * 10, 2)),
            int(random.randint(-3, 4)),
            bool(random.randint(2)),
            word,
            word,
            [str(one) for one in random.choice(WORDS, random.randint(4))],
        ][kind]
    return made


def numbers(random: np.random.RandomState) -> dict[str, float]:
    """Many numbers of different sizes."""
    return {f"feature {i}": float(random.standard_normal() * 10.0 ** random.randint(-3, 4)) for i in range(random.randint(2, 60))}

