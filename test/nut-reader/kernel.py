"""The kind "kernel" (SPEC.md, 4.6): similarities and distances of rows to references."""

import math

import numpy as np

from container import get, integer, need, strings, tensor

SINGLE = ("dot", "cosine", "squared-distance", "differences", "additive-chi2")
BASES = ("constant", "noise", "squared-differences", "manhattan", *SINGLE)
OPERANDS = ("add", "multiply", "divide", "power", "integer-power", "minimum", "constant", "noise")
FUNCTIONS = {
    "add": np.add,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "integer-power": np.power,
    "minimum": np.minimum,
    "square": lambda a, _: np.square(a),
    "sqrt": lambda a, _: np.sqrt(a),
    "exp": lambda a, _: np.exp(a),
    "log": lambda a, _: np.log(np.maximum(a, 0)),
    "tanh": lambda a, _: np.tanh(a),
    "sin": lambda a, _: np.sin(a),
    "matern-3/2": lambda a, _: (1 + a) * np.exp(-a),
    "matern-5/2": lambda a, _: (1 + a + a * a / 3) * np.exp(-a),
}
PAIRS = {"sum": np.add, "product": np.multiply}


def operand_count(step, width):
    return width if step == "squared-differences" else int(step in OPERANDS)


def check_kernel(node, width):
    """Columns of what a kernel gives."""
    references = tensor(node, "references", ("float64", "float32"))
    need(len(references) > 0 and len(references) % width == 0 and np.isfinite(references).all(), "references")
    steps = strings(get(node, "steps", list), "steps")
    need(1 <= len(steps) <= 256, "steps: too few or too many")
    operands = tensor(node, "operands", ("float64",), sum(operand_count(step, width) for step in steps))
    need(np.isfinite(operands).all(), "operands: not finite")
    waiting, at = 0, 0
    for step in steps:
        need(step in BASES or step in FUNCTIONS or step in PAIRS, f"steps: {step!r} is not known")
        waiting += 1 if step in BASES else -1 if step in PAIRS else 0
        need(1 <= waiting <= 32, "steps: too few or too many results")
        own = operands[at : at + operand_count(step, width)]
        at += len(own)
        need(step not in ("divide", "squared-differences") or (own != 0).all(), "operands: 0")
        need(step != "integer-power" or (own[0] % 1 == 0 and 0 <= own[0] < 2**31), "operands: no integer power")
    need(waiting == 1, "steps: several results")
    need("additive-chi2" not in steps or (references >= 0).all(), "references: negative")
    return len(references) // width + get(node, "diagonal", bool)


def compare_rows(node, rows):
    """The cells [n, columns] of rows [n, features]."""
    width = node["features"]
    references = node["references"].reshape(-1, width)
    single = rows.dtype == references.dtype == np.float32
    if "additive-chi2" in node["steps"] and (rows < 0).any():
        raise ValueError("rows with negative cells")
    others = np.broadcast_to(references.astype(np.float64), (len(rows), *references.shape))
    rows = rows.astype(np.float64)
    if node["diagonal"]:
        others = np.concatenate([others, rows[:, None]], axis=1)
    results, at = [], 0
    for step in node["steps"]:
        own = node["operands"][at : at + operand_count(step, width)]
        at += len(own)
        if step in BASES:
            results.append(base(step, rows[:, None], others, own, single, node["diagonal"]))
        elif step in PAIRS:
            second, first = results.pop(), results.pop()
            results.append(PAIRS[step](first, second))
        else:
            a = results.pop()
            results.append(FUNCTIONS[step](a, own.astype(a.dtype)[0] if len(own) else None))
    return results[0]


def base(step, x, y, own, single, diagonal):
    """A step that takes no result: x [n, 1, features], y [n, columns, features]."""
    dtype = np.float32 if single and step in SINGLE else np.float64
    if step in ("constant", "noise"):
        made = np.full(y.shape[:2], own[0])
        made[:, : y.shape[1] - diagonal] *= step == "constant"
    elif step == "dot":
        made = (x * y).sum(axis=2)
    elif step == "cosine":
        made = (unit(x, dtype) * unit(y, dtype)).sum(axis=2)
    elif step == "squared-distance":
        made = np.maximum(-2 * (x * y).sum(axis=2) + (x * x).sum(axis=2) + (y * y).sum(axis=2), 0)
        made[:, y.shape[1] - diagonal :] = 0
    elif step == "squared-differences":
        made = np.square(x / own - y / own).sum(axis=2)
    elif step == "differences":
        made = np.square((x - y).astype(dtype).astype(np.float64)).sum(axis=2)
    elif step == "manhattan":
        made = np.abs(x - y).sum(axis=2)
    else:
        total, difference = ((x + y).astype(dtype).astype(np.float64), (x - y).astype(dtype).astype(np.float64))
        made = -np.divide(difference**2, total, out=np.zeros_like(total), where=total != 0).sum(axis=2)
    return made.astype(dtype)


