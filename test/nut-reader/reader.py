"""A second reader of .nut files, written from formats/nut/SPEC.md alone, and slow: it is there to test the format.

`read` checks the whole file and returns the model: the header as dicts and lists, with numpy arrays in place of
{"$tensor": i}. The other functions answer for rows X: float64 or float32 [n, f], or, for a model of columns, a list of
arrays [n] and lists of strings; they raise ValueError for rows that the model does not take. Shapes: n rows, f columns of the input, k columns of the scores, t trees, s slots.
"""

import numpy as np

from checks import CATEGORICAL, MISSING_RIGHT, check_model, has_head
from columns import fill_in_rounds
from container import NutError, read_container
from kernel import (
    machine_decision_function,
    machine_probabilities,
    machine_scores,
    process_deviations,
    process_probabilities,
    process_scores,
)
from values import KINDS, Value, choose, given, in_order, pairwise_sum, transform

__all__ = ["NutError", "apply", "decisions", "has_head", "last_step", "predict", "predict_log_proba", "predict_proba", "predict_raw",
           "predict_std", "read", "score_samples", "transformed"]


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
    """The node with the head, and the value that it is given: what a pipeline's other steps make of rows X."""
    return reach(model["root"], given(model["input"], X))


def reach(node, value):
    while node["kind"] == "pipeline":
        for step in node["steps"][:-1]:
            value = transform(step, value)
        node = node["steps"][-1]
    return node, value


def choice_scores(node, value):
    """The scores that labels are chosen by: those of the node with the head, or of a pipeline's chooser."""
    if node["kind"] != "pipeline":
        return scores(node, value)
    if "chooser" in node:
        return scores(*reach(node["chooser"], value))
    for step in node["steps"][:-1]:
        value = transform(step, value)
    return choice_scores(node["steps"][-1], value)


def scores(node, value):
    """The scores [n, k] that a node with a head, no pipeline, makes of a value."""
    if node["kind"] == "ensemble":
        return ensemble_scores(node, value)
    if node["kind"] == "scores":
        return value.data.astype(np.float64)
    if node["kind"] == "leaf-models":
        return leaf_model_scores(node, value)
    if node["kind"] == "support-vectors":
        return machine_scores(node, value.data)
    if node["kind"] == "gaussian":
        return gaussian_scores(node, value.data)
    if node["kind"] == "gaussian-process":
        return process_scores(node, value.data)
    return linear_scores(node, value.data) if node["kind"] == "linear" else tree_scores(node, value.data)


def leaf_model_scores(node, value):
    X, models = value.data.astype(np.float64), part_answers(node["node"], value, "raw")[0]
    raw = np.zeros((len(X), node["outputs"]))
    with np.errstate(all="ignore"):
        for row, x in enumerate(X):
            for tree, model in enumerate(models[row]):
                if not (model >= 0 and model < len(node["constants"]) and model == int(model)):
                    raise ValueError("rows for which there is no model")
                first, end = node["starts"][int(model):][:2]
                made, cells = node["constants"][int(model)], x[node["columns"][first:end].astype(np.int64)]
                for cell, coefficient in zip(cells, node["coefficients"][first:end]):
                    made = made + cell * coefficient
                raw[row, node["treeOutputs"][tree]] += node["gaps"][int(model)] if np.isnan(cells).any() else made
    return raw


def gaussian_scores(node, X):
    refuse(node, X)
    outputs, features = node["outputs"], node["features"]
    means, scales = node["means"].reshape(outputs, features), node["scales"].reshape(outputs, -1, features)
    constants = node["constants"].reshape(-1, outputs)
    columns = []
    with np.errstate(all="ignore"):
        for mean, own, constant in zip(means, scales, constants.T):
            z = X - mean
            if node["distance"] == "variances":
                d = pairwise_sum(z * z / own[0]).astype(np.result_type(z, own))
            else:
                products = z @ own.T
                d = (products * (products if node["distance"] == "factors" else z)).sum(axis=1)
            first = constant[0]
            if "rounded" in node and X.dtype == np.float32:
                first = np.float32(first)
                d = d.astype(np.float32) if node["rounded"] == "distance" else d
            score = np.float32(-0.5) * (d + first)
            for more in constant[1:]:
                score = score + more
            columns.append(score.astype(np.float64))
    return np.stack(columns, axis=1)


