"""What flows between the nodes of a model (SPEC.md, 4.0), and what those without a head make of it (4.3, 4.4, 4.6).

Shapes: n rows, w columns.
"""

from statistics import NormalDist

import numpy as np

from columns import center_rows, splines
from container import need
from items import FORMS, cells_of, tally
from kernel import compare_rows, sketch
from neighbors import combine_neighbors, fill_from_donors
from text import count_terms


class Value:
    """`sort` is "dense", "sparse" or "columns".

    Dense and sparse have `data`, float64, float32 or uint8 [n, w]; sparse has `there`, booleans [n, w], too: the other
    cells are 0. Columns have `columns`: w arrays, float64 [n] or objects [n] (strings; None is missing). `marks`: which
    of the w columns were float32, of what a person gave.
    """

    def __init__(self, data=None, there=None, columns=None, marks=None):
        self.data, self.there, self.columns, self.marks = data, there, columns, marks
        self.sort = "columns" if columns is not None else "dense" if there is None else "sparse"
        self.width = len(columns) if columns is not None else data.shape[1]

    def numbers(self):
        """The cells of numbers that are there, for checks."""
        if self.sort == "columns":
            return np.concatenate([column for column in self.columns if column.dtype != object] or [np.zeros(0)])
        return self.data if self.there is None else self.data[self.there]

    def column(self, at):
        return self.columns[at] if self.sort == "columns" else self.data[:, at]

    def floats(self):
        """The type of what arithmetic makes of it."""
        return np.float32 if self.sort != "columns" and self.data.dtype == np.float32 else np.float64


def given(source, rows):
    """Rows as a model with the input `source` is given them: a matrix, or a list of columns."""
    if source["type"] == "matrix":
        data = np.asarray(rows)
        return Value(data if data.dtype == np.float32 else data.astype(np.float64))
    columns, marks = [], []
    specs = [{"type": "string"}] if source["type"] == "text" else source["columns"]
    for spec, cells in zip(specs, list(rows.T) if isinstance(rows, np.ndarray) else rows, strict=True):
        text = spec["type"] in ("string", "category")
        if spec["type"] in FORMS:
            columns.append(cells_of(cells))
            marks.append(False)
            continue
        if spec["type"] == "unused":
            cells = np.zeros(len(cells))
        elif text != (type(cells) is list):
            raise ValueError("strings where numbers belong, or numbers where strings do")
        marks.append(not text and cells.dtype == np.float32)
        columns.append(np.array(cells, dtype=object) if text else np.asarray(cells, dtype=np.float64))
    return Value(columns=columns, marks=marks)


def transform(node, value):
    """What a node without a head makes of a value; ValueError for rows that it does not take."""
    if node["kind"] == "pipeline":
        for step in node["steps"]:
            value = transform(step, value)
        return value
    policy = node.get("nonFinite", "any")
    numbers = value.numbers()
    if policy != "any" and (np.isinf(numbers).any() or (policy == "refuse" and np.isnan(numbers).any())):
        raise ValueError("rows with numbers that the model does not take")
    with np.errstate(all="ignore"):
        return KINDS[node["kind"]](node, value)


def compressed(data, sparse):
    """A result with its zeros: as it is, or without them."""
    return Value(data, data != 0) if sparse else Value(data)


# Columns

def choose(columns, value):
    """Columns of a value as a union's part sees them."""
    columns = columns.astype(np.int64)
    if value.sort == "sparse":
        return Value(value.data[:, columns], value.there[:, columns])
    marks = None if value.marks is None else [value.marks[at] for at in columns]
    if value.sort == "columns":
        chosen = [value.columns[at] for at in columns]
        if any(column.dtype == object for column in chosen):
            return Value(columns=chosen, marks=marks)
        rows = len(value.columns[0])
        data = np.stack(chosen, axis=1) if chosen else np.zeros((rows, 0))
    else:
        data = value.data[:, columns]
    return Value(data.astype(np.float32) if marks is not None and all(marks) else data, marks=marks)


def select(node, value):
    columns = node["columns"].astype(np.int64)
    return Value(value.data[:, columns], None if value.there is None else value.there[:, columns])


