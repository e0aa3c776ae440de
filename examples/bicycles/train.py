"""Stacks three models of used bicycles and exports them for JavaScript.

    python examples/bicycles/train.py [FOLDER]

Needs scikit-learn, pandas and nuthatch_export (``pip install ./python`` from the project's folder). The bicycles are made up,
from a seed. Three files are written to the folder, by default the one of this script:

model.json      the fitted classifier, with golden rows
bicycles.csv    bicycles that it was not fitted on
expected.json   what Python answers for them
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from nuthatch_export import export
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent


def make_bicycles(count, seed):
    """A DataFrame of bicycles, with gaps, and how soon each was sold."""
    random = np.random.RandomState(seed)

    def gaps(values, share):
        return pd.Series(values).mask(random.random_sample(count) < share)

    kind = random.choice(["city", "road", "mountain", "cargo"], count, p=[0.45, 0.25, 0.22, 0.08])
    brand = random.choice(["Aare", "Bora", "Calanda", "Dôle", "Eiger"], count)
    age = np.round(random.gamma(2.2, 2.5, count), 1)
    new = np.where(kind == "cargo", 3200, np.where(kind == "city", 700, 1500)) * random.lognormal(0, 0.25, count)
    price = np.round(new * 0.85**age * random.lognormal(0.05, 0.3, count), -1)
    gears = np.where(kind == "city", random.choice([3, 7, 8], count), random.choice([11, 12, 21, 24], count))
    pictures = random.poisson(3, count)
    bargain = np.log(new * 0.85**age / np.maximum(price, 10))
    score = 3 * bargain + 0.35 * pictures - 0.05 * age + 0.8 * (brand == "Dôle") - 1.4 + random.logistic(0, 0.15, count)
    score += np.where((kind == "road") & (age > 6), -1.2, 0) + np.where((kind == "cargo") | (gears == 11), 1, 0)
    speed = np.select([score > 0.9, score > -0.3], ["a day", "a week"], "longer")
    bicycles = pd.DataFrame(
        {
            "kind": kind,
            "brand": gaps(brand, 0.1),
            "age": gaps(age, 0.15),
            "price": price,
            "new price": np.round(new, -1),
            "gears": gears,
            "pictures": pictures,
        }
    )
    return bicycles, speed


bicycles, speed = make_bicycles(900, seed=1817)
train, held_out = bicycles[:600], bicycles[600:]

numbers, words = make_column_selector(dtype_include="number"), ["kind", "brand"]
codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
linear = make_pipeline(
    make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), words),
    ),
    LogisticRegression(max_iter=500),
)
forest = make_pipeline(
    make_column_transformer((SimpleImputer(), numbers), (codes, words)),
    RandomForestClassifier(n_estimators=6, max_depth=4, random_state=0),
)
boosting = make_pipeline(
    make_column_transformer(("passthrough", numbers), (codes, words)),  # gaps are what it takes
    HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=5, max_bins=12, random_state=0),
)
members = [("linear", linear), ("forest", forest), ("boosting", boosting)]
model = StackingClassifier(members, LogisticRegression(), cv=4).fit(train, speed[:600])

shown = held_out[:10]
export(model, FOLDER / "model.json", rows=held_out[:20], max_rows=16)
shown.to_csv(FOLDER / "bicycles.csv", index=False)
expected = {
    "score": model.score(held_out, speed[600:]),
    "classes": model.classes_.tolist(),
    "predict": model.predict(shown).tolist(),
    "predict_proba": model.predict_proba(shown).tolist(),
}
(FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
alone = {name: round(member.fit(train, speed[:600]).score(held_out, speed[600:]), 2) for name, member in members}
print(f"{len(train)} bicycles fitted; accuracy on {len(held_out)} others: {expected['score']:.2f}, alone {alone}")
