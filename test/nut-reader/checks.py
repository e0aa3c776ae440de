"""What a .nut file's header must fulfil (SPEC.md, sections 2 to 7), once arrays stand for its tensors.

Shapes: k columns of the scores, t trees, s slots.
"""

import math

import numpy as np

from check_nodes import check_products, check_starts, check_transform, choose, expect
from container import DTYPES, LARGEST, UINT, choice, get, integer, need, strings, strings_or_none, tensor
from items import FORMS, check_items
from kernel import check_process, check_support_vectors

COLUMNS = ("number", "string", "boolean", "category", "unused", *FORMS)
NUMERIC = ["float32", "float64", *(kind + bits for kind in ("int", "uint") for bits in ("8", "16", "32", "64"))]
LIMIT = 2**20
MISSING_RIGHT, LEFT_LEAF, RIGHT_LEAF, CATEGORICAL = 1, 2, 4, 8


def check_model(model):
    """Checks the whole header, and adds `slots` (see `decode`) to every node of kind trees."""
    need(strings(get(model, "critical", list), "critical") == [], "needs features that this reader does not know")
    check_provenance(get(model, "provenance", dict))
    source = check_input(get(model, "input", dict))
    check_node(get(model, "root", dict), source, True)
    for golden in get(model, "golden", list):
        check_golden(golden, len(source[1]))
    if "reference" in model:
        check_reference(get(model, "reference", dict), len(source[1]))


def check_reference(reference, width):
    rows = get(reference, "rows", int)
    need(rows >= 1, "rows of the reference")
    columns, answers = get(reference, "columns", list), get(reference, "answers", list)
    need(len(columns) == width and len(answers) <= 16, "columns or answers of the reference")
    for answer in answers:
        get(answer, "method", str)
        need(len(get(answer, "columns", list)) > 0, "an answer without columns")
        columns = columns + answer["columns"]
    for column in columns:
        check_statistics(column, rows)


def check_statistics(column, rows):
    kind = get(column, "type", str)
    need(kind in ("numbers", "lengths", "values", "none"), f"unknown statistics {kind}")
    if kind == "none":
        return
    counted = get(column, "missing", int)
    if kind == "values":
        values = strings(get(column, "values", list), "values")
        need(len(values) <= 1000 and len(set(values)) == len(values), "values")
        places, other = len(values), get(column, "other", int)
        need(other >= 0, "other")
        counted += other
    else:
        edges = tensor(column, "edges", ("float64",))
        need(len(edges) <= 64 and np.isfinite(edges).all() and (edges[1:] > edges[:-1]).all(), "edges")
        need(len(tensor(column, "summary", ("float64",))) == 4, "summary")
        places = len(edges) + 1
    counts = tensor(column, "counts", ("uint8", "uint16", "uint32"))
    need(len(counts) == places and column["missing"] >= 0 and counted + int(counts.sum()) == rows, "counts")


def check_provenance(provenance):
    for key in ("library", "libraryVersion", "className", "format", "nuthatch"):
        get(provenance, key, str)
    for key in {"digest", "time"} & provenance.keys():
        get(provenance, key, str)
    strings(list(get(provenance, "metadata", dict).values()), "metadata")


def check_input(source):
    """What a row is: the sort of value, and for each column whether it holds strings, or the form of its items."""
    if choice(source, "type", ("matrix", "columns", "text")) == "text":
        return "columns", [True]
    if source["type"] == "matrix":
        width = integer(source, "features", 1)
        names = strings(source["names"], "names") if "names" in source else []
        texts = [False] * width
    else:
        columns = get(source, "columns", list)
        width = len(columns)
        need(width > 0, "columns: none")
        names = [get(column, "name", str) for column in columns if "name" in column]
        for column in columns:
            category = choice(column, "type", COLUMNS) == "category"
            need(category == ("categories" in column), "categories")
            need(not category or unique(strings(column["categories"], "categories")), "categories: not unique")
        texts = [column["type"] if column["type"] in FORMS else column["type"] in ("string", "category") for column in columns]
    need(len(names) in (0, width) and unique(names), "names: not one each, or not unique")
    return "dense" if source["type"] == "matrix" else "columns", texts


