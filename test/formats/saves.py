"""Saves a model by each call that the README promises to read, with rows and what Python answers to them.

    python saves.py FOLDER

One line of JSON is printed for each: {"call": text, "version": text, "model": path, "answers": path}.
"""

from __future__ import annotations

import json
import pickle
import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import joblib
import lightgbm
import mlflow.catboost
import mlflow.lightgbm
import mlflow.sklearn
import mlflow.xgboost
import numpy
import onnxruntime
import skl2onnx
import skops.io
import xgboost
from catboost import CatBoostClassifier, CatBoostRegressor
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = 60
METHODS = ("predict", "predict_proba")

wine = load_wine()
kinds = wine.target_names[wine.target]
gaps = numpy.where(numpy.random.default_rng(0).random(wine.data.shape) < 0.1, numpy.nan, wine.data)
diabetes = load_diabetes()
# Every other one lies between the rows of training.
asked = {"wine": wine.data[:ROWS] * 1.01, "gaps": gaps[:ROWS], "diabetes": diabetes.data[:ROWS] * 1.01}

folder = Path(sys.argv[1])
count = 0


def save(library: str, call: str, name: str, write: Callable[[Path], object], rows: numpy.ndarray, answers: dict) -> None:
    """Writes the model and what it answers, and says where."""
    global count
    count += 1
    model = folder / f"{count}-{name}"
    write(model)
    golden = folder / f"{count}-answers.json"
    # Of float32 numbers, the same in float64.
    plain = {method: numpy.asarray(answer).tolist() for method, answer in answers.items()}
    golden.write_text(json.dumps({"rows": rows.tolist(), **plain}))
    print(json.dumps({"call": call, "version": f"{library} {version(library)}", "model": str(model), "answers": str(golden)}), flush=True)


def write_pickle(model, path: Path) -> None:
    with path.open("wb") as file:
        pickle.dump(model, file)


def answers_of(model, rows: numpy.ndarray, methods=METHODS) -> dict:
    return {method: getattr(model, method)(rows) for method in methods if hasattr(model, method)}


def sklearn_saves() -> None:
    forest = RandomForestClassifier(20, random_state=0).fit(wine.data, kinds)
    boosting = HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(diabetes.data, diabetes.target)
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.1)).fit(gaps, kinds)
    of_forest = answers_of(forest, asked["wine"])
    of_boosting = answers_of(boosting, asked["diabetes"])
    of_pipeline = answers_of(pipeline, asked["gaps"])

    save("joblib", "joblib.dump(forest, path)", "model.joblib", partial(joblib.dump, forest), asked["wine"], of_forest)
    save("joblib", "joblib.dump(boosting, path, compress=3)", "model.joblib", partial(joblib.dump, boosting, compress=3), asked["diabetes"], of_boosting)
    save("scikit-learn", "pickle.dump(pipeline, file)", "model.pkl", partial(write_pickle, pipeline), asked["gaps"], of_pipeline)
    save("skops", "skops.io.dump(pipeline, path)", "model.skops", partial(skops.io.dump, pipeline), asked["gaps"], of_pipeline)
    # By its own choice MLflow writes skops, and that only of types that it trusts.
    scaled = make_pipeline(StandardScaler(), LogisticRegression(C=0.1)).fit(wine.data, kinds)
    save("mlflow-skinny", "mlflow.sklearn.save_model(scaled, path)", "folder", partial(mlflow.sklearn.save_model, scaled), asked["wine"], answers_of(scaled, asked["wine"]))
    save("mlflow-skinny", 'mlflow.sklearn.save_model(pipeline, path, serialization_format="cloudpickle")', "folder", partial(mlflow.sklearn.save_model, pipeline, serialization_format="cloudpickle"), asked["gaps"], of_pipeline)

    single = asked["wine"].astype(numpy.float32)
    onnx = skl2onnx.to_onnx(forest, single[:1], options={"zipmap": False}).SerializeToString()
    # In several threads onnxruntime adds up the trees in another order.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    labels, probabilities = session.run(None, {"X": single})
    save("skl2onnx", "skl2onnx.to_onnx(forest, X)", "model.onnx", lambda path: path.write_bytes(onnx), single, {"predict": labels, "predict_proba": probabilities})


