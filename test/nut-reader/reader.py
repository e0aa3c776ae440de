"""A second reader of .nut files, written from formats/nut/SPEC.md alone, and slow: it is there to test the format.

`read` checks the whole file and returns the model: the header as dicts and lists, with numpy arrays in place of
{"$tensor": i}. The other functions answer for rows X: float64 or float32 [n, f], or, for a model of columns, a list of
arrays [n] and lists of strings; they raise ValueError for rows that the model does not take. Shapes: n rows, f columns of the input, k columns of the scores, t trees, s slots.
"""

import numpy as np

from checks import CATEGORICAL, MISSING_RIGHT, check_model, has_head
from container import NutError, read_container
from values import given, in_order, pairwise_sum, transform

__all__ = ["NutError", "apply", "has_head", "last_step", "predict", "predict_proba", "predict_raw", "predict_std", "read",
           "score_samples", "transformed"]


def read(data):
    """The model in the bytes of a file; NutError where anything in it is not as specified."""
    model = read_container(data)
    check_model(model)
    return model


# Scores

def predict_raw(model, X):
    """The root's scores, float64 [n, k]."""
    return scores(*last_step(model, X))


def last_step(model, X):
    """The node with the head, and the numbers [n, f] that it is given: what a pipeline's other steps make of rows X."""
    node, value = model["root"], given(model["input"], X)
    while node["kind"] == "pipeline":
        for step in node["steps"][:-1]:
            value = transform(step, value)
        node = node["steps"][-1]
    return node, value.data


def scores(node, X):
    """The scores [n, k] that a node with a head makes of X [n, f]."""
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
    if "isolation" in node:
        length = node["isolation"][0]
        return -(2.0 ** -(raw / length)) if length != 0 else np.full_like(raw, -0.5)
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
    if "reading" in categories:
        fits = (category >= -(2.0**31)) & (category < 2.0**31)
        category = (np.where(fits, category, 0).astype(np.int64) & 255).astype(np.float64)
        if categories["reading"] == "positive-byte":
            category[x < 0] = -1
    inside = (category >= 0) & (category < 32 * half)
    category = np.where(inside, category, 0).astype(np.int64)
    word = np.where(inside, starts[sets] + category // 32, 0)
    bit = (category % 32).astype(np.uint32)
    left = inside & ((words[word] >> bit) & 1 == 1)
    right = inside & ((words[np.where(inside, word + half, 0)] >> bit) & 1 == 1)
    unlisted = categories["unlisted"][sets]
    return np.where(left, False, np.where(right, True, np.where(unlisted == 2, missing, unlisted == 1)))


# Answers

def transformed(model, X):
    """What a transformer gives: the cells [n, w], numbers or, where columns hold strings, objects."""
    value = transform(model["root"], given(model["input"], X))
    if value.sort != "columns":
        return value.data
    return np.stack([column.astype(object) for column in value.columns], axis=1)


def predict_std(model, X):
    """Standard deviations of predictions, float64 [n]."""
    node, X = last_step(model, X)
    refuse(node, X)
    deviation = node["deviation"]
    covariance, zero = deviation["covariance"], np.float32(0)
    z = (X - deviation.get("offsets", zero)) / deviation.get("scales", zero + 1)
    square = ((z @ covariance.reshape(z.shape[1], z.shape[1])) * z).sum(axis=1)
    return np.sqrt(square + deviation["noise"].astype(square.dtype)).astype(np.float64)


def score_samples(model, X):
    """The single scores, and their offset where they have one, float64 [n]."""
    node, X = last_step(model, X)
    raw = scores(node, X)[:, 0]
    return raw + node["head"]["scoreOffset"] if "scoreOffset" in node["head"] else raw


def predict(model, X):
    """A regressor's predictions, float64 [n, k] or [n]; a classifier's labels, [n] or, of several outputs, [n, outputs]."""
    node, X = last_step(model, X)
    head, raw = node["head"], scores(node, X)
    if head["task"] == "regressor":
        with np.errstate(all="ignore"):
            values = np.exp(raw) if head["link"] == "exp" else raw
        return values[:, 0] if head["flat"] else values
    labels, total = [], in_order if "sums" in head else pairwise_sum
    for one, s in zip(head["labels"], by_output(head, raw)):
        values = np.asarray(one["values"], dtype=object if one["dtype"] in ("str", "object") else None)
        if head["decide"] == "probable":
            s = probability(head["probability"], s, total)
        elif head["decide"] != "argmax":
            decision = s[:, 0] - head.get("decisionOffset", 0)
            s = np.stack([np.zeros(len(s)), decision > 0 if head["decide"] == "positive" else decision >= 0], axis=1)
        labels.append(values[s.argmax(axis=1)])
    return labels[0] if len(labels) == 1 else np.stack(labels, axis=1)


def predict_proba(model, X):
    """Probabilities of the classes: a list of float64 [n, classes], one for each output."""
    node, X = last_step(model, X)
    head, total = node["head"], in_order if "sums" in node["head"] else pairwise_sum
    return [probability(head["probability"], s, total) for s in by_output(head, scores(node, X))]


def by_output(head, raw):
    """The scores [n, k] cut into the columns of each output."""
    all_columns = head["decide"] == "argmax" or head["decide"] == "probable" and not head["probability"].startswith("expit")
    counts = [len(one["values"]) if all_columns else 1 for one in head["labels"]]
    return np.split(raw, np.cumsum(counts)[:-1], axis=1)


def probability(rule, s, add):
    """Probabilities [n, classes] of one output's scores s [n, columns]; ``add`` makes sums [n] of rows."""
    with np.errstate(all="ignore"):
        if rule == "identity":
            return s
        if rule in ("expit", "expit-twice"):
            p = 1 / (1 + np.exp(-s if rule == "expit" else -2 * s))
            return np.hstack([1 - p, p])
        if rule == "expit-pair":
            return probability("softmax", np.hstack([-s, s]), add)
        if rule == "clip":
            p = (np.clip(s, -1, 1) + 1) / 2
            return np.hstack([1 - p, p])
        if rule == "softmax-log":
            top = s.max(axis=1, keepdims=True)
            count = (s == top).sum(axis=1, keepdims=True)
            rest = add(np.where(s == top, 0, np.exp(s - top)))[:, None]
            return np.exp(s - (np.log1p(rest / count) + np.log(count) + top))
        if rule == "softmax":
            e = np.exp(s - s.max(axis=1, keepdims=True))
        elif rule == "clip-one-vs-rest":
            e = (np.clip(s, -1, 1) + 1) / 2
        else:
            e = s if rule == "normalize" else 1 / (1 + np.exp(-s))
        total = add(e)[:, None]
        alone = {"normalize": e, "one-vs-rest-uniform": 1 / e.shape[1], "clip-one-vs-rest": 1 / e.shape[1]}
        return np.where((total == 0) & (rule in alone), alone.get(rule, 0), e / total)


def apply(model, X):
    """Leaf ids: int64 [n] of a single tree, [n, t] of a forest."""
    node, X = last_step(model, X)
    node = {**node, "nonFinite": node.get("pathsNonFinite", node["nonFinite"])}
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