def unique(values):
    return len(set(values)) == len(values)


def check_golden(golden, width):
    get(golden, "name", str)
    strings(list(get(golden, "environment", dict).values()), "environment")
    source = get(golden, "input", dict)
    rows = integer(source, "rows", 1)
    integer(source, "columns", width, width)
    if choice(source, "type", ("matrix", "columns")) == "matrix":
        tensor(source, "data", ("float64", "float32"), rows * width)
    else:
        need(len(get(source, "values", list)) == width, "golden: columns")
        for at, column in enumerate(source["values"]):
            if type(column) is list:
                strings_or_none(column, "golden", rows)
            elif type(column) is dict:
                check_items(column, rows)
            else:
                tensor({"values": column}, "values", ("float64", "float32"), rows)
    for output in get(golden, "outputs", list):
        get(output, "method", str)
        need(get(output, "list", bool) or len(get(output, "parts", list)) == 1, "golden: parts without a list")
        for part in get(output, "parts", list):
            shape = get(part, "shape", list)
            need(len(shape) in (1, 2) and all(type(one) is int and one >= 0 for one in shape), "golden: shape")
            need(shape[0] == rows, "golden: rows")
            if type(part.get("values")) is list:
                need(len(strings(part["values"], "values")) == math.prod(shape), "golden: values")
            else:
                tensor(part, "values", DTYPES, math.prod(shape))
            need("strings" not in part or strings_or_none(part["strings"], "golden", math.prod(shape)), "golden: strings")


def has_head(node):
    return has_head(node["steps"][-1]) if node["kind"] == "pipeline" else "head" in node


def check_node(node, given, last):
    """What a node makes of a value, as `check_input` describes it. Only the `last` one may have a head."""
    kind = get(node, "kind", str)
    if kind == "pipeline":
        steps = get(node, "steps", list)
        need(steps, "steps: none")
        if "transforms" in node:
            get(node, "transforms", bool)
        if "beside" in node:
            need(has_head(node) and not node.get("transforms"), "beside: of what transforms")
            check_node(get(node, "beside", dict), given, False)
        value = given
        for step in steps:
            given = check_node(step, given, last and step is steps[-1])
        if "chooser" in node:
            chooser = get(node, "chooser", dict)
            need(has_head(node) and has_head(chooser), "chooser: of what does not answer")
            check_node(chooser, value, True)
            own, other = head_of(node), head_of(chooser)
            need(own["task"] == "classifier" and "threshold" not in own and score_columns(own) == score_columns(other), "chooser: of other scores")
        return given
    if kind == "union":
        return check_union(node, given)
    if kind == "answers":
        return check_answers(node, given)
    if kind == "rounds":
        return check_rounds(node, given)
    if kind not in ("trees", "ensemble", "scores", "gaussian", "support-vectors", "gaussian-process", "leaf-models") and not (kind == "linear" and "head" in node):
        return check_transform(node, given)
    need(last, "a head before the last step")
    if kind == "scores":
        check_head(get(node, "head", dict), expect(node, given, ("dense",)))
        return given
    if kind == "leaf-models":
        return check_leaf_models(node, given)
    if kind in ("support-vectors", "gaussian-process"):
        check = check_process if kind == "gaussian-process" else check_support_vectors
        outputs = check(node, expect(node, given, ("dense",)))
        check_head(node["head"], outputs, own=True)
        of_machine = node["head"]["task"] == "classifier" and len(node["head"]["labels"]) == 1
        need(of_machine or kind == "gaussian-process", "head: no classifier")
        return "dense", [False] * outputs
    sorts = {"ensemble": ("dense", "sparse", "columns"), "gaussian": ("dense",)}
    width = expect(node, given, sorts.get(kind, ("dense", "sparse")))
    outputs = integer(node, "outputs", 1)
    if kind == "ensemble":
        check_ensemble(node, given, width, outputs)
        return "dense", [False] * outputs
    choice(node, "nonFinite", ("refuse", "nan", "any"))
    if kind == "linear":
        check_products(node, width, outputs)
        if "deviation" in node:
            need(outputs == 1, "deviation: several outputs")
            check_deviation(get(node, "deviation", dict), width)
    elif kind == "gaussian":
        check_gaussian(node, width, outputs)
    else:
        check_trees(node, width, outputs)
    head = get(node, "head", dict)
    check_head(head, outputs, kind == "trees")
    if kind == "trees" and head.get("logProbability") == "parts":
        is_mean = node["aggregation"] == "mean" and node["leafColumns"] == outputs and len(head["labels"]) == 1
        need(is_mean, "logProbability: of no probabilities")
    return "dense", [False] * outputs