def unite(node, value):
    made = []
    for part in node["parts"]:
        seen = choose(part["columns"], value) if "columns" in part else value
        made.append(transform(part["node"], seen) if "node" in part else seen)
    columns = [one.column(at) for one in made for at in range(one.width)]
    if any(column.dtype == object for column in columns):
        return Value(columns=[one if one.dtype == object else one.astype(np.float64) for one in columns])
    types = {np.dtype(np.float64) if one.sort == "columns" else one.data.dtype for one in made}
    dtype = next(one for one in map(np.dtype, ("float64", "float32", "uint8")) if one in types)
    return compressed(np.stack(columns, axis=1).astype(dtype), node["sparse"])


# Numbers

ARITHMETIC = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "minimum": lambda a, b: np.where(a > b, b, a),
    "maximum": lambda a, b: np.where(a < b, b, a),
    "greater": lambda a, b: np.where(a > b, 1.0, 0.0),
    "void": lambda a, b: np.where(a == b, np.nan, a),
    "fill": lambda a, b: np.where(np.isnan(a), b, a),
    "shrink": lambda a, b: np.where(a > b, a - b, np.where(a < -b, a + b, 0.0)),
    "flush": lambda a, b: np.where(np.abs(a) <= b, 0.0, a),
}
FUNCTIONS = ("positive", "absolute", "negative", "square", "sqrt", "reciprocal", "sign", "floor", "ceil", "trunc", "rint", "exp", "exp2",
             "expm1", "log", "log1p", "sin", "cos", "tanh", "expit", "sublinear")
NORMAL = ("ndtr", "ndtri")
POWERS = ("box-cox", "yeo-johnson", "yeo-johnson-power", "inverse-box-cox", "inverse-box-cox-power", "inverse-yeo-johnson-power")
RULES = ("below", "both", "single")


def change_each(node, value):
    if not node["operations"]:
        return value
    data, dtype = value.data, np.dtype(node.get("type", value.floats())).type
    for one in node["operations"]:
        cells = data.astype(np.float64)
        if "operands" in one:
            single = one["rounded"] and dtype == np.float32
            operands = one["operands"].astype(np.float32).astype(np.float64) if single else one["operands"]
            data = ARITHMETIC[one["operation"]](cells, operands).astype(dtype)
        elif one["operation"] == "bin":
            data = count_edges(one, cells).astype(dtype)
        elif one["operation"] == "within":
            need(not ((cells < one["lows"]) | (cells > one["highs"])).any(), "a cell outside the range")
        elif one["operation"] == "interpolate":
            data = follow_lines(one, cells, data.dtype == np.float32).astype(dtype)
        elif one["operation"] in POWERS:
            data = transform_powers(one, cells, data.dtype == np.float32).astype(dtype)
        else:
            data = function(one["operation"])(cells).astype(dtype)
    return Value(data) if value.there is None else Value(np.where(value.there, data, dtype(0)), value.there)


def follow_lines(one, cells, single):
    made = np.empty_like(cells)
    for at, (first, end) in enumerate(zip(one["starts"], one["starts"][1:])):
        places, values = one["places"][first:end], one["values"][first:end]
        made[:, at] = [on_line(one, float(a), places, values, single) for a in cells[:, at]]
    return made


def on_line(one, a, places, values, single):
    if np.isnan(a):
        return a
    if "margin" in one:
        d = float(one["margin"][0])
        cast = np.float32 if single else np.float64
        low, high = cast(a) - cast(d), cast(a) + cast(d)
        if (float(low) < places[0]) if d > 0 else (a == places[0]):
            return values[0]
        if (float(high) > places[-1]) if d > 0 else (a == places[-1]):
            return values[-1]
    if "outside" in one and (a < places[0] or a > places[-1]):
        return np.nan
    if a < places[0] or len(places) == 1:
        return values[0]
    if a > places[-1]:
        return values[-1]
    if one["rule"] == "single":
        i = max(0, int(np.searchsorted(places, a)) - 1)
        p, v, x = places[i : i + 2].astype(np.float32), values[i : i + 2].astype(np.float32), np.float32(a)
        return (v[1] - v[0]) / (p[1] - p[0]) * (x - p[0]) + v[0]
    i = int(np.searchsorted(places, a, side="right")) - 1
    below = values[i] if a == places[i] else (values[i + 1] - values[i]) / (places[i + 1] - places[i]) * (a - places[i]) + values[i]
    if one["rule"] == "below":
        return below
    i = int(np.searchsorted(places, a))
    slope = 0 if a == places[i] else (values[i] - values[i - 1]) / (places[i] - places[i - 1])
    return 0.5 * (below - (slope * (places[i] - a) - values[i]))