# Parts of ensembles

def part_answers(node, value, method):
    """What a method of a node with a head answers, numbers [n, columns]; also whether they are float32."""
    whole = node, value
    node, value = reach(node, value)
    if method == "apply":
        return leaf_ids(node, value).reshape(len(value.data), -1).astype(np.float64), False
    head, single = node["head"], is_single(node, value)
    if method == "raw":
        return scores(node, value), single
    if method == "decision_function":
        answer = decisions(node, value)
    elif method == "predict_proba":
        answer = probabilities(node, value)[0]
        single = single and head["probability"] != "clip"
    elif head["task"] == "regressor":
        answer = predictions(node, value)
    else:
        labels = head["labels"][0]
        answer, single = label_values(head, 0)[chosen(*whole)[0]].astype(np.float64), labels["dtype"] == "float32"
    return answer.reshape(len(answer), -1), single


def is_single(node, value):
    """Whether the scores of a node with a head are those of float32 arithmetic."""
    if node["kind"] == "scores":
        return value.data.dtype == np.float32
    if node["kind"] == "gaussian":
        return all(one.dtype == np.float32 for one in (node["means"], node["scales"], node["constants"], value.data))
    if node["kind"] == "linear":
        parts = node["coefficients"], node["intercepts"], value.data
        return all(one.dtype == np.float32 for one in parts)
    if node["kind"] == "ensemble" and node["combine"] == "one-vs-rest":
        return all(margin(part["node"], seen)[1] for part, seen in parts_of(node, value))
    if node["kind"] == "ensemble" and node["combine"] == "mean" and "weights" not in node and "precision" not in node:
        asked = "predict" if node["head"]["task"] == "regressor" else "predict_proba"
        return all(part_answers(part["node"], seen, asked)[1] for part, seen in parts_of(node, value))
    return node["kind"] == "ensemble" and node["combine"] == "median" and all(
        part_answers(part["node"], seen, "predict")[1] for part, seen in parts_of(node, value))


def parts_of(node, value):
    return [(part, choose(part["columns"], value) if "columns" in part else value) for part in node["parts"]]


def ensemble_scores(node, value):
    parts, combine = parts_of(node, value), node["combine"]
    weights = node.get("weights", np.ones(len(parts)))
    if combine == "one-vs-rest":
        return np.hstack([margin(part["node"], seen)[0] for part, seen in parts])
    if combine == "one-vs-one":
        return votes_of_pairs(node, parts)
    if combine == "median":
        return weighted_medians(np.stack([part_answers(part["node"], seen, "predict")[0][:, 0] for part, seen in parts], axis=1), weights)
    dtype = np.float32 if is_single(node, value) else np.float64
    sums = 0
    for i, (part, seen) in enumerate(parts):
        if combine == "vote":
            hits = part["classes"].astype(np.int64)[chosen(part["node"], seen)[0]]
            width = 2 if node["folded"] else node["outputs"]
            miss = node["misses"][i] if "misses" in node else 0.0
            added = np.where(hits[:, None] == np.arange(width), weights[i], miss)
        else:
            answers = part_answers(part["node"], seen, "predict_proba" if "classes" in part else "predict")[0].astype(dtype)
            if combine == "samme-r":
                log = np.log(np.maximum(answers, np.finfo(np.float64).eps))
                answers = (answers.shape[1] - 1) * (log - 1 / answers.shape[1] * pairwise_sum(log)[:, None])
            added = answers if "weights" not in node else answers * weights[i]
            if "classes" in part:
                wide = np.zeros((len(added), 2 if node["folded"] else node["outputs"]), dtype)
                wide[:, part["classes"].astype(np.int64)] = added
                added = wide
        sums = sums + added
    if "divisor" in node:
        sums = sums / dtype(node["divisor"][0])
    return (sums[:, 1:] - sums[:, :1] if node["folded"] else sums).astype(np.float64)