def unit(rows, dtype):
    rows = rows.astype(dtype)
    norms = np.sqrt(np.square(rows).sum(axis=-1, keepdims=True))
    return np.where(norms < 10 * np.finfo(dtype).eps, rows, rows / np.where(norms == 0, 1, norms)).astype(np.float64)


# Kind "support-vectors" (SPEC.md, 4.4)

def check_support_vectors(node, width):
    """Scores of the node, whose head is checked elsewhere."""
    outputs = integer(node, "outputs", 1)
    need(outputs != 2, "outputs: of two classes")
    classes = max(outputs, 2)
    pairs = classes * (classes - 1) // 2
    starts = tensor(node, "starts", ("uint32",), classes + 1).astype(np.int64)
    need(starts[0] == 0 and starts[-1] == width and (np.diff(starts) >= 0).all(), "starts: not ascending to the end")
    for key, length in (("coefficients", (classes - 1) * width), ("intercepts", pairs)):
        need(np.isfinite(tensor(node, key, ("float64",), length)).all(), f"{key}: not finite")
    head = get(node, "head", dict)
    need(node.get("precision", "float32") == "float32", "precision")
    need(not get(node, "breakTies", bool) or (outputs > 1 and not head.get("pairs")), "breakTies: no scores")
    need(("sigmoids" in node) == ("probability" in head), "sigmoids: and no probabilities")
    if "sigmoids" in node:
        need(head["probability"] == "own" and classes <= 512, "sigmoids: other probabilities, or too many")
        need(np.isfinite(tensor(node, "sigmoids", ("float64",), 2 * pairs)).all(), "sigmoids: not finite")
    return outputs


def pairs_of(node):
    classes = max(node["outputs"], 2)
    return [(i, j) for i in range(classes) for j in range(i + 1, classes)]


def machine_decisions(node, x):
    """The decisions [n, pairs] of similarities x [n, features]."""
    starts = node["starts"].astype(np.int64)
    weights = node["coefficients"].reshape(-1, node["features"])
    dtype = np.dtype(node.get("precision", "float64"))
    columns = []
    for at, (i, j) in enumerate(pairs_of(node)):
        first, second = slice(starts[i], starts[i + 1]), slice(starts[j], starts[j + 1])
        products = np.hstack([x[:, first] * weights[j - 1, first], x[:, second] * weights[i, second]]).astype(dtype)
        columns.append(products.astype(np.float64).sum(axis=1) + node["intercepts"][at])
    return np.stack(columns, axis=1).astype(dtype).astype(np.float64)


def machine_scores(node, x):
    d = machine_decisions(node, x.astype(np.float64))
    if node["outputs"] == 1:
        return -d
    return machine_confidences(node, d) if node["breakTies"] else machine_votes(node, d, d > 0)


def machine_votes(node, d, first_wins):
    votes = np.zeros((len(d), node["outputs"]))
    for at, (i, j) in enumerate(pairs_of(node)):
        votes[:, i] += first_wins[:, at]
        votes[:, j] += ~first_wins[:, at]
    return votes


def machine_confidences(node, d):
    sums = np.zeros((len(d), node["outputs"]))
    for at, (i, j) in enumerate(pairs_of(node)):
        sums[:, i] += d[:, at]
        sums[:, j] -= d[:, at]
    return machine_votes(node, d, ~(d < 0)) + sums / (3 * (np.abs(sums) + 1))


def machine_decision_function(node, x):
    d = machine_decisions(node, x.astype(np.float64))
    if node["outputs"] == 1:
        return -d
    return d if node["head"].get("pairs") else machine_confidences(node, d)


def machine_probabilities(node, x):
    """[n, classes]."""
    d = machine_decisions(node, x.astype(np.float64))
    dtype = np.dtype(node.get("precision", "float64"))
    a, b = node["sigmoids"].reshape(-1, 2).astype(dtype).T
    z = a * d.astype(dtype) + b
    with np.errstate(over="ignore"):
        if dtype == np.float32:
            v = 1 / (1 + np.exp(-np.abs(z)))
            own = np.where(z < 0, 1 - (1 - v), 1 - v)
        else:
            own = 1 / (1 + np.exp(z))
    least = dtype.type(1e-7)
    return np.stack([agree(node, row) for row in np.clip(own, least, 1 - least)])