def check_leaf_models(node, given):
    width, outputs = expect(node, given, ("dense",)), integer(node, "outputs", 1)
    trees = score_columns(check_part(get(node, "node", dict), given))
    need((tensor(node, "treeOutputs", UINT, trees) < outputs).all(), "treeOutputs: out of range")
    constants, coefficients = tensor(node, "constants", ("float64",)), tensor(node, "coefficients", ("float64",))
    check_starts(node, len(constants), len(coefficients))
    need((tensor(node, "columns", UINT, len(coefficients)) < width).all(), "columns: out of range")
    need(all(np.isfinite(one).all() for one in (constants, coefficients, tensor(node, "gaps", ("float64",), len(constants)))), "models: not finite")
    check_head(get(node, "head", dict), outputs)
    return "dense", [False] * outputs


def head_of(node):
    return head_of(node["steps"][-1]) if node["kind"] == "pipeline" else node["head"]


def check_part(node, given):
    """The head of a part, which must have one."""
    check_node(node, given, True)
    need(has_head(node), "part: no head")
    return head_of(node)


def answer_columns(head, method):
    """How many columns a method answers; fails where the head has not got it, or several outputs."""
    if method == "raw":
        return score_columns(head)
    if head["task"] == "regressor":
        need(method == "predict", "method: of a regressor")
        return head["targets"]
    need(len(head["labels"]) == 1, "part: several outputs")
    classes = len(head["labels"][0]["values"])
    if method == "predict":
        need(head["labels"][0]["dtype"] not in ("str", "object"), "method: labels that are no numbers")
        return 1
    need("probability" in head if method == "predict_proba" else head["decisionFunction"], "method: not there")
    if method == "decision_function" and head.get("pairs"):
        return classes * (classes - 1) // 2
    if method == "decision_function" and classes == 2:
        return 1
    return classes if method == "predict_proba" or head["decide"] in ("argmax", "argmaxLast", "argmin") or all_columns(head) else 1


def all_columns(head):
    return head["decide"] == "probable" and head["probability"] in ("softmax", "softmax-log")


def check_rounds(node, given):
    width = expect(node, given, ("dense",))
    need(np.isfinite(tensor(node, "fills", ("float64",), width)).all(), "fills: not finite")
    for key in ("lows", "highs"):
        tensor(node, key, ("float64",), width)
    for part in get(node, "parts", list):
        integer(part, "column", 0, width - 1)
        columns = tensor(part, "columns", ("uint32",))
        need(len(columns) > 0 and columns.max() < width, "columns: out of range, or none")
        head = check_part(get(part, "node", dict), ("dense", [False] * len(columns)))
        need(head["task"] == "regressor" and head["targets"] == 1, "node: no regressor of one target")
    return given


def check_answers(node, given):
    expect(node, given, ("dense", "sparse", "columns"))
    method = choice(node, "method", ("predict", "predict_proba", "decision_function", "apply", "raw"))
    need("paths" not in node or not get(node, "paths", bool) or method == "apply", "paths: without apply")
    head, last = check_part(get(node, "node", dict), given), node["node"]
    while last["kind"] == "pipeline":
        last = last["steps"][-1]
    need(method != "apply" or "paths" in last, "method: no leaf ids")
    columns = len(last["starts"]) - 1 if method == "apply" else answer_columns(head, method)
    return "dense", [False] * (columns - integer(node, "skip", 0, columns - 1))


