"""Settings of single transformers: scalers, imputers, encoders, discretizers and selectors."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import numpy as np
from data_sets import costs, relabel, weights, with_gaps
from setting import Setting, data_set, make_setting, two_classes
from sklearn.feature_selection import (
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
    chi2,
    f_classif,
    f_regression,
)
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

WORDS = ["sex", "port", "title", "cabin"]
# Functions that take any number, and those that want numbers above 0.
FUNCTIONS = [np.abs, np.tanh, np.square, np.sign, np.exp, np.expm1, np.floor, np.ceil, np.rint, np.trunc, np.negative]
FUNCTIONS_OF_POSITIVE = [np.log1p, np.sqrt, np.log, np.reciprocal]


def transformer_settings(minor: int, seed: int) -> Iterator[Setting]:
    """Every setting that scikit-learn 1.``minor`` has."""
    yield from _scalers(seed)
    yield from _row_by_row(seed)
    yield from _imputers(minor, seed)
    yield from _one_hot(minor, seed)
    yield from _ordinal(minor, seed)
    yield from _labels(seed)
    if minor >= 3:
        yield from _target(minor, seed)
    yield from _bins(minor, seed)
    yield from _functions(minor, seed)
    yield from _selectors(minor, seed)


def _single(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32)


def _whole(X: np.ndarray) -> np.ndarray:
    """Integers, a constant column among them."""
    return np.column_stack([np.round(X).astype(np.int64), np.full(len(X), 7)])


def _constants(X: np.ndarray) -> np.ndarray:
    """Columns that are constant, or nearly."""
    return np.column_stack([X, np.zeros(len(X)), np.full(len(X), 0.1), np.full(len(X), 1e9) + X[:, 0] * 1e-9])


def _gaps(seed: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda X: with_gaps(X, seed)


def _columns(names: list[str]) -> Callable[[Any], Any]:
    return lambda X: X[names]


def _objects(names: list[str], missing: Any) -> Callable[[Any], np.ndarray]:
    """Columns of words as an array of objects, with ``missing`` where a value is missing."""

    def choose(X: Any) -> np.ndarray:
        values = X[names].to_numpy(dtype=object)
        return np.where(X[names].isna().to_numpy(), missing, values)

    return choose


def _scalers(seed: int) -> Iterator[Setting]:
    wine, cancer, iris = data_set("wine", seed), data_set("breast cancer", seed), data_set("iris", seed)
    scalers = [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        StandardScaler(with_mean=False, with_std=False),
        MinMaxScaler(),
        MinMaxScaler(feature_range=(-1.5, 2)),
        MinMaxScaler(clip=True),
        MinMaxScaler(feature_range=(-3, -1), clip=True),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(unit_variance=True, quantile_range=(10.0, 80.0)),
        RobustScaler(with_centering=False),
        RobustScaler(with_scaling=False),
    ]
    for scaler in scalers:
        shown = ", ".join(f"{name}={value}" for name, value in scaler.get_params().items() if name != "copy")
        kind = type(scaler)
        for name, data, X in (
            ("constants", wine, _constants),
            ("missing values", wine, _gaps(seed)),
            ("float32", iris, _single),
            ("integers", cancer, _whole),
        ):
            yield make_setting(f"{shown}, {name}", kind(**scaler.get_params()), data, X=X, named=name == "missing values")
    yield make_setting("sample weights", StandardScaler(), wine, fit={"sample_weight": weights(len(wine.y), seed)})
    yield make_setting("float32, missing values", StandardScaler(), wine, X=lambda X: with_gaps(X, seed).astype(np.float32))
    yield make_setting("large numbers", StandardScaler(), wine, X=lambda X: X * 1e150)
    yield make_setting("large float32", StandardScaler(), iris, X=lambda X: (X * 1e18).astype(np.float32))
    for kind in (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler):
        yield make_setting("booleans", kind(), wine, X=lambda X: X > X.mean(axis=0))


def _row_by_row(seed: int) -> Iterator[Setting]:
    wine, iris, digits = data_set("wine", seed), data_set("iris", seed), data_set("digits", seed)
    forms = (("float64", wine, lambda X: X), ("float32", iris, _single), ("integers, rows of 0", digits, _rows_of_zero))
    for name, data, X in forms:
        for norm in ("l1", "l2", "max"):
            yield make_setting(f"{norm}, {name}", Normalizer(norm=norm), data, X=X)
        for threshold in (0.0, 2.5, 7):
            yield make_setting(f"threshold {threshold}, {name}", Binarizer(threshold=threshold), data, X=X)
    few = (("float64", iris, lambda X: X), ("float32", iris, _single), ("integers", iris, _whole), ("wide", wine, lambda X: X))
    polynomials = {
        "degree 2": {},
        "degree 3": {"degree": 3},
        "degrees 2 to 3": {"degree": (2, 3)},
        "degrees 0 to 1": {"degree": (0, 1)},
        "interactions": {"degree": 3, "interaction_only": True},
        "no bias": {"include_bias": False},
        "interactions of 2 to 4, no bias": {"degree": (2, 4), "interaction_only": True, "include_bias": False},
        "Fortran order": {"degree": 2, "order": "F"},
    }
    for shown, parameters in polynomials.items():
        for name, data, X in few:
            yield make_setting(f"{shown}, {name}", PolynomialFeatures(**parameters), data, X=X)


def _rows_of_zero(X: np.ndarray) -> np.ndarray:
    rows = X.astype(np.int64)
    rows[::9] = 0
    return rows


def _imputers(minor: int, seed: int) -> Iterator[Setting]:
    wine, iris, people = data_set("wine", seed), data_set("iris", seed), data_set("passengers", seed)
    empty: list[dict[str, Any]] = [{}, *([{"keep_empty_features": True}] if minor >= 2 else [])]

    def emptied(X: np.ndarray) -> np.ndarray:
        return np.column_stack([with_gaps(X, seed)[:, :4], np.full(len(X), np.nan), X[:, 4:6]])

    def minus_one(X: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(with_gaps(X, seed)), -1, np.round(X)).astype(np.int64)

    strategies = ["mean", "median", "most_frequent", "constant"]
    for strategy in strategies:
        for indicator in (False, True):
            made = {"strategy": strategy, "add_indicator": indicator}
            shown = f"{strategy}{', indicator' * indicator}"
            yield make_setting(shown, SimpleImputer(**made), wine, X=_gaps(seed), named=indicator)
            yield make_setting(f"{shown}, float32", SimpleImputer(**made), iris,
                               X=lambda X: with_gaps(X, seed).astype(np.float32))
            yield make_setting(f"{shown}, integers, -1", SimpleImputer(missing_values=-1, **made), wine, X=minus_one)
            for more in empty:
                yield make_setting(f"{shown}, an empty column{', kept' * len(more)}", SimpleImputer(**made, **more), wine,
                                   X=emptied)
    yield make_setting("constant -7.5", SimpleImputer(strategy="constant", fill_value=-7.5), wine, X=_gaps(seed))
    yield make_setting("missing 0", SimpleImputer(missing_values=0, add_indicator=True), data_set("digits", seed))
    yield make_setting("no gaps in fitting", SimpleImputer(add_indicator=True), iris)
    text = {"most_frequent": {}, "constant": {}, "constant, a word": {"fill_value": "none"}}
    forms = [("NaN", np.nan), ("None", None), ("'NA'", "NA")]
    for strategy, more in text.items():
        for shown, missing in forms:
            for indicator in (False, True):
                imputer = SimpleImputer(strategy=strategy.split(",")[0], missing_values=missing, add_indicator=indicator, **more)
                yield make_setting(f"{strategy}, objects, {shown}{', indicator' * indicator}", imputer, people,
                                   X=_objects(["port", "title", "sex"], missing))
        yield make_setting(f"{strategy}, a frame of words", SimpleImputer(strategy=strategy.split(",")[0], **more), people,
                           X=_columns(["title", "cabin"]))
    yield make_setting("most_frequent, a frame of numbers", SimpleImputer(strategy="most_frequent"), people,
                       X=_columns(["age", "height", "siblings"]))
    for features in ("missing-only", "all"):
        for sparse in (False, True, "auto"):
            indicator = MissingIndicator(features=features, sparse=sparse, error_on_new=False)
            yield make_setting(f"{features}, sparse {sparse}", indicator, wine, X=_gaps(seed))
        yield make_setting(f"{features}, -1", MissingIndicator(features=features, missing_values=-1, error_on_new=False), wine,
                           X=minus_one)
        yield make_setting(f"{features}, words", MissingIndicator(features=features, missing_values=None), people,
                           X=_objects(["port", "sex"], None))
    yield make_setting("new gaps are refused", MissingIndicator(), wine, X=_gaps(seed), named=True)


def _one_hot(minor: int, seed: int) -> Iterator[Setting]:
    people = data_set("passengers", seed)
    dense = {"sparse_output" if minor >= 2 else "sparse": False}
    port, title = _columns(["sex", "port"]), _columns(WORDS)
    numbers = _columns(["siblings", "deck", "class"])
    ignore = {"handle_unknown": "ignore"}
    infrequent = {"handle_unknown": "infrequent_if_exist"}
    made: list[tuple[str, dict[str, Any], Any]] = [
        ("words", {}, title),
        ("words, dense", dense, title),
        ("words, ignore, float32", {**ignore, "dtype": np.float32}, title),
        ("words, ignore, dense, int32", {**ignore, **dense, "dtype": np.int32}, title),
        ("words, drop first", {"drop": "first", **dense}, title),
        ("words, drop first, ignore", {"drop": "first", **ignore}, title),
        ("words, drop if_binary", {"drop": "if_binary"}, title),
        ("words, drop if_binary, ignore", {"drop": "if_binary", **ignore, **dense}, title),
        ("words, drop an array", {"drop": np.array(["male", "Queenstown"], dtype=object)}, port),
        ("words, given categories", {"categories": [["male", "female", "other"], ["Mrs", "Mr", "Queen"]], **ignore},
         _columns(["sex", "title"])),
        ("many words, ignore", ignore, _columns(["ticket", "sex"])),
        ("many words, min_frequency", {**infrequent, "min_frequency": 5}, _columns(["ticket", "title", "cabin"])),
        ("words, min_frequency a share, dense", {**infrequent, **dense, "min_frequency": 0.08}, title),
        ("words, max_categories", {**infrequent, "max_categories": 3}, title),
        ("words, max_categories, min_frequency, ignore", {**ignore, "max_categories": 4, "min_frequency": 20}, title),
        ("words, infrequent, drop first", {**infrequent, "max_categories": 3, "drop": "first"}, title),
        ("words, infrequent, drop if_binary", {**infrequent, "min_frequency": 60, "drop": "if_binary"}, title),
        ("words, nothing infrequent", infrequent, title),
        ("integers", {}, _columns(["class", "deck"])),
        ("integers, ignore", {**ignore, **dense}, numbers),
        ("integers, max_categories", {**infrequent, "max_categories": 3}, numbers),
        ("integers, given categories", {"categories": [[0, 1, 2], [1, 3, 5]], **ignore}, _columns(["siblings", "deck"])),
        ("booleans, words", ignore, _columns(["alone", "sex"])),
        ("booleans", {"drop": "if_binary"}, _columns(["alone"])),
        ("floats with gaps", {**ignore, **dense}, lambda X: np.round(X[["age", "height"]].to_numpy(dtype=np.float64) / 20)),
        ("float32 with gaps", ignore, lambda X: np.round(X[["age", "height"]].to_numpy(dtype=np.float32) / 20)),
        ("matrix of integers", ignore, lambda X: X[["siblings", "class"]].to_numpy()),
        ("matrix of booleans", {**ignore, **dense}, lambda X: np.column_stack([X["alone"], X["class"] > 1])),
        ("objects with None", ignore, _objects(WORDS, None)),
        ("objects with NaN", {**ignore, **dense}, _objects(WORDS, np.nan)),
        ("objects with NaN, drop first", {"drop": "first"}, _objects(["port", "title"], np.nan)),
        ("strings of fixed width", ignore, lambda X: X[["sex", "ticket"]].to_numpy(dtype=object).astype(str)),
        ("objects of numbers and words", ignore, lambda X: X[["class", "sex"]].to_numpy(dtype=object)),
    ]
    if minor >= 6:
        made += [
            ("words, warn", {"handle_unknown": "warn"}, _columns(["ticket", "sex"])),
            ("words, warn, infrequent", {"handle_unknown": "warn", "min_frequency": 30}, title),
        ]
    for shown, parameters, X in made:
        yield make_setting(shown, OneHotEncoder(**parameters), people, X=X, extreme=False)


def _ordinal(minor: int, seed: int) -> Iterator[Setting]:
    people = data_set("passengers", seed)
    unknown = {"handle_unknown": "use_encoded_value", "unknown_value": -1}
    as_nan = {"handle_unknown": "use_encoded_value", "unknown_value": np.nan}
    made: list[tuple[str, dict[str, Any], Any]] = [
        ("words", {}, _columns(WORDS)),
        ("words, unknown -1", unknown, _columns([*WORDS, "ticket"])),
        ("words, unknown NaN", as_nan, _columns([*WORDS, "ticket"])),
        ("words, missing -2, unknown -1", {**unknown, "encoded_missing_value": -2}, _columns(WORDS)),
        ("words, missing -2", {"encoded_missing_value": -2}, _columns(WORDS)),
        ("words, unknown 99, int16", {**unknown, "unknown_value": 99, "encoded_missing_value": 98, "dtype": np.int16},
         _columns(WORDS)),
        ("words, float32", {**unknown, "dtype": np.float32}, _columns(WORDS)),
        ("words without gaps, int64", {"dtype": np.int64}, _columns(["sex"])),
        ("words, given categories", {"categories": [["male", "female"], ["Mr", "Mrs", "Miss"]], **unknown},
         lambda X: _objects(["sex", "title"], "Mr")(X)),
        ("integers", {}, _columns(["class", "deck"])),
        ("integers, unknown -1", unknown, _columns(["siblings", "class", "deck"])),
        ("booleans, words, unknown -1", unknown, _columns(["alone", "sex"])),
        ("floats with gaps, unknown -1", unknown, lambda X: np.round(X[["age", "height"]].to_numpy(dtype=np.float64) / 20)),
        ("matrix of integers", unknown, lambda X: X[["siblings", "class"]].to_numpy()),
        ("objects with None", unknown, _objects(WORDS, None)),
        ("objects with NaN", {**unknown, "encoded_missing_value": 50}, _objects(WORDS, np.nan)),
        ("strings of fixed width", unknown, lambda X: X[["sex", "ticket"]].to_numpy(dtype=object).astype(str)),
    ]
    if minor >= 3:
        made += [
            ("words, min_frequency", {**unknown, "min_frequency": 30}, _columns(WORDS)),
            ("words, max_categories", {**unknown, "max_categories": 3}, _columns([*WORDS, "ticket"])),
            ("words, max_categories, missing -2", {**unknown, "max_categories": 2, "encoded_missing_value": -2}, _columns(WORDS)),
            ("integers, min_frequency", {**unknown, "min_frequency": 0.1}, _columns(["siblings", "class", "deck"])),
        ]
    for shown, parameters, X in made:
        yield make_setting(shown, OrdinalEncoder(**parameters), people, X=X, extreme=False)


def _labels(seed: int) -> Iterator[Setting]:
    wine = data_set("wine", seed)
    for kind in ("int", "negative", "int8", "uint16", "str", "object", "bool", "float", "float32"):
        labels = relabel(wine.y, kind)
        yield Setting(f"{kind} labels", LabelEncoder(), labels, None, labels[::-1], {})


def _target(minor: int, seed: int) -> Iterator[Setting]:
    from sklearn.preprocessing import TargetEncoder

    people = data_set("passengers", seed)
    two = two_classes(people, "str")
    money = costs(people.X)
    words, numbers = _columns([*WORDS, "ticket"]), _columns(["siblings", "deck", "class"])
    both = _columns(["class", "sex", "alone"])

    def make(**parameters: Any) -> TargetEncoder:
        return TargetEncoder(random_state=seed, **parameters)

    for shown, X in (("words", words), ("integers", numbers), ("integers, words, booleans", both)):
        yield make_setting(f"two classes, {shown}", make(), people, two, X, extreme=False)
        yield make_setting(f"continuous, {shown}", make(), people, money, X, extreme=False)
        if minor >= 4:
            yield make_setting(f"three classes, {shown}", make(), people, "str", X, extreme=False)
    yield make_setting("two classes, smooth 10", make(smooth=10.0, target_type="binary"), people,
                       two_classes(people, "int"), words)
    yield make_setting("continuous, smooth 0.5", make(smooth=0.5, target_type="continuous"), people, money, words)
    yield make_setting("booleans as classes", make(), people, two_classes(people, "bool"), words)
    yield make_setting("given categories", make(categories=[["female", "male", "other"], ["T-001", "T-002"]]), people, money,
                       lambda X: X[["sex", "ticket"]].where(X["ticket"].isin(["T-001", "T-002"]), ["male", "T-001"]))
    yield make_setting("objects with None", make(), people, money, _objects(WORDS, None))
    yield make_setting("floats with gaps", make(), people, money,
                       lambda X: np.round(X[["age", "height"]].to_numpy(dtype=np.float64) / 20))
    if minor >= 4:
        yield make_setting("three classes, smooth 3", make(smooth=3.0), people, "negative", words)
        yield make_setting("three classes, objects with NaN", make(), people, "object", _objects(WORDS, np.nan))


def _bins(minor: int, seed: int) -> Iterator[Setting]:
    wine, iris, digits = data_set("wine", seed), data_set("iris", seed), data_set("digits", seed)
    fixed: dict[str, Any] = {"random_state": seed, "subsample": None}
    methods = [{"quantile_method": method} for method in ("averaged_inverted_cdf", "linear", "hazen")] if minor >= 7 else [{}]
    for strategy in ("uniform", "quantile", "kmeans"):
        for encode in ("onehot", "onehot-dense", "ordinal"):
            for number, more in enumerate(methods if strategy == "quantile" else [{}]):
                made = {**fixed, "strategy": strategy, "encode": encode, **more}
                shown = ", ".join([strategy, encode, *more.values()])
                yield make_setting(shown, KBinsDiscretizer(**made), wine, named=encode == "ordinal")
                if number > 0:
                    continue
                yield make_setting(f"{shown}, 3 bins, float32", KBinsDiscretizer(n_bins=3, **made), iris, X=_single)
                yield make_setting(f"{shown}, bins of each, constants", KBinsDiscretizer(n_bins=[2, 3, 4, 6, 2], **made), iris,
                                   X=lambda X: np.column_stack([X, np.full(len(X), 0.1)]))
                yield make_setting(f"{shown}, float32 for float64", KBinsDiscretizer(dtype=np.float32, **made), wine)
    quantile = methods[0]
    yield make_setting("quantile, integers with many ties", KBinsDiscretizer(encode="ordinal", **fixed, **quantile), digits,
                       X=lambda X: X[:, 18:30].astype(np.int64))


def _functions(minor: int, seed: int) -> Iterator[Setting]:
    wine, iris = data_set("wine", seed), data_set("iris", seed)
    forms = (("float64", wine, lambda X: X), ("float32", iris, _single), ("integers", iris, _whole))
    for name, data, X in forms:
        yield make_setting(f"no function, {name}", FunctionTransformer(), data, X=X)
        for function in [*FUNCTIONS, *FUNCTIONS_OF_POSITIVE]:
            if function is np.reciprocal and name == "integers":
                continue  # of 0 it is whatever the processor says
            yield make_setting(f"{function.__name__}, {name}", FunctionTransformer(function), data, X=X)
    yield make_setting("log1p, validated, names", FunctionTransformer(np.log1p, validate=True), wine, named=True)
    yield make_setting("log1p and expm1", FunctionTransformer(np.log1p, inverse_func=np.expm1, check_inverse=False), wine)
    people = data_set("passengers", seed)
    yield make_setting("log1p of a frame", FunctionTransformer(np.log1p, feature_names_out="one-to-one"), people,
                       X=_columns(["age", "fare", "siblings"]))
    yield make_setting("no function, a mixed frame", FunctionTransformer(), people)


def _selectors(minor: int, seed: int) -> Iterator[Setting]:
    cancer, digits, diabetes = data_set("breast cancer", seed), data_set("digits", seed), data_set("diabetes", seed)
    wine = data_set("wine", seed)
    yield make_setting("threshold 0, constants", VarianceThreshold(), wine, X=_constants)
    yield make_setting("threshold 0.5, missing values", VarianceThreshold(0.5), wine, X=_gaps(seed), named=True)
    yield make_setting("threshold 3, integers", VarianceThreshold(3.0), digits, X=lambda X: X.astype(np.uint8))
    yield make_setting("threshold 0.01, float32", VarianceThreshold(0.01), cancer, X=_single)
    yield make_setting("f_classif, 7 best", SelectKBest(f_classif, k=7), cancer, named=True)
    yield make_setting("chi2, 20 best, integers", SelectKBest(chi2, k=20), digits, X=lambda X: X.astype(np.int32))
    yield make_setting("all", SelectKBest(f_regression, k="all"), diabetes)
    yield make_setting("f_regression, 3 best, float32", SelectKBest(f_regression, k=3), diabetes, X=_single)
    yield make_setting("booleans", SelectKBest(chi2, k=5), wine, X=lambda X: X > X.mean(axis=0))
    people = data_set("passengers", seed)
    yield make_setting("a frame", SelectKBest(f_classif, k=2), people, X=_columns(["fare", "siblings", "class", "deck"]))
    yield make_setting("10 %", SelectPercentile(f_classif), cancer)
    yield make_setting("30 %, f_regression", SelectPercentile(f_regression, percentile=30), diabetes, named=True)
    yield make_setting("100 %, chi2", SelectPercentile(chi2, percentile=100), digits)
    for kind in (SelectFpr, SelectFdr, SelectFwe):
        yield make_setting("alpha 0.05", kind(), cancer)
        yield make_setting("alpha 1e-9, float32", kind(f_classif, alpha=1e-9), cancer, X=_single)
        yield make_setting("f_regression, names", kind(f_regression, alpha=1e-4), diabetes, named=True)
    modes = {"percentile": 25, "k_best": 4, "fpr": 1e-6, "fdr": 1e-6, "fwe": 1e-6}
    for mode, parameter in modes.items():
        yield make_setting(f"{mode} {parameter}", GenericUnivariateSelect(f_classif, mode=mode, param=parameter), cancer)
