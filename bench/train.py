"""Trains what `npm run bench` predicts with: W1 to W6, a half of W5, a linear model and a pipeline.

    python3.11 bench/train.py [NAME ...]      into .cache/bench/NAME; all of them without names
    python3.11 bench/train.py --commit        and copies those of bench/models there, packed

Needs `npm run build` before: models become .nut through our own exporter and converter. The environment is that of
python/environments/bench.txt, made where it is missing. A model that this file, as it is, has made before is kept, and
converted again where the converter has changed. Seeded; no data is downloaded. The same machine gives the same bytes each time.

Each folder holds
    workload.json      what was made, of which size, by which versions, and why a file is missing
    model.nut          the model
    rows.f32           rows to predict, none of them trained on: float32, row after row
    labels.i32         Python's answers: indices into the classes (classifiers)
    scores.f64         Python's answers: probabilities [rows x classes], or values [rows]
    model.onnx         by skl2onnx
    m2cgen.js          by m2cgen
    model.joblib       for the peers in Python
W6 also holds models that XGBoost and LightGBM have trained on its rows, with their own answers: model.xgboost.json and
xgboost.f64, model.lightgbm.txt and lightgbm.f64.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
CACHE = PROJECT / ".cache" / "bench"
ENVIRONMENT = "bench"
SEED = 0
ROWS = 10_000
COMMITTED = ("W1", "W2", "W5-half", "linear", "pipeline")
COMMITTED_ROWS = 500
BOOSTED_ROWS = 8_000
# m2cgen makes one function of the whole model: beyond this it is more source than engines take.
M2CGEN_NODES = 300_000


def main(arguments: list[str]) -> None:
    """Trains in the pinned environment."""
    sys.path.insert(0, str(PROJECT / "python" / "environments"))
    import create

    python = create.create(ENVIRONMENT)
    if subprocess.run([str(python), str(Path(__file__).resolve()), "--inside", *arguments]).returncode != 0:
        raise SystemExit("not trained")


def train_all(arguments: list[str]) -> None:
    """Trains the named workloads, or all."""
    sys.path.insert(0, str(PROJECT / "python" / "src"))
    from nuthatch_export import launch

    if platform.machine() == "x86_64":
        # OpenBLAS chooses its code by the processor; its last bits, and so made data and coefficients, depend on the choice.
        os.environ["OPENBLAS_CORETYPE"] = "Haswell"
    launch.pin()
    commit = "--commit" in arguments
    wanted = [name for name in arguments if name != "--commit"] or list(RECIPES)
    unknown = [name for name in wanted if name not in RECIPES]
    if unknown:
        raise SystemExit(f"there is no workload {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    environments = [PROJECT / "python" / "environments" / f"{name}.txt" for name in (ENVIRONMENT, "sklearn-1.9")]
    recipe = digest_of([Path(__file__), *environments])
    sources = [path for folder in ("src/ir", "formats") for path in sorted((PROJECT / folder).rglob("*.ts"))]
    converter = digest_of(sources)
    for name in wanted:
        folder = CACHE / name
        made = read_workload(folder)
        if made.get("recipe") != recipe:
            make(name, folder, recipe, converter)
        elif made.get("converter") != converter:
            convert_again(name, folder, made, converter)
        if commit and name in COMMITTED:
            pack(folder, HERE / "models" / name)


def digest_of(paths) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_workload(folder: Path) -> dict:
    """What workload.json says; nothing where it is not there."""
    try:
        return json.loads((folder / "workload.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}


def write_workload(folder: Path, workload: dict) -> None:
    (folder / "workload.json").write_text(json.dumps(workload, indent=1) + "\n", encoding="utf-8")


def convert_again(name: str, folder: Path, workload: dict, converter: str) -> None:
    """Writes model.nut anew, by sources that have changed since."""
    import joblib
    import numpy

    print(f"{name}: converting again", flush=True)
    rows = numpy.fromfile(folder / "rows.f32", dtype=numpy.float32).reshape(-1, workload["features"])
    write_nut(joblib.load(folder / "model.joblib"), rows, folder)
    write_workload(folder, {**workload, "converter": converter})


def make(name: str, folder: Path, recipe: str, converter: str) -> None:
    """Trains one workload and writes its folder; workload.json last, so that a folder half made is made again."""
    import joblib
    import numpy

    about, build = RECIPES[name]
    print(f"{name}: training {about}", flush=True)
    begun = time.perf_counter()
    estimator, rows = build()
    trained = time.perf_counter()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = numpy.ascontiguousarray(rows, dtype=numpy.float32)
    rows.tofile(folder / "rows.f32")
    classes = getattr(estimator, "classes_", None)
    scores = estimator.predict(rows) if classes is None else estimator.predict_proba(rows)
    scores.astype(numpy.float64).tofile(folder / "scores.f64")
    if classes is not None:
        numpy.searchsorted(classes, estimator.predict(rows)).astype(numpy.int32).tofile(folder / "labels.i32")
    joblib.dump(estimator, folder / "model.joblib")
    nodes = sum(tree.node_count for tree in trees_of(estimator))
    write_onnx(estimator, rows, folder / "model.onnx")
    m2cgen_absent = write_m2cgen(estimator, nodes, folder / "m2cgen.js")
    write_nut(estimator, rows, folder)
    if name == "W6":
        train_boosting_peers(rows, folder)
    workload = {
        "about": about,
        "estimator": type(estimator).__name__,
        "trees": len(trees_of(estimator)),
        "nodes": nodes,
        "depth": max((tree.max_depth for tree in trees_of(estimator)), default=0),
        "features": rows.shape[1],
        "rows": rows.shape[0],
        "classes": None if classes is None else len(classes),
        "precision": scores.dtype.name,
        "absent": {} if m2cgen_absent is None else {"m2cgen.js": m2cgen_absent},
        "seed": SEED,
        "versions": versions(),
        "made_by": "bench/train.py",
        "recipe": recipe,
        "converter": converter,
    }
    write_workload(folder, workload)
    print(f"{name}: {nodes} nodes, trained in {trained - begun:.0f} s, written in {time.perf_counter() - trained:.0f} s", flush=True)


def trees_of(estimator) -> list:
    """The trees of an ensemble, in the order of their sum."""
    members = getattr(estimator, "estimators_", [])
    return [member.tree_ for member in (members.ravel() if hasattr(members, "ravel") else members)]


def write_onnx(estimator, rows, path: Path) -> None:
    """Writes the model as ONNX."""
    import skl2onnx

    options = {"zipmap": False} if hasattr(estimator, "classes_") else None
    path.write_bytes(skl2onnx.to_onnx(estimator, rows[:1], options=options).SerializeToString())


def write_m2cgen(estimator, nodes: int, path: Path) -> str | None:
    """Writes the model as JavaScript, or says why not."""
    import m2cgen

    if nodes > M2CGEN_NODES:
        return f"too large for m2cgen: {nodes} nodes"
    sys.setrecursionlimit(100_000)
    try:
        code = m2cgen.export_to_javascript(estimator)
    except NotImplementedError as error:
        return f"m2cgen: {error}"
    path.write_text(code, encoding="utf-8")
    return None


def write_nut(estimator, rows, folder: Path) -> None:
    """The model as .nut: exported and converted."""
    from nuthatch_export import export

    export(estimator, folder / "model.json", rows[:16], max_rows=16)
    node("dist/src/cli/main.js", "convert", str(folder / "model.json"), "-o", str(folder / "model.nut"))
    (folder / "model.json").unlink()


def train_boosting_peers(rows, folder: Path) -> None:
    """The other boosting libraries on W6's data, as many trees of about its size."""
    import lightgbm
    import numpy
    import xgboost

    X, y = regression_data(BOOSTED_ROWS)
    X, y = X[:BOOSTED_ROWS], y[:BOOSTED_ROWS]
    booster = xgboost.train({"max_depth": 6, "nthread": 1, "seed": SEED}, xgboost.DMatrix(X, y), 500)
    booster.save_model(folder / "model.xgboost.json")
    booster.predict(xgboost.DMatrix(rows)).astype(numpy.float64).tofile(folder / "xgboost.f64")
    parameters = {"objective": "regression", "num_leaves": 63, "num_threads": 1, "seed": SEED, "verbose": -1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(X, y), 500)
    booster.save_model(folder / "model.lightgbm.txt")
    booster.predict(rows).tofile(folder / "lightgbm.f64")


