"""Made rows lie on real thresholds and one step either side, also behind transformers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from decoder import Decoder
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from nuthatch_export import export_document
from nuthatch_export.inputs import Template
from nuthatch_export.inverse import Inverse
from nuthatch_export.made_rows import rows_for_trees
from nuthatch_export.sites import find_sites

RANDOM = np.random.RandomState(0)
X = RANDOM.standard_normal((200, 5)) * [1, 10, 0.01, 1000, 1] + [0, 5, 0, -300, 2]
Y = (np.digitize(X[:, 0] + X[:, 1] / 10 + X[:, 2] * 100 + X[:, 3] / 1000, [-0.5, 0.8])).astype(int)
TREE = DecisionTreeClassifier(random_state=0)
FOREST = RandomForestClassifier(5, random_state=0)


def fitted(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, Y)


def golden_rows(document, name):
    for one in document.get("golden", []):
        if one["name"] == name:
            return Decoder().decode(one["input"]["value"])
    return np.zeros((0, X.shape[1]))


def triples(document):
    rows = golden_rows(document, "thresholds")
    assert len(rows) % 3 == 0
    return rows.reshape(-1, 3, rows.shape[1])


def one_column_apart(triple):
    """The column in which a triple's rows differ."""
    (column,) = np.flatnonzero((triple != triple[0]).any(axis=0))
    return column


def test_rows_straddle_every_threshold_of_a_stump():
    stump = fitted(DecisionTreeRegressor(max_depth=1))
    threshold, feature = stump.tree_.threshold[0], stump.tree_.feature[0]
    (triple,) = triples(export_document(stump))
    below, on, above = triple[:, feature]
    assert np.float32(on) <= threshold < np.float32(above)
    assert np.nextafter(np.float32(on), np.float32(np.inf)) == np.float32(above)
    assert np.nextafter(np.float32(on), np.float32(-np.inf)) == np.float32(below)
    assert stump.apply(triple).tolist() == [1, 1, 2]


def test_rows_reach_different_children_of_a_tree():
    tree = fitted(TREE)
    found = triples(export_document(tree))
    assert len(found) == 14
    nodes = set()
    for triple in found:
        paths = tree.decision_path(triple).toarray()
        assert (paths[0] == paths[1]).all() and (paths[1] != paths[2]).any()
        # The last node both pass is the one whose threshold lies between.
        shared = np.flatnonzero(paths[1] & paths[2])
        node = next(n for n in shared if tree.tree_.children_left[n] in np.flatnonzero(paths[1] & ~paths[2]))
        assert tree.tree_.feature[node] == one_column_apart(triple)
        nodes.add(node)
    assert len(nodes) == 14, "every triple has a node of its own"
    assert len(set(tree.tree_.feature[list(nodes)])) == len(set(tree.tree_.feature[tree.tree_.feature >= 0]))


def test_some_rows_find_a_reader_that_forgets_to_round_to_float32():
    tree = fitted(TREE)
    rows = np.vstack([golden_rows(export_document(tree), name) for name in ("thresholds", "paths")])

    def without_rounding(row):
        node = 0
        while tree.tree_.children_left[node] >= 0:
            left = row[tree.tree_.feature[node]] <= tree.tree_.threshold[node]
            node = (tree.tree_.children_left if left else tree.tree_.children_right)[node]
        return node

    assert sum(without_rounding(row) != leaf for row, leaf in zip(rows, tree.apply(rows))) >= 3


def test_histogram_boosting_takes_float64_steps():
    model = fitted(HistGradientBoostingRegressor(max_iter=5))
    thresholds = np.concatenate([p[0].nodes["num_threshold"][p[0].nodes["is_leaf"] == 0] for p in model._predictors])
    found = triples(export_document(model))
    assert len(found) == 14
    for triple in found:
        below, on, above = triple[:, one_column_apart(triple)]
        assert on in thresholds
        assert np.nextafter(on, np.inf) == above and np.nextafter(on, -np.inf) == below


