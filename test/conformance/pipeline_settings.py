"""Settings of compositions: pipelines, column transformers and unions, alone and before linear models and trees."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import numpy as np
from data_sets import Split, costs, with_gaps
from setting import Setting, data_set, make_setting, two_classes
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import SelectKBest, SelectPercentile, VarianceThreshold, f_classif, f_regression
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

NUMBERS = ["age", "fare", "height", "siblings", "deck", "class"]
WORDS = ["sex", "port", "title", "cabin"]
UNKNOWN = {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2}


def pipeline_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    yield from _mixed(minor, seed)
    yield from _choices_of_columns(seed)
    yield from _sparse_decisions(minor, seed)
    yield from _objects_between(seed)
    if minor >= 3:
        yield from _pandas_between(minor, seed)
        yield from _target_encoded(minor, seed)
    yield from _matrices(seed)
    yield from _unions(seed)
    yield from _without_models(minor, seed)


def _numbers() -> Pipeline:
    return Pipeline([("impute", SimpleImputer(strategy="median", add_indicator=True)), ("scale", StandardScaler())])


def _words(**parameters: Any) -> OneHotEncoder:
    return OneHotEncoder(**{"handle_unknown": "ignore", **parameters})


def _codes() -> OrdinalEncoder:
    return OrdinalEncoder(**UNKNOWN)


def _preprocess(numbers: Any = None, words: Any = None, **parameters: Any) -> ColumnTransformer:
    transformers = [("num", numbers or _numbers(), NUMBERS), ("cat", words or _words(), WORDS)]
    return ColumnTransformer(transformers, **parameters)


def _then(preprocess: Any, model: Any) -> Pipeline:
    return Pipeline([("preprocess", preprocess), ("model", model)])


def _logistic(**parameters: Any) -> LogisticRegression:
    return LogisticRegression(**{"max_iter": 100, **parameters})


def _trees(seed: int, classify: bool) -> list[tuple[str, Any]]:
    fixed = {"random_state": seed}
    if classify:
        return [
            ("a tree", DecisionTreeClassifier(max_depth=8, **fixed)),
            ("a forest", RandomForestClassifier(n_estimators=10, max_depth=7, **fixed)),
            ("extra trees", ExtraTreesClassifier(n_estimators=10, max_depth=7, **fixed)),
        ]
    return [
        ("a tree", DecisionTreeRegressor(max_depth=8, **fixed)),
        ("a forest", RandomForestRegressor(n_estimators=10, max_depth=7, **fixed)),
    ]


def _without_dense(minor: int) -> dict[str, bool]:
    return {"sparse_output" if minor >= 2 else "sparse": False}


def _mixed(minor: int, seed: int) -> Iterator[Setting]:
    """Numbers with gaps and words with gaps, into models of every kind."""
    people = data_set("passengers", seed)
    money = costs(people.X)
    dense = _without_dense(minor)
    for kind in ("str", "bool", "int8", "object"):
        yield make_setting(f"logistic regression, two classes, {kind}", _then(_preprocess(), _logistic()), people,
                           two_classes(people, kind))
    for kind in ("str", "negative", "float"):
        yield make_setting(f"logistic regression, three classes, {kind}", _then(_preprocess(), _logistic()), people, kind)
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), _words(**dense))
    filled = ColumnTransformer([("num", _numbers(), NUMBERS), ("cat", words, ["title", "cabin"])])
    yield make_setting("words imputed", _then(filled, _logistic(solver="liblinear")), people, two_classes(people, "str"))
    constant = make_pipeline(SimpleImputer(strategy="constant", fill_value="none", missing_values=None), _words())
    filled = ColumnTransformer([("num", _numbers(), NUMBERS), ("cat", constant, ["port"]), ("words", "drop", ["title"])])
    yield make_setting("None imputed, a column dropped", _then(filled, _logistic()), people, "str")
    refusing = _preprocess(words=OneHotEncoder(drop="first", **dense))
    yield make_setting("unseen words are refused", _then(refusing, _logistic()), people, "str")
    many = _preprocess(words=OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=0.1))
    yield make_setting("infrequent words", _then(many, _logistic()), people, "object")
    tickets = ColumnTransformer([("num", _numbers(), NUMBERS), ("cat", _words(max_categories=12), ["ticket", "sex"])])
    yield make_setting("many words", _then(tickets, Ridge()), people, money)
    for name, model in (("Ridge", Ridge(alpha=3)), ("linear regression", LinearRegression())):
        yield make_setting(name, _then(_preprocess(), model), people, money)
        yield make_setting(f"{name}, two targets", _then(_preprocess(words=_codes()), model), people,
                           np.column_stack([money, people.y]))
    for name, model in _trees(seed, True):
        yield make_setting(f"codes, {name}", _then(_preprocess(words=_codes()), model), people, "str")
        yield make_setting(f"one-hot, {name}", _then(_preprocess(), model), people, two_classes(people, "bool"))
        bare = _preprocess(numbers=SimpleImputer(strategy="most_frequent"), words=_codes())
        yield make_setting(f"not scaled, {name}", _then(bare, model), people, "int")
    for name, model in _trees(seed, False):
        yield make_setting(f"codes, {name}", _then(_preprocess(words=_codes()), model), people, money)
        yield make_setting(f"one-hot, {name}", _then(_preprocess(), model), people, np.column_stack([money, people.y]))
    skewed = ColumnTransformer(
        [
            ("log", make_pipeline(FunctionTransformer(np.log1p), RobustScaler()), ["fare"]),
            ("bins", make_pipeline(SimpleImputer(), KBinsDiscretizer(4, strategy="uniform")), ["age", "height"]),
            ("words", _words(), WORDS),
        ]
    )
    yield make_setting("log1p, bins", _then(skewed, _logistic()), people, "str", extreme=False)
    yield make_setting("selected", Pipeline([("preprocess", _preprocess()), ("select", SelectKBest(f_classif, k=9)),
                                             ("model", _logistic())]), people, "str")
    constants = ColumnTransformer([("num", StandardScaler(), ["fleet", "fare"]), ("rest", MinMaxScaler(), ["siblings"])])
    yield make_setting("a constant column", _then(constants, _logistic()), people, "str")
    flags = ColumnTransformer([("flag", "passthrough", ["alone"]), ("num", _numbers(), NUMBERS)])
    yield make_setting("booleans as they are", _then(flags, _logistic()), people, "str")


def _choices_of_columns(seed: int) -> Iterator[Setting]:
    """Every way to choose columns, and what may happen to the rest."""
    people = data_set("passengers", seed)
    ages, sexes = [0, 1, 2], [6]
    choices: list[tuple[str, Any, Any]] = [
        ("names", ["age", "fare", "height"], ["sex"]),
        ("places", ages, sexes),
        ("places from the end", [-13, -12, -11], [-7]),
        ("slices of places", slice(0, 3), slice(6, 7)),
        ("slices of names", slice("age", "height"), slice("sex", "sex")),
        ("masks", [k in ages for k in range(13)], [k in sexes for k in range(13)]),
        ("masks as arrays", np.arange(13) < 3, np.arange(13) == 6),
        ("selectors by type", make_column_selector(dtype_include=np.floating), make_column_selector(dtype_include="category")),
        ("selectors by name", make_column_selector("^(age|fare)$"), make_column_selector("se", dtype_include=object)),
    ]
    for shown, numbers, words in choices:
        columns = ColumnTransformer([("num", _numbers(), numbers), ("cat", _words(), words)])
        yield make_setting(f"columns by {shown}", _then(columns, _logistic()), people, "str")
    fills = SimpleImputer(strategy="constant", fill_value=-1)
    mixed = people.X[[*NUMBERS, "sex", "alone", "fleet"]]

    def few(X: Any) -> Any:
        return X[list(mixed.columns)]

    rests: list[tuple[str, dict[str, Any], list[Any]]] = [
        ("dropped", {}, [("num", fills, ["age", "height"]), ("cat", _words(), ["sex"])]),
        ("passed through", {"remainder": "passthrough"}, [("num", fills, ["age", "height"]), ("cat", _words(), ["sex"])]),
        ("passed through, sparse", {"remainder": "passthrough", "sparse_threshold": 1.0},
         [("num", fills, ["age", "height"]), ("cat", _words(), ["sex"])]),
        ("scaled", {"remainder": StandardScaler()}, [("num", fills, ["height", "age"]), ("cat", _codes(), ["sex"])]),
        ("piped", {"remainder": _numbers()}, [("cat", _words(), ["sex"]), ("not", "drop", ["fleet"])]),
        ("weighted", {"remainder": "passthrough", "transformer_weights": {"num": 0.3, "cat": 7}},
         [("num", fills, ["age", "height"]), ("cat", _words(), ["sex"])]),
        ("nothing chosen", {"remainder": "passthrough"},
         [("none", StandardScaler(), []), ("num", fills, ["age", "height"]), ("cat", _words(), ["sex"])]),
        ("one column twice", {}, [("a", fills, ["age", "fare"]), ("b", make_pipeline(fills, MinMaxScaler()), ["fare", "age"])]),
    ]
    for shown, parameters, transformers in rests:
        yield make_setting(f"the rest is {shown}", _then(ColumnTransformer(transformers, **parameters), _logistic()), people,
                           "str", few)
        yield make_setting(f"alone, the rest is {shown}", ColumnTransformer(transformers, **parameters), people, "str", few)


def _sparse_decisions(minor: int, seed: int) -> Iterator[Setting]:
    """Sparse answers beside dense ones, below and above the threshold."""
    people = data_set("passengers", seed)
    for threshold in (0, 0.3, 1):
        sparse = _preprocess(words=_words(), sparse_threshold=threshold)
        yield make_setting(f"sparse_threshold {threshold}", _then(sparse, _logistic()), people, "str")
        alone = ColumnTransformer([("num", SimpleImputer(), ["age"]), ("cat", _words(), [*WORDS, "ticket"])],
                                  sparse_threshold=threshold)
        yield make_setting(f"alone, sparse_threshold {threshold}", alone, people, "str")
    wide = ColumnTransformer([("cat", _words(dtype=np.float32), [*WORDS, "ticket"]), ("num", SimpleImputer(), ["height"])],
                             sparse_threshold=1.0, transformer_weights={"num": 0.01})
    # With a smaller tolerance 1.2 takes a sparse_cg that SciPy no longer has.
    model = Ridge(solver="sag", tol=1e-3, random_state=seed)
    yield make_setting("sparse, float32", _then(wide, model), people, costs(people.X))
    # Before 1.5 some cannot be fitted on sparse rows with a scipy of today.
    largest = [("MaxAbsScaler", MaxAbsScaler())] if minor >= 5 else []
    for name, middle in (
        *largest,
        ("StandardScaler", StandardScaler(with_mean=False)),
        ("RobustScaler", RobustScaler(with_centering=False)),
        ("Normalizer", Normalizer()),
        ("Normalizer l1", Normalizer("l1")),
        ("Binarizer", Binarizer(threshold=0.5)),
        ("VarianceThreshold", VarianceThreshold(0.01)),
        ("SelectKBest", SelectKBest(f_classif, k=20)),
        ("PolynomialFeatures", PolynomialFeatures(2, interaction_only=True)),
        ("imputer", SimpleImputer()),
        ("nothing", FunctionTransformer(None, accept_sparse=True)),
    ):
        columns = ColumnTransformer([("cat", _words(), WORDS), ("num", SimpleImputer(), ["siblings", "class"])],
                                    sparse_threshold=1.0)
        model = _logistic(solver="liblinear") if name == "Normalizer" else RandomForestClassifier(5, random_state=seed)
        steps = [("columns", columns), ("middle", middle), ("model", model)]
        yield make_setting(f"sparse {name}", Pipeline(steps), people, two_classes(people, "str"))
    bins = make_pipeline(SimpleImputer(), KBinsDiscretizer(6, strategy="uniform", encode="onehot"),
                         VarianceThreshold(0.0 if minor >= 5 else 0.01))
    yield make_setting("sparse bins", _then(bins, _logistic()), people, "str", lambda X: X[NUMBERS], extreme=False)


def _objects_between(seed: int) -> Iterator[Setting]:
    """Arrays of numbers and words between two column transformers, as imputers give them."""
    people = data_set("passengers", seed)
    names = ["age", "fare", "class", "title", "cabin", "sex"]

    def fill() -> ColumnTransformer:
        return ColumnTransformer(
            [
                ("num", SimpleImputer(), ["age", "fare", "class"]),
                ("cat", SimpleImputer(strategy="constant", fill_value="none"), ["title", "cabin"]),
                ("rest", "passthrough", ["sex"]),
            ]
        )

    encode = [("scale", StandardScaler(), [0, 1]), ("cat", _words(), [3, 4, 5])]
    for shown, transformers, parameters in (
        ("scaled and encoded", encode, {}),
        ("the rest passed through", encode, {"remainder": "passthrough"}),
        ("codes", [("cat", _codes(), slice(3, 6)), ("num", MinMaxScaler(), [2, 1, 0])], {}),
    ):
        steps = [("fill", fill()), ("encode", ColumnTransformer(transformers, **parameters)), ("model", _logistic())]
        yield make_setting(f"objects, {shown}", Pipeline(steps), people, "str", lambda X: X[names])
    yield make_setting("objects, all encoded", Pipeline([("fill", fill()), ("encode", _codes()),
                                                         ("model", DecisionTreeClassifier(max_depth=6, random_state=seed))]),
                       people, "int", lambda X: X[["age", "fare", "class", "title", "cabin", "sex"]], extreme=False)
    yield make_setting("objects, alone", fill(), people, None, lambda X: X[names])
    most = make_pipeline(SimpleImputer(strategy="most_frequent", add_indicator=True), _words())
    yield make_setting("words imputed with their indicator", _then(most, _logistic()), people, "str",
                       lambda X: X[["title", "cabin"]])
    arrays = ColumnTransformer([("num", make_pipeline(SimpleImputer(), StandardScaler()), [0, 1]), ("cat", _words(), [2, 3])])
    yield make_setting("an array of objects", _then(arrays, _logistic()), people, "str",
                       lambda X: X[["age", "fare", "sex", "port"]].to_numpy(dtype=object))


def _pandas_between(minor: int, seed: int) -> Iterator[Setting]:
    """set_output: frames between the steps, chosen from by the names that the first step gave."""
    people = data_set("passengers", seed)
    dense = _words(sparse_output=False)

    def fill(**parameters: Any) -> ColumnTransformer:
        return ColumnTransformer(
            [
                ("num", SimpleImputer(add_indicator=True), ["age", "height", "class"]),
                ("cat", SimpleImputer(strategy="most_frequent"), ["title", "cabin"]),
            ],
            remainder="passthrough",
            **parameters,
        )

    def few(X: Any) -> Any:
        return X[["age", "height", "class", "title", "cabin", "sex", "alone", "fare"]]

    named = [("scale", StandardScaler(), ["num__age", "remainder__fare", "num__missingindicator_age"]),
             ("cat", dense, ["cat__title", "remainder__sex", "cat__cabin"])]
    short = [("scale", RobustScaler(), ["height", "fare"]), ("cat", _codes(), ["sex", "title"]),
             ("flag", "passthrough", ["alone"])]
    typed = [("scale", StandardScaler(), make_column_selector("(age|fare)$")),
             ("cat", dense, make_column_selector("__(sex|title)"))]
    for shown, first, second in (
        ("by name", fill(), ColumnTransformer(named)),
        ("by short names", fill(verbose_feature_names_out=False), ColumnTransformer(short, remainder="drop")),
        ("by selectors", fill(), ColumnTransformer(typed)),
    ):
        steps = [("fill", first), ("encode", second)]
        for name, model in (("logistic regression", _logistic()), ("a forest", RandomForestClassifier(8, random_state=seed))):
            pipeline = Pipeline([*steps, ("model", model)]).set_output(transform="pandas")
            yield make_setting(f"pandas, {shown}, {name}", pipeline, people, "str", few)
        yield make_setting(f"pandas, {shown}, alone", Pipeline(steps).set_output(transform="pandas"), people, None, few)
    whole = _preprocess(words=dense, remainder="drop").set_output(transform="pandas")
    yield make_setting("pandas, numbers and words", _then(whole, _logistic()), people, "str")
    for name, transformer in (("a scaler", StandardScaler()), ("an imputer", SimpleImputer(add_indicator=True)),
                              ("polynomials", make_pipeline(SimpleImputer(), PolynomialFeatures(2))),
                              ("a selector", make_pipeline(SimpleImputer(), SelectKBest(f_classif, k=2)))):
        transformer.set_output(transform="pandas")
        yield make_setting(f"pandas, {name}", make_pipeline(transformer), people, "str", lambda X: X[["age", "fare", "height"]])
    union = FeatureUnion([("scale", StandardScaler()), ("least", MinMaxScaler())]).set_output(transform="pandas")
    yield make_setting("pandas, a union", _then(union, _logistic()), data_set("wine", seed), named=True)


def _target_encoded(minor: int, seed: int) -> Iterator[Setting]:
    from sklearn.preprocessing import TargetEncoder

    people = data_set("passengers", seed)

    def encode() -> ColumnTransformer:
        words = TargetEncoder(random_state=seed)
        return ColumnTransformer([("num", _numbers(), NUMBERS), ("cat", words, [*WORDS, "ticket"])])

    yield make_setting("target encoded, Ridge", _then(encode(), Ridge()), people, costs(people.X))
    yield make_setting("target encoded, two classes", _then(encode(), _logistic()), people, two_classes(people, "str"))
    yield make_setting("target encoded, a forest", _then(encode(), RandomForestRegressor(8, random_state=seed)), people,
                       costs(people.X))
    if minor >= 4:
        yield make_setting("target encoded, three classes", _then(encode(), _logistic()), people, "str")


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _matrices(seed: int) -> Iterator[Setting]:
    """Steps in a row on matrices: float64, float32, integers, gaps."""
    wine, iris, cancer = data_set("wine", seed), data_set("iris", seed), data_set("breast cancer", seed)
    digits, diabetes = data_set("digits", seed), data_set("diabetes", seed)

    def gaps(X: np.ndarray) -> np.ndarray:
        return with_gaps(X, seed)

    forms: list[tuple[str, Split, Callable[[np.ndarray], np.ndarray]]] = [
        ("float64", wine, lambda X: X),
        ("float32", iris, _single),
        ("integers", digits, lambda X: X.astype(np.int32)),
    ]
    for name, data, X in forms:
        for scaler in (StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler(), Normalizer()):
            shown = f"{type(scaler).__name__}, {name}"
            yield make_setting(f"{shown}, logistic regression", make_pipeline(scaler, _logistic()), data, "str", X)
        for tree, model in _trees(seed, True):
            yield make_setting(f"StandardScaler, {name}, {tree}", make_pipeline(StandardScaler(), model), data, "int", X)
    yield make_setting("names", make_pipeline(StandardScaler(), _logistic()), cancer, two_classes(cancer, "str"), named=True)
    yield make_setting("imputed", make_pipeline(SimpleImputer(), StandardScaler(), _logistic()), wine, "str", gaps)
    yield make_setting("imputed, float32", make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler(), _logistic()), iris,
                       "str", lambda X: gaps(X).astype(np.float32))
    yield make_setting("imputed, a tree", make_pipeline(SimpleImputer(add_indicator=True),
                                                        DecisionTreeRegressor(max_depth=6, random_state=seed)), diabetes, X=gaps)
    yield make_setting("polynomials, Ridge", make_pipeline(StandardScaler(), PolynomialFeatures(2), Ridge()), diabetes)
    yield make_setting("polynomials, float32, linear regression",
                       make_pipeline(MinMaxScaler(), PolynomialFeatures(2, include_bias=False), LinearRegression()), diabetes,
                       diabetes.y.astype(np.float32), _single)
    yield make_setting("bins, linear regression",
                       make_pipeline(KBinsDiscretizer(5, strategy="uniform"), LinearRegression()), diabetes)
    yield make_setting("bins in order, a tree",
                       make_pipeline(KBinsDiscretizer(5, encode="ordinal", strategy="kmeans", random_state=seed),
                                     DecisionTreeClassifier(random_state=seed)), wine)
    chosen = SelectPercentile(f_regression, percentile=40)
    yield make_setting("selected, scaled", make_pipeline(chosen, StandardScaler(), Ridge()), diabetes, named=True)
    yield make_setting("log1p", make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), _logistic()), cancer,
                       two_classes(cancer, "bool"), extreme=False)
    yield make_setting("square root, a forest", make_pipeline(FunctionTransformer(np.sqrt),
                                                              RandomForestClassifier(8, random_state=seed)), digits,
                       extreme=False)
    yield make_setting("binarized", make_pipeline(Binarizer(threshold=7), _logistic(max_iter=40)), digits)
    inner = Pipeline([("least", MinMaxScaler()), ("innermost", make_pipeline(Binarizer(threshold=0.4), MaxAbsScaler()))])
    steps = [("scale", StandardScaler()), ("nothing", "passthrough"), ("select", VarianceThreshold()), ("inner", inner),
             ("model", _logistic())]
    yield make_setting("pipelines in pipelines, passthrough", Pipeline(steps), wine, "str")
    yield make_setting("a model alone", Pipeline([("model", _logistic(max_iter=300))]), iris, "str")
    places = ColumnTransformer([("a", StandardScaler(), slice(0, 5)), ("b", MinMaxScaler(), [7, 6]), ("c", "drop", [8])],
                               remainder="passthrough")
    for name, X in (("float64", lambda X: X), ("float32", _single), ("integers", lambda X: np.round(X).astype(np.int64))):
        yield make_setting(f"columns of a matrix, {name}", _then(places, _logistic()), wine, "str", X)


def _unions(seed: int) -> Iterator[Setting]:
    wine, diabetes, people = data_set("wine", seed), data_set("diabetes", seed), data_set("passengers", seed)

    def gaps(X: np.ndarray) -> np.ndarray:
        return with_gaps(X, seed)

    two = [("scale", StandardScaler()), ("least", MinMaxScaler())]
    yield make_setting("a union", _then(FeatureUnion(two), _logistic()), wine, "str")
    yield make_setting("a weighted union", _then(FeatureUnion(two, transformer_weights={"least": 0.25}), _logistic()), wine)
    yield make_setting("a union, dropped and passed through",
                       _then(FeatureUnion([*two, ("not", "drop"), ("same", "passthrough")]), Ridge()), diabetes, named=True)
    yield make_setting("a union of dense and sparse",
                       _then(FeatureUnion([("scale", StandardScaler()), ("bins", KBinsDiscretizer(3, strategy="uniform"))]),
                             _logistic()), wine)
    yield make_setting("a union of float32", _then(FeatureUnion(two), RandomForestClassifier(6, random_state=seed)), wine, "bool",
                       _single)
    imputed = make_union(SimpleImputer(), MissingIndicator(error_on_new=False))
    yield make_setting("a union of imputer and indicator", _then(imputed, _logistic()), wine, "str", gaps)
    sparse = make_union(_words(), OneHotEncoder(handle_unknown="ignore", max_categories=2))
    yield make_setting("a union of sparse answers", _then(sparse, _logistic()), people, "str", lambda X: X[WORDS])
    sign = ColumnTransformer([("f", FunctionTransformer(np.sign), ["fare"])])
    nested = FeatureUnion([("columns", _preprocess()), ("fare", sign)])
    yield make_setting("a union of column transformers", _then(nested, _logistic()), people, "str")


def _without_models(minor: int, seed: int) -> Iterator[Setting]:
    """Compositions of transformers only."""
    wine, people = data_set("wine", seed), data_set("passengers", seed)
    dense = _without_dense(minor)
    yield make_setting("alone, numbers and words", _preprocess(), people)
    yield make_setting("alone, dense", _preprocess(words=_words(**dense), transformer_weights={"cat": 2.5}), people)
    yield make_setting("alone, codes", make_pipeline(_preprocess(words=_codes()), MinMaxScaler()), people)
    yield make_setting("alone, sparse", make_pipeline(_words(), Normalizer("l1")), people, None, lambda X: X[WORDS])
    yield make_setting("alone, a row of scalers", make_pipeline(StandardScaler(), MinMaxScaler((-1, 1)), Normalizer("max")), wine)
    yield make_setting("alone, polynomials", make_pipeline(SimpleImputer(), PolynomialFeatures(2), StandardScaler()), wine,
                       X=lambda X: with_gaps(X, seed)[:, :6])
    yield make_setting("alone, weighted union", FeatureUnion([("a", StandardScaler()), ("b", Normalizer("l1"))],
                                                             transformer_weights={"a": 3, "b": 0.1}), wine)
    whole = _words(dtype=np.int32, **dense)
    yield make_setting("alone, union of float32 and integers", FeatureUnion([("a", MaxAbsScaler()), ("b", whole)]),
                       data_set("digits", seed), X=lambda X: X[:, 10:14].astype(np.float32))
    yield make_setting("alone, several types",
                       ColumnTransformer([("single", MaxAbsScaler(), ["height"]), ("whole", "passthrough", ["siblings", "deck"]),
                                          ("flag", "passthrough", ["alone"])]), people)
    yield make_setting("alone, narrow types", ColumnTransformer([("single", MaxAbsScaler(), ["height"]),
                                                                 ("small", "passthrough", ["deck"])]), people)
    yield make_setting("alone, passed through", ColumnTransformer([("all", "passthrough", ["alone", "sex", "age"])]), people)