def node(script: str, *arguments: str) -> None:
    """Runs a built script of the project."""
    if not (PROJECT / script).is_file():
        raise SystemExit(f"{script} is missing; run `npm run build` first")
    if subprocess.run(["node", "--max-old-space-size=8192", str(PROJECT / script), *arguments]).returncode != 0:
        raise SystemExit(f"{script} failed")


def versions() -> dict:
    """The versions of everything that had a part."""
    import importlib.metadata

    names = ("scikit-learn", "numpy", "scipy", "skl2onnx", "onnx", "m2cgen", "xgboost-cpu", "lightgbm")
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}}


def pack(source: Path, target: Path) -> None:
    """Copies what Node needs of a workload, with fewer rows, and gzipped where that is worth it."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    workload = json.loads((source / "workload.json").read_text())
    total = workload["rows"]
    workload["rows"] = COMMITTED_ROWS
    del workload["recipe"], workload["converter"]
    write_workload(target, workload)
    shutil.copy(source / "model.nut", target)
    for file in ("rows.f32", "labels.i32", "scores.f64"):
        if (source / file).is_file():
            content = (source / file).read_bytes()
            (target / file).write_bytes(content[: len(content) // total * COMMITTED_ROWS])
    for file in ("model.onnx", "m2cgen.js"):
        if (source / file).is_file():
            (target / f"{file}.gz").write_bytes(gzip.compress((source / file).read_bytes(), 9, mtime=0))
    size = sum(path.stat().st_size for path in target.iterdir())
    print(f"{target.relative_to(PROJECT)}: {size / 1e6:.2f} MB", flush=True)


def mixed_rows(X, count: int):
    """Rows whose every cell comes from a row of its own: no two are alike, and their paths differ more than those of whole rows."""
    import numpy

    chosen = numpy.random.default_rng(SEED).integers(0, X.shape[0], (count, X.shape[1]))
    return numpy.take_along_axis(X, chosen, axis=0)


def float32_of(X):
    import numpy

    return X.astype(numpy.float32)


def iris_forest():
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_iris(return_X_y=True)
    return RandomForestClassifier(random_state=SEED).fit(X, y), mixed_rows(X, ROWS)


def digits_forest():
    from sklearn.datasets import load_digits
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_digits(return_X_y=True)
    return RandomForestClassifier(random_state=SEED).fit(X, y), mixed_rows(X, ROWS)


def noisy_forest():
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier

    trained = 15_000
    X, y = make_classification(trained + ROWS, 30, n_informative=10, flip_y=0.05, random_state=SEED)
    X = float32_of(X)
    return RandomForestClassifier(random_state=SEED).fit(X[:trained], y[:trained]), X[trained:]


def large_forest():
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier

    trained = 40_000
    X, y = make_classification(trained + ROWS, 54, n_informative=15, n_classes=7, flip_y=0.1, random_state=SEED)
    X = float32_of(X)
    return RandomForestClassifier(random_state=SEED).fit(X[:trained], y[:trained]), X[trained:]


def regression_data(trained: int):
    """54 uniform columns, of which ten matter: products and squares, the same on every machine."""
    import numpy

    random = numpy.random.default_rng(SEED)
    X = random.random((trained + ROWS, 54), dtype=numpy.float32)
    x = X.astype(numpy.float64)
    y = 10 * x[:, 0] * x[:, 1] + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4] + 4 * x[:, 5] * x[:, 6] * x[:, 7]
    return X, y + 2 * (x[:, 8] - x[:, 9]) + random.random(len(y))


def shallow_forest(trees: int):
    from sklearn.ensemble import RandomForestRegressor

    trained = 8_000
    X, y = regression_data(trained)
    forest = RandomForestRegressor(trees, max_depth=8, max_features="sqrt", random_state=SEED)
    return forest.fit(X[:trained], y[:trained]), X[trained:]


def boosted_trees():
    from sklearn.ensemble import GradientBoostingRegressor

    trained = BOOSTED_ROWS
    X, y = regression_data(trained)
    model = GradientBoostingRegressor(n_estimators=500, max_depth=6, max_features="sqrt", random_state=SEED)
    return model.fit(X[:trained], y[:trained]), X[trained:]


def linear_model():
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    X, y = load_digits(return_X_y=True)
    return LogisticRegression(max_iter=300).fit(X / 16, y), mixed_rows(X / 16, ROWS)


def pipeline():
    import numpy
    from sklearn.datasets import make_classification
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    trained = 2_000
    X, y = make_classification(trained + ROWS, 30, n_informative=10, n_classes=3, random_state=SEED)
    X = float32_of(X)
    X[numpy.random.default_rng(SEED).random(X.shape) < 0.05] = numpy.nan
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=300))
    return model.fit(X[:trained], y[:trained]), X[trained:]


RECIPES = {
    "W1": ("iris, a random forest of 100 trees", iris_forest),
    "W2": ("digits, 64 features, a random forest of 100 trees", digits_forest),
    "W3": ("30 features, 2 classes, 15 000 rows with 5 % of labels wrong, a random forest of 100 trees", noisy_forest),
    "W4": ("54 features, 7 classes, 40 000 rows, a random forest of 100 trees grown full", large_forest),
    "W5": ("54 features, a random forest regressor of 200 trees 8 deep", lambda: shallow_forest(200)),
    "W5-half": ("54 features, a random forest regressor of 100 trees 8 deep", lambda: shallow_forest(100)),
    "W6": ("54 features, gradient boosting of 500 trees 6 deep", boosted_trees),
    "linear": ("digits, 64 features, 10 classes, a logistic regression", linear_model),
    "pipeline": ("30 features with gaps, 3 classes: impute, scale, logistic regression", pipeline),
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        train_all(sys.argv[2:])
    else:
        main(sys.argv[1:])
