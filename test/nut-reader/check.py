"""Checks .nut files with the independent reader:  python check.py FILE_OR_FOLDER...

Every file is read with all of the format's checks, its golden sets are replayed, and damaged copies of it (some cut,
some with one bit flipped) must be refused. One line a file, and `N passed, M failed` at the end; the exit code is 1
where one failed or there was none.
"""

import pathlib
import random
import sys

import numpy as np

import items
import reader

DAMAGED = 12


class Mismatch(Exception):
    """An answer is not the one that the golden set holds."""


def main(arguments):
    files, failed, rows = [], 0, 0
    for path in map(pathlib.Path, arguments):
        files += sorted(path.rglob("*.nut")) if path.is_dir() else [path]
    for path in files:
        try:
            data = path.read_bytes()
            model = reader.read(data)
            refused = refuses_damaged(data)
            values = [replay(model, golden) for golden in model["golden"]]
            rows = sum(golden["input"]["rows"] for golden in model["golden"])
            print(f"ok    {path}: {len(values)} golden sets, {rows} rows, {sum(values)} values, {refused} damaged")
        except Exception as error:  # whatever goes wrong with a file is that file's failure
            failed += 1
            print(f"FAIL  {path}: {type(error).__name__}: {error}")
    print(f"{len(files) - failed} passed, {failed} failed")
    return 1 if failed or not files else 0


def refuses_damaged(data):
    """The number of damaged copies tried, the same ones each time; Mismatch where one is read."""
    chance = random.Random(len(data))
    cuts = [0, 1, len(data) - 1] + [chance.randrange(len(data)) for _ in range(DAMAGED)]
    flips = [chance.randrange(8 * len(data)) for _ in range(DAMAGED)]
    flips += [chance.randrange(8 * 13), 8 * len(data) - 1 - chance.randrange(8 * 10)]  # one at the start, one at the end
    for cut in cuts:
        must_refuse(data[:cut], f"cut to {cut} bytes")
    for bit in flips:
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        must_refuse(bytes(changed), f"bit {bit % 8} of byte {bit // 8} flipped")
    must_refuse(data + b"\0", "one byte more")
    return len(cuts) + len(flips) + 1


def must_refuse(data, what):
    try:
        reader.read(data)
    except reader.NutError:
        return
    raise Mismatch(f"was read although damaged: {what}")


def replay(model, golden):
    """The number of values compared; Mismatch where one differs by more than its tolerance."""
    source, compared = golden["input"], 0
    X = source["data"].reshape(source["rows"], source["columns"]) if source["type"] == "matrix" else source["values"]
    if not reader.has_head(model["root"]):
        outputs = {output["method"]: output for output in golden["outputs"]}
        output, leaves = outputs.pop("transform"), outputs.pop("apply", None)
        if outputs or output["list"]:
            raise Mismatch(f'{golden["name"]}: not the answers of a transformer')
        if leaves is not None:
            compare(golden["name"], leaves["parts"][0], reader.apply(model, X), None)
        got = reader.transformed(model, X)
        allowed = tally_error(model["root"], X) if model["root"]["kind"] == "tally" else transform_error(model["root"], got)
        if got.shape[1] == 1 and len(output["parts"][0]["shape"]) == 1:
            got = got[:, 0]
        compare(golden["name"], output["parts"][0], got, allowed)
        return got.size
    node, value = reader.last_step(model, X)
    given = value.data
    raw = reader.predict_raw(model, X)
    error = score_error(node, given, raw) * (4 if inexact(model["root"]) else 1)
    for output in golden["outputs"]:
        answers, tolerances = answer(model, node, X, given, raw, error, output["method"])
        name = f'{golden["name"]}, {output["method"]}'
        if len(answers) != len(output["parts"]) or output["list"] != (len(answers) > 1):
            raise Mismatch(f"{name}: number of arrays")
        for part, got, tolerance in zip(output["parts"], answers, tolerances):
            compare(name, part, got, tolerance)
            compared += got.size
    return compared


def inexact(node):
    """Whether a correct evaluation may give other bits before the head: sums of norms, exp and log."""
    if node["kind"] in ("pipeline", "union"):
        parts = node["steps"] if node["kind"] == "pipeline" else [part["node"] for part in node["parts"] if "node" in part]
        return any(map(inexact, parts))
    if node["kind"] in ("answers", "rounds", "center") or (node["kind"] == "linear" and "head" not in node):
        return True
    functions = {one["operation"] for one in node.get("operations", [])}
    if node["kind"] == "curve":
        return bool(functions - {"within", "interpolate"})
    return node["kind"] in ("row-norm", "kernel", "count-sketch", "pursuit", "factorization", "neighbors", "donors") or bool(functions & {"exp", "exp2", "expm1", "log", "log1p", "sin", "cos", "tanh", "expit", "sublinear"})


