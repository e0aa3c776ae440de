"""A second reader of .nut files, written from formats/nut/SPEC.md alone, and slow: it is there to test the format.

`read` checks the whole file and returns the model: the header as dicts and lists, with numpy arrays in place of
{"$tensor": i}. The other functions answer for rows X, float64 or float32 [n, f]; they raise ValueError for rows
that the model does not take. Shapes: n rows, f columns of the input, k columns of the scores, t trees, s slots.
"""

import numpy as np

from checks import CATEGORICAL, MISSING_RIGHT, check_model
from container import NutError, read_container

__all__ = ["NutError", "apply", "last_step", "predict", "predict_proba", "predict_raw", "read"]


def read(data):
    """The model in the bytes of a file; NutError where anything in it is not as specified."""
    model = read_container(data)
    check_model(model)
    return model


# Scores

def predict_raw(model, X):
    """The root's scores, float64 [n, k]."""
    return scores(*last_step(model["root"], np.asarray(X)))


def last_step(node, X):
    """The node with the head, and the rows that it is given: what a pipeline's other steps make of X."""
    if node["kind"] != "pipeline":
        return node, X
    for step in node["steps"][:-1]:
        X = scores(step, X)
    return last_step(node["steps"][-1], X)


def scores(node, X):
    """What any node makes of X [n, f]: scores [n, k], or the columns chosen."""
    if X.ndim != 2 or (node["kind"] != "pipeline" and X.shape[1] != node["features"]):
        raise ValueError("rows of another width")
    if node["kind"] == "pipeline":
        return scores(*last_step(node, X))
    if node["kind"] == "select":
        return X[:, node["columns"]]
    return linear_scores(node, X) if node["kind"] == "linear" else tree_scores(node, X)


def linear_scores(node, X):
    refuse(node, X)
    coefficients = node["coefficients"].reshape(node["outputs"], node["features"])
    with np.errstate(all="ignore"):
        products = X.astype(np.float64) @ coefficients.astype(np.float64).T
        if coefficients.dtype == np.float32 and X.dtype == np.float32:
            products = products.astype(np.float32)
        return (products + node["intercepts"]).astype(np.float64)


def tree_scores(node, X):
    slots, k = node["slots"], node["outputs"]
    ends = walk(node, X)
    mean = node["aggregation"] == "mean"
    zero = np.full(k, 0.0 if mean else -0.0)  # as in scikit-learn, where one tree may answer -0 and a forest does not
    raw = np.tile(node.get("base", zero), (len(X), 1))
    for t in range(ends.shape[1]):
        at = ends[:, t]
        if node["leafColumns"] == 1:
            value = slots["value"][at][:, None]
        else:
            value = node["leaves"].reshape(-1, k)[slots["index"][at].astype(np.int64)]
        column = slice(None) if "treeOutputs" not in node else [node["treeOutputs"][t]]
        raw[:, column] += value * node["treeWeights"][t] if "treeWeights" in node else value
    return raw / ends.shape[1] if mean else raw


def refuse(node, X):
    """ValueError for non-finite numbers that the node does not take."""
    if node["nonFinite"] != "any" and (np.isinf(X).any() or (node["nonFinite"] == "refuse" and np.isnan(X).any())):
        raise ValueError("rows with numbers that the model does not take")


def walk(node, X):
    """The slot of the leaf that each row reaches in each tree, int64 [n, t]: all steps at once."""
    with np.errstate(over="ignore"):
        X = X.astype(node["precision"]).astype(np.float64)
    refuse(node, X)
    slots = node["slots"]
    at = np.tile(node["starts"][:-1].astype(np.int64), (len(X), 1))
    while True:
        row, tree = np.nonzero(~slots["leaf"][at])
        if not len(row):
            return at
        here = at[row, tree]
        flags, x = slots["flags"][here], X[row, slots["feature"][here]]
        missing = (flags & MISSING_RIGHT) != 0
        categorical = ((flags & CATEGORICAL) != 0) & ~np.isnan(x)
        right = np.where(np.isnan(x), missing, x > slots["float"][here])
        if categorical.any():
            sets = slots["index"][here[categorical]].astype(np.int64)
            right[categorical] = goes_right(node["categories"], sets, x[categorical], missing[categorical])
        at[row, tree] = slots["root"][here] + slots["child"][here] + right


