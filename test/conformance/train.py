"""Trains models in one version of scikit-learn and writes them with Python's answers, for main.ts to compare.

    python train.py FOLDER [--quick] [--share K/N] [CLASS ...]

``--share`` trains one of N parts of the models, so that N processes train all of them.

One line of JSON is printed for a start, {"total": n, "versions": {library: version}, "classes": {class: methods}}, of all
classes that scikit-learn itself lists, and one for each model: {"model": name, "estimator": class, "file": path of the
export, "stages": n}, with "refused" where its import is to fail so, or with "error" where Python failed. For a
pipeline and its like, n lines follow with a "stage" beside "model": its parts, exported on their own with what Python
handed to them, so that each is judged on the reference's own input to it. Beside each export, <file>.asked.json holds
what golden sets cannot: which rows were refused, and decision paths.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path[:0] = [str(PROJECT / "python" / "src"), str(PROJECT / "fixtures")]

from nuthatch_export import launch  # noqa: E402

launch.pin()  # before numpy is imported

import numpy as np  # noqa: E402
import pandas  # noqa: E402
import scipy  # noqa: E402
import sklearn  # noqa: E402
from data_sets import plain  # noqa: E402
from frames import frame_probes, is_frame, more_frame_rows  # noqa: E402
from nuthatch_export import export  # noqa: E402
from settings import Setting, settings  # noqa: E402
from stages import inputs_of_stages, stages  # noqa: E402

ROWS = 200
# Of these the exporter makes two thirds on thresholds, and an eighth with missing values.
MADE_ROWS = 132
# Fewer for compositions, where a threshold is found by asking the steps before it, and for their stages.
MADE_ROWS_OF_COMPOSITION = 40
MADE_ROWS_OF_STAGE = 24
PATH_ROWS = 24
SEEDS = [1, 2, 3]
# In the middle between the largest float32 and the next that would be: rounds to infinity, the float64 below does not.
OVERFLOW = 2.0**128 - 2.0**103
# Values that some models refuse: not finite, or too large for float32. Named as JavaScript reads them.
PROBES = {
    "NaN": np.nan,
    "Infinity": np.inf,
    "-Infinity": -np.inf,
    "1e39": 1e39,
    "-1e39": -1e39,
    repr(float(np.nextafter(OVERFLOW, 0))): np.nextafter(OVERFLOW, 0),
    repr(float(OVERFLOW)): OVERFLOW,
}
ANSWERS = ("predict", "predict_proba", "decision_function", "score_samples", "apply", "transform")
METHODS = ("predict", "transform", "decision_function", "score_samples")
NO_REFUSALS: dict = {"names": None, "base": [], "probes": []}


def main(folder: Path, quick: bool, share: str, classes: list[str]) -> None:
    minor = int(sklearn.__version__.split(".")[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = enumerate(settings(minor, SEEDS[:1] if quick else SEEDS))
        wanted = [(n, one) for n, one in known if not classes or type(one.estimator).__name__ in classes]
        part, parts = map(int, share.split("/"))
        wanted = wanted[part - 1 :: parts]
        libraries = {"scikit-learn": sklearn, "numpy": np, "scipy": scipy, "pandas": pandas}
        versions = {name: library.__version__ for name, library in libraries.items()}
        say({"total": len(wanted), "versions": versions, "classes": all_classes()})
        asked: set[str] = set()
        for number, setting in wanted:
            line = {"model": setting.name, "estimator": type(setting.estimator).__name__}
            try:
                path = folder / f"{number}.json"
                if setting.refused is not None:
                    export(fit(setting), path, golden=False)
                    say({**line, "file": str(path), "refused": setting.refused})
                    continue
                # What is refused does not depend on the seed.
                name = setting.name.rsplit(", seed", 1)[0]
                estimator, rows = train(setting, path, number, asks=name not in asked)
                asked.add(name)
                parts = list(stages(estimator))
                given = inputs_of_stages(estimator, rows) if parts else {}
                say({**line, "file": str(path), "stages": len(parts)})
            except Exception:
                say({**line, "error": traceback.format_exc()})
                continue
            for which, (stage, part) in enumerate(parts):
                line = {"model": setting.name, "stage": stage, "estimator": type(part).__name__}
                try:
                    path = folder / f"{number}.{which}.json"
                    export(part, path, given[stage], max_rows=MADE_ROWS_OF_STAGE)
                    # Whether rows are refused is asked of the whole.
                    path.with_suffix(".asked.json").write_text(json.dumps({"refusals": NO_REFUSALS, "paths": None}))
                    say({**line, "file": str(path)})
                except Exception:
                    say({**line, "error": traceback.format_exc()})


def all_classes() -> dict[str, list[str]]:
    """Of every estimator that this scikit-learn has, the methods that answer new rows."""
    import sklearn.experimental.enable_halving_search_cv
    import sklearn.experimental.enable_iterative_imputer  # noqa: F401
    from sklearn.utils import all_estimators

    return {name: [method for method in METHODS if hasattr(kind, method)] for name, kind in all_estimators()}


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


def train(setting: Setting, path: Path, seed: int, asks: bool):
    """Fits one model and writes its export and what else was asked, refusals where it ``asks``; the model, and the rows."""
    random = np.random.RandomState(seed)
    estimator = fit(setting)
    rows = frame(setting, rows_for(setting, estimator, random))
    export(estimator, path, rows, max_rows=MADE_ROWS_OF_COMPOSITION if any(stages(estimator)) else MADE_ROWS)
    asked = {
        "refusals": refusals(setting, estimator) if asks else NO_REFUSALS,
        "paths": paths(setting, estimator, rows),
        "margins": margins(estimator, rows),
    }
    path.with_suffix(".asked.json").write_text(json.dumps(asked))
    return estimator, rows


def fit(setting: Setting):
    """The fitted estimator of a setting."""
    labels = () if setting.y is None else (setting.y,)
    estimator = setting.estimator.fit(frame(setting, setting.X), *labels, **setting.fit)
    if setting.after is not None:
        getattr(estimator, setting.after)()
    return estimator


def rows_for(setting: Setting, estimator, random: np.random.RandomState):
    """The rows that a model is asked, in the form that it was fitted on."""
    if np.ndim(setting.held_out) == 1:
        return setting.held_out[:ROWS]
    if is_frame(setting.held_out):
        return more_frame_rows(setting.held_out, ROWS, setting.extreme, random)
    rows = more_rows(setting.held_out, random)
    if hasattr(estimator, "apply"):
        return np.vstack([rows, rows_on_thresholds(estimator, rows, ROWS - len(rows), random)])
    return np.vstack([rows, extreme_rows(rows, ROWS - len(rows), random)]) if setting.extreme else rows


def frame(setting: Setting, values: np.ndarray):
    if setting.names is None:
        return values
    import pandas

    return pandas.DataFrame(values, columns=setting.names)


def more_rows(held_out: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Held-out rows, at most half of what is wanted, and new ones that mix columns of several."""
    real = held_out[: ROWS // 2]
    mixed = np.empty((ROWS * 3 // 5 - len(real), real.shape[1]), dtype=real.dtype)
    for column in range(real.shape[1]):
        mixed[:, column] = real[random.randint(len(real), size=len(mixed)), column]
    return np.vstack([real, mixed])


def rows_on_thresholds(estimator, rows: np.ndarray, count: int, random: np.random.RandomState) -> np.ndarray:
    """Rows changed in one column to lie on a threshold that they meet, or one step of float32 or float64 beside it.

    The exporter makes such rows as well, by other means.
    """
    members = getattr(estimator, "estimators_", [estimator])
    trees = [member.tree_ for member in (members.ravel() if hasattr(members, "ravel") else members)]
    made = rows[random.randint(len(rows), size=count)].astype(np.float64)
    for k, row in enumerate(made):
        tree = trees[random.randint(len(trees))]
        path, node = [], 0
        while tree.children_left[node] != -1:
            path.append(node)
            goes_left = np.float32(row[tree.feature[node]]) <= tree.threshold[node]
            node = (tree.children_left if goes_left else tree.children_right)[node]
        if not path or not np.isfinite(tree.threshold[path[-1]]):
            continue
        node = path[random.randint(len(path))]
        exact = tree.threshold[node]
        single = np.float32(exact)
        infinity = np.float32(np.inf)
        below, above = np.nextafter(single, -infinity), np.nextafter(single, infinity)
        middle = (np.float64(single) + np.float64(above)) / 2
        choices = [exact, single, below, above, np.nextafter(exact, np.inf), np.nextafter(exact, -np.inf), middle,
                   np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)]
        value = np.float64(choices[k % len(choices)])
        if np.isfinite(np.float32(value)):
            row[tree.feature[node]] = value
    return made


def extreme_rows(rows: np.ndarray, count: int, random: np.random.RandomState) -> np.ndarray:
    """Rows times large and small numbers, so that margins grow and probabilities reach 0 and 1; the first is 0."""
    factors = np.array([0, -1, 10, -10, 1e2, -1e2, 1e4, -1e4, 1e-3, 1e-12, 1e-40, 3], dtype=np.float64)
    made = rows[random.randint(len(rows), size=count)] * factors[np.arange(count) % len(factors), None]
    return made.astype(rows.dtype)


def finite_row(X: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.asarray(X[0], dtype=np.float64))


def refusals(setting: Setting, estimator) -> dict:
    """For values that some models refuse, in the first column, the last, or all: whether each method answers."""
    if np.ndim(setting.X) == 1:
        return NO_REFUSALS  # labels: an unseen one is refused, and there is nothing else to ask
    if is_frame(setting.X):
        # One method stands for all: these are compositions or transformers, whose methods share what refuses rows.
        method = "predict" if hasattr(estimator, "predict") else "transform"
        asked = frame_probes(setting.X, lambda given: {method: outcome(estimator, method, given)}, PROBES)
        # A FunctionTransformer of 1.1 keeps no names, and then records cannot be matched.
        return asked if hasattr(estimator, "feature_names_in_") else {**asked, "names": None}
    base = finite_row(setting.X)
    # Fitted on float32, k-means predicts of no float64 rows.
    sound = [method for method, what in outcomes(estimator, frame(setting, np.vstack([base, base]))).items() if what == "answered"]
    probes = []
    for name, value in PROBES.items():
        for columns in ([0], [len(base) - 1], list(range(len(base)))):
            row = base.copy()
            row[columns] = value
            given = frame(setting, np.vstack([row, base]))
            probes.append({"kind": "number", "value": name, "columns": columns, "outcomes": {method: outcome(estimator, method, given) for method in sound}})
    return {"names": None, "base": plain(base), "probes": probes}


def outcomes(estimator, given) -> dict:
    """Whether each method answers."""
    return {method: outcome(estimator, method, given) for method in ANSWERS if hasattr(estimator, method)}


def outcome(estimator, method: str, given) -> str:
    """ "answered", "unknown" for a category or label not seen in fitting, or the name of the error."""
    try:
        getattr(estimator, method)(given)
    except Exception as error:
        # What CategoricalNB says of a category that it has not seen.
        unseen = isinstance(error, IndexError) or "Negative values in data passed to CategoricalNB" in str(error)
        return "unknown" if unseen or "unknown categor" in str(error) else type(error).__name__
    return "answered"


def margins(estimator, rows):
    """What a generalised linear model makes of its margins, where both are float64 and finite; null for other models."""
    if not hasattr(estimator, "_linear_predictor"):
        return None
    found, predictions = estimator._linear_predictor(rows), estimator.predict(rows)
    if found.dtype != np.float64:
        return None
    finite = np.isfinite(found) & np.isfinite(predictions)
    return {"margins": plain(found[finite]), "predictions": plain(predictions[finite])}


def paths(setting: Setting, estimator, rows: np.ndarray):
    """decision_path of some rows, some of which have missing values where the model takes them; null for other models."""
    if not hasattr(estimator, "decision_path"):
        return None
    chosen = np.asarray(rows)[:: max(1, len(rows) // PATH_ROWS)].astype(np.float64)
    gone = chosen.copy()
    gone[::2, ::2] = np.nan
    gone[1::2, 1::3] = np.nan
    for given in (gone, np.nan_to_num(chosen)):
        if outcome(estimator, "decision_path", frame(setting, given)) == "answered":
            answer = estimator.decision_path(frame(setting, given))
            break
    else:
        raise ValueError("decision_path answers for no rows")
    indicator, starts = answer if isinstance(answer, tuple) else (answer, np.array([0, estimator.tree_.node_count]))
    indicator.sort_indices()
    return {"rows": plain(given), "indptr": plain(indicator.indptr), "indices": plain(indicator.indices), "starts": plain(starts)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("classes", nargs="*")
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--share", default="1/1", metavar="K/N")
    main(**vars(parser.parse_args()))