def check_ensemble(node, given, width, outputs):
    combine = choice(node, "combine", ("mean", "vote", "samme-r", "median", "one-vs-rest", "one-vs-one"))
    need(not get(node, "folded", bool) or outputs == 1, "folded: several scores")
    columns = 2 if node["folded"] else outputs
    parts, tasks = get(node, "parts", list), set()
    need(parts, "parts: none")
    head = get(node, "head", dict)
    check_head(head, outputs, True)
    margins = combine.startswith("one-vs")
    if margins:
        check_margins(node, outputs, head)
    threshold = head.get("threshold", {}).get("of")
    need(threshold is None or ("decisions" not in node and (threshold != "predict_proba" or not margins)), "threshold: not of the scores")
    for part in parts:
        seen = given
        if "columns" in part:
            chosen = tensor(part, "columns", ("uint32",))
            need((chosen < width).all(), "part: columns out of range")
            seen = choose(chosen, given)
        own = check_part(get(part, "node", dict), seen)
        if margins:
            check_margin(own, combine, head)
            continue
        tasks.add(own["task"])
        if own["task"] == "regressor":
            need(own["targets"] == columns and combine in ("mean", "median"), "part: a regressor")
            continue
        need(combine != "median", "part: a classifier")
        if combine != "vote":
            answer_columns(own, "predict_proba")
        need(len(own["labels"]) == 1, "part: several outputs")
        classes = tensor(part, "classes", UINT, len(own["labels"][0]["values"]))
        need(classes.max() < columns and len(set(classes.tolist())) == len(classes), "part: classes")
        if "decisions" in node:
            count = len(head["labels"][0]["values"])
            need(answer_columns(own, "decision_function") == (1 if count == 2 else count), "decisions: other margins")
    need(len(tasks) == (0 if margins else 1), "parts: of two tasks")
    for key, length in (("weights", len(parts)), ("misses", len(parts)), ("divisor", 1)):
        need(key not in node or np.isfinite(tensor(node, key, ("float64",), length)).all(), f"{key}: not finite")
    need("divisor" not in node or node["divisor"][0] != 0, "divisor: 0")
    need("misses" not in node or combine == "vote", "misses: without votes")
    need(combine != "median" or ("divisor" not in node and outputs == 1), "median: divided, or of several columns")
    need(head.get("logProbability") != "parts" or combine == "mean", "logProbability: of no probabilities")
    for key, values in (("precision", ("float64",)), ("decisions", ("mean",))):
        if key in node:
            choice(node, key, values)
    get(node, "transforms", bool)


