"""The kind "neighbors" (SPEC.md, 4.6): stored rows, and what is made of those that lie nearest."""

import numpy as np

from container import choice, get, integer, need, tensor

UINT, FLOATS = ("uint8", "uint16", "uint32"), ("float64", "float32")
BOXES = ("euclidean", "manhattan", "chebyshev", "minkowski")
METRICS = (*BOXES, "seuclidean", "canberra", "braycurtis", "cosine")
SQUARED = ("euclidean", "seuclidean")


def finite(node, key, types, length=None):
    values = tensor(node, key, types) if length is None else tensor(node, key, types, length)
    need(np.isfinite(values).all(), f"{key}: not finite")
    return values


def check_neighbors(node, width, limit):
    """Columns of what neighbours are made of."""
    rows = finite(node, "rows", FLOATS)
    count = len(rows) // width
    need(count > 0 and len(rows) == count * width, "rows: none, or a part of one")
    metric = choice(node, "metric", METRICS)
    combine = choice(node, "combine", ("shares", "means", "sums", "connectivity", "distances", "outlier-factor"))
    choice(node, "source", ("exact", "products", "partition"))
    weigh = choice(node, "weigh", ("uniform", "distance"))
    need(weigh == "uniform" or combine in ("shares", "means"), "weigh: no weights")
    if "nearest" in node:
        integer(node, "nearest", 1, count)
    else:
        finite(node, "radius", ("float64",), 1)
    if metric == "minkowski":
        need((finite(node, "power", ("float64",), 1) > 0).all(), "power: not above 0")
    if metric == "seuclidean" or (metric == "minkowski" and "scales" in node):
        need((finite(node, "scales", ("float64",), width) > 0).all(), "scales: not above 0")
    if "tree" in node:
        tree = get(node, "tree", dict)
        form = choice(tree, "form", ("kd", "ball"))
        need(metric in BOXES or (form == "ball" and metric != "cosine"), "form: not with this metric")
        need(2 ** (integer(tree, "levels", 1, 64) - 1) <= count, "levels: too many")
        need(np.array_equal(np.sort(tensor(tree, "order", ("uint32",), count)), np.arange(count)), "order: not each row once")
    if combine == "shares":
        widths = tensor(node, "widths", ("uint32",))
        need(len(widths) and (widths > 0).all() and widths.sum() <= limit, "widths: none, or 0")
        classes = tensor(node, "classes", UINT, count * len(widths)).reshape(count, -1)
        need((classes < widths).all(), "classes: out of range")
        if "nearest" not in node and "empty" in node:
            empty = tensor(node, "empty", ("float64",), len(widths))
            need(np.isin(empty, np.arange(-1, int(widths.max()))).all() and (empty < widths).all(), "empty: no class")
        return int(widths.sum())
    if combine in ("means", "sums"):
        targets = finite(node, "targets", FLOATS)
        columns = len(targets) // count
        need(columns > 0 and len(targets) == columns * count, "targets: none, or a part of one")
        if combine == "means" and "nearest" not in node:
            tensor(node, "empty", ("float64",), columns)
        return columns
    if combine == "outlier-factor":
        need("nearest" in node, "nearest: missing")
        finite(node, "targets", FLOATS, 2 * count)
        return 1
    return count


def combine_neighbors(node, rows, pairwise_sum):
    """The cells [n, columns] of rows [n, features]; ValueError where one has no neighbours and needs some."""
    stored = node["rows"].reshape(-1, node["features"])
    single = rows.dtype == stored.dtype == np.float32 and node["source"] == "exact" and "tree" not in node
    metric = Metric(node, single)
    values = stored.astype(np.float64)
    search = Search(node, values, metric)
    found = [search.find(row) for row in rows.astype(np.float64)]
    is_float32 = node.get("targets", values).dtype == np.float32
    if node["combine"] == "outlier-factor":
        dtype = np.float32 if is_float32 and rows.dtype == np.float32 else np.float64
        stored = [(distances.astype(rows.dtype), at) for distances, at in found]
        return np.array([[outlier_factor(node, *one, dtype, pairwise_sum)] for one in stored])
    made = [MAKE[node["combine"]](node, distances, at, pairwise_sum) for distances, at in found]
    return np.array(made).astype(np.float32 if node["combine"] == "means" and node["weigh"] == "uniform" and is_float32 else np.float64)