def margin(node, value):
    """A part's margin [n, 1], and whether it is float32."""
    head = reach(node, value)[0]["head"]
    if head["task"] == "regressor":
        return part_answers(node, value, "predict")
    if head["decisionFunction"]:
        return part_answers(node, value, "decision_function")
    answer, single = part_answers(node, value, "predict_proba")
    return answer[:, 1:], single


def votes_of_pairs(node, parts):
    k = node["outputs"]
    classes, rows = max(k, 2), value_rows(parts[0][1])
    sums, votes, at = np.zeros((rows, classes)), np.zeros((rows, classes)), 0
    for i in range(classes):
        for j in range(i + 1, classes):
            part, seen = parts[at]
            m = margin(part["node"], seen)[0][:, 0]
            second = chosen(part["node"], seen)[0] == 1
            sums[:, i] -= m
            sums[:, j] += m
            votes[:, i] += ~second
            votes[:, j] += second
            at += 1
    return (votes + sums / (3 * (np.abs(sums) + 1)))[:, classes - k:]


def weighted_medians(values, weights):
    """Of values [n, m] with weights [m]: [n, 1]."""
    order = np.argsort(values, axis=1, kind="stable")
    reached = np.cumsum(weights[order], axis=1)
    at = (reached >= 0.5 * reached[:, -1:]).argmax(axis=1)
    rows = np.arange(len(values))
    return values[rows, order[rows, at]][:, None]


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
    raw = np.tile(node.get("base", zero), (len(X), 1)).astype(node.get("sums", "float64"))
    for t in range(ends.shape[1]):
        at = ends[:, t]
        if node["leafColumns"] == 1:
            value = slots["value"][at][:, None]
        else:
            value = node["leaves"].reshape(-1, k)[slots["index"][at].astype(np.int64)]
        column = slice(None) if "treeOutputs" not in node else [node["treeOutputs"][t]]
        raw[:, column] = raw[:, column] + (value * node["treeWeights"][t] if "treeWeights" in node else value)
    if "sums" in node:
        return raw.astype(np.float64)
    if "isolation" in node:
        length = node["isolation"][0]
        return -(2.0 ** -(raw / length)) if length != 0 else np.full_like(raw, -0.5)
    return raw / node.get("divisor", [ends.shape[1]])[0] if mean else raw


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
    reading = categories.get("reading", "")
    if reading.endswith("byte"):
        fits = (category >= -(2.0**31)) & (category < 2.0**31)
        category = (np.where(fits, category, 0).astype(np.int64) & 255).astype(np.float64)
    if reading.startswith("positive"):
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
    """What a model's `transform` gives: the cells [n, w], numbers or, where columns hold strings, objects."""
    value = transform_of(model["root"], given(model["input"], X))
    if value.sort != "columns":
        return value.data
    return np.stack([column.astype(object) for column in value.columns], axis=1)


def transform_of(node, value):
    if not has_head(node):
        return transform(node, value)
    if "beside" in node:
        return transform(node["beside"], value)
    if node["kind"] == "pipeline":
        for step in node["steps"][:-1]:
            value = transform(step, value)
        return value if node.get("transforms") else transform_of(node["steps"][-1], value)
    if node["combine"] == "vote":
        columns = [part["classes"][chosen(part["node"], seen)[0]] for part, seen in parts_of(node, value)]
        return Value(np.stack(columns, axis=1).astype(np.float64))
    method = "predict" if node["head"]["task"] == "regressor" else "predict_proba"
    return Value(np.hstack([part_answers(part["node"], seen, method)[0] for part, seen in parts_of(node, value)]))