def transform_powers(one, cells, single):
    name, lambdas = one["operation"], one["lambdas"]
    cast = np.float32 if single else np.float64
    step = cast if one["rounded"] or lambdas.dtype == np.float32 else np.float64
    own = lambdas.dtype.type
    with np.errstate(all="ignore"):
        if name.endswith("box-cox"):
            return (box_cox if name == "box-cox" else inverse_box_cox)(cells, lambdas.astype(step).astype(np.float64))
        if name == "inverse-box-cox-power":
            l, inverse = lambdas.astype(step), (own(1) / lambdas).astype(step)
            return np.where(lambdas == 0, np.exp(cells.astype(cast)), np.power(cells.astype(step) * l + step(1), inverse))
        up = cells >= 0
        l = np.where(up, lambdas, own(2) - lambdas)
        a = np.where(up, cells, -cells).astype(cast)
        power, inverse, x = l.astype(step), (own(1) / l).astype(step), a.astype(step)
        least = 2.0**-23 if step == np.float32 and name == "yeo-johnson" else 2.0**-52
        zero = np.where(up, np.abs(power) < least, np.abs(power) <= least)
        if name == "yeo-johnson":
            made = np.expm1(power * np.log1p(a).astype(step)) / power
        elif name == "yeo-johnson-power":
            made = (np.power((a + cast(1)).astype(step), power) - step(1)) / power
        else:
            made = np.power(x * power + step(1), inverse) - step(1)
        flat = np.exp(a) - cast(1) if name.startswith("inverse") else np.log1p(a)
        found = np.where(zero, flat, made)
        return np.where(up, found, -found)


def box_cox(a, l):
    product = l * np.log(a)
    usual = np.where(product < 709.78, np.expm1(product) / l, np.sign(l) * np.exp(product - np.log(np.abs(l))) - 1 / l)
    return np.where(np.abs(l) < 1e-19, np.log(a), usual)


def inverse_box_cox(a, l):
    product = l * a
    far = np.exp((np.log(np.sign(l) * (a + 1 / l)) + np.log(np.abs(l))) / l)
    return np.where(l == 0, np.exp(a), np.where(product < 1.79e308, np.exp(np.log1p(product) / l), far))


def function(name):
    """A function of cells, by its operation's name."""
    others = {"sublinear": sublinear, "expit": lambda cells: 1 / (1 + np.exp(-cells)), "ndtr": np.vectorize(STANDARD.cdf, otypes=[float]), "ndtri": np.vectorize(normal_inverse, otypes=[float])}
    return others.get(name) or getattr(np, name)


STANDARD = NormalDist()


def normal_inverse(p):
    return STANDARD.inv_cdf(p) if 0 < p < 1 else {0: -np.inf, 1: np.inf}.get(p, np.nan)


def sublinear(cells):
    return np.where(cells == 0, cells, 1 + np.log(np.where(cells == 0, 1, cells)))


def count_edges(one, cells):
    """How many edges of their columns are not above the cells [n, w]."""
    bounds = list(zip(one["starts"], one["starts"][1:]))
    counts = [(one["edges"][None, first:end] <= cells[:, at, None]).sum(axis=1) for at, (first, end) in enumerate(bounds)]
    return np.stack(counts, axis=1)


