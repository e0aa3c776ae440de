"""Columns of items, what a .nut file's nodes of kind tally must fulfil, and what they make of items (SPEC.md, 3 and 4.6).

The form of a column's items stands where other columns say whether they hold strings.
"""

import numpy as np

from container import choice, get, integer, need, strings, tensor
from text import murmur

FORMS = ("record", "pairs", "list")
LARGEST = {"int64": 2**53 - 1, "int32": 2**31 - 1}


def check_items(column, rows):
    form = choice(column, "form", FORMS)
    names = column.get("names")
    count = len(strings(names, "names")) if type(names) is list else len(tensor(column, "names", ("float64",)))
    starts = tensor(column, "starts", ("uint32",), rows + 1).astype(np.int64)
    need(starts[0] == 0 and starts[-1] == count and (np.diff(starts) >= 0).all(), "starts: not ascending to the end")
    need((form == "list") == ("numbers" not in column) == ("strings" not in column), "items: keys of a list")
    if form != "list":
        tensor(column, "numbers", ("float64",), count)
        need(len(get(column, "strings", list)) == count, "items: strings")
        for one in column["strings"]:
            need(one is None or type(one) is str or (type(one) is list and strings(one, "strings") is one), "items: no string")


def cells_of(column):
    """An array [rows] of lists of items, (name, what it is given) each."""
    count = len(column["names"])
    given = [1.0] * count
    if column["form"] != "list":
        given = [number if other is None else other for number, other in zip(column["numbers"].tolist(), column["strings"])]
    items = list(zip(list(column["names"]), given))
    cells = np.empty(len(column["starts"]) - 1, dtype=object)
    cells[:] = [items[first:end] for first, end in zip(column["starts"], column["starts"][1:])]
    return cells


def check_tally(node, given):
    form = choice(node, "form", FORMS)
    need(given == ("columns", [form]) and integer(node, "features", 1, 1) == 1, "tally: not given one column of such items")
    choice(node, "type", ("float64", "float32", *LARGEST))
    for key, kind in (("separator", str), ("binary", bool), ("sparse", bool)):
        get(node, key, kind)
    need(len(node["separator"].encode("utf-16-le", "surrogatepass")) <= 2000, "separator: too long")
    need(len({"strings", "numbers", "hash"} & node.keys()) == 1, "tally: not one of strings, numbers and hash")
    if "hash" in node:
        get(node["hash"], "signed", bool)
        need(node["sparse"], "sparse: hashes are")
        return "sparse", [False] * integer(node["hash"], "columns", 1)
    if "numbers" in node:
        need(form == "list" and np.isfinite(tensor(node, "numbers", ("float64",))).all(), "numbers: not of a list, or not finite")
    terms = strings(node["strings"], "strings") if "strings" in node else node["numbers"].tolist()
    need(len(terms) > 0 and len(set(terms)) == len(terms), "terms: none, or not unique")
    return "sparse" if node["sparse"] else "dense", [False] * len(terms)


def tally(node, cells):
    """Sums, and which of them a sparse value has (None for a dense one): [n, w] each."""
    hashed = node.get("hash")
    known = {term: at for at, term in enumerate(node.get("strings", node.get("numbers", [])))}
    dtype = np.float32 if node["type"] == "float32" else np.float64
    sums = np.zeros((len(cells), hashed["columns"] if hashed else len(known)), dtype)
    for row, items in enumerate(cells):
        for name, given in items:
            if hashed and (type(name) is not str or type(given) is list):
                raise ValueError("an item without a hash")
            texts = given if type(given) is list else [given] if type(given) is str else None
            for term, number in [(name, given)] if texts is None else [(name + node["separator"] + text, 1.0) for text in texts]:
                if hashed and number != 0:
                    code = murmur(term.encode())
                    at, number = abs(code) % hashed["columns"], -number if code < 0 and hashed["signed"] else number
                elif not hashed and term in known:
                    at = known[term]
                else:
                    continue
                sums[row, at] += dtype(whole(number, node["type"]))
                if node["binary"]:
                    sums[row, at] = 1
    return sums, sums != 0 if node["sparse"] else None


def whole(number, kind):
    if kind not in LARGEST:
        return number
    if not abs(number) < LARGEST[kind] + 1:
        raise ValueError(f"{number} is no {kind}")
    return float(int(number))
