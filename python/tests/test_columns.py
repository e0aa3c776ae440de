"""Golden sets of mixed columns: each kind of column as the model saw it, with gaps and unseen categories."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn
from decoder import Decoder, difference
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, OrdinalEncoder, StandardScaler

from nuthatch_export import ExportError, export_document
from nuthatch_export.columns import UNSEEN

pandas = pytest.importorskip("pandas")

ROWS = 40
LABELS = np.arange(ROWS) % 3
MINOR = int(sklearn.__version__.split(".")[1])


def repeated(*values):
    return (list(values) * ROWS)[:ROWS]


def frame():
    return pandas.DataFrame(
        {
            "double": np.linspace(0, 1, ROWS),
            "single": np.linspace(0, 9, ROWS).astype(np.float32),
            "whole": np.arange(ROWS) % 7,
            "small": (np.arange(ROWS) % 5).astype(np.int8),
            "flag": np.arange(ROWS) % 2 == 0,
            "none": pandas.Series(repeated("a", "b", None, "c"), dtype=object),
            "nan": pandas.Series(repeated("a", "b", np.nan, "c"), dtype=object),
            "kind": pandas.Categorical(repeated("x", "y", None)),
            "word": repeated("q", "r", "t", None),
            "text": pandas.array(repeated("q", "r", "t"), dtype="string"),
            "nullable": pandas.array(repeated(1, 2, None, 3), dtype="Int64"),
            "gap": np.where(np.arange(ROWS) % 3 == 0, np.nan, 1.5),
        }
    )


def mixed(words=("none", "kind", "word"), handle_unknown="ignore"):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    return ColumnTransformer(
        [
            ("numbers", numbers, ["double", "single", "gap"]),
            ("flags", "passthrough", ["flag"]),
            ("words", OneHotEncoder(handle_unknown=handle_unknown), list(words)),
        ]
    )


def sets(model, rows):
    document = export_document(model, rows)
    return {one["name"]: one for one in document["golden"]}


def columns_of(one):
    return Decoder().decode(one["input"]["value"])


def as_frame(one):
    """The DataFrame that a set was made with, as a reader would make it from SPEC.md."""
    written, values = one["input"], columns_of(one)
    return pandas.DataFrame(
        {name: pandas.Series(values[name], dtype=dtype) for name, dtype in zip(written["columns"], written["dtypes"])}
    )


def test_answers_are_those_to_the_columns_as_written():
    for model in (mixed(), make_pipeline(mixed(), LogisticRegression())):
        model.fit(frame(), LABELS)
        for one in sets(model, frame()).values():
            rows = as_frame(one)
            for method, answer in one["outputs"].items():
                found = getattr(model, method)(rows)
                found = found.toarray() if hasattr(found, "toarray") else found
                assert difference(np.ascontiguousarray(found), np.ascontiguousarray(Decoder().decode(answer))) is None


def test_every_dtype_is_kept():
    one = sets(mixed().fit(frame()), frame())["rows"]
    assert one["input"]["dtypes"] == [str(dtype) for dtype in frame().dtypes]
    columns = columns_of(one)
    assert list(columns) == list(frame().columns)
    assert {name: values.dtype.str for name, values in columns.items() if values.dtype != object} == {
        "double": "<f8", "single": "<f4", "whole": "<i8", "small": "|i1", "flag": "|b1", "gap": "<f8",
    }  # fmt: skip
    assert columns["none"][2] is None and columns["nan"][2] != columns["nan"][2]
    for name in ("kind", "word", "nullable"):
        missing = frame()[name].isna().to_numpy()
        assert [value is None for value in columns[name]] == missing.tolist()


def test_gaps_in_every_kind_of_column_the_model_takes_them_in():
    found = sets(mixed().fit(frame()), frame())
    gaps = columns_of(found["missing"])
    missing = {name: [value is None or value != value for value in values] for name, values in gaps.items()}
    assert {name for name, gone in missing.items() if gone[0]} == set(frame().columns) - {"flag"}
    assert not any(missing["flag"])
    assert not all(all(gone) for name, gone in missing.items() if name != "flag")
    dtypes = dict(zip(found["missing"]["input"]["columns"], found["missing"]["input"]["dtypes"]))
    assert (dtypes["double"], dtypes["single"], dtypes["whole"]) == ("float64", "float32", "float64")
    assert (dtypes["none"], dtypes["nullable"]) == ("object", "Int64")
    assert gaps["none"][0] is None and gaps["nan"][0] != gaps["nan"][0]


def test_gaps_are_those_that_were_fitted():
    for name, is_gap in (("none", lambda value: value is None), ("nan", lambda value: value != value)):
        model = OneHotEncoder(handle_unknown="ignore").fit(frame()[[name]])
        rows = frame()[[name]].iloc[:2]
        assert not rows[name].isna().any()
        gaps = columns_of(sets(model, rows)["missing"])[name]
        assert is_gap(gaps[0])


def test_gaps_only_where_the_model_takes_them():
    rows = frame()[["double", "gap", "kind"]].assign(kind=pandas.Categorical(repeated("x", "y")))
    model = ColumnTransformer([("fill", SimpleImputer(), ["gap"]), ("words", OneHotEncoder(), ["kind"])]).fit(rows)
    found = sets(model, rows)
    gaps = columns_of(found["missing"])
    assert set(gaps["kind"]) == {"x", "y"} and np.isnan(gaps["gap"]).any() and np.isnan(gaps["double"]).any()
    assert "unseen" not in found
    full = rows[["double", "kind"]]
    assert "missing" not in sets(make_pipeline(_words_and_numbers(), LogisticRegression()).fit(full, LABELS), full)


def _words_and_numbers():
    return ColumnTransformer([("numbers", StandardScaler(), ["double"]), ("words", OneHotEncoder(), ["kind"])])


def test_unseen_categories_only_where_the_model_takes_them():
    for words in (["none"], ["nan"], ["kind"], ["word"], ["text"]):
        unseen = columns_of(sets(mixed(words).fit(frame()), frame())["unseen"])
        assert UNSEEN in set(unseen[words[0]])
        assert "unseen" not in sets(mixed(words, "error").fit(frame()), frame())


def test_made_numbers_keep_a_dtype_that_holds_them():
    rows = frame()[["double", "whole", "kind"]]
    model = ColumnTransformer(
        [("numbers", StandardScaler(), ["double"]), ("words", OneHotEncoder(), ["whole", "kind"])]
    )
    made = sets(model.fit(rows), rows)["made"]
    assert made["input"]["dtypes"][:2] == ["float64", "int64"]


def test_arrays_of_objects():
    rows = np.array([["a", None], ["c", "d"]] * 20, dtype=object)
    found = sets(OneHotEncoder(handle_unknown="ignore").fit(rows), rows)
    assert set(found) == {"rows", "missing", "unseen"}
    assert all(one["input"]["type"] == "matrix" and one["input"]["value"]["dtype"] == "|O" for one in found.values())
    assert UNSEEN in columns_of(found["unseen"])
    strings = np.array([["a", "b"], ["c", "d"]] * 20)
    found = sets(OneHotEncoder(handle_unknown="ignore").fit(strings), strings)
    assert set(found) == {"rows", "unseen"} and UNSEEN in columns_of(found["unseen"])
    names = pandas.DataFrame(strings, columns=["u", "v"])
    found = sets(OneHotEncoder(handle_unknown="ignore").fit(names), strings.astype(object))
    assert {one["input"]["type"] for one in found.values()} == {"matrix"}


def test_answers_of_objects():
    rows = frame()[["gap", "nan"]]
    model = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="mean"), ["gap"]),
            ("words", SimpleImputer(strategy="constant", fill_value="none"), ["nan"]),
            ("rest", "passthrough", ["nan"]),
        ]
    ).fit(rows)
    answer = Decoder().decode(sets(model, rows)["rows"]["outputs"]["transform"])
    assert answer.dtype == object and answer.shape == (ROWS, 3)
    assert answer[2].tolist()[:2] == [1.5, "none"] and answer[2, 2] != answer[2, 2]


@pytest.mark.skipif(MINOR < 2, reason="set_output came with 1.2")
def test_answers_of_pandas():
    rows = frame()[["double", "whole", "kind"]]
    model = ColumnTransformer(
        [("numbers", StandardScaler(), ["double"]), ("words", OrdinalEncoder(dtype=np.int32), ["kind"])],
        remainder="passthrough",
    ).set_output(transform="pandas")
    rows = rows.assign(kind=pandas.Categorical(repeated("x", "y")))
    answer = Decoder().decode(sets(model.fit(rows), rows)["rows"]["outputs"]["transform"])
    assert answer.dtype == np.float64 and (answer == model.transform(rows).to_numpy()).all()


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["b", "a", "c"], "text"),
        ([3, 9, 3], "matrix"),
        ([2.5, -1.0], "matrix"),
        ([True, False, True], "matrix"),
        (["b"], "text"),
        (np.array([7], dtype=np.uint16), "matrix"),
    ],
)
def test_label_encoders(labels, kind):
    encoder = LabelEncoder().fit(labels)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = sets(encoder, labels)["rows"]
    written = Decoder().decode(one["input"]["value"])
    assert one["input"]["type"] == kind and one["input"].get("ndim") == (1 if kind == "matrix" else None)
    if kind == "matrix":
        assert written.shape == (max(2, len(labels)), 1) and written.dtype == np.asarray(labels).dtype
    assert (Decoder().decode(one["outputs"]["transform"]) == encoder.transform(written.ravel())).all()
    if encoder.classes_.dtype != bool:  # which take any number from scikit-learn 1.3
        with pytest.raises(ExportError, match="does not take the rows"):
            export_document(encoder, ["never seen"] if kind == "text" else [41])
