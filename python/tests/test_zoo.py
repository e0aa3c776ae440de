"""Every estimator scikit-learn lists is exported and read back whole, or refused with a typed error."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pytest
import zoo
from decoder import Decoder, difference

import nuthatch_export
from nuthatch_export.environment import reference
from nuthatch_export.walk import encode


@pytest.fixture(scope="module")
def fitted():
    return list(zoo.all_fitted())


@pytest.fixture(scope="module")
def documents(fitted):
    made, failed = {}, {}
    for name, estimator, _ in fitted:
        before = encode(estimator)
        try:
            text = nuthatch_export.dumps(estimator)
        except nuthatch_export.ExportError as error:
            failed[name] = str(error)
            continue
        assert before == encode(estimator), f"{name} was changed"
        made[name] = json.loads(text)
    print(f"{len(made)} exported, {len(failed)} refused: {failed}")
    assert not failed
    return made


def test_nearly_all_estimators_are_in_the_zoo(fitted):
    from sklearn.utils import all_estimators

    missing = {name for name, _ in all_estimators()} - {name for name, _, _ in fitted}
    assert len(fitted) >= 200 and len(missing) <= 6, missing


def test_every_attribute_survives(fitted, documents):
    different = {}
    for name, estimator, _ in fitted:
        if name not in documents:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rebuilt = Decoder().decode(documents[name]["model"])
            # Beside what pickling keeps: Bunch, for one, drops its own attributes when it is loaded.
            where = difference(pickle.loads(pickle.dumps(estimator)), rebuilt)
        if where is not None:
            different[name] = where
    assert not different


def test_what_was_exported_and_read_exports_the_same(fitted):
    different = []
    for name, estimator, _ in fitted:
        # Bunch drops its own attributes when it is loaded: those of what was loaded before stay.
        once = json.loads(json.dumps(encode(pickle.loads(pickle.dumps(estimator)))))
        if json.loads(json.dumps(encode(Decoder().decode(once)))) != once:
            different.append(name)
    assert not different


def test_golden_rows_are_what_python_answers(fitted, documents):
    wrong, replayed = [], 0
    for name, estimator, _ in fitted:
        decoder = Decoder()
        for one in documents.get(name, {}).get("golden", []):
            X = decoder.decode(one["input"]["value"])
            assert len(X) >= 2
            assert one["numerics"]["n_jobs"] == 1
            for method, written in one["outputs"].items():
                with reference(), warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    loaded = pickle.loads(pickle.dumps(estimator))
                    alone = "rows" in one["numerics"]
                    answer = _answers_alone(loaded, method, X) if alone else _answer(loaded, method, X)
                replayed += 1
                if difference(_plain(answer), _plain(decoder.decode(written))) is not None:
                    wrong.append((name, one["name"], method))
    assert not wrong
    assert replayed > 300


def _answer(estimator, method, X):
    return estimator.predict(X, return_std=True)[1] if method == "predict_std" else getattr(estimator, method)(X)


def _answers_alone(estimator, method, X):
    """Of rows whose answers in a batch hang on each other."""
    return np.concatenate([_plain(_answer(estimator, method, X[k : k + 1])) for k in range(len(X))])


def _plain(answer):
    # Sparse answers are written dense, and the order in memory is not part of an answer.
    if hasattr(answer, "toarray"):
        return answer.toarray()
    return [np.ascontiguousarray(part) for part in answer] if isinstance(answer, list) else np.ascontiguousarray(answer)
