"""Settings of tables: pandas' own types of columns, into what chooses columns by their type."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import numpy as np
import pandas
from setting import Setting, data_set, make_setting
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

IGNORE = {"handle_unknown": "ignore"}
UNKNOWN = {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2}


def table_settings(minor: int, seed: int) -> Iterator[Setting]:
    people = data_set("passengers", seed)
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    by_type = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(**IGNORE), make_column_selector(dtype_exclude="number")),
    )

    def logistic(preprocess: Any) -> Any:
        return make_pipeline(preprocess, LogisticRegression(max_iter=60))

    def forest(preprocess: Any) -> Any:
        return make_pipeline(preprocess, RandomForestClassifier(n_estimators=5, max_depth=6, random_state=seed))

    def setting(name: str, estimator: Any, X: Callable[[Any], Any], y: str = "str") -> Setting:
        return make_setting(name, estimator, people, y, X, extreme=False)

    yield setting("numbers with NA", logistic(by_type), typed(age="Float64", siblings="Int64", fare="Float32", alone="boolean"))
    yield setting("narrow numbers with NA", forest(by_type), typed(age="Float32", siblings="Int8", deck="UInt16"))
    yield setting("strings", logistic(by_type), strings_of_pandas)
    imputed = make_pipeline(SimpleImputer(missing_values=pandas.NA, strategy="constant", fill_value="none"), OneHotEncoder(**IGNORE))
    yield setting("strings with NA, filled", logistic(ColumnTransformer([("w", imputed, ["sex", "port"])])), strings_with_na)
    yield setting("ordered categories", logistic(by_type), ordered)
    yield setting("categories that are numbers", forest(codes(["siblings", "class"])), typed(siblings="category", **{"class": "category"}))
    yield setting("categories that are booleans", logistic(codes(["alone"])), typed(alone="category"))
    strings = make_column_selector(dtype_include=["category", "object", "string"] if minor >= 3 else ["category", object])
    chosen = ColumnTransformer([("w", OrdinalEncoder(**UNKNOWN), strings), ("b", "passthrough", make_column_selector(dtype_include=bool))])
    yield setting("types of several sorts, booleans as they are", forest(chosen), typed(sex="category", title="category"))
    rest = ColumnTransformer([("w", OneHotEncoder(**IGNORE), make_column_selector("^(sex|port|t)"))], remainder=SimpleImputer())
    yield setting("names of a pattern, and the rest", logistic(rest), few)
    if minor >= 2:
        gaps = SimpleImputer(strategy="most_frequent", missing_values=None)
        filled = ColumnTransformer([("w", make_pipeline(gaps, OneHotEncoder(**IGNORE)), ["port"])])
        yield setting("None among words", logistic(filled), with_none)
    yield setting("None and NaN among words, one category", logistic(encoded(["port"])), with_none)
    booleans = ColumnTransformer([("b", OrdinalEncoder(**UNKNOWN), ["alone"])])
    yield setting("booleans with gaps", forest(booleans), boolean_gaps)
    yield setting("float16 and integers of 8 bits", forest(numbers_only()), typed(age="float16", siblings="int8", deck="uint8"))
    if minor >= 4:
        boosted = HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=6, categorical_features="from_dtype", random_state=seed)
        yield setting("boosting, ordered categories and NA", boosted, boosting_types)
    if minor >= 2:
        framed = make_pipeline(by_type_dense(numbers), StandardScaler(), LogisticRegression(max_iter=60)).set_output(transform="pandas")
        yield setting("set_output of a whole, types chosen", framed, few)


def few(frame: Any) -> Any:
    return frame[["age", "fare", "siblings", "class", "sex", "port", "title"]]


def typed(**types: str) -> Callable[[Any], Any]:
    """Columns as these types."""

    def change(frame: Any) -> Any:
        names = ["age", "fare", "siblings", "deck", "class", "sex", "title", "alone", "port"]
        return frame[[name for name in names if name in frame]].astype(types)

    return change


def ordered(frame: Any) -> Any:
    made = few(frame).copy()
    made["title"] = pandas.Categorical(made["title"], categories=["Rev", "Mr", "Mrs", "Miss", "Master", "Dr"], ordered=True)
    return made


def strings_with_na(frame: Any) -> Any:
    return typed(sex="string", port="string", title="string")(frame)


def strings_of_pandas(frame: Any) -> Any:
    made = strings_with_na(frame)
    return made.fillna({name: "none" for name in ("sex", "port", "title")})


def boosting_types(frame: Any) -> Any:
    return typed(age="Float64", siblings="Int64", sex="category", port="category")(ordered(frame))


def with_none(frame: Any) -> Any:
    """Every other gap is None, the others are NaN."""
    made = few(frame).copy()
    words = np.array(made["port"].astype(object), dtype=object)
    words[::5] = None
    made["port"] = pandas.Series(words, dtype=object, index=made.index)
    return made


def boolean_gaps(frame: Any) -> Any:
    made = few(frame).copy()
    flags = np.array(frame["alone"].astype(object), dtype=object)
    flags[::7] = np.nan
    made["alone"] = pandas.Series(flags, dtype=object, index=made.index)
    return made


def codes(names: list[str]) -> Any:
    return ColumnTransformer([("c", OrdinalEncoder(**UNKNOWN), names)], remainder="drop")


def encoded(names: list[str]) -> Any:
    return ColumnTransformer([("c", OneHotEncoder(**IGNORE), names)], remainder="drop")


def numbers_only() -> Any:
    return ColumnTransformer([("n", SimpleImputer(), ["age", "siblings", "deck", "fare"])])


def by_type_dense(numbers: Any) -> Any:
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(**IGNORE, sparse_output=False), make_column_selector(dtype_exclude="number")),
    )
