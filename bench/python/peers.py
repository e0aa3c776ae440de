"""One class for each peer in Python: opened on a workload's folder, all on one thread."""

from __future__ import annotations

from pathlib import Path


class Absent(Exception):
    """There is nothing to compare, and why."""


class ScikitLearn:
    """The estimator itself."""

    def __init__(self, folder: Path) -> None:
        import sklearn

        self.version = sklearn.__version__
        self.path = folder / "model.joblib"
        self.model = self.load()
        if hasattr(self.model, "n_jobs") and not hasattr(self.model, "coef_"):
            self.model.n_jobs = 1
        self.classes = getattr(self.model, "classes_", None)
        self.predict = self.model.predict

    def load(self):
        import joblib

        return joblib.load(self.path)

    def answer(self, rows):
        import numpy

        if self.classes is None:
            return None, self.predict(rows)
        return numpy.searchsorted(self.classes, self.predict(rows)), self.model.predict_proba(rows)


class Treelite:
    """The same trees, read from scikit-learn and evaluated by treelite's general inference."""

    def __init__(self, folder: Path) -> None:
        import joblib
        import treelite

        self.version = treelite.__version__
        estimator = joblib.load(folder / "model.joblib")
        if not hasattr(estimator, "estimators_"):
            raise Absent("treelite has only trees")
        self.model = treelite.sklearn.import_model(estimator)
        self.classes = getattr(estimator, "classes_", None)
        self.columns = 1 if self.classes is None else len(self.classes)

    def scores(self, rows):
        import treelite

        result = treelite.gtil.predict(self.model, rows, nthread=1).reshape(len(rows), -1)
        return result[:, : self.columns]

    def predict(self, rows):
        scores = self.scores(rows)
        return scores[:, 0] if self.classes is None else scores.argmax(axis=1)

    def answer(self, rows):
        scores = self.scores(rows)
        if self.classes is None:
            return None, scores
        return scores.argmax(axis=1), scores


class XGBoost:
    """Boosted trees of the workload's size that XGBoost has trained on the same rows."""

    def __init__(self, folder: Path) -> None:
        import xgboost

        self.version = xgboost.__version__
        path = folder / "model.xgboost.json"
        if not path.is_file():
            raise Absent("trained for W6 only, on its rows")
        self.model = xgboost.Booster({"nthread": 1}, model_file=str(path))
        self.model.set_param({"nthread": 1})
        self.predict = self.model.inplace_predict

    def answer(self, rows):
        return None, self.predict(rows)


class LightGBM:
    """Boosted trees of the workload's size that LightGBM has trained on the same rows."""

    def __init__(self, folder: Path) -> None:
        import lightgbm

        self.version = lightgbm.__version__
        path = folder / "model.lightgbm.txt"
        if not path.is_file():
            raise Absent("trained for W6 only, on its rows")
        self.model = lightgbm.Booster(params={"num_threads": 1}, model_file=str(path))

    def predict(self, rows):
        return self.model.predict(rows, num_threads=1)

    def answer(self, rows):
        return None, self.predict(rows)


PEERS = {"scikit-learn": ScikitLearn, "treelite": Treelite, "xgboost": XGBoost, "lightgbm": LightGBM}