def agree(node, own):
    """The probabilities [classes] that agree best with those of each two classes."""
    k = max(node["outputs"], 2)
    r = np.zeros((k, k), own.dtype)
    for probability, (i, j) in zip(own, pairs_of(node)):
        r[i, j], r[j, i] = probability, 1 - probability
    q_matrix = -r.T * r
    np.fill_diagonal(q_matrix, (r**2).sum(axis=0))
    p = np.full(k, 1 / k, own.dtype)
    for _ in range(max(100, k)):
        q = q_matrix @ p
        t = p @ q
        if np.abs(q - t).max() < 0.005 / k:
            break
        for i in range(k):
            step = (t - q[i]) / q_matrix[i, i]
            p[i] += step
            t = (t + step * (step * q_matrix[i, i] + 2 * q[i])) / (1 + step) ** 2
            q = (q + step * q_matrix[i]) / (1 + step)
            p /= 1 + step
    return p


# Kind "gaussian-process" (SPEC.md, 4.4)

SLOPES = np.array([0.41, 0.4, 0.37, 0.44, 0.39])
SHARES = np.array([-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654])


def check_process(node, width):
    """Scores of the node, whose head is checked elsewhere."""
    outputs, count = integer(node, "outputs", 1), width - 1
    need(count > 0, "features: no training rows")
    lengths = {"coefficients": outputs * count, "scales": outputs, "offsets": outputs, "factor": count * (count + 1) // 2}
    if "weights" in node:
        lengths["weights"] = count
    for key, length in lengths.items():
        need(np.isfinite(tensor(node, key, ("float64",), length)).all(), f"{key}: not finite")
    need((node["factor"][np.cumsum(np.arange(1, count + 1)) - 1] != 0).all(), "factor: 0 on the diagonal")
    head = get(node, "head", dict)
    classifies = head.get("probability") == "own" and outputs == 1 and not head.get("pairs")
    need(head.get("link") == "identity" or classifies, "head: of no Gaussian process")
    return outputs


def process_scores(node, x):
    weights = node["coefficients"].reshape(node["outputs"], -1)
    return node["scales"] * (x[:, :-1].astype(np.float64) @ weights.T) + node["offsets"]


def process_variances(node, x):
    """[n]."""
    count = x.shape[1] - 1
    factor = np.zeros((count, count))
    factor[np.tril_indices(count)] = node["factor"]
    known = node.get("weights", np.ones(count)) * x[:, :-1].astype(np.float64)
    return x[:, -1] - np.square(np.linalg.solve(factor, known.T)).sum(axis=0)


def process_deviations(node, x):
    """[n, outputs]."""
    return np.sqrt(np.maximum(process_variances(node, x), 0)[:, None] * node["scales"] ** 2)


def process_probabilities(node, x):
    """[n, 2]."""
    variance, mean = process_variances(node, x)[:, None], process_scores(node, x)
    with np.errstate(all="ignore"):
        alpha = 1 / (2 * variance)
        inside = SLOPES * mean * np.sqrt(alpha / (alpha + SLOPES**2))
        integrals = np.sqrt(np.pi / alpha) * np.vectorize(math.erf)(inside) / (2 * np.sqrt(variance * 2 * np.pi))
    second = (SHARES * integrals).sum(axis=1) + SHARES.sum() / 2
    return np.stack([1 - second, second], axis=1)


# Kind "count-sketch" (SPEC.md, 4.6)

def check_sketch(node, width):
    """Columns of what a sketch gives."""
    outputs = integer(node, "outputs", 1, 65536)
    cells = width + ("constant" in node)
    need("constant" not in node or np.isfinite(tensor(node, "constant", ("float64",), 1)).all(), "constant: not finite")
    columns = tensor(node, "columns", ("uint32",))
    need(len(columns) % cells == 0 and 1 <= len(columns) // cells <= 64, "columns: not of whole sums")
    need((columns < outputs).all(), "columns: out of range")
    need((tensor(node, "negative", ("uint8",), len(columns)) < 2).all(), "negative: no 0 or 1")
    return outputs


def sketch(node, rows):
    """[n, outputs]."""
    cells, outputs = rows.astype(np.float64), node["outputs"]
    if "constant" in node:
        cells = np.hstack([cells, np.full((len(cells), 1), node["constant"][0])])
    columns = node["columns"].astype(np.int64).reshape(-1, cells.shape[1])
    signs = 1.0 - 2.0 * node["negative"].reshape(columns.shape)
    product = None
    for own, sign in zip(columns, signs):
        sums = np.zeros((len(cells), outputs))
        for at, column in enumerate(own):
            sums[:, column] += sign[at] * cells[:, at]
        if product is None:
            product = sums
        else:
            product = sum(np.roll(product, shift, axis=1) * sums[:, shift : shift + 1] for shift in range(outputs))
    return product
