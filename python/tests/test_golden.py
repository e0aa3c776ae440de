"""Golden sets: what goes in, what is recorded, and what is left as it was."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pytest
from decoder import Decoder, difference
from sklearn.decomposition import NMF, SparsePCA
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import BayesianRidge, LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from zoo import LABELS, NUMBERS, TARGET, TEXTS, TWO_LABELS

from nuthatch_export import ExportError, export_document

LINEAR = LogisticRegression(max_iter=1000).fit(NUMBERS, LABELS)


def sets(document):
    return {one["name"]: one for one in document.get("golden", [])}


def decoded(value):
    return Decoder().decode(value)


def test_user_rows_keep_their_dtype():
    single = NUMBERS.astype(np.float32)
    for rows in (NUMBERS, single, NUMBERS.astype(int), NUMBERS[:, ::-1][:, ::-1], np.asfortranarray(NUMBERS)):
        one = sets(export_document(LINEAR, rows))["rows"]
        assert one["input"]["type"] == "matrix"
        assert decoded(one["input"]["value"]).dtype == rows.dtype
        assert (decoded(one["input"]["value"]) == rows).all()
        assert (decoded(one["outputs"]["predict"]) == LINEAR.predict(rows)).all()
    assert sets(export_document(LINEAR, NUMBERS.tolist()))["rows"]["input"]["value"]["dtype"] == "<f8"


def test_standard_deviations_are_asked_for_where_predict_returns_them():
    deviations = BayesianRidge().fit(NUMBERS, TARGET)
    one = sets(export_document(deviations, NUMBERS))["rows"]
    assert list(one["outputs"]) == ["predict", "predict_std"]
    assert (decoded(one["outputs"]["predict_std"]) == deviations.predict(NUMBERS, return_std=True)[1]).all()
    inside = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), BayesianRidge())).fit(NUMBERS, TARGET)
    one = sets(export_document(inside, NUMBERS))["rows"]
    assert (decoded(one["outputs"]["predict_std"]) == inside.predict(NUMBERS, return_std=True)[1]).all()
    several = DummyRegressor().fit(NUMBERS, NUMBERS[:, :2])
    for other in (LINEAR, make_pipeline(StandardScaler(), Ridge()).fit(NUMBERS, TARGET), several):
        assert "predict_std" not in sets(export_document(other, NUMBERS))["rows"]["outputs"]
    process = GaussianProcessRegressor(optimizer=None, alpha=0.1, normalize_y=True).fit(NUMBERS, np.square(NUMBERS[:, :2]))
    one = sets(export_document(process, NUMBERS))["rows"]
    assert (decoded(one["outputs"]["predict_std"]) == process.predict(NUMBERS, return_std=True)[1]).all()


def test_a_single_row_is_repeated_since_a_batch_is_the_reference():
    one = sets(export_document(LINEAR, NUMBERS[:1]))["rows"]
    assert (decoded(one["input"]["value"]) == NUMBERS[[0, 0]]).all()


def test_made_rows_for_linear_models_are_numbers_of_several_sizes():
    rows = decoded(sets(export_document(LINEAR))["made"]["input"]["value"])
    assert (rows[:3] == [[0] * 4, [1] * 4, [-1] * 4]).all()
    assert rows.shape == (56, 4) and rows.dtype == np.float64


def test_rows_near_the_data_where_the_state_tells():
    model = make_pipeline(StandardScaler(), Ridge()).fit(NUMBERS * 1e6 + 1e9, TARGET)
    rows = decoded(sets(export_document(model))["made"]["input"]["value"])
    assert (np.abs(rows - 1e9) < 1e8).all()


def test_text():
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)
    document = export_document(model, TEXTS[:3])
    one = sets(document)["rows"]
    assert one["input"]["type"] == "text" and decoded(one["input"]["value"]).tolist() == TEXTS[:3]
    assert (decoded(one["outputs"]["predict_proba"]) == model.predict_proba(TEXTS[:3])).all()
    document = export_document(model)
    assert "golden" not in document and "rows=" in document["notes"][0]


def test_sparse_rows_and_sparse_answers():
    sparse = pytest.importorskip("scipy.sparse")
    rows = sparse.csr_matrix(np.round(np.abs(NUMBERS)))
    one = sets(export_document(LINEAR, rows))["rows"]
    assert one["input"]["type"] == "sparse"
    assert (decoded(one["input"]["value"]) != rows).nnz == 0
    encoder = OneHotEncoder(handle_unknown="ignore").fit(NUMBERS)
    one = sets(export_document(encoder, NUMBERS))["rows"]
    written, answer = decoded(one["outputs"]["transform"]), encoder.transform(NUMBERS)
    assert sparse.issparse(answer) and written.dtype == answer.dtype and (written == answer.toarray()).all()


def test_large_sparse_answers_are_left_out():
    rows = np.arange(4004).reshape(1001, 4)
    document = export_document(OneHotEncoder().fit(rows), rows[:260])
    assert "rows" not in sets(document) and "sparse, and has more than" in document["notes"][0]
    assert sets(document)["made"]["outputs"]["transform"]["shape"] == [56, 4004]


def test_lists_of_answers_stay_lists():
    tree = DecisionTreeClassifier().fit(NUMBERS, TWO_LABELS)
    answer = sets(export_document(tree, NUMBERS))["rows"]["outputs"]["predict_proba"]
    assert isinstance(answer, list) and len(answer) == 2
    for written, part in zip(answer, tree.predict_proba(NUMBERS)):
        assert (decoded(written) == part).all()


def test_string_labels():
    names = np.array(["no", "yes", "perhaps"])
    fixed = LogisticRegression().fit(NUMBERS, names[LABELS])
    objects = LogisticRegression().fit(NUMBERS, names.astype(object)[LABELS])
    assert sets(export_document(fixed))["made"]["outputs"]["predict"]["dtype"] == "<U7"
    assert sets(export_document(objects))["made"]["outputs"]["predict"]["dtype"] == "|O"


def frame():
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(
        {
            "age": [30.5, 41.0, np.nan, 22.0, 63.0, 50.0] * 5,
            "city": ["Bern", "Oslo", "Bern", None, "Rome", "Oslo"] * 5,
            "kind": pandas.Categorical(["a", "b", "a", "a", "b", "b"] * 5),
            "count": [1, 2, 3, 4, 5, 6] * 5,
        }
    )


def mixed_model(inner):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer

    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "count"]),
            ("words", OneHotEncoder(handle_unknown="ignore"), ["city", "kind"]),
        ]
    )
    return make_pipeline(columns, inner).fit(frame(), LABELS)


def test_mixed_columns():
    model = mixed_model(DecisionTreeClassifier(random_state=0))
    document = export_document(model, frame())
    found = sets(document)
    one = found["rows"]["input"]
    assert one["type"] == "columns" and one["columns"] == ["age", "city", "kind", "count"]
    assert len(one["dtypes"]) == 4 and one["dtypes"][2] == "category"
    columns = decoded(one["value"])
    assert list(columns) == one["columns"]
    assert columns["age"].dtype == np.float64 and columns["count"].dtype == np.int64
    assert columns["city"][0] == "Bern" and columns["kind"].tolist()[:2] == ["a", "b"]
    # Numbers are aimed at thresholds, words keep the values of the user's rows.
    aimed = decoded(found["thresholds"]["input"]["value"])
    assert len(aimed["age"]) >= 6 and not np.isnan(aimed["age"]).any()
    assert set(aimed["city"]) <= set(columns["city"])
    assert "a value not seen in training" in set(decoded(found["unseen"]["input"]["value"])["city"])
    assert {"rows", "thresholds", "paths", "missing", "unseen"} <= set(found)


def test_mixed_columns_need_rows():
    document = export_document(mixed_model(LogisticRegression()))
    assert "golden" not in document and "--rows" in document["notes"][0]


def test_models_fitted_with_names_are_asked_with_names():
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame(NUMBERS, columns=list("abcd"))
    model = LogisticRegression().fit(data, LABELS)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*feature names.*")
        made = sets(export_document(model))["made"]
        rows = sets(export_document(model, data))["rows"]
    assert made["input"]["type"] == rows["input"]["type"] == "matrix"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (NUMBERS[:, :2], "does not take the rows"),
        (NUMBERS[:0], "no rows"),
        (NUMBERS[0], "does not take the rows.*2D"),
        (NUMBERS.reshape(2, 15, 4), "two dimensions"),
        (["a"], "does not take the rows"),
        ([{"a": 1}], "does not take the rows"),
        (3, "no rows"),
    ],
)
def test_rows_that_do_not_fit_are_refused(rows, message):
    with pytest.raises(ExportError, match=message):
        export_document(LINEAR, rows)


def test_n_jobs_is_one_in_prediction_and_as_it_was_in_the_model():
    data = np.random.RandomState(0).standard_normal((300, 4))
    many = RandomForestRegressor(60, n_jobs=4, random_state=0).fit(data, data[:, 0] ** 3 / 7)
    document = export_document(many, data)
    assert many.n_jobs == 4
    state = dict(document["model"]["state"]["items"])
    assert state["n_jobs"] == 4
    alone = pickle.loads(pickle.dumps(many)).set_params(n_jobs=1)
    answer = decoded(sets(document)["rows"]["outputs"]["predict"])
    assert (answer == alone.predict(data)).all()
    assert sets(document)["rows"]["numerics"]["n_jobs"] == 1


def test_random_answers_are_left_out_and_the_state_stays():
    # score_samples draws from the estimator's own generator: asking it moves the generator on.
    model = BernoulliRBM(2, random_state=np.random.RandomState(0)).fit(np.abs(NUMBERS) % 1)
    before = pickle.dumps(model)
    document = export_document(model)
    assert pickle.dumps(model) == before
    assert all("score_samples" not in one["outputs"] for one in document["golden"])
    assert any("answers differently" in note for note in document["notes"])


def test_estimators_that_are_not_fitted_are_refused():
    for model in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression()), RandomForestRegressor()):
        with pytest.raises(ExportError, match="not fitted"):
            export_document(model)
    with pytest.raises(ExportError, match="is a class"):
        export_document(LogisticRegression)
    for thing in ({}, None, NUMBERS):
        with pytest.raises(ExportError, match="not an estimator"):
            export_document(thing)


def test_the_document():
    document = export_document(LINEAR)
    assert list(document) == ["format", "version", "environment", "model", "golden"]
    environment = document["environment"]
    assert {"python", "platform", "machine", "scikit-learn", "numpy", "exporter", "cpu_features", "blas"} <= set(
        environment
    )
    assert document["format"] == "nuthatch/sklearn-json" and document["version"] == "1.0"
    assert document["model"]["class"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert "_sklearn_version" in dict(document["model"]["state"]["items"])
    json.dumps(document, allow_nan=False)
    assert "golden" not in export_document(LINEAR, golden=False)


class Foreign:
    """An estimator of no library."""

    def __init__(self):
        self.n_features_in_ = 2

    def predict(self, rows):
        return rows.sum(axis=1)


def test_estimators_of_no_library():
    document = export_document(Foreign())
    assert document["model"]["class"].endswith("test_golden.Foreign")
    assert list(sets(document)["made"]["outputs"]) == ["predict"]


@pytest.mark.parametrize(
    ("estimator", "rows"),
    [
        (DictVectorizer().fit([{"a": 1, "b": ["x", "y"], "c": 2}]), [{"a": 1, "b": ["x"]}, {"c": None}, {}]),
        (DictVectorizer().fit([{"a": 1}]), [{"a": 2.5}]),
        (FeatureHasher(n_features=4, input_type="pair"), [[("a", 1), ("b", "x")], []]),
        (FeatureHasher(n_features=4, input_type="string"), [["a", "b"], ["c", "d"]]),
        (MultiLabelBinarizer().fit([[1, 2, 3]]), [{1, 2}, {3}]),
        (make_pipeline(DictVectorizer(), Ridge()).fit([{"a": 1}, {"a": 2}], [1, 2]), [{"a": 5}, {"b": 1}]),
    ],
)
def test_rows_of_items_are_written_as_they_are(estimator, rows):
    one = export_document(estimator, rows)["golden"][0]
    assert one["input"]["type"] == "items"
    given = Decoder().decode(one["input"]["value"])
    assert given == rows * (2 if len(rows) == 1 else 1)
    for method, written in one["outputs"].items():
        answer = getattr(estimator, method)(given)
        found = answer.toarray() if hasattr(answer, "toarray") else answer
        assert difference(np.asarray(found), Decoder().decode(written)) is None


def test_lists_of_numbers_are_a_matrix():
    one = export_document(MultiLabelBinarizer().fit([[1, 2, 3]]), [[1, 2], [3, 4]])["golden"][0]
    assert one["input"]["type"] == "matrix"
    assert Decoder().decode(one["outputs"]["transform"]).tolist() == [[1, 1, 0], [0, 0, 1]]


def test_rows_whose_answers_hang_on_others_are_asked_alone():
    rows = np.abs(NUMBERS)
    factors = NMF(2, random_state=0, max_iter=500).fit(rows)
    one = sets(export_document(factors, rows))["rows"]
    found = decoded(one["outputs"]["transform"])
    alone = np.vstack([factors.transform(rows[k : k + 1]) for k in range(len(rows))])
    np.testing.assert_allclose(found, alone, rtol=1e-12)
    assert not np.allclose(found, factors.transform(rows), rtol=1e-12)
    assert one["numerics"]["rows"] == "each asked alone"


def test_other_rows_are_asked_together():
    scaled = StandardScaler().fit(NUMBERS)
    assert all("rows" not in one["numerics"] for one in sets(export_document(scaled, NUMBERS)).values())


def test_rows_are_asked_together_where_one_alone_gets_a_vector():
    sparse = SparsePCA(2, random_state=0).fit(NUMBERS)
    assert sparse.transform(NUMBERS[:1]).ndim == 1
    one = sets(export_document(sparse, NUMBERS))["rows"]
    assert "rows" not in one["numerics"]
    assert decoded(one["outputs"]["transform"]).shape == (len(NUMBERS), 2)


def test_rows_beside_rows_with_gaps_are_asked_alone_too():
    rows = np.abs(NUMBERS)
    rows[0, 0] = np.nan
    model = make_pipeline(SimpleImputer(), NMF(2, random_state=0, max_iter=500), LinearRegression())
    model.fit(rows, np.arange(len(rows)))
    one = sets(export_document(model, rows))["rows"]
    alone = np.concatenate([model.predict(rows[k : k + 1]) for k in range(len(rows))])
    np.testing.assert_allclose(decoded(one["outputs"]["predict"]), alone, rtol=1e-12)
    assert not np.allclose(alone, model.predict(rows), rtol=1e-12)