def goes_right(categories, sets, x, missing):
    """Whether numbers x go right by category sets; all arrays of one length, `missing`: where NaN would."""
    starts = categories["starts"].astype(np.int64)
    words = np.append(categories["words"], np.uint32(0))
    half = (starts[sets + 1] - starts[sets]) // 2
    category = np.trunc(x)
    inside = (category >= 0) & (category < 32 * half)
    category = np.where(inside, category, 0).astype(np.int64)
    word = np.where(inside, starts[sets] + category // 32, 0)
    bit = (category % 32).astype(np.uint32)
    left = inside & ((words[word] >> bit) & 1 == 1)
    right = inside & ((words[np.where(inside, word + half, 0)] >> bit) & 1 == 1)
    unlisted = categories["unlisted"][sets]
    return np.where(left, False, np.where(right, True, np.where(unlisted == 2, missing, unlisted == 1)))


# Answers

def predict_std(model, X):
    """Standard deviations of predictions, float64 [n]."""
    node, X = last_step(model["root"], np.asarray(X))
    refuse(node, X)
    deviation = node["deviation"]
    covariance, zero = deviation["covariance"], np.float32(0)
    z = (X[:, deviation["columns"]] - deviation.get("offsets", zero)) / deviation.get("scales", zero + 1)
    square = ((z @ covariance.reshape(z.shape[1], z.shape[1])) * z).sum(axis=1)
    return np.sqrt(square + deviation["noise"].astype(square.dtype)).astype(np.float64)


def score_samples(model, X):
    """The single scores and their offset, float64 [n]."""
    node, X = last_step(model["root"], np.asarray(X))
    return scores(node, X)[:, 0] + node["head"]["scoreOffset"]


def predict(model, X):
    """A regressor's predictions, float64 [n, k] or [n]; a classifier's labels, [n] or, of several outputs, [n, outputs]."""
    node, X = last_step(model["root"], np.asarray(X))
    head, raw = node["head"], scores(node, X)
    if head["task"] == "regressor":
        with np.errstate(all="ignore"):
            values = np.exp(raw) if head["link"] == "exp" else raw
        return values[:, 0] if head["flat"] else values
    labels = []
    for one, s in zip(head["labels"], by_output(head, raw)):
        values = np.asarray(one["values"], dtype=object if one["dtype"] in ("str", "object") else None)
        positive = s[:, 0] > 0 if head["decide"] == "positive" else s[:, 0] >= 0
        labels.append(values[s.argmax(axis=1) if head["decide"] == "argmax" else positive.astype(int)])
    return labels[0] if len(labels) == 1 else np.stack(labels, axis=1)


def predict_proba(model, X):
    """Probabilities of the classes: a list of float64 [n, classes], one for each output."""
    node, X = last_step(model["root"], np.asarray(X))
    head, total = node["head"], in_order if "sums" in node["head"] else pairwise_sum
    return [probability(head["probability"], s, total) for s in by_output(head, scores(node, X))]


def by_output(head, raw):
    """The scores [n, k] cut into the columns of each output."""
    counts = [len(one["values"]) if head["decide"] == "argmax" else 1 for one in head["labels"]]
    return np.split(raw, np.cumsum(counts)[:-1], axis=1)


def probability(rule, s, add):
    """Probabilities [n, classes] of one output's scores s [n, columns]; ``add`` makes sums [n] of rows."""
    with np.errstate(all="ignore"):
        if rule == "identity":
            return s
        if rule == "expit":
            p = 1 / (1 + np.exp(-s))
            return np.hstack([1 - p, p])
        if rule == "expit-pair":
            return probability("softmax", np.hstack([-s, s]), add)
        if rule == "clip":
            p = (np.clip(s, -1, 1) + 1) / 2
            return np.hstack([1 - p, p])
        if rule == "softmax":
            e = np.exp(s - s.max(axis=1, keepdims=True))
        elif rule == "clip-one-vs-rest":
            e = (np.clip(s, -1, 1) + 1) / 2
        else:
            e = s if rule == "normalize" else 1 / (1 + np.exp(-s))
        total = add(e)[:, None]
        alone = {"normalize": e, "one-vs-rest-uniform": 1 / e.shape[1], "clip-one-vs-rest": 1 / e.shape[1]}
        return np.where((total == 0) & (rule in alone), alone.get(rule, 0), e / total)


def in_order(a):
    """Sums of rows of a [n, m], one term after another."""
    return sum(a.T[1:], a.T[0])


def pairwise_sum(a):
    """Sums of rows of a [n, m] as SPEC.md orders the additions; not numpy's own, whose order depends on strides."""
    m = a.shape[1]
    if m > 128:
        half = m // 2 // 8 * 8
        return pairwise_sum(a[:, :half]) + pairwise_sum(a[:, half:])
    total, done = np.zeros(len(a)), 0
    if m >= 8:
        done = m // 8 * 8
        p = a[:, :8].copy()
        for first in range(8, done, 8):
            p += a[:, first : first + 8]
        total = ((p[:, 0] + p[:, 1]) + (p[:, 2] + p[:, 3])) + ((p[:, 4] + p[:, 5]) + (p[:, 6] + p[:, 7]))
    for j in range(done, m):
        total = total + a[:, j]
    return total


def apply(model, X):
    """Leaf ids: int64 [n] of a single tree, [n, t] of a forest."""
    node, X = last_step(model["root"], np.asarray(X))
    ids = node["nodeIds"].astype(np.int64) if "nodeIds" in node else preorder(node["slots"])
    leaves = ids[walk(node, X)]
    return leaves[:, 0] if node["paths"] == "tree" else leaves


def preorder(slots):
    """The number of each slot's node within its tree, left subtree first: int64 [s]."""
    left = np.where(slots["leaf"], 0, slots["root"] + slots["child"])
    size, ids = np.ones(len(left), np.int64), np.zeros(len(left), np.int64)
    splits = np.flatnonzero(~slots["leaf"])
    for s in splits[::-1]:
        size[s] += size[left[s]] + size[left[s] + 1]
    for s in splits:
        ids[left[s]] = ids[s] + 1
        ids[left[s] + 1] = ids[s] + 1 + size[left[s]]
    return ids