def xgboost_saves() -> None:
    table = xgboost.DMatrix(gaps, wine.target)
    options = {"objective": "multi:softprob", "num_class": 3, "max_depth": 4, "nthread": 1}
    booster = xgboost.train(options, table, 10)
    new = xgboost.DMatrix(asked["gaps"])
    answers = {"raw": booster.predict(new, output_margin=True), "predict": booster.predict(new)}
    for ending in ("json", "ubj"):
        save("xgboost-cpu", f'Booster.save_model("model.{ending}")', f"model.{ending}", booster.save_model, asked["gaps"], answers)
    save("mlflow-skinny", "mlflow.xgboost.save_model(booster, path)", "folder", partial(mlflow.xgboost.save_model, booster), asked["gaps"], answers)
    pipeline = make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=10, n_jobs=1)).fit(gaps, wine.target)
    save("xgboost-cpu", "joblib.dump(make_pipeline(StandardScaler(), XGBClassifier()), path)", "model.joblib", partial(joblib.dump, pipeline), asked["gaps"], answers_of(pipeline, asked["gaps"]))
    classifier = xgboost.XGBClassifier(n_estimators=10, n_jobs=1).fit(gaps, wine.target)
    save("xgboost-cpu", 'XGBClassifier.save_model("model.json")', "model.json", classifier.save_model, asked["gaps"], answers_of(classifier, asked["gaps"]))
    regressor = xgboost.XGBRegressor(n_estimators=20, max_depth=3, n_jobs=1).fit(diabetes.data, diabetes.target)
    save("xgboost-cpu", 'XGBRegressor.save_model("model.json")', "model.json", regressor.save_model, asked["diabetes"], answers_of(regressor, asked["diabetes"]))


def lightgbm_saves() -> None:
    table = lightgbm.Dataset(gaps, wine.target)
    options = {"objective": "multiclass", "num_class": 3, "num_leaves": 7, "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(options, table, 10)
    answers = {"raw": booster.predict(asked["gaps"], raw_score=True), "predict": booster.predict(asked["gaps"])}
    save("lightgbm", 'Booster.save_model("model.txt")', "model.txt", booster.save_model, asked["gaps"], answers)
    save("mlflow-skinny", "mlflow.lightgbm.save_model(booster, path)", "folder", partial(mlflow.lightgbm.save_model, booster), asked["gaps"], answers)


    classifier = lightgbm.LGBMClassifier(n_estimators=10, num_leaves=7, verbose=-1, n_jobs=1).fit(gaps, kinds)
    save("lightgbm", "pickle.dump(LGBMClassifier(), file)", "model.pkl", partial(write_pickle, classifier), asked["gaps"], answers_of(classifier, asked["gaps"]))


def catboost_saves() -> None:
    quiet = {"iterations": 20, "depth": 4, "thread_count": 1, "verbose": False, "allow_writing_files": False}
    classifier = CatBoostClassifier(**quiet).fit(gaps, kinds)
    answers = {"predict": classifier.predict(asked["gaps"]).ravel(), "predict_proba": classifier.predict_proba(asked["gaps"])}
    save("catboost", 'CatBoostClassifier.save_model("model.json", format="json")', "model.json", partial(classifier.save_model, format="json"), asked["gaps"], answers)
    save("catboost", 'CatBoostClassifier.save_model("model.cbm")', "model.cbm", classifier.save_model, asked["gaps"], answers)
    save("mlflow-skinny", "mlflow.catboost.save_model(classifier, path)", "folder", partial(mlflow.catboost.save_model, classifier), asked["gaps"], answers)
    save("catboost", "joblib.dump(CatBoostClassifier(), path)", "model.joblib", partial(joblib.dump, classifier), asked["gaps"], answers)
    regressor = CatBoostRegressor(**quiet).fit(diabetes.data, diabetes.target)
    save("catboost", 'CatBoostRegressor.save_model("model.json", format="json")', "model.json", partial(regressor.save_model, format="json"), asked["diabetes"], answers_of(regressor, asked["diabetes"]))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sklearn_saves()
    xgboost_saves()
    lightgbm_saves()
    catboost_saves()