def projects(node):
    """Whether cells on the way are dot products, or differences of powers."""
    parts = node.get("steps", []) + [part["node"] for part in node.get("parts", []) if "node" in part]
    of_products = node["kind"] in ("linear", "kernel", "count-sketch", "pursuit", "factorization", "rounds", "center", "donors") or node.get("source", "exact") != "exact"
    return of_products or (node["kind"] == "curve" and inexact(node)) or any(map(projects, parts))


def transform_error(root, got):
    """What the cells that a transformer gives may differ by: zeros of either sign are the same."""
    if got.dtype == object:
        return None
    step = 2.0 ** (-21 if got.dtype == np.float32 else -50) if inexact(root) else 0
    sizes = np.abs(got.astype(np.float64))
    if not projects(root):
        return sizes * step
    # Products may cancel: their errors are those of the largest cell, as far as this reader looks.
    return np.full_like(sizes, 2.0**6 * step * np.maximum(1, np.nanmax(sizes)))


def tally_error(node, X):
    """How far sums of what items are given may be from those of another order."""
    (column,) = X
    if column["form"] != "list":
        column = {**column, "numbers": np.abs(column["numbers"])}
    hashed = {"hash": {**node["hash"], "signed": False}} if "hash" in node else {}
    sizes, _ = items.tally({**node, **hashed, "binary": False}, items.cells_of(column))
    most = np.diff(column["starts"].astype(np.int64)).max(initial=0)
    return 2 * most * 2.0 ** (-24 if node["type"] == "float32" else -53) * sizes.astype(np.float64)


def score_error(node, X, raw):
    """How far the scores [n, k] may be from those of another order of summation: 0 for trees and what they choose.

    The intercept counts as one of the products: adding it rounds as well.
    """
    if node["kind"] in ("trees", "leaf-models"):
        return np.zeros_like(raw)
    if node["kind"] in ("ensemble", "scores", "support-vectors", "gaussian-process"):  # what its parts may differ by is judged in the project's own tests
        single = getattr(X, "dtype", None) == np.float32
        return np.full_like(raw, 2.0**-20 if single else 1e-9) * np.maximum(1, np.abs(raw))
    if node["kind"] == "gaussian":  # as far as this reader looks: an expanded source loses what cancels
        single = X.dtype == np.float32 or node["means"].dtype == np.float32
        return np.full_like(raw, 2.0 ** (-10 if single else -36)) * np.maximum(1, np.abs(raw).max())
    weights = np.abs(node["coefficients"].reshape(node["outputs"], -1).astype(np.float64))
    size = np.abs(X.astype(np.float64)) @ weights.T + np.abs(node["intercepts"])
    return (8 + np.sqrt(node["features"])) * 2.0 ** (-24 if in_single(node, X) else -53) * size


def answer(model, node, X, given, raw, error, method):
    """What a method answers: arrays, and for each what its values may differ by: arrays, or None where nothing.

    `given`: what the node with the head is given of rows X.
    """
    head = node["head"]
    powers = "isolation" in node
    exact = node["kind"] in ("trees", "leaf-models") and not powers
    if method == "transform":
        got = reader.transformed(model, X)
        got = got[:, 0] if head.get("flat") and got.shape[1] == 1 else got  # an isotonic regression gives a vector
        return [got], [np.abs(got) * 1e-9]
    if method == "apply":
        return [reader.apply(model, X)], [None]
    if method == "predict":
        got = reader.predict(model, X)
        if head["task"] == "regressor" and head["link"] != "identity":  # none is steeper than exp, but a square: its scores are exact here
            step = np.spacing(np.abs(got).astype(node["sums"])) if "sums" in node else one_step(node, given, got.reshape(error.shape))
            error = np.abs(got.reshape(error.shape)) * error * np.exp(error) + 8 * step.reshape(error.shape)
            exact = False
        return [got], [error.reshape(got.shape) if head["task"] == "regressor" and not exact else None]
    if method == "predict_std" and node["kind"] == "gaussian-process":
        got = reader.predict_std(model, X)
        return [got], [np.full_like(got, 1e-5)]  # roots of what cancels
    if method == "predict_std" and "deviation" in node:
        return [reader.predict_std(model, X)], [deviation_error(node["deviation"], given)]
    if method == "score_samples" and (head["task"] == "density" or {"scoreOffset", "decisionOffset", "joint"} & set(head)):
        got = reader.score_samples(model, X)
        sure = head.get("uncertainty", [0])[0]
        if "components" in head:  # where rounding alone is left of a density, its logarithm may be anything below
            return [got], [np.where(got > np.log(sure) + 8, 2 * sure * np.exp(-got) + 1e-12 * np.maximum(1, np.abs(got)), np.inf)]
        return [got], [error.max(axis=1) + 4 * one_step(node, given, raw).max(axis=1)]
    if method == "predict_joint_log_proba" and head.get("joint") == "scores":
        return [raw], [error]
    if method == "predict_log_proba" and head.get("logProbability") == "scores":
        logs = reader.predict_log_proba(model, X)
        step = 4 * one_step(node, given, np.maximum(1, np.abs(raw))).max(axis=1, keepdims=True) + 2 * error.max(axis=1, keepdims=True)
        return logs, [step + np.zeros_like(log) for log in logs]
    if powers:
        error = np.spacing(np.abs(raw)) * 2
    if method == "decision_function" and head["decisionFunction"]:
        shape = (-1,) if raw.shape[1] == 1 else raw.shape
        if head.get("folded"):
            return [raw[:, 1] - raw[:, 0]], [2 * error.max(axis=1) + one_step(node, given, raw[:, 1] - raw[:, 0])]
        if "decisions" in node or node["kind"] == "support-vectors":
            got = reader.decisions(*reader.last_step(model, X))
            got = got[:, 0] if got.shape[1] == 1 else got
            return [got], [np.abs(got) * 1e-9]
        return [(raw - head.get("decisionOffset", 0)).reshape(shape)], [None if exact else error.reshape(shape)]
    if method == "predict_log_proba" and head.get("logProbability") == "parts":
        logs = reader.predict_log_proba(model, X)
        return logs, [np.maximum(1, np.abs(log)) * 1e-9 for log in logs]
    if method == "predict_proba" or method == "predict_log_proba" and head.get("logProbability") != "none":
        probabilities = reader.predict_proba(model, X)
        tolerances = [None] * len(probabilities)
        if "each" in head:
            tolerances = [np.maximum(1e-9, 2 * error.max()) * np.ones_like(p) for p in probabilities]
        elif head["probability"] not in ("identity", "normalize") or not exact:
            # all of the rules have |dp| <= 2 p max|ds|
            spread = 2 * error.max(axis=1, keepdims=True)
            if head["probability"].startswith("softmax-log"):
                spread = spread + 4 * one_step(node, given, np.maximum(1, np.abs(raw))).max(axis=1, keepdims=True)
            tolerances = [np.maximum(4 * np.spacing(p), 1e-15) + spread * p for p in probabilities]
            if not exact and in_single(node, given):  # scikit-learn goes on in float32, SPEC.md in float64
                tolerances = [at + 4 * 2.0**-24 for at in tolerances]
        if method == "predict_proba":
            return probabilities, tolerances
        with np.errstate(all="ignore"):
            logs = reader.predict_log_proba(model, X)
            spreads = [0 if at is None else at / np.exp(log) for at, log in zip(tolerances, logs)]
            return logs, [4 * np.spacing(np.abs(log)) + spread for log, spread in zip(logs, spreads)]
    raise Mismatch(f"{method}: the file has answers of a method that its model does not offer")


