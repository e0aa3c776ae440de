"""The kind "kernel" (SPEC.md, 4.6): similarities and distances of rows to references."""

import numpy as np

from container import get, need, strings, tensor

SINGLE = ("dot", "cosine", "squared-distance", "additive-chi2")
BASES = ("constant", "noise", "squared-differences", "manhattan", *SINGLE)
OPERANDS = ("add", "multiply", "divide", "power", "integer-power", "constant", "noise")
FUNCTIONS = {
    "add": np.add,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "integer-power": np.power,
    "square": lambda a, _: np.square(a),
    "sqrt": lambda a, _: np.sqrt(a),
    "exp": lambda a, _: np.exp(a),
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
