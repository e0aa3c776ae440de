"""What a .nut file's nodes without a head must fulfil (SPEC.md, 4.0, 4.3 and 4.6).

A value is described by its sort ("dense", "sparse" or "columns") and, for each column, whether it holds strings (or the form of
its items).
"""

import numpy as np

from columns import check_center, check_spline
from container import choice, get, integer, need, strings, tensor
from items import check_tally
from kernel import check_kernel as check_comparison
from kernel import check_sketch
from neighbors import check_neighbors as check_stored
from text import check_vectorize
from values import ARITHMETIC, FUNCTIONS, NORMAL, POWERS, RULES, function

RESULTS = ("float64", "float32", "uint8")
WIDEST = 2**20


def expect(node, given, sorts):
    """The width of a value that a node can take."""
    sort, texts = given
    need(sort in sorts and integer(node, "features", 1) == len(texts), f"{node['kind']}: not what it is given")
    return len(texts)


def choose(columns, given):
    sort, texts = given
    chosen = [texts[at] for at in columns]
    return sort if sort == "sparse" or any(chosen) else "dense", chosen


def numbers(count, sparse=False):
    return "sparse" if sparse else "dense", [False] * count


def check_transform(node, given):
    """What a node makes of a value."""
    need(node["kind"] in CHECKS, f"kind: {node['kind']!r} is not known")
    return CHECKS[node["kind"]](node, given)


def check_select(node, given):
    width = expect(node, given, ("dense", "sparse"))
    columns = tensor(node, "columns", ("uint32",))
    need(len(columns) > 0 and columns.max() < width, "columns: out of range")
    return numbers(len(columns), given[0] == "sparse")


def check_policy(node):
    choice(node, "nonFinite", ("refuse", "nan", "any"))


def result_type(node):
    return choice(node, "type", RESULTS) if "type" in node else None


def check_elementwise(node, given):
    width = expect(node, given, ("dense", "sparse"))
    check_policy(node)
    kind = result_type(node)
    for one in get(node, "operations", list):
        name = choice(one, "operation", (*ARITHMETIC, *FUNCTIONS, "bin"))
        zeros = np.zeros(width)
        need(kind != "uint8" or name == "bin", "type: not of what is calculated")
        with np.errstate(all="ignore"):
            if name == "bin":
                check_bin(one, width, kind)
                made = np.ones(width)
            elif name in ARITHMETIC:
                get(one, "rounded", bool)
                made = ARITHMETIC[name](zeros, tensor(one, "operands", ("float64",), width))
            else:
                made = function(name)(zeros)
        need(given[0] != "sparse" or (made == 0).all(), "operation: changes zeros that are not there")
    return given


def check_starts(node, count, end):
    starts = tensor(node, "starts", ("uint32",), count + 1).astype(np.int64)
    need(starts[0] == 0 and starts[-1] == end and (np.diff(starts) >= 0).all(), "starts: not ascending to the end")
    return starts


def check_bin(one, width, kind):
    edges = tensor(one, "edges", ("float64",))
    starts = check_starts(one, width, len(edges))
    for first, end in zip(starts, starts[1:]):
        need((edges[first : end - 1] <= edges[first + 1 : end]).all(), "edges: not ascending")
    need(not np.isnan(edges).any(), "edges: NaN")
    need(kind != "uint8" or np.diff(starts).max() < 256, "edges: too many for uint8")


def check_curve(node, given):
    width = expect(node, given, ("dense",))
    check_policy(node)
    for one in get(node, "operations", list):
        name = choice(one, "operation", (*NORMAL, *POWERS, "within", "interpolate"))
        if name == "within":
            tensor(one, "lows", ("float64",), width)
            tensor(one, "highs", ("float64",), width)
        elif name == "interpolate":
            check_interpolate(one, width)
        elif name in POWERS:
            get(one, "rounded", bool)
            need(np.isfinite(tensor(one, "lambdas", ("float64", "float32"), width)).all(), "lambdas: not finite")
    return given


def check_interpolate(one, width):
    places = tensor(one, "places", ("float64",))
    values = tensor(one, "values", ("float64",), len(places))
    starts = check_starts(one, width, len(places))
    need((np.diff(starts) > 0).all(), "starts: a column without a point")
    for first, end in zip(starts, starts[1:]):
        need((places[first : end - 1] <= places[first + 1 : end]).all(), "places: not ascending")
    need(np.isfinite(places).all() and np.isfinite(values).all(), "points: not finite")
    choice(one, "rule", RULES)
    need("margin" not in one or np.isfinite(tensor(one, "margin", ("float64",), 1)).all(), "margin: not finite")
    need("outside" not in one or choice(one, "outside", ("nan",)) == "nan", "outside: unknown")


def check_impute(node, given):
    width = expect(node, given, ("columns",))
    need(set(given[1]) == {True} and len(strings(node["strings"], "strings")) == width, "strings: not one for each column")
    need(type(node.get("missing", "")) is str, "missing: no string")
    return given


def check_encode(node, given):
    width = expect(node, given, ("dense", "columns"))
    check_policy(node)
    kind = result_type(node)
    columns = get(node, "columns", list)
    need(len(columns) == width and set(given[1]) <= {True, False}, "columns: not those it is given")
    total = sum(check_column(column, text, kind) for column, text in zip(columns, given[1]))
    return numbers(total, get(node, "sparse", bool))


