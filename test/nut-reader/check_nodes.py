"""What a .nut file's nodes without a head must fulfil (SPEC.md, 4.0, 4.3 and 4.6).

A value is described by its sort ("dense", "sparse", "columns" or "text") and, for each column, whether it holds strings.
"""

import numpy as np

from container import choice, get, integer, need, strings, strings_or_none, tensor
from values import ARITHMETIC, FUNCTIONS

RESULTS = ("float64", "float32", "uint8")


def expect(node, given, sorts):
    """The width of a value that a node with the key `features` can take."""
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


def check_elementwise(node, given):
    width = expect(node, given, ("dense", "sparse"))
    choice(node, "nonFinite", ("refuse", "nan", "any"))
    for one in get(node, "operations", list):
        name = choice(one, "operation", (*ARITHMETIC, *FUNCTIONS))
        zeros = np.zeros(width)
        with np.errstate(all="ignore"):
            if name in ARITHMETIC:
                get(one, "rounded", bool)
                made = ARITHMETIC[name](zeros, tensor(one, "operands", ("float64",), width))
            else:
                made = getattr(np, name)(zeros)
        need(given[0] != "sparse" or (made == 0).all(), "operation: changes zeros that are not there")
    return given


def check_missing(missing):
    if "number" in missing:
        tensor(missing, "number", ("float64",), 1)
    need(type(missing.get("string", "")) is str, "missing: string")


def check_impute(node, given):
    width = expect(node, given, ("dense", "sparse", "columns"))
    choice(node, "nonFinite", ("refuse", "nan", "any"))
    check_missing(get(node, "missing", dict))
    tensor(node, "numbers", ("float64",), width)
    texts = strings_or_none(node["strings"], "strings", width) if "strings" in node else [None] * width
    need([one is not None for one in texts] == given[1], "strings: not those of the columns of strings")
    fills = "number" in node["missing"] and node["missing"]["number"][0] == 0
    need(given[0] != "sparse" or not fills, "missing: zeros that are not there")
    return given


def check_mask(node, given):
    width = expect(node, given, ("dense", "columns"))
    choice(node, "nonFinite", ("refuse", "nan", "any"))
    check_missing(get(node, "missing", dict))
    columns = tensor(node, "columns", ("uint32",))
    need((columns < width).all() and type(get(node, "refuseOthers", bool)) is bool, "columns: out of range")
    return numbers(len(columns), get(node, "sparse", bool))


def check_categories(column, text):
    """The number of categories of a column."""
    need(("strings" in column) != ("numbers" in column), "categories: not one of strings and numbers")
    known = strings(column["strings"], "strings") if "strings" in column else tensor(column, "numbers", ("float64",)).tolist()
    need(len(set(known)) == len(known) and all(one == one for one in known), "categories: not distinct, or NaN")
    need(("strings" in column) == text, "categories: not those of the column")
    return len(known) + get(column, "missing", bool)


def each_column(node, given):
    """The columns of a node, with the number of categories of each."""
    columns = get(node, "columns", list)
    need(given[0] in ("dense", "columns") and 0 < len(columns) == len(given[1]), "columns: not those it is given")
    return [(column, check_categories(column, text)) for column, text in zip(columns, given[1])]


def check_one_hot(node, given):
    total = 0
    for column, count in each_column(node, given):
        width = integer(column, "width", 0, count)
        marks = tensor(column, "marks", ("int32",), count)
        need(((-1 <= marks) & (marks < width)).all(), "marks: out of range")
        if "unknown" in column:
            integer(column, "unknown", -1, width - 1)
        total += width
    need("type" not in node or choice(node, "type", RESULTS), "type")
    return numbers(total, get(node, "sparse", bool))


def check_encode(node, given):
    width = integer(node, "width", 1)
    kind = choice(node, "type", RESULTS)
    columns = each_column(node, given)
    for column, count in columns:
        tensor(column, "values", ("float64",), count * width)
        if "unknown" in column:
            tensor(column, "unknown", ("float64",), width)
        stored = np.append(column["values"], column.get("unknown", []))
        need(kind != "uint8" or np.isin(stored, np.arange(256)).all(), "values: not of uint8")
    return numbers(len(columns) * width)


def check_starts(node, count, end):
    starts = tensor(node, "starts", ("uint32",), count + 1).astype(np.int64)
    need(starts[0] == 0 and starts[-1] == end and (np.diff(starts) >= 0).all(), "starts: not ascending to the end")
    return starts


def check_bin(node, given):
    width = expect(node, given, ("dense",))
    edges = tensor(node, "edges", ("float64",))
    starts = check_starts(node, width, len(edges))
    for first, end in zip(starts, starts[1:]):
        need((edges[first : end - 1] <= edges[first + 1 : end]).all(), "edges: not ascending")
    need(not np.isnan(edges).any(), "edges: NaN")
    kind = choice(node, "type", RESULTS) if "type" in node else None
    need(kind != "uint8" or np.diff(starts).max() < 256, "edges: too many for uint8")
    return given


def check_row_norm(node, given):
    expect(node, given, ("dense", "sparse"))
    choice(node, "norm", ("l1", "l2", "max"))
    return given


def check_polynomial(node, given):
    width = expect(node, given, ("dense", "sparse"))
    factors = tensor(node, "factors", ("uint32",))
    need((factors < width).all(), "factors: out of range")
    outputs = len(tensor(node, "starts", ("uint32",))) - 1
    need(outputs > 0, "starts: no outputs")
    check_starts(node, outputs, len(factors))
    return numbers(outputs, given[0] == "sparse")


CHECKS = {
    "select": check_select,
    "elementwise": check_elementwise,
    "impute": check_impute,
    "missing-mask": check_mask,
    "one-hot": check_one_hot,
    "encode": check_encode,
    "bin": check_bin,
    "row-norm": check_row_norm,
    "polynomial": check_polynomial,
}