def one_step(node, X, values):
    """The size of a step of a float at these values."""
    if in_single(node, X):
        return np.spacing(np.abs(values).astype(np.float32)).astype(np.float64)
    return np.spacing(np.abs(values))


def deviation_error(deviation, X):
    """How far standard deviations [n] may be from those of another order of summation."""
    covariance = deviation["covariance"].astype(np.float64).reshape(X.shape[1], X.shape[1])
    z = (X.astype(np.float64) - deviation.get("offsets", 0)) / deviation.get("scales", 1)
    square = ((z @ covariance) * z).sum(axis=1) + deviation["noise"]
    single = X.dtype == np.float32 and deviation["covariance"].dtype == np.float32
    unit = 2 * (8 + np.sqrt(len(covariance))) * 2.0 ** (-24 if single else -53)
    bound = unit * (((np.abs(z) @ np.abs(covariance)) * np.abs(z)).sum(axis=1) + deviation["noise"])
    low = np.sqrt(np.maximum(square - bound, 0))
    return np.where(square > bound, np.sqrt(np.abs(square)) - low + unit * np.sqrt(np.abs(square)), np.sqrt(np.abs(square) + bound))


def compare(name, part, got, tolerance):
    """Mismatch where `got` is not of the shape of a golden array, or not its values."""
    if list(got.shape) != part["shape"]:
        raise Mismatch(f"{name}: shape {list(got.shape)} instead of {part['shape']}")
    if got.dtype == object:
        want = part["values"].tolist() if isinstance(part["values"], np.ndarray) else part["values"]
        if "strings" in part:
            want = [number if string is None else string for number, string in zip(want, part["strings"])]
        cells = [np.nan if cell is None else cell for cell in got.ravel()]
        same = [a == b or (a != a and b != b) for a, b in zip(cells, want)]
    else:
        want, got = part["values"].astype(np.float64), got.ravel().astype(np.float64)
        same = (want.view(np.int64) == got.view(np.int64)) | (np.isnan(want) & np.isnan(got))
        if tolerance is not None:
            with np.errstate(invalid="ignore"):
                same |= np.abs(want - got) <= tolerance.ravel()
    if not all(same):
        at = list(same).index(False)
        raise Mismatch(f"{name}: {len(same) - sum(same)} of {len(same)} values, e.g. {got.ravel()[at]!r} "
                       f"instead of {part['values'][at]!r}")


def in_single(node, X):
    """Whether a node's scores are those of float32 arithmetic."""
    numbers = {"linear": "coefficients", "gaussian": "means"}.get(node["kind"])
    return numbers is not None and node[numbers].dtype == np.float32 and X.dtype == np.float32


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