def check_column(column, text, kind):
    """The number of columns of the output that come of a column."""
    need(not ("strings" in column and "numbers" in column), "categories: strings and numbers")
    known = strings(column["strings"], "strings") if "strings" in column else []
    known = tensor(column, "numbers", ("float64",)).tolist() if "numbers" in column else known
    need(len(set(known)) == len(known) and all(one == one for one in known), "categories: not distinct, or NaN")
    need(("numbers" if text else "strings") not in column, "categories: not those of the column")
    codes = len(known) + get(column, "missing", bool) + get(column, "unknown", bool)
    if "values" in column:
        width = integer(column, "width", 0, 65536 if codes else 0)
        values = tensor(column, "values", ("float64",), codes * width)
        need(kind != "uint8" or np.isin(values, np.arange(256)).all(), "values: not of uint8")
        return width
    width = integer(column, "width", 0, codes)
    marks = tensor(column, "marks", ("int32",), codes)
    need(((-1 <= marks) & (marks < width)).all(), "marks: out of range")
    return width


def check_row_norm(node, given):
    expect(node, given, ("dense", "sparse"))
    check_policy(node)
    choice(node, "norm", ("l1", "l2", "max"))
    return given


def check_linear(node, given):
    width, outputs = expect(node, given, ("dense", "sparse")), integer(node, "outputs", 1)
    check_policy(node)
    check_products(node, width, outputs)
    need("deviation" not in node, "deviation: without a head")
    return numbers(outputs)


def check_kernel(node, given):
    check_policy(node)
    return numbers(check_comparison(node, expect(node, given, ("dense", "sparse"))))


def check_neighbors(node, given):
    check_policy(node)
    columns = check_stored(node, expect(node, given, ("dense", "sparse")), WIDEST)
    return numbers(columns, node["combine"] in ("connectivity", "distances"))


def check_donors(node, given):
    width = expect(node, given, ("dense",))
    check_policy(node)
    rows = tensor(node, "rows", ("float64", "float32"))
    need(len(rows) > 0 and len(rows) % width == 0 and not np.isinf(rows).any(), "rows: none, a part of one, or infinite")
    integer(node, "nearest", 1, len(rows) // width)
    weigh = choice(node, "weigh", ("uniform", "distance"))
    need(not get(node, "distant", bool) or weigh == "uniform", "distant: has no weights")
    return given


def check_pursuit(node, given):
    width, outputs = expect(node, given, ("dense",)), integer(node, "outputs", 1, 1024)
    check_policy(node)
    need(np.isfinite(tensor(node, "atoms", ("float64", "float32"), outputs * width)).all(), "atoms: not finite")
    integer(node, "nonzeros", 1, outputs)
    return numbers(outputs)


def check_factorization(node, given):
    width, outputs = expect(node, given, ("dense", "sparse")), integer(node, "outputs", 1, 1024)
    check_policy(node)
    integer(node, "iterations", 0, 10_000)
    losses = [loss + end for loss in ("frobenius", "kullback-leibler") for end in ("", "-change")]
    topics = choice(node, "update", ("variational", "coordinates", *losses)) == "variational"
    amounts = {
        "components": tensor(node, "components", ("float64", "float32") if topics else ("float64",), outputs * width),
        "tolerance": tensor(node, "tolerance", ("float64",), 1),
        "penalties": tensor(node, "penalties", ("float64",), 1) - 2.0**-19 if topics else tensor(node, "penalties", ("float64",), 2),
    }
    for name, values in amounts.items():
        need((np.isfinite(values) & (values >= 0)).all(), f"{name}: too small, or not finite")
    return numbers(outputs)


def check_similarities(node, given):
    width = expect(node, given, ("dense",))
    check_policy(node)
    check_center(node, width)
    return given


def check_splines(node, given):
    width = expect(node, given, ("dense",))
    check_policy(node)
    return numbers(check_spline(node, width), node["sparse"])
def check_count_sketch(node, given):
    check_policy(node)
    return numbers(check_sketch(node, expect(node, given, ("dense", "sparse"))))


def check_products(node, width, outputs):
    for key, length in (("coefficients", outputs * width), ("intercepts", outputs)):
        need(np.isfinite(tensor(node, key, ("float64", "float32"), length)).all(), f"{key}: not finite")
        if key in node.get("uncertainty", {}):
            unsure = tensor(get(node, "uncertainty", dict), key, ("float64",), length)
            need((np.isfinite(unsure) & (unsure >= 0)).all(), f"uncertainty.{key}: no sizes")


def check_polynomial(node, given):
    width = expect(node, given, ("dense", "sparse"))
    check_policy(node)
    factors = tensor(node, "factors", ("uint32",))
    need((factors < width).all(), "factors: out of range")
    outputs = len(tensor(node, "starts", ("uint32",))) - 1
    need(outputs > 0, "starts: no outputs")
    check_starts(node, outputs, len(factors))
    return numbers(outputs, given[0] == "sparse")


CHECKS = {
    "select": check_select,
    "elementwise": check_elementwise,
    "curve": check_curve,
    "center": check_similarities,
    "donors": check_donors,
    "spline": check_splines,
    "impute": check_impute,
    "encode": check_encode,
    "row-norm": check_row_norm,
    "linear": check_linear,
    "pursuit": check_pursuit,
    "factorization": check_factorization,
    "kernel": check_kernel,
    "count-sketch": check_count_sketch,
    "neighbors": check_neighbors,
    "polynomial": check_polynomial,
    "vectorize": check_vectorize,
    "tally": check_tally,
}