class Metric:
    def __init__(self, node, single):
        self.name, self.dtype = node["metric"], np.float32 if single else np.float64
        self.power = node["power"][0] if "power" in node else 1
        self.scales = node.get("scales", np.ones(node["features"]))

    def reduced(self, x, others):
        """Reduced distances [m] between a row x and others [m, features]."""
        with np.errstate(all="ignore"):
            d = (x - others).astype(self.dtype).astype(np.float64)
            sizes = np.abs(x) + np.abs(others)
            if self.name == "chebyshev":
                made = np.fmax.reduce(np.abs(d), axis=1, initial=0)
            elif self.name == "braycurtis":
                made = np.where(added(sizes) > 0, added(np.abs(d)) / added(sizes), 0)
            elif self.name == "cosine":
                made = np.clip(1 - added(x * others), 0, 2)
            elif self.name == "canberra":
                made = added(np.where(sizes > 0, np.abs(d) / sizes, 0))
            elif self.name in SQUARED:
                made = added(d * d / self.scales)
            else:
                made = added(self.scales * np.abs(d) ** self.power)
            return made.astype(self.dtype).astype(np.float64)

    def distance(self, reduced):
        if self.name in SQUARED:
            return np.sqrt(reduced)
        return reduced ** (1 / self.power) if self.name == "minkowski" else reduced

    def reduce(self, distance):
        if self.name in SQUARED:
            return distance * distance
        return distance**self.power if self.name == "minkowski" else distance


def added(terms):
    """Sums of rows of terms, one after another."""
    return np.cumsum(terms, axis=1)[:, -1]


def take_place(places, far, at):
    """Puts a row that is nearer than the one at place 0 there, and then moves it down."""
    if not far < places[0][0]:
        return
    place = 0
    places[0] = (far, at)
    while True:
        below = [one for one in (2 * place + 1, 2 * place + 2) if one < len(places)]
        largest = max(below, key=lambda one: places[one][0], default=None)
        if largest is None or not places[largest][0] > far:
            return
        places[place], places[largest] = places[largest], places[place]
        place = largest


def fill_from_donors(node, rows, pairwise_sum):
    """Cells of float64 rows [n, features], gaps filled; ValueError where one lies infinitely far."""
    stored, k = node["rows"].reshape(-1, node["features"]), node["nearest"]
    values, there = stored.astype(np.float64), ~np.isnan(stored)

    def mean(cells, weights):
        with np.errstate(all="ignore"):
            return pairwise_sum((cells * weights)[None])[0] / pairwise_sum(weights[None])[0]

    made = rows.copy()
    for x, out in zip(rows, made):
        with np.errstate(all="ignore"):
            d = x - values
            shared = ~np.isnan(d)
            far = np.sqrt(added(np.where(shared, d * d, 0)) / shared.sum(axis=1) * node["features"])
        if np.isnan(x).any() and np.isinf(far).any():
            raise ValueError("a row too far from others")
        for col in range(node["features"]):
            has = there[:, col]
            if not has.any():
                out[col] = 0
            if not has.any() or not np.isnan(x[col]):
                continue
            places = [(np.inf, 0)] * k
            for at in np.flatnonzero(has):
                take_place(places, far[at], at)
            found = sorted((pair for pair in places if pair[0] < np.inf), key=lambda pair: pair[0])
            if not found:
                out[col] = pairwise_sum(np.where(has, stored[:, col], np.float32(0))[None])[0].astype(np.float64) / has.sum()
                continue
            if node["distant"]:
                found += [(np.nan, at) for at in np.flatnonzero(has & np.isnan(far))][: k - len(found)]
            distances, at = np.array([pair[0] for pair in found]), [pair[1] for pair in found]
            weights = np.ones(len(found))
            if node["weigh"] == "distance":
                with np.errstate(all="ignore"):
                    weights = 1 / distances
                weights = np.isinf(weights).astype(np.float64) if np.isinf(weights).any() else weights
            out[col] = mean(values[at, col], weights)
    return made


