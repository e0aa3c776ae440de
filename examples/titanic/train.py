"""Fits a pipeline on passengers like the Titanic's and exports it for JavaScript.

    python examples/titanic/train.py [FOLDER]

Needs scikit-learn, pandas and nuthatch_export (``pip install ./python`` from the project's folder). The passengers are made
up, from a seed. Three files are written to the folder, by default the one of this script:

model.json       the fitted pipeline, with golden rows
passengers.csv   passengers that it was not fitted on
expected.json    what Python answers for them
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from nuthatch_export import export
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent


def make_passengers(count, seed):
    """A DataFrame of passengers, with gaps, and what became of each."""
    random = np.random.RandomState(seed)

    def gaps(values, share):
        return pd.Series(values).mask(random.random_sample(count) < share)

    pclass = random.choice([1, 2, 3], count, p=[0.25, 0.2, 0.55])
    sex = random.choice(["female", "male"], count, p=[0.36, 0.64])
    age = np.round(np.clip(random.normal(30, 14, count), 0.5, 76), 1)
    family = random.choice([0, 1, 2, 3, 5, 8], count, p=[0.6, 0.2, 0.1, 0.06, 0.03, 0.01])
    fare = np.round(random.lognormal(4.6 - 0.75 * pclass, 0.5), 2)
    port = random.choice(["Southampton", "Cherbourg", "Queenstown", "Belfast"], count, p=[0.72, 0.19, 0.085, 0.005])
    deck = np.where(pclass == 1, random.choice(list("ABCDE"), count), random.choice(list("EFG"), count))
    ticket = [f"{number:05d}" for number in random.randint(100_000, size=count)]
    chance = 2.4 * (sex == "female") - 0.9 * (pclass - 2) - 0.03 * (age - 30) - 0.3 * family - 1.1
    fate = np.where(chance + random.logistic(0, 0.6, count) > 0, "survived", "died")
    passengers = pd.DataFrame(
        {
            "ticket": ticket,
            "pclass": pclass,
            "sex": sex,
            "age": gaps(age, 0.2),
            "family": family,
            "fare": gaps(fare, 0.02),
            "embarked": gaps(port, 0.03),
            "deck": gaps(deck, 0.6),
        }
    )
    return passengers, fate


passengers, fate = make_passengers(900, seed=1912)
train, held_out = passengers[:800], passengers[800:]

numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
words = make_pipeline(
    SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
)
deck = make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder(handle_unknown="ignore"))
columns = ColumnTransformer(
    [
        ("numbers", numbers, ["age", "family", "fare"]),
        ("sex", OneHotEncoder(drop="if_binary"), ["sex"]),
        ("words", words, ["embarked"]),
        ("deck", deck, ["deck"]),
        ("class", OrdinalEncoder(), ["pclass"]),
    ]
)  # the ticket is in no list, and so dropped
model = make_pipeline(columns, LogisticRegression()).fit(train, fate[:800])

shown = held_out[:12]
export(model, FOLDER / "model.json", rows=held_out[:40])
shown.to_csv(FOLDER / "passengers.csv", index=False, lineterminator="\n")
expected = {
    "score": model.score(held_out, fate[800:]),
    "classes": model.classes_.tolist(),
    "predict": model.predict(shown).tolist(),
    "predict_proba": model.predict_proba(shown).tolist(),
}
(FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
print(f"{len(train)} passengers fitted; accuracy on {len(held_out)} others: {expected['score']}")
