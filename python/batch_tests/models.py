"""Models of several kinds, fitted on small seeded data, with rows that they were not fitted on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

ROWS = 3000
NUMBERS = ["width", "height", "length of it", "weight.kg"]


class Case(NamedTuple):
    model: Any
    rows: pd.DataFrame
    methods: tuple[str, ...]
    # How near scikit-learn's own: sums over trees are the same to the bit, BLAS sums products in no fixed order.
    rtol: float = 0


def make_rows(seed: int, rows: int = ROWS) -> pd.DataFrame:
    random = np.random.RandomState(seed)
    frame = pd.DataFrame(np.round(random.standard_normal((rows, 4)) * 3, 3), columns=NUMBERS)
    frame["town"] = random.choice(["Oslo", "Bergen", "Ålesund", "山"], rows)
    frame["count"] = random.randint(0, 9, rows)
    return frame


def forest() -> Case:
    train = make_rows(0, 300)
    labels = np.where(train["width"] > 1, "big", np.where(train["height"] > 0, "tall", "small"))
    model = RandomForestClassifier(20, random_state=0).fit(train[NUMBERS], labels)
    return Case(model, make_rows(1)[NUMBERS], ("predict", "predict_proba"))


def pipeline() -> Case:
    train = _with_gaps(make_rows(2, 300))
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), [*NUMBERS, "count"]),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), ["town"]),
    )
    labels = (train["count"] + train["width"].fillna(0) > 4).astype(int)
    model = make_pipeline(columns, LogisticRegression()).fit(train, labels)
    return Case(model, _with_gaps(make_rows(3)), ("predict", "predict_proba"), 1e-14)


def regression() -> Case:
    train = _with_gaps(make_rows(4, 300))[[*NUMBERS, "count"]]
    target = train["width"].fillna(0) * 2 + train["count"]
    model = HistGradientBoostingRegressor(max_iter=20).fit(train, target)
    return Case(model, _with_gaps(make_rows(5))[[*NUMBERS, "count"]], ("predict",))


def targets() -> Case:
    train = make_rows(6, 300)
    model = RandomForestRegressor(8, random_state=0).fit(train[NUMBERS], train[["count", "width"]])
    return Case(model, make_rows(7)[NUMBERS], ("predict",))


def singles() -> Case:
    train = make_rows(8, 300)[NUMBERS].astype(np.float32)
    model = LinearRegression().fit(train, train["width"] * 2 - train["height"])
    return Case(model, make_rows(9)[NUMBERS].astype(np.float32), ("predict",), 1e-3)


def strict() -> Case:
    """Refuses towns that it does not know."""
    train = make_rows(10, 300)
    columns = make_column_transformer((OrdinalEncoder(), ["town"]), remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(train[["town", "count"]], train["width"])
    return Case(model, make_rows(11)[["town", "count"]], ("predict",))


SHORT = ["forest", "pipeline"]
CASES = {one.__name__: one for one in (forest, pipeline, regression, targets, singles)}


def _with_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    random = np.random.RandomState(len(frame))
    frame = frame.copy()
    frame.loc[random.random_sample(len(frame)) < 0.1, "width"] = np.nan
    frame["town"] = frame["town"].astype(object)
    frame.loc[random.random_sample(len(frame)) < 0.1, "town"] = np.nan
    frame["count"] = frame["count"].astype(float)
    return frame


def expected(case: Case) -> dict[str, np.ndarray]:
    """What scikit-learn answers, by method."""
    return {method: getattr(case.model, method)(case.rows) for method in case.methods}
