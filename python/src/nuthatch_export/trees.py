"""Decision trees, recognised by the fields of their node arrays and by nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# Beyond this a threshold means "every number": no value lies one step above it.
LARGEST_THRESHOLD = 1e300


class Tree(NamedTuple):
    """One tree as arrays over its nodes.

    ``single`` trees compare float32(x) <= threshold, the others x itself. ``bitsets`` (node, 8) of uint32
    says for a categorical node which categories go left.
    """

    single: bool
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    leaf: np.ndarray
    missing_left: np.ndarray
    categorical: np.ndarray
    bitsets: np.ndarray | None

    def splits(self) -> np.ndarray:
        """The nodes with a threshold that a value can lie on."""
        usable = ~self.leaf & ~self.categorical & (np.abs(self.threshold) < LARGEST_THRESHOLD)
        return np.flatnonzero(usable)

    def compared(self, values: np.ndarray) -> np.ndarray:
        """Values as the tree compares them, in float64."""
        if not self.single:
            return np.asarray(values, dtype=np.float64)
        with np.errstate(over="ignore"):
            return np.asarray(values).astype(np.float32).astype(np.float64)

    def goes_left(self, node: int, value: float) -> bool:
        """Where a value of the node's feature, as compared, goes."""
        if np.isnan(value):
            return bool(self.missing_left[node])
        if self.categorical[node]:
            return self.category_goes_left(node, value)
        return bool(value <= self.threshold[node])

    def category_goes_left(self, node: int, value: float) -> bool:
        """Where a category goes, without regard to whether it was known in fitting."""
        if self.bitsets is None or not 0 <= value < 256:
            return bool(self.missing_left[node])
        code = int(value)
        return bool((int(self.bitsets[node, code // 32]) >> (code % 32)) & 1)

    def highest_category(self) -> int:
        """The highest category that any node sends left, -1 if none."""
        if self.bitsets is None:
            return -1
        words = np.bitwise_or.reduce(self.bitsets, axis=0)
        return max((32 * k + int(word).bit_length() - 1 for k, word in enumerate(words) if word), default=-1)

    def path(self, row: np.ndarray) -> list[int]:
        """The nodes a row of the tree's input passes, the leaf last."""
        values = self.compared(row)
        node, passed = 0, [0]
        while not self.leaf[node]:
            left = self.goes_left(node, values[self.feature[node]])
            node = int(self.left[node] if left else self.right[node])
            passed.append(node)
        return passed

    def parents(self) -> np.ndarray:
        """The parent of each node, -1 for the root."""
        parent = np.full(len(self.leaf), -1, dtype=np.int64)
        inner = np.flatnonzero(~self.leaf)
        parent[self.left[inner]] = inner
        parent[self.right[inner]] = inner
        return parent


_CART_FIELDS = {"feature", "threshold", "left_child", "right_child"}
_HISTOGRAM_FIELDS = {"feature_idx", "num_threshold", "left", "right", "is_leaf"}


def find_nodes(parts: Any) -> np.ndarray | None:
    """The node array in an object's state, or None where it is no tree."""
    for value in parts.values():
        if isinstance(value, np.ndarray) and value.dtype.names is not None and value.ndim == 1 and len(value):
            fields = set(value.dtype.names)
            if fields >= _CART_FIELDS or fields >= _HISTOGRAM_FIELDS:
                return value
    return None


def read_tree(nodes: np.ndarray, parts: dict[str, Any]) -> Tree:
    """The tree of a node array; ``parts`` is the state it was found in, where bitsets lie beside it."""
    fields = set(nodes.dtype.names or ())
    none = np.zeros(len(nodes), dtype=bool)
    missing = nodes["missing_go_to_left"].astype(bool) if "missing_go_to_left" in fields else none
    if fields >= _CART_FIELDS:
        left, right = nodes["left_child"].astype(np.int64), nodes["right_child"].astype(np.int64)
        feature = nodes["feature"].astype(np.int64)
        return Tree(True, feature, nodes["threshold"], left, right, left < 0, missing, none, None)
    categorical = nodes["is_categorical"].astype(bool) if "is_categorical" in fields else none
    return Tree(
        False,
        nodes["feature_idx"].astype(np.int64),
        nodes["num_threshold"],
        nodes["left"].astype(np.int64),
        nodes["right"].astype(np.int64),
        nodes["is_leaf"].astype(bool),
        missing,
        categorical,
        _bitsets(nodes, categorical, parts),
    )


def _bitsets(nodes: np.ndarray, categorical: np.ndarray, parts: dict) -> np.ndarray | None:
    stored = parts.get("raw_left_cat_bitsets")
    if not categorical.any() or stored is None or "bitset_idx" not in (nodes.dtype.names or ()):
        return None
    bitsets = np.zeros((len(nodes), stored.shape[1]), dtype=np.uint32)
    inner = np.flatnonzero(categorical)
    bitsets[inner] = stored[nodes["bitset_idx"][inner].astype(np.int64)]
    return bitsets