def check_margins(node, outputs, head):
    """An ensemble of margins, but for its parts."""
    pairs = max(1, outputs * (outputs - 1) // 2)
    of_pairs = node["combine"] == "one-vs-one"
    need(len(node["parts"]) == (pairs if of_pairs else outputs), "parts: another number")
    need(head["task"] == "classifier" and not (of_pairs and "probability" in head), "head: not of margins")
    need(not {"weights", "misses", "divisor", "precision", "decisions"} & node.keys(), "combine: changed")
    need(not node["folded"] and get(node, "transforms", bool) is False, "combine: folded, or transforms")


def check_margin(own, combine, head):
    """The head of a part of such an ensemble."""
    if own["task"] == "regressor":
        need(own["targets"] == 1 and combine == "one-vs-rest", "part: a regressor")
        need("probability" not in head and not head["decisionFunction"], "head: a part has none")
        return
    need(own["task"] == "classifier" and [len(one["values"]) for one in own["labels"]] == [2], "part: not of two classes")
    need(own["decisionFunction"] or "probability" in own, "part: no margin")
    need("probability" not in head or "probability" in own, "probability: a part has none")
    need(not head["decisionFunction"] or combine == "one-vs-one" or own["decisionFunction"], "decisionFunction: a part has none")


def check_union(node, given):
    width = expect(node, given, ("dense", "sparse", "columns"))
    parts, texts = get(node, "parts", list), []
    need(parts, "parts: none")
    for part in parts:
        seen = given
        if "columns" in part:
            columns = tensor(part, "columns", ("uint32",))
            need((columns < width).all(), "part: columns out of range")
            seen = choose(columns, given)
        texts += (check_node(get(part, "node", dict), seen, False) if "node" in part else seen)[1]
    need(len(texts) <= LIMIT and set(texts) <= {True, False}, "union: too many columns, or items")
    if get(node, "sparse", bool):
        need(not any(texts), "union: sparse strings")
        return "sparse", texts
    return "columns" if any(texts) else "dense", texts


def check_gaussian(node, width, outputs):
    floats = ("float64", "float32")
    distance = choice(node, "distance", ("variances", "factors", "precision"))
    means, scales, constants = (tensor(node, key, floats) for key in ("means", "scales", "constants"))
    need(all(np.isfinite(values).all() for values in (means, scales, constants)), "gaussian: not finite")
    need(len(means) == outputs * width, "means: not one for each output")
    rows, rest = divmod(len(scales), outputs * width)
    need(rest == 0 and (rows >= 1 if distance == "factors" else rows == (1 if distance == "variances" else width)), "scales: not whole")
    need(distance != "variances" or (scales > 0).all(), "scales: not above 0")
    need(len(constants) % outputs == 0 and 1 <= len(constants) // outputs <= 8, "constants: not whole, or too many")
    get(node, "expanded", bool)
    if "rounded" in node:
        choice(node, "rounded", ("constant", "distance"))
    if "spread" in node:
        spread = tensor(node, "spread", ("float64",), outputs * width)
        need(np.isfinite(spread).all() and (spread >= 0).all(), "spread: negative or not finite")
    if "uncertainty" in node:
        errors = tensor(node, "uncertainty", ("float64",), outputs)
        need(np.isfinite(errors).all() and (errors >= 0).all(), "uncertainty: negative or not finite")


def check_deviation(deviation, width):
    for key, length in (("offsets", width), ("scales", width), ("covariance", width * width)):
        if key == "covariance" or key in deviation:
            values = tensor(deviation, key, ("float64", "float32"), length)
            need(np.isfinite(values).all() and (key != "scales" or (values != 0).all()), f"{key}: not finite, or 0")
    need(np.isfinite(tensor(deviation, "noise", ("float64",), 1)).all(), "noise: not finite")


def check_head(head, outputs, parts=False, own=False):
    task = choice(head, "task", ("regressor", "classifier", "density"))
    if task == "density":
        need(integer(head, "components") == outputs if "components" in head else outputs == 1, "density: several scores")
        if "uncertainty" in head:
            unsure = tensor(head, "uncertainty", ("float64",), 1)
            need(np.isfinite(unsure).all() and unsure[0] >= 0, "uncertainty: no size")
        return
    if task == "regressor":
        need(integer(head, "targets") == outputs, "targets: not the outputs")
        need(not get(head, "flat", bool) or outputs == 1, "flat: several targets")
        choice(head, "link", ("identity", "exp", "exp-table", "expit", "softmax", "signed-square"))
        need("factor" not in head or np.isfinite(tensor(head, "factor", ("float64",), 1)).all(), "factor: not finite")
        return
    counts = [check_labels(one) for one in get(head, "labels", list)]
    get(head, "decisionFunction", bool)
    need(counts and min(counts) > 0, "labels: none")
    each = get(head, "each", list) if "each" in head else None
    argmax = check_reading(head, [] if each is not None else counts, own and each is None)
    readings = [head] * len(counts) if each is None else each
    need(len(readings) == len(counts), "each: not one for each output")
    wide = [check_reading(reading, [count], own and each is None) for reading, count in zip(readings, counts)]
    need(sum(count if columns else 1 for count, columns in zip(counts, wide)) == outputs, "labels: not one column each")
    if each is not None:
        need(all(("probability" in reading) == ("probability" in head) for reading in each), "each: some have probabilities")
        need(not any(wide) or not head["decisionFunction"], "decisionFunction: of several columns")
        need(not {"scoreOffset", "decisionOffset", "joint"} & set(head) and not head.get("folded"), "each: with what one output has")
        need(head.get("logProbability", "none") == "none", "each: logarithms of their own")
    if get(head, "seconds", bool) if "seconds" in head else False:
        need("probability" in head and min(counts) > 1, "seconds: not of two classes")
    if "pairs" in head:
        need(not get(head, "pairs", bool) or (own and head["decide"] == "argmax" and len(counts) == 1), "pairs: of other scores")
    if "logProbability" in head:
        through = head.get("probability", "").startswith("softmax-log")
        choice(head, "logProbability", ("none", "normal", *(["parts"] if parts else []), *(["scores"] if through else [])))
    if "joint" in head:
        choice(head, "joint", ("scores", "sum"))
        need(head["decide"] == "argmax" and len(counts) == 1, "joint: not with argmax, or of several outputs")
    if get(head, "folded", bool) if "folded" in head else False:
        need(head["decisionFunction"] and argmax and counts == [2], "folded: not of two classes")
    if "outlierLabels" in head:
        others = get(head, "outlierLabels", list)
        need(head["decide"] == "argmax" and "each" not in head and [check_labels(one) for one in others] == [1] * len(counts), "outlierLabels: not one each")
        need(all(a["dtype"] == b["dtype"] for a, b in zip(others, head["labels"])), "outlierLabels: of another dtype")
    if "threshold" in head:
        threshold = get(head, "threshold", dict)
        if choice(threshold, "of", ("predict_proba", "decision_function")) == "predict_proba":
            need(head.get("probability", "own") != "own", "threshold: of no probabilities")
        else:
            need(not argmax or head.get("folded"), "threshold: of no decision")
        need(counts == [2], "threshold: not of two classes")
        integer(threshold, "positive", 0, 1)
        need(np.isfinite(tensor(threshold, "value", ("float64",), 1)).all(), "threshold: not finite")
    need("scoreOffset" not in head or "decisionOffset" not in head, "scoreOffset: and another offset")
    for key in ("scoreOffset", "decisionOffset"):
        if key in head:
            need(not argmax and len(counts) == 1, f"{key}: several scores")
            need(np.isfinite(tensor(head, key, ("float64",), 1)).all(), f"{key}: not finite")


def check_reading(reading, counts, own=False):
    """Whether an output that is read so has a column for each class."""
    of_one = ("complement", "expit", "expit-pair", "expit-twice", "softmax-pair-half", "clip")
    decide = choice(reading, "decide", ("argmax", "argmaxLast", "argmin", "positive", "nonNegative", "probable"))
    need(decide != "probable" or "probability" in reading, "decide: no probabilities")
    argmax = decide in ("argmax", "argmaxLast", "argmin") or decide == "probable" and reading["probability"] not in of_one
    need(argmax or set(counts) <= {2}, "labels: number of classes")
    if "probability" in reading:
        wide = ("identity", "normalize", "normalize-nan", "normalize-uniform", "softmax", "softmax-table", "softmax-shared", "expit-each", "softmax-log", "softmax-log-max", "one-vs-rest",
                "one-vs-rest-uniform", "clip-one-vs-rest")
        if not own or reading["probability"] != "own" or decide == "probable":
            choice(reading, "probability", wide if argmax else of_one)
    if "sums" in reading:
        choice(reading, "sums", ("sequential",))
    return argmax


def score_columns(head):
    """How many raw scores a head reads."""
    if head["task"] != "classifier":
        return head["targets"] if head["task"] == "regressor" else head.get("components", 1)
    readings = head.get("each", [head] * len(head["labels"]))
    return sum(len(one["values"]) if check_reading(reading, [], True) else 1 for one, reading in zip(head["labels"], readings))


def check_labels(labels):
    """The number of classes of one output."""
    dtype = get(labels, "dtype", str)
    if dtype in ("str", "object"):
        values = strings(get(labels, "values", list), "labels")
    elif dtype == "bool":
        values = tensor(labels, "values", ("uint8",)).tolist()
        need(set(values) <= {0, 1}, "labels: not booleans")
    else:
        choice(labels, "dtype", NUMERIC)
        array = tensor(labels, "values", ("float64",))
        values = array.tolist()
        need(dtype[0] == "f" or is_index(np.abs(array), LARGEST + 1), "labels: not integers")
    need(len(set(values)) == len(values), "labels: not distinct")
    return len(values)


def check_trees(node, width, outputs):
    """Checks a node of kind trees with f = width and k = outputs."""
    layout = choice(node, "layout", ("narrow", "wide"))
    choice(node, "precision", ("float32", "float64") if layout == "wide" else ("float32",))
    bits = integer(node, "featureBits", 1 if layout == "narrow" else 28, 28)
    need(width < 1 << bits, "featureBits: too few")
    words = tensor(node, "nodes", ("uint32",)).reshape(-1)
    starts = tensor(node, "starts", ("uint32",)).astype(np.int64)
    per_slot = 2 if layout == "narrow" else 4
    need(len(starts) >= 2 and starts[0] == 0 and (np.diff(starts) > 0).all(), "starts: not in order")
    need(len(words) == starts[-1] * per_slot, "starts: not the number of slots")
    trees, slots = len(starts) - 1, starts[-1]
    columns = integer(node, "leafColumns", 1, outputs)
    need(columns in (1, outputs), "leafColumns: neither 1 nor all")
    need(("leaves" in node) == (columns > 1), "leaves: missing, or not needed")
    need(("treeOutputs" in node) == (columns < outputs), "treeOutputs: missing, or not needed")
    if columns > 1:
        vectors = tensor(node, "leaves", ("float64",))
        need(len(vectors) % columns == 0 and np.isfinite(vectors).all(), "leaves: length, or not finite")
        vectors = vectors.reshape(-1, columns)
        need(len({one.tobytes() for one in vectors}) == len(vectors), "leaves: not distinct")
    if columns < outputs:
        need(tensor(node, "treeOutputs", UINT, trees).max() < outputs, "treeOutputs: out of range")
    for key, length in (("treeWeights", trees), ("base", outputs)):
        need(key not in node or np.isfinite(tensor(node, key, ("float64",), length)).all(), f"{key}: not finite")
    isolation = choice(node, "aggregation", ("sum", "mean", "isolation")) == "isolation"
    if "sums" in node:
        need(choice(node, "sums", ("float32",)) and node["aggregation"] == "sum", "sums: of no sum")
    if "divisor" in node:
        divisor = tensor(node, "divisor", ("float64",), 1)
        need(node["aggregation"] == "mean" and np.isfinite(divisor).all() and divisor[0] != 0, "divisor: 0, or of no mean")
    need(isolation == ("isolation" in node), "isolation: missing, or not needed")
    need(not isolation or np.isfinite(tensor(node, "isolation", ("float64",), 1)).all(), "isolation: not finite")
    if "categories" in node:
        check_categories(node["categories"])
    if "nodeIds" in node:
        ids = tensor(node, "nodeIds", UINT, slots)
        for first, end in zip(starts, starts[1:]):
            need(np.array_equal(np.sort(ids[first:end]), np.arange(end - first)), "nodeIds: not each id once")
    if "covers" in node:
        tensor(node, "covers", ("float64",), slots)
    if "paths" in node:
        need(choice(node, "paths", ("tree", "forest", "stages")) != "tree" or trees == 1, "paths: not a single tree")
    if "pathsNonFinite" in node:
        choice(node, "pathsNonFinite", ("nan",))
    node["slots"] = decode(words, starts, bits, per_slot)
    check_slots(node, node["slots"], width, tensor(node, "depths", UINT, trees).tolist())


def check_categories(categories):
    starts = tensor(categories, "starts", ("uint32",)).astype(np.int64)
    words = tensor(categories, "words", ("uint32",))
    unlisted = tensor(categories, "unlisted", ("uint8",), len(starts) - 1)
    if "reading" in categories:
        choice(categories, "reading", ("byte", "positive-byte", "positive"))
    lengths = np.diff(starts)
    need(starts[0] == 0 and starts[-1] == len(words) and (lengths >= 2).all(), "categories: starts")
    need((lengths % 2 == 0).all() and (unlisted <= 2).all(), "categories: odd words, or unlisted")


def decode(words, starts, bits, per_slot):
    """The fields of all slots as arrays [s]; which of them mean anything depends on `leaf`, which check_slots adds.

    `float` is the operand as a number, `index` the operand as an index, `value` a leaf's value, `child` a slot
    counted from the root, `tree` the slot's tree.
    """
    words = words.reshape(-1, per_slot)
    double = np.ascontiguousarray(words[:, :2]).view("<f8")[:, 0]
    tree = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    if per_slot == 2:
        with np.errstate(invalid="ignore"):  # the low half of a leaf's value may look like a signalling NaN
            single = words[:, 0].copy().view("<f4").astype(np.float64)
        operand = {"float": single, "index": words[:, 0].astype(np.float64)}
        link, child = words[:, 1], words[:, 1].astype(np.int64) >> (4 + bits)
    else:
        operand = {"float": double, "index": double}
        link, child = words[:, 2], words[:, 3]
    feature = (link >> 4) & ((1 << bits) - 1)
    link = {"flags": link & 15, "feature": feature.astype(np.int64), "child": child.astype(np.int64)}
    return {**operand, **link, "value": double, "tree": tree, "root": starts[tree]}


def check_slots(node, slots, width, depths):
    """Checks that every tree is one, and every split and leaf in it; adds `leaf`, booleans [s], to the slots."""
    flags, feature, child = (slots[key].tolist() for key in ("flags", "feature", "child"))
    starts = node["starts"].tolist()
    leaf, depth = [False] * len(flags), [None] * len(flags)
    for first, end, deepest in zip(starts, starts[1:], depths):
        leaf[first], depth[first] = end - first == 1, 0
        for slot in range(first, end):
            need(depth[slot] is not None, "tree: a slot is nobody's child")
            if leaf[slot]:
                continue
            left = first + child[slot]
            need(slot < left and left + 1 < end, "tree: child out of range")
            for at, flag in ((left, LEFT_LEAF), (left + 1, RIGHT_LEAF)):
                need(depth[at] is None, "tree: a slot is a child twice")
                leaf[at], depth[at] = bool(flags[slot] & flag), depth[slot] + 1
        need(max(depth[first:end]) == deepest, "depths: not that of the tree")
    slots["leaf"] = leaf = np.array(leaf)
    check_leaves(node, {key: value[leaf] for key, value in slots.items()}, np.flatnonzero(leaf), width)
    split = {key: value[~leaf] for key, value in slots.items()}
    categorical = (split["flags"] & CATEGORICAL) != 0
    sets = len(node["categories"]["unlisted"]) if "categories" in node else 0
    need((split["feature"] < width).all(), "split: feature out of range")
    need(not np.isnan(split["float"][~categorical]).any(), "split: threshold is NaN")
    need(is_index(split["index"][categorical], sets), "split: no such category set")


def check_leaves(node, leaf, own, width):
    """Checks the fields of the leaves, all arrays as long as `own`, their slots."""
    if node["leafColumns"] == 1:
        need(np.isfinite(leaf["value"]).all(), "leaf: not finite")
    else:
        need(is_index(leaf["index"], len(node["leaves"]) // node["leafColumns"]), "leaf: no such vector")
        need((leaf["flags"] == 0).all() and (leaf["feature"] == width).all(), "leaf: flags or feature")
        need((leaf["child"] == own - leaf["root"]).all(), "leaf: child is not its own slot")


def is_index(values, length):
    """Whether all of these float64 are integers from 0 to length - 1."""
    return bool(((values >= 0) & (values < length) & (values == np.floor(values))).all())