def divide_by_norm(node, value):
    dtype = value.floats()
    data = value.data.astype(dtype)
    sizes = (np.square(data) if node["norm"] == "l2" else np.abs(data)).astype(np.float64)
    add = pairwise_sum if value.there is None else in_order  # a 0 that is not there changes no sum
    norms = sizes.max(axis=1) if node["norm"] == "max" else add(sizes)
    norms = np.sqrt(norms) if node["norm"] == "l2" else norms
    if value.there is None:
        norms = norms.astype(dtype).astype(np.float64)
        stays = norms < 10 * np.finfo(dtype).eps.astype(np.float64)
    else:
        stays = norms == 0
    divided = (data.astype(np.float64) / norms[:, None]).astype(dtype)
    return Value(np.where(stays[:, None], data, divided), value.there)


def multiply(node, value):
    dtype = value.floats()
    outputs = []
    for first, end in zip(node["starts"], node["starts"][1:]):
        factors = node["factors"][first:end]
        product = np.ones(len(value.data), dtype)
        for at in factors if value.sort == "sparse" else factors[::-1]:
            product = product * value.data[:, at].astype(dtype)
        outputs.append(product)
    return compressed(np.stack(outputs, axis=1), value.sort == "sparse")


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


def compare(node, value):
    return Value(compare_rows(node, value.data.astype(value.floats())))


def combine(node, value):
    data = combine_neighbors(node, value.data.astype(value.floats()), pairwise_sum)
    return compressed(data, node["combine"] in ("connectivity", "distances"))


def fill_in(node, value):
    return Value(fill_from_donors(node, value.data.astype(np.float64), pairwise_sum).astype(value.floats()))


# Missing cells and categories

def impute(node, value):
    sign = node.get("missing")
    filled = [[fill if cell == sign else cell for cell in cells] for cells, fill in zip(value.columns, node["strings"])]
    return Value(columns=[np.array(cells, dtype=object) for cells in filled])


def codes_of(column, cells):
    """The code of each cell, int64 [n]; ValueError where one has none."""
    known = column["strings"] if "strings" in column else column["numbers"].tolist() if "numbers" in column else []
    codes = {one: at for at, one in enumerate(known)}
    gap = len(known) if column["missing"] else -1
    other = len(known) + column["missing"] if column["unknown"] else -1
    found = [gap if cell is None or cell != cell else codes.get(cell, other) for cell in cells.tolist()]
    if -1 in found:
        raise ValueError("rows with a category that the model does not know")
    return np.array(found, np.int64)


def encode(node, value):
    made = []
    for at, column in enumerate(node["columns"]):
        codes, width = codes_of(column, value.column(at)), column["width"]
        if "values" in column:
            made.append(column["values"].reshape(-1, width)[codes] if width else np.zeros((len(codes), 0)))
        else:
            made.append(column["marks"][codes][:, None] == np.arange(width))
    dtype = np.dtype(node.get("type", value.floats()))
    return compressed(np.concatenate(made, axis=1).astype(dtype), node["sparse"])


# Documents

def vectorize(node, value):
    return Value(*count_terms(node, value.columns[0].tolist()))


def add_up(node, value):
    return Value(*tally(node, value.columns[0]))


def pursue(node, value):
    atoms = node["atoms"].astype(np.float64).reshape(node["outputs"], node["features"])
    single = value.data.dtype == np.float32
    gram = atoms @ atoms.T
    if single or node["atoms"].dtype == np.float32:
        gram = gram.astype(np.float32).astype(np.float64)
    found = np.zeros((len(value.data), node["outputs"]))
    for row, b in zip(found, value.data.astype(np.float64) @ atoms.T):
        order, count, left, least = np.arange(len(b)), 0, b, np.finfo(value.data.dtype).eps
        while count < node["nonzeros"]:
            place = np.abs(left[order]).argmax()
            new = order[: count].tolist() + [order[place]]
            if place < count or left[order[place]] ** 2 < least:
                break
            own, others = gram[new[-1], new[:-1]], gram[np.ix_(new[:-1], new[:-1])]
            if count and gram[new[-1], new[-1]] - own @ np.linalg.solve(others, own) <= least:
                break
            order[[count, place]] = order[[place, count]]
            count += 1
            amounts = np.linalg.solve(gram[np.ix_(new, new)], b[new])
            left = b - gram[:, new] @ amounts
            row[:] = 0
            row[new] = amounts
    return Value(found.astype(np.float32) if single else found)


