"""Kinds of SPEC.md that make columns of columns: centred similarities, splines, and cells that are predicted in rounds."""

import numpy as np

from container import choice, get, integer, need, tensor


def check_center(node, width):
    for key, length in (("means", width), ("mean", 1)):
        need(np.isfinite(tensor(node, key, ("float64",), length)).all(), f"{key}: not finite")


def check_spline(node, width):
    """The number of columns of the output."""
    degree = integer(node, "degree", 0, 64)
    knots = tensor(node, "knots", ("float64",))
    need(np.isfinite(knots).all() and len(knots) % width == 0, "knots: not finite, or not as many for each feature")
    own = knots.reshape(width, -1)
    steps = np.diff(own, axis=1)
    need(own.shape[1] >= 2 * degree + 2 and ((steps == 0) | (steps >= 2.0**-1022)).all(), "knots: too few, or not ascending")
    beyond = choice(node, "beyond", ("constant", "linear", "continue", "periodic"))
    get(node, "sparse", bool)
    columns = own.shape[1] - degree - 1 - (degree if beyond == "periodic" else 0) - get(node, "withoutLast", bool)
    need(columns > 0, "withoutLast: no column is left")
    return width * columns


def center_rows(node, data, dtype, add):
    cells = data.astype(dtype)
    means = (add(cells.astype(np.float64)).astype(dtype) / dtype(node["features"])).astype(dtype)
    first = (cells.astype(np.float64) - node["means"]).astype(dtype)
    return (first - means[:, None]) + node["mean"].astype(dtype)


def splines(node, data):
    """float64 [n, columns]."""
    own = node["knots"].reshape(node["features"], -1)
    return np.hstack([np.array([of_cell(node, t, float(a)) for a in data[:, at]]) for at, t in enumerate(own)])


def of_cell(node, t, a):
    degree, beyond = node["degree"], node["beyond"]
    count = len(t) - degree - 1
    low, high = float(t[degree]), float(t[count])
    row = np.zeros(count)
    if not np.isnan(a):
        with np.errstate(all="ignore"):
            x = a
            if beyond == "periodic":
                x = low + float(np.remainder(a - low, high - low)) if high > low else 0.0
            elif beyond != "continue":
                x = low if a < low else high if a > high else a
            if np.isnan(x):
                row[:] = x
            else:
                span = max([i for i in range(degree, count) if t[i] <= x], default=degree)
                values = recur(t, span, degree, x, False)
                if beyond == "linear" and a != x:
                    slopes = recur(t, span, degree, x, True) if degree else [0.0]
                    for i in range(degree if degree > 1 else degree + 1):
                        at = i if a < low else degree - i
                        row[span - degree + at] = 0.0 + values[at] + (a - x) * slopes[at]
                else:
                    row[span - degree : span + 1] = np.add(0.0, values)
    if beyond == "periodic" and degree > 0:
        row[:degree] += row[-degree:] * (0 if np.isnan(row[0]) else 1)
        row = row[: count - degree]
    return row[:-1] if node["withoutLast"] else row


def recur(t, span, degree, x, slope):
    h = [1.0] + [0.0] * degree
    for j in range(1, degree + 1):
        g, last = h[:], slope and j == degree
        h[0] = 0.0
        for n in range(1, j + 1):
            b, a = float(t[span + n]), float(t[span + n - j])
            if b == a:
                h[1 if last else n] = 0.0
            elif last:
                w = j * g[n - 1] / (b - a)
                h[n - 1], h[n] = h[n - 1] - w, w
            else:
                w = g[n - 1] / (b - a)
                h[n - 1], h[n] = h[n - 1] + w * (b - x), w * (x - a)
    return h


def fill_in_rounds(node, data, dtype, predict):
    """``predict`` is given a part and the columns that it sees [n, w]."""
    gone = np.isnan(data)
    made = np.where(gone, node["fills"], data).astype(dtype)
    for part in node["parts"]:
        rows = np.flatnonzero(gone[:, part["column"]])
        if len(rows):
            found = predict(part["node"], made[rows][:, part["columns"].astype(np.int64)])
            low, high = node["lows"][part["column"]], node["highs"][part["column"]]
            found = np.where(found < low, low, np.where(found > high, high, found))
            made[rows, part["column"]] = found.astype(dtype)
    return made