class Search:
    def __init__(self, node, stored, metric):
        self.stored, self.metric, self.tree = stored, metric, node.get("tree")
        self.nearest, self.radius = node.get("nearest"), node.get("radius")

    def find(self, x):
        """Distances and positions of the neighbours of a row."""
        self.x, self.met = x, []
        self.far = self.metric.reduced(x, self.stored)
        self.places = [(np.inf, 0)] * (self.nearest or 0)
        if self.tree is None:
            for at in range(len(self.stored)):
                self.meet(at)
        else:
            self.walk(1, self.tree["order"].astype(np.int64), None)
        pairs = sorted(self.places, key=lambda pair: pair[0]) if self.nearest else self.met
        if self.nearest and not pairs[-1][0] < np.inf:
            raise ValueError("a row too far from others")
        distances = self.metric.distance(np.array([far for far, _ in pairs], dtype=np.float64))
        return distances, np.array([at for _, at in pairs], dtype=np.int64)

    def most(self):
        return self.places[0][0] if self.nearest else self.metric.reduce(self.radius[0])

    def meet(self, at):
        far = self.far[at]
        if not self.nearest:
            if far <= self.most():
                self.met.append((far, at))
            return
        take_place(self.places, far, at)

    def walk(self, level, rows, bound):
        if bound is None:
            bound = self.bound(rows)
        if bound > self.most():
            return
        if level == self.tree["levels"] or len(rows) < 2:
            for at in rows:
                self.meet(at)
            return
        children = [(one, self.bound(one)) for one in (rows[: len(rows) // 2], rows[len(rows) // 2 :])]
        if self.nearest and not children[0][1] <= children[1][1]:
            children.reverse()
        for child, own in children:
            self.walk(level + 1, child, own)

    def bound(self, rows):
        inside = self.stored[rows]
        if self.tree["form"] == "kd":
            return self.metric.reduced(self.x, np.clip(self.x, inside.min(axis=0), inside.max(axis=0))[None])[0]
        mean = np.cumsum(inside, axis=0)[-1] / len(rows)
        size = self.metric.distance(self.metric.reduced(mean, inside).max())
        return self.metric.reduce(max(0, self.metric.distance(self.metric.reduced(self.x, mean[None])[0]) - size))


def weights_of(node, distances):
    if node["weigh"] == "uniform":
        return np.ones(len(distances))
    with np.errstate(all="ignore"):
        weights = 1 / distances
    return np.isinf(weights).astype(np.float64) if np.isinf(weights).any() else weights


def shares(node, distances, at, pairwise_sum):
    if len(at) == 0 and "empty" not in node:
        raise ValueError("a row without neighbours")
    weights, made = weights_of(node, distances), []
    for output, width in enumerate(node["widths"].astype(np.int64)):
        sums = np.zeros(width)
        for one, weight in zip(node["classes"].reshape(-1, len(node["widths"]))[at, output], weights):
            sums[one] += weight
        if len(at) == 0 and node["empty"][output] >= 0:
            sums[int(node["empty"][output])] = 1
        made += list(sums / (pairwise_sum(sums[None])[0] or 1))
    return made


def means(node, distances, at, pairwise_sum):
    targets = node["targets"].reshape(len(node["rows"]) // node["features"], -1)
    if len(at) == 0:
        return node.get("empty", np.full(targets.shape[1], np.nan))
    weights = weights_of(node, distances)
    terms = targets[at] if node["weigh"] == "uniform" else targets[at] * weights[:, None]
    by_distance = node["weigh"] == "distance" and "nearest" in node
    sums = pairwise_sum(terms.T) if targets.shape[1] == 1 or by_distance else added(terms.T)
    return sums / (pairwise_sum(weights[None])[0] if node["weigh"] == "distance" else terms.dtype.type(len(at)))


def sums(node, distances, at, pairwise_sum):
    targets = node["targets"].reshape(len(node["rows"]) // node["features"], -1).astype(np.float64)
    return added(targets[at].T) if len(at) else np.zeros(targets.shape[1])


def graph(node, distances, at, pairwise_sum):
    cells = np.zeros(len(node["rows"]) // node["features"])
    cells[at] = distances if node["combine"] == "distances" else 1
    return cells


MAKE = {"shares": shares, "means": means, "sums": sums, "connectivity": graph, "distances": graph}


def outlier_factor(node, distances, at, dtype, pairwise_sum):
    reach, density = node["targets"].reshape(-1, 2)[at].T.astype(dtype)
    far = np.maximum(distances.astype(dtype), reach)
    own = dtype(1) / (pairwise_sum(far[None])[0] / dtype(len(at)) + dtype(1e-10))
    return -(pairwise_sum((density / own)[None])[0] / dtype(len(at)))