def predict_std(model, X):
    """Standard deviations of predictions, float64 [n], or of several outputs [n, k]."""
    node, value = last_step(model, X)
    if node["kind"] == "gaussian-process":
        found = process_deviations(node, value.data)
        return found[:, 0] if node["head"]["flat"] else found
    X = value.data
    refuse(node, X)
    deviation = node["deviation"]
    covariance, zero = deviation["covariance"], np.float32(0)
    z = (X - deviation.get("offsets", zero)) / deviation.get("scales", zero + 1)
    square = ((z @ covariance.reshape(z.shape[1], z.shape[1])) * z).sum(axis=1)
    return np.sqrt(square + deviation["noise"].astype(square.dtype)).astype(np.float64)


def score_samples(model, X):
    """The single scores, and their offset where they have one; logarithms of sums of exps of a mixture's: float64 [n]."""
    node, value = last_step(model, X)
    raw, head = scores(node, value), node["head"]
    if head.get("joint") == "sum" or "components" in head:
        with np.errstate(all="ignore"):
            return log_sum_exp(raw, in_order if "sums" in head else pairwise_sum)[:, 0]
    return raw[:, 0] + head["scoreOffset"] if "scoreOffset" in head else raw[:, 0]


def predict(model, X):
    """A regressor's predictions, float64 [n, k] or [n]; a classifier's labels, [n] or, of several outputs, [n, outputs]."""
    node, value = last_step(model, X)
    head = node["head"]
    if head["task"] == "regressor":
        return predictions(node, value)
    labels = []
    for output, at in enumerate(chosen(model["root"], given(model["input"], X))):
        labels.append(label_values(head, output)[at])
    return labels[0] if len(labels) == 1 else np.stack(labels, axis=1)


def label_values(head, output):
    """The labels of an output, and after them that of outliers, if there is one."""
    both = [head["labels"][output]] + ([head["outlierLabels"][output]] if "outlierLabels" in head else [])
    values = [label for one in both for label in list(one["values"])]
    return np.asarray(values, dtype=object if both[0]["dtype"] in ("str", "object") else None)


def predictions(node, value):
    """A regressor's predictions."""
    head, raw = node["head"], scores(node, value)
    with np.errstate(all="ignore"):
        raw = raw * head["factor"] if "factor" in head else raw
        if head["link"] == "expit" and "sums" in node:
            raw = np.maximum(raw, np.float32(-88.7))
        values = linked(head["link"], raw)
    return values[:, 0] if head["flat"] else values