MODELS = {
    "forest": FOREST,
    "boosting": GradientBoostingClassifier(n_estimators=3),
    "adaboost": AdaBoostClassifier(n_estimators=30, random_state=0),
    "isolation": IsolationForest(n_estimators=5, max_features=3, random_state=0),
    "bagging": BaggingClassifier(TREE, max_features=3, random_state=0),
    "voting": VotingClassifier([("a", TREE), ("b", LogisticRegression())]),
    "search": GridSearchCV(TREE, {"max_depth": [7, 8]}),
    "scaled": make_pipeline(StandardScaler(), FOREST),
    "imputed and scaled": make_pipeline(SimpleImputer(), MinMaxScaler(), FOREST),
    "nested": make_pipeline(make_pipeline(StandardScaler(), MinMaxScaler()), make_pipeline(StandardScaler(), TREE)),
    "falling": make_pipeline(FunctionTransformer(np.negative), TREE),
    "selected": make_pipeline(StandardScaler(), SelectKBest(k=3), TREE),
    "moved": make_pipeline(ColumnTransformer([("b", StandardScaler(), [3, 1]), ("a", "passthrough", [0])]), TREE),
    "united": make_pipeline(FeatureUnion([("a", StandardScaler()), ("b", MinMaxScaler())]), TREE),
    "inside columns": make_pipeline(
        ColumnTransformer([("a", make_pipeline(SimpleImputer(), StandardScaler()), [2, 3]), ("b", "drop", [0])]), TREE
    ),
    "quantiles": make_pipeline(QuantileTransformer(n_quantiles=50), TREE),
    "powers": make_pipeline(PowerTransformer(), TREE),
    "scaled histograms": make_pipeline(StandardScaler(), HistGradientBoostingRegressor(max_iter=5)),
    "voting of pipelines": VotingClassifier([("a", make_pipeline(StandardScaler(), TREE)), ("b", TREE)]),
    "bagged pipelines": BaggingClassifier(make_pipeline(StandardScaler(), TREE), max_features=2, random_state=0),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("with_rows", [False, True])
def test_rows_land_behind_transformers(name, with_rows):
    model = fitted(MODELS[name])
    sites = find_sites(model)
    made = rows_for_trees(sites, Template(5), X if with_rows else None, 64)
    assert made.probed >= 12, made
    # float64 steps of the input need not lead to every float64 behind a division; float32 steps are wider.
    assert made.exact >= (0 if "histograms" in name else 0.7) * made.probed
    assert made.missed <= 8
    template = Template(5)
    seen = {id(site.way.steps): Inverse(template, site.way.steps, None).forward(made.thresholds) for site in sites}
    for k in range(0, len(made.thresholds), 3):
        column = one_column_apart(made.thresholds[k : k + 3])
        on, above = made.thresholds[k + 1 : k + 3, column]
        assert above in _neighbours(on), "rows on and above a threshold are one step apart"
        # Some tree has a node that the second row leaves to the left and the third to the right, one step on.
        assert any(_splits_at(site, seen[id(site.way.steps)], k) for site in sites), (
            f"rows {k} to {k + 2} straddle no threshold"
        )
    assert len(np.unique(made.paths, axis=0)) >= 10


def _neighbours(value):
    found = [np.nextafter(value, to) for to in (-np.inf, np.inf)]
    return found + [float(np.nextafter(np.float32(value), np.float32(to))) for to in (-np.inf, np.inf)]


def _splits_at(site, seen, k):
    tree = site.tree()
    rows = seen if site.way.columns is None else seen[:, site.way.columns]
    before, after = tree.path(rows[k + 1]), tree.path(rows[k + 2])
    if before == after:
        return False
    node = [one for one in before if one in after][-1]
    feature = tree.feature[node]
    low, high = tree.compared(rows[k + 1])[feature], tree.compared(rows[k + 2])[feature]
    return low <= tree.threshold[node] < high


def test_rows_land_behind_the_predictions_of_a_chain():
    sums = X[:, 0] + X[:, 1] / 10 > 0.5
    targets = np.column_stack([sums, X[:, 1] > 5, sums]).astype(int)
    chain = ClassifierChain(DecisionTreeClassifier(max_depth=4, random_state=0), order=[2, 0, 1]).fit(X, targets)
    sites = find_sites(chain)
    assert max(site.tree().feature.max() for site in sites) >= X.shape[1]  # one looks at what others predict
    for count, site in enumerate(sites):
        given = np.asarray(X)
        for step in site.way.steps:
            given = step(given)
        assert given.shape[1] == X.shape[1] + count
    found = triples(export_document(chain, X[:20]))
    assert len(found) > 0 and (chain.predict(found[:, 1]) != chain.predict(found[:, 2])).any()


def test_columns_that_mix_are_noted():
    model = fitted(make_pipeline(StandardScaler(), PCA(3), TREE))
    document = export_document(model)
    assert [one["name"] for one in document["golden"]] == ["made"]
    assert any("no rows on thresholds" in note for note in document["notes"])


def test_max_rows_limits_made_rows():
    for limit, sets in ((0, 0), (1, 0), (7, 2), (200, 2)):
        document = export_document(fitted(GradientBoostingClassifier(n_estimators=10)), max_rows=limit)
        counts = [one["input"]["value"]["shape"][0] for one in document.get("golden", [])]
        assert len(counts) <= sets and sum(counts) <= limit and sum(counts) >= limit * 0.6 * bool(sets)


def test_fitted_parameters_that_were_only_cloned_from_are_left_alone():
    tree = DecisionTreeClassifier().fit(X, Y)
    model = fitted(BaggingClassifier(make_pipeline(StandardScaler(), tree), n_estimators=3, random_state=0))
    assert len(find_sites(model)) == 3
    assert all(len(site.way.steps) == 1 for site in find_sites(model))


def test_missing_values_where_the_model_takes_them():
    taken = export_document(fitted(HistGradientBoostingRegressor(max_iter=3)))
    assert np.isnan(golden_rows(taken, "missing")).any(axis=1).all()
    assert np.isnan(golden_rows(taken, "missing")[0]).all()
    refused = export_document(fitted(GradientBoostingClassifier(n_estimators=3)))
    assert len(golden_rows(refused, "missing")) == 0
    imputed = export_document(fitted(make_pipeline(SimpleImputer(), GradientBoostingClassifier(n_estimators=3))))
    assert len(golden_rows(imputed, "missing")) == 8


@pytest.mark.parametrize("mask", [[1], [True, False, False, False, False]])
def test_categories_of_histogram_boosting(mask):
    random = np.random.RandomState(1)
    kinds = random.randint(0, 6, 300)
    numbers = random.standard_normal((300, 2))
    data = (
        np.column_stack([numbers[:, 0], kinds, numbers[:, 1]])
        if mask == [1]
        else np.column_stack([kinds, numbers, numbers * 2])
    )
    target = np.where(np.isin(kinds, [0, 3, 4]), 5.0, -5.0) + numbers[:, 0] * (kinds > 2)
    model = HistGradientBoostingRegressor(categorical_features=mask, max_iter=10).fit(data, target)
    document = export_document(model)
    column = 1 if mask == [1] else 0
    assert len(triples(document)) >= 8
    categories = set(golden_rows(document, "paths")[:, column])
    assert len(categories) >= 4 and categories <= set(range(8))


def test_missing_and_infinite_thresholds_are_left_alone():
    data = X.copy()
    data[::3, 0] = np.nan
    model = HistGradientBoostingRegressor(max_iter=5).fit(data, np.isnan(data[:, 0]) * 10.0 + X[:, 1])
    document = export_document(model)
    assert np.isfinite(golden_rows(document, "thresholds")).all()


def test_made_rows_do_not_depend_on_the_global_random_state():
    model = fitted(make_pipeline(StandardScaler(), LogisticRegression()))
    np.random.seed(1)
    first = export_document(model)
    before = np.random.get_state()[1].copy()
    np.random.seed(1)
    assert export_document(model) == first
    assert (np.random.get_state()[1] == before).all()


def test_an_inverse_of_steps_finds_neighbouring_inputs():
    scaler = StandardScaler().fit(X)
    inverse = Inverse(Template(5), (scaler.transform,), None)
    assert inverse.follows.tolist() == [0, 1, 2, 3, 4]
    goals = [(j, value, False) for j in range(5) for value in (-1.5, 0.0, 0.3)]
    found = inverse.crossings(goals)
    assert len(found) == 15
    for (column, goal, _), crossing in found.items():
        assert crossing.column == column
        assert np.nextafter(crossing.below, np.inf) == crossing.above
        rows = np.zeros((2, 5))
        rows[:, column] = crossing.below, crossing.above
        low, high = scaler.transform(rows)[:, column]
        assert low <= goal < high


def test_forest_regressors_and_wide_input():
    wide = np.random.RandomState(0).standard_normal((60, 3000))
    model = ExtraTreesRegressor(3, random_state=0, max_features=50).fit(wide, wide[:, 0])
    document = export_document(model)
    assert len(triples(document)) >= 10