def factorize(node, value):
    components = node["components"].reshape(node["outputs"], node["features"])
    dtype = components.dtype
    x = value.data.astype(dtype)
    if node["update"] == "variational":
        need((x >= 0).all(), "below 0")
        return Value(np.array([topics(node, row[row != 0], components[:, row != 0]) for row in x], dtype))
    need(value.floats() == np.float64, "float32")
    need((x >= 0).all() or node["update"].endswith("change"), "below 0")
    need((x.sum(axis=1) >= 0).all(), "less than 0")
    solve = by_coordinates if node["update"] == "coordinates" else by_products
    return Value(np.array([solve(node, row, components, *node["penalties"], node["tolerance"][0]) for row in x]))


def by_coordinates(node, x, h, penalty, square, tolerance):
    products, gram = h @ x - penalty, h @ h.T + square * np.eye(len(h))
    w, first = np.zeros(len(h)), None
    for _ in range(node["iterations"]):
        size = 0.0
        for k in range(len(h)):
            slope = gram[k] @ w - products[k]
            size += abs(slope if w[k] != 0 else min(slope, 0))
            if gram[k, k] != 0:
                w[k] = max(w[k] - slope / gram[k, k], 0)
        first = size if first is None else first
        if size <= tolerance * first:
            break
    return w


def by_products(node, x, h, penalty, square, tolerance):
    least = 2.0**-23
    leibler = node["update"].startswith("kullback")

    def loss(w):
        if not leibler:
            return np.linalg.norm(x - w @ h)
        there = x > least
        parts = x[there] * (np.log(x[there] / np.maximum(w @ h, least)[there]) - 1)
        return np.sqrt(2 * max(parts.sum() + w @ h.sum(axis=1), 0))

    w = np.full(len(h), np.sqrt(x.mean() / len(h)))
    first = last = loss(w)
    for step in range(1, node["iterations"] + 1):
        before = w
        above = h @ (x / np.maximum(w @ h, least)) if leibler else h @ x
        below = (h.sum(axis=1) if leibler else h @ (w @ h)) + penalty + square * w
        w = w * (above / np.where(below == 0, least, below))
        if node["update"].endswith("change"):
            if tolerance > 0 and np.linalg.norm(w - before) <= tolerance * np.linalg.norm(w) and w.any():
                break
        elif tolerance > 0 and step % 10 == 0:
            now = loss(w)
            if last - now < tolerance * first:
                break
            last = now
    return w


def topics(node, cells, components):
    """The shares of topics in a document."""
    shares = np.ones(len(components), components.dtype)
    for _ in range(node["iterations"]):
        before = shares
        weights = np.exp(psi(before) - psi(before.sum(keepdims=True)))
        ratios = cells / (weights @ components + np.finfo(components.dtype).eps)
        shares = weights * (components @ ratios) + node["penalties"].astype(components.dtype)
        if np.abs(shares - before).mean() < node["tolerance"][0]:
            break
    return shares


def psi(x):
    x, result = x.copy(), np.zeros_like(x)
    while (x < 6).any():
        result[x < 6] -= 1 / x[x < 6]
        x[x < 6] += 1
    square = (1 / x) ** 2
    return result + np.log(x) - 1 / x / 2 - square * (1 / 12 - square * (1 / 120 - square / 252))


def center(node, value):
    return Value(center_rows(node, value.data, value.floats(), pairwise_sum))


def evaluate_splines(node, value):
    return compressed(splines(node, value.data).astype(value.floats()), node["sparse"])


KINDS = {
    "union": unite,
    "select": select,
    "elementwise": change_each,
    "curve": change_each,
    "center": center,
    "donors": fill_in,
    "spline": evaluate_splines,
    "impute": impute,
    "encode": encode,
    "row-norm": divide_by_norm,
    "polynomial": multiply,
    "pursuit": pursue,
    "factorization": factorize,
    "kernel": compare,
    "count-sketch": lambda node, value: Value(sketch(node, value.data)),
    "neighbors": combine,
    "vectorize": vectorize,
    "tally": add_up,
}
