"""Statistics of training rows: what is counted, and that a document holds it."""

from __future__ import annotations

import json

import numpy as np
import pandas
import pytest
from decoder import Decoder
from scipy.sparse import csr_matrix
from sklearn.linear_model import LinearRegression, LogisticRegression
from zoo import LABELS, NUMBERS, TARGET

from nuthatch_export import ExportError, dumps, export_document
from nuthatch_export.reference import reference_statistics

MODEL = LogisticRegression(max_iter=1000).fit(NUMBERS, LABELS)


def test_numbers_are_counted_in_twentieths():
    cells = np.random.default_rng(0).permutation(1000) / 8
    one = reference_statistics(LinearRegression().fit(cells[:, None], cells), cells[:, None])["columns"][0]
    assert one["counts"].tolist() == [0, *[50] * 20, 0]
    assert one["summary"].tolist() == [0, 999 / 8, cells.mean(), np.sort(cells).std()]
    assert one["edges"][0] == np.nextafter(0, -1) and one["edges"][-1] == 999 / 8


def test_few_values_have_a_bin_each_and_gaps_none():
    frame = pandas.DataFrame({"a": [1.0, 1.0, 3.0, np.nan], "b": ["x", None, "x", "y"], "c": [True, False, True, True]})
    model = type("Any", (), {"fit": None, "predict": lambda self, X: np.zeros(len(X))})()
    a, b, c = reference_statistics(model, frame)["columns"]
    assert (a["missing"], a["edges"][1:].tolist(), a["counts"].tolist()) == (1, [1, 3], [0, 2, 1, 0])
    assert (b["missing"], b["values"], b["counts"].tolist(), b["other"]) == (1, ["x", "y"], [2, 1], 0)
    assert c["edges"][1:].tolist() == [0, 1]


def test_sparse_rows_are_counted_as_dense_ones():
    dense, sparse = (reference_statistics(MODEL, rows)["columns"] for rows in (NUMBERS, csr_matrix(NUMBERS)))
    assert json.dumps(sparse, default=np.ndarray.tolist) == json.dumps(dense, default=np.ndarray.tolist)


def test_labels_and_probabilities_are_counted():
    counted = reference_statistics(MODEL, NUMBERS)["answers"]
    assert [one["method"] for one in counted] == ["predict", "predict_proba"]
    labels, counts = np.unique(MODEL.predict(NUMBERS), return_counts=True)
    (predicted,) = counted[0]["columns"]
    assert dict(zip(predicted["values"], predicted["counts"].tolist())) == dict(zip(map(str, labels), counts.tolist()))
    assert len(counted[1]["columns"]) == len(MODEL.classes_)


def test_labels_are_named_as_javascript_names_them():
    for labels, names in (([0.0, 2.0], ["0", "2"]), ([True, False], ["true", "false"]), ([-2, 7], ["-2", "7"])):
        model = LogisticRegression().fit(NUMBERS, np.array(labels)[(NUMBERS[:, 0] > np.median(NUMBERS[:, 0])).astype(int)])
        (predicted,) = reference_statistics(model, NUMBERS)["answers"][0]["columns"]
        assert sorted(predicted["values"]) == sorted(names)


def test_documents_hold_them_and_are_the_same_each_time():
    document = export_document(MODEL, golden=False, reference=NUMBERS)
    assert document["reference"]["rows"] == len(NUMBERS)
    edges = Decoder().decode(document["reference"]["columns"][0]["edges"])
    assert (edges == reference_statistics(MODEL, NUMBERS)["columns"][0]["edges"]).all()
    assert dumps(MODEL, reference=NUMBERS) == dumps(MODEL, reference=NUMBERS)


def test_rows_of_another_model_are_refused():
    with pytest.raises(ExportError, match="reference="):
        export_document(LinearRegression().fit(NUMBERS, TARGET), reference=NUMBERS[:, :1])
