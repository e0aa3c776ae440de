"""Calibrates gradient boosting on the weather of the day before, and exports it for JavaScript.

    python examples/rain/train.py [FOLDER]

Needs scikit-learn, pandas and nuthatch_export (``pip install ./python`` from the project's folder). The weather is made up,
from a seed. Three files are written to the folder, by default the one of this script:

model.json      the fitted classifier, with golden rows
days.ndjson     days that it was not fitted on, a record a line; a gap is null
expected.json   what Python answers for them
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from nuthatch_export import export
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent


def make_days(count, seed):
    """A DataFrame of measurements, with gaps, and whether it rained the day after."""
    random = np.random.RandomState(seed)
    day = random.randint(365, size=count)
    season = np.cos((day - 200) / 365 * 2 * np.pi)
    fall = random.normal(0, 4, count)
    humidity = np.clip(random.normal(68 - 6 * season, 14, count), 15, 100)
    wind = random.gamma(2, 1.8, count)
    temperature = 9 + 10 * season + random.normal(0, 4, count)
    chance = 0.09 * (humidity - 72) + 0.35 * fall + 0.25 * (wind - 3.5) * (fall > 0) + 0.4 * season - 0.5
    rains = chance + random.logistic(0, 1, count) > 0
    days = pd.DataFrame(
        {
            "day": day,
            "temperature": temperature.round(1),
            "humidity": humidity.round(),
            "wind": wind.round(1),
            "fall of pressure": fall.round(1),
        }
    )
    return days.mask(random.random_sample(days.shape) < 0.06), np.where(rains, "rain", "dry")


days, weather = make_days(1200, seed=1864)
train, held_out = days[:900], days[900:]

# Boosting is too sure of itself; what its scores mean is learnt on the part of the days that each copy has not seen.
boosting = HistGradientBoostingClassifier(max_iter=12, learning_rate=0.6, max_leaf_nodes=6, max_bins=12, random_state=0)
model = CalibratedClassifierCV(boosting, method="isotonic", cv=3).fit(train, weather[:900])

shown = held_out[:10]
export(model, FOLDER / "model.json", rows=held_out[:20], max_rows=16)
lines = [json.dumps({name: None if gap else value for (name, value), gap in zip(row.items(), row.isna())})
         for _, row in shown.iterrows()]
(FOLDER / "days.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
expected = {
    "score": model.score(held_out, weather[900:]),
    "classes": model.classes_.tolist(),
    "predict": model.predict(shown).tolist(),
    "predict_proba": model.predict_proba(shown).tolist(),
}
(FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


def brier(classifier):
    """How far probabilities of rain are from what came, squared."""
    return round(brier_score_loss(weather[900:] == "rain", classifier.predict_proba(held_out)[:, 1]), 3)


boosting.fit(train, weather[:900])
print(f"{len(train)} days fitted; Brier score on {len(held_out)} others: {brier(model)}, not calibrated {brier(boosting)}")