def linked(link, s):
    """What a regressor's link makes of scores [n, k], in float64."""
    if link == "exp":
        return np.exp(s)
    if link == "exp-table":
        return table_exp(s)
    if link == "expit":
        return 1 / (1 + np.exp(-s))
    if link == "softmax":
        powers = np.exp(s - s.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
    return s * np.abs(s) if link == "signed-square" else s


def table_exp(x):
    """e^x by a table, as the section of heads has it."""
    x = np.clip(np.asarray(x, np.float64), -708.39641853226408, 709.78271289338397)
    a = 2048 / np.log(2)
    k = np.rint(x * a)
    t = k * (1 / a) - x
    roots = np.array([2 ** (i / 2048) for i in range(2048)])
    powers = np.ldexp(roots[(k % 2048).astype(int)], (k // 2048).astype(int))
    return ((3.0000000027955394 - t) * (t * t) * 0.16666666685227835 - t + 1) * powers


def decisions(node, value):
    """What decision_function answers: [n, columns]."""
    if "decisions" in node:
        return sum(part_answers(part["node"], seen, "decision_function")[0] for part, seen in parts_of(node, value)) / len(node["parts"])
    if node["kind"] == "support-vectors":
        return machine_decision_function(node, value.data)
    raw = scores(node, value)
    if node["head"].get("folded"):
        return raw[:, 1:] - raw[:, :1]
    return raw - node["head"].get("decisionOffset", 0)


def chosen(node, value):
    """The positions [n] of each output's classes."""
    raw, found = choice_scores(node, value), []
    node, value = reach(node, value)
    head = node["head"]
    if "threshold" in head:
        return [above_threshold(node, value)]
    for reading, s in by_output(head, raw):
        if reading["decide"] == "probable":
            s = probability(reading["probability"], s, summing(reading))
        elif reading["decide"] == "argmin":
            s = -s
        elif reading["decide"] == "argmaxLast":
            found.append(s.shape[1] - 1 - s[:, ::-1].argmax(axis=1))
            continue
        elif reading["decide"] != "argmax":
            decision = s[:, 0] - head.get("decisionOffset", 0)
            s = np.stack([np.zeros(len(s)), decision > 0 if reading["decide"] == "positive" else decision >= 0], axis=1)
        found.append(np.where((s == 0).all(axis=1) & ("outlierLabels" in head), s.shape[1], s.argmax(axis=1)))
    return found


def above_threshold(node, value):
    threshold = node["head"]["threshold"]
    positive, of_decision = threshold["positive"], threshold["of"] == "decision_function"
    answer = decisions(node, value)[:, 0] * (1 if positive else -1) if of_decision else probabilities(node, value)[0][:, positive]
    least = threshold["value"].astype(np.float32 if is_single(node, value) and node["head"].get("probability") != "clip" else np.float64)
    return np.where(answer >= least[0], positive, 1 - positive)


def predict_proba(model, X):
    """Probabilities of the classes: a list of float64 [n, classes], one for each output."""
    return probabilities(*last_step(model, X))


def probabilities(node, value):
    head = node["head"]
    if head["probability"] == "own":
        own = process_probabilities if node["kind"] == "gaussian-process" else machine_probabilities
        return [own(node, value.data)]
    if node["kind"] == "ensemble" and node["combine"] == "one-vs-rest":
        raw = np.hstack([part_answers(part["node"], seen, "predict_proba")[0][:, 1:] for part, seen in parts_of(node, value)])
    else:
        raw = scores(node, value)
    read = by_output(head, raw)
    found = [probability(reading["probability"], s, summing(reading)) for reading, s in read]
    return [np.stack([one[:, 1] for one in found], axis=1)] if head.get("seconds") else found


def summing(reading):
    return in_order if "sums" in reading else pairwise_sum


def predict_log_proba(model, X):
    """Logarithms of the probabilities, as `predict_proba`."""
    return logarithms(*last_step(model, X))


def logarithms(node, value):
    with np.errstate(all="ignore"):
        head = node["head"]
        if head.get("logProbability") == "scores":
            add = in_order if "sums" in head else pairwise_sum
            return [through_logarithms(head["probability"], s, add) for _, s in by_output(head, scores(node, value))]
        if head.get("logProbability") != "parts":
            least = np.finfo(np.float32 if is_single(node, value) else np.float64).tiny if head.get("logProbability") == "normal" else 0
            return [np.log(np.where(p == 0, least, p)) for p in probabilities(node, value)]
        if node["kind"] == "trees":
            return [logarithms_of_trees(node, value.data)]
        sums = np.full((value_rows(value), len(node["head"]["labels"][0]["values"])), -np.inf)
        for part, seen in parts_of(node, value):
            at = part["classes"].astype(np.int64)
            sums[:, at] = np.logaddexp(sums[:, at], logarithms(*reach(part["node"], seen))[0])
        return [sums - np.log(len(node["parts"]))]


def logarithms_of_trees(node, X):
    slots, k = node["slots"], node["outputs"]
    ends, sums = walk(node, X), np.full((len(X), k), -np.inf)
    for at in ends.T:
        leaves = slots["value"][at][:, None] if k == 1 else node["leaves"].reshape(-1, k)[slots["index"][at].astype(np.int64)]
        sums = np.logaddexp(sums, np.log(leaves))
    return sums - np.log(ends.shape[1])


def value_rows(value):
    return len(value.columns[0]) if value.sort == "columns" else len(value.data)


def by_output(head, raw):
    """How each output is read, and its columns of the scores [n, k]."""
    readings = head.get("each", [head] * len(head["labels"]))
    counts = [len(one["values"]) if has_columns(reading) else 1 for one, reading in zip(head["labels"], readings)]
    return zip(readings, np.split(raw, np.cumsum(counts)[:-1], axis=1))


def has_columns(reading):
    of_one = reading.get("probability") in ("complement", "expit", "expit-pair", "expit-twice", "softmax-pair-half", "clip")
    return reading["decide"] in ("argmax", "argmaxLast", "argmin") or reading["decide"] == "probable" and not of_one


def probability(rule, s, add):
    """Probabilities [n, classes] of one output's scores s [n, columns]; ``add`` makes sums [n] of rows."""
    with np.errstate(all="ignore"):
        if rule == "identity":
            return s
        if rule == "complement":
            return np.hstack([1 - s, np.minimum(s, 1)])
        if rule in ("expit", "expit-twice"):
            p = 1 / (1 + np.exp(-s if rule == "expit" else -2 * s))
            return np.hstack([1 - p, p])
        if rule == "expit-pair":
            return probability("softmax", np.hstack([-s, s]), add)
        if rule == "softmax-pair-half":
            return probability("softmax", np.hstack([-s / 2, s / 2]), add)
        if rule == "expit-each":
            return 1 / (1 + np.exp(-s))
        if rule == "softmax-table":
            d = s - s.max(axis=1, keepdims=True)
            left_over = np.arange(d.shape[1]) >= d.shape[1] // 4 * 4
            e = np.where((d <= -708.39641853226408) & left_over, 0, table_exp(d))
            return e / in_order(e)[:, None]
        if rule == "softmax-shared":
            return probability("softmax", s / (s.shape[1] - 1), add)
        if rule == "clip":
            p = (np.clip(s, -1, 1) + 1) / 2
            return np.hstack([1 - p, p])
        if rule.startswith("softmax-log"):
            return np.exp(through_logarithms(rule, s, add))
        if rule == "softmax":
            e = np.exp(s - s.max(axis=1, keepdims=True))
        elif rule == "clip-one-vs-rest":
            e = (np.clip(s, -1, 1) + 1) / 2
        else:
            e = s if rule.startswith("normalize") else 1 / (1 + np.exp(-s))
        total = add(e)[:, None]
        alone = {"normalize": e, "normalize-uniform": 1 / e.shape[1], "one-vs-rest-uniform": 1 / e.shape[1], "clip-one-vs-rest": 1 / e.shape[1]}
        return np.where((total == 0) & (rule in alone), alone.get(rule, 0), e / total)


def through_logarithms(rule, s, add):
    """Logarithms of probabilities [n, classes]."""
    if rule == "softmax-log":
        return s - log_sum_exp(s, add)
    s = s - s.max(axis=1, keepdims=True)
    return s - np.log(add(np.exp(s)))[:, None]


def log_sum_exp(s, add):
    """Logarithms of sums of exps [n, 1]."""
    top = s.max(axis=1, keepdims=True)
    count = (s == top).sum(axis=1, keepdims=True)
    rest = add(np.where(s == top, 0, np.exp(s - top)))[:, None]
    return np.log1p(rest / count) + np.log(count) + top


def apply(model, X):
    """Leaf ids: int64 [n] of a single tree, [n, t] of a forest."""
    if not has_head(model["root"]):
        return leaf_ids(*reach(model["root"]["steps"][0]["node"], given(model["input"], X)))
    return leaf_ids(*last_step(model, X))


def leaf_ids(node, value):
    X = value.data
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


def predict_missing(node, value):
    """What a node of kind rounds makes of a value."""
    def predict(part, seen):
        return part_answers(part, Value(seen), "predict")[0][:, 0]

    return Value(fill_in_rounds(node, value.data, value.floats(), predict))


def hand_on_answers(node, value):
    """What a node of kind answers makes of a value."""
    answers, single = part_answers(node["node"], value, node["method"])
    return Value(answers[:, node["skip"]:].astype(np.float32 if single else np.float64))


def project(node, value):
    """What a node of kind linear without a head makes of a value."""
    return Value(linear_scores(node, value.data).astype(np.float32 if is_single(node, value) else np.float64))


KINDS["answers"] = hand_on_answers
KINDS["rounds"] = predict_missing
KINDS["linear"] = project
