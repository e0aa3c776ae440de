"""A reader of the format, written from SPEC.md alone and sharing nothing with the exporter.

Besides reading, it rebuilds the Python objects as unpickling would, so that a test can ask them to predict.
"""

from __future__ import annotations

import base64
import importlib
import math
from typing import Any

import numpy as np


def read_dtype(written: Any) -> np.dtype:
    if isinstance(written, str):
        return np.dtype(written)
    if "base" in written:
        return np.dtype((read_dtype(written["base"]), tuple(written["shape"])))
    return np.dtype({**written, "formats": [read_dtype(one) for one in written["formats"]]})


def find_global(name: str) -> Any:
    if name == "builtins.NoneType":
        return type(None)
    parts = name.split(".")
    for split in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for part in parts[split:]:
            found = getattr(found, part)
        return found
    raise AssertionError(f"no such global: {name}")


class Decoder:
    def __init__(self) -> None:
        self.shared: dict[int, Any] = {}

    def decode(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.decode(item) for item in node]
        if not isinstance(node, dict):
            return node
        assert next(iter(node)) == "$", node
        if "id" in node and node["$"] != "ref":
            assert list(node)[1] == "id"
            assert node["id"] not in self.shared
        return getattr(self, "read_" + node["$"])(node)

    def remember(self, node: dict, value: Any) -> Any:
        if "id" in node:
            self.shared[node["id"]] = value
        return value

    def read_ref(self, node: dict) -> Any:
        return self.shared[node["id"]]

    def read_int(self, node: dict) -> int:
        assert abs(int(node["value"])) > 2**53 - 1
        return int(node["value"])

    def read_float(self, node: dict) -> float:
        value = float(node["value"])
        assert not math.isfinite(value)
        return value

    def read_complex(self, node: dict) -> complex:
        return complex(self.decode(node["real"]), self.decode(node["imag"]))

    def read_bytes(self, node: dict) -> bytes:
        return base64.b64decode(node["data"], validate=True)

    def read_list(self, node: dict) -> list:
        value = self.remember(node, [])
        value.extend(self.decode(item) for item in node["items"])
        return value

    def read_tuple(self, node: dict) -> tuple:
        return tuple(self.decode(item) for item in node["items"])

    def read_set(self, node: dict) -> set:
        value = self.remember(node, set())
        value.update(self.decode(item) for item in node["items"])
        return value

    def read_frozenset(self, node: dict) -> frozenset:
        return self.remember(node, frozenset(self.decode(item) for item in node["items"]))

    def read_slice(self, node: dict) -> slice:
        return slice(*(self.decode(item) for item in node["items"]))

    def read_dict(self, node: dict) -> dict:
        value = self.remember(node, {})
        for key, item in node["items"]:
            value[self.decode(key)] = self.decode(item)
        return value

    def read_dtype(self, node: dict) -> np.dtype:
        return read_dtype(node["dtype"])

    def read_global(self, node: dict) -> Any:
        return find_global(node["name"])

    def read_scalar(self, node: dict) -> np.generic:
        return self._array(node["dtype"], [], "C", node["data"])[()]

    def read_ndarray(self, node: dict) -> np.ndarray:
        shape, order = node["shape"], node["order"]
        if node["dtype"] == "|O":
            value = self.remember(node, np.empty(shape, dtype=object))
            assert order == "C" and len(node["data"]) == value.size
            for index, item in zip(np.ndindex(*shape), node["data"]):
                value[index] = self.decode(item)
        else:
            value = self.remember(node, self._array(node["dtype"], shape, order, node["data"]))
        if "mask" in node:
            return self.remember(node, np.ma.MaskedArray(value, self.decode(node["mask"])))
        if "subclass" in node and "Masked" in node["subclass"]:
            return self.remember(node, np.ma.MaskedArray(value))
        return value

    def _array(self, dtype: Any, shape: list, order: str, data: str) -> np.ndarray:
        raw = base64.b64decode(data, validate=True)
        dtype = read_dtype(dtype)
        assert len(raw) == math.prod(shape) * dtype.itemsize
        if not raw:
            return np.zeros(shape, dtype=dtype, order=order)
        flat = np.frombuffer(raw, dtype=dtype).copy()
        return flat.reshape(shape, order=order)

    def read_object(self, node: dict) -> Any:
        known = ["$", "id", "class", "callable", "args", "state", "items", "entries"]
        assert [key for key in known if key in node] == list(node), list(node)
        if "Arrow" in node["class"]:
            import pandas

            state = self.decode(node["state"])
            return self.remember(node, pandas.array(state["values"], dtype=state["dtype"]))
        args = [self.decode(arg) for arg in node.get("args", [])]
        if "callable" in node:
            value = find_global(node["callable"])(*args)
        else:
            kind = find_global(node["class"])
            value = kind.__new__(kind, *args)
        self.remember(node, value)
        for item in node.get("items", []):
            value.append(self.decode(item))
        for key, item in node.get("entries", []):
            value[self.decode(key)] = self.decode(item)
        if "state" in node:
            self._set_state(value, self.decode(node["state"]))
        return value

    def _set_state(self, value: Any, state: Any) -> None:
        if hasattr(value, "__setstate__"):
            value.__setstate__(state)
            return
        plain, slots = state if isinstance(state, tuple) else (state, None)
        if plain:
            value.__dict__.update(plain)
        for name, item in (slots or {}).items():
            setattr(value, name, item)


def difference(a: Any, b: Any, path: str = "", seen: Any = None) -> Any:
    """Where two objects differ (a path), by type, dtype, order, bytes and attributes; None where nowhere."""
    seen = {} if seen is None else seen
    if type(a) is not type(b):
        return f"{path}: {type(a)} and {type(b)}"
    if isinstance(a, (float, complex)):
        return None if np.array(a).tobytes() == np.array(b).tobytes() else f"{path}: {a!r} and {b!r}"
    if a is None or isinstance(a, (str, bytes, int, type, np.dtype, slice)) or callable(a) and hasattr(a, "__name__"):
        return None if a == b else f"{path}: {a!r} and {b!r}"
    if isinstance(a, np.generic):
        return _array_difference(np.asarray(a), np.asarray(b), path, seen)
    if id(a) in seen:
        return None if seen[id(a)][1] is b or isinstance(a, tuple) else f"{path}: shared in one only"
    seen[id(a)] = (a, b)
    if isinstance(a, np.ndarray):
        return _array_difference(a, b, path, seen)
    if isinstance(a, (set, frozenset)):
        return None if a == b else f"{path}: sets differ"
    if type(a) in (list, tuple):
        if len(a) != len(b):
            return f"{path}: lengths {len(a)} and {len(b)}"
        return _first(difference(x, y, f"{path}[{i}]", seen) for i, (x, y) in enumerate(zip(a, b)))
    if type(a) is dict:
        if len(a) != len(b):
            return f"{path}: keys differ"
        pairs = zip(a.items(), b.items())
        return _first(difference(x, y, f"{path}[{x[0]!r}]", seen) for x, y in pairs)
    x, y = a.__reduce_ex__(4), b.__reduce_ex__(4)
    if isinstance(x, str):
        return None if x == y else f"{path}: {x} and {y}"
    x, y = [tuple(list(part) if i in (3, 4) and part is not None else part for i, part in enumerate(r)) for r in (x, y)]
    seen[id(x)] = (x, y)  # keeps what the reductions made alive, so that no id is used twice
    return difference(list(x), list(y), path + ".", seen)


def _array_difference(a: np.ndarray, b: np.ndarray, path: str, seen: dict) -> Any:
    if a.shape != b.shape or a.dtype.newbyteorder("<") != b.dtype:
        return f"{path}: {a.dtype}{a.shape} and {b.dtype}{b.shape}"
    if isinstance(a, np.ma.MaskedArray) and not np.array_equal(np.ma.getmaskarray(a), np.ma.getmaskarray(b)):
        return f"{path}: masks differ"
    if a.dtype == object:
        a, b = np.asarray(a), np.asarray(b)
        return _first(difference(a[i], b[i], f"{path}{list(i)}", seen) for i in np.ndindex(a.shape))
    if (a.flags.f_contiguous and not a.flags.c_contiguous) != (b.flags.f_contiguous and not b.flags.c_contiguous):
        return f"{path}: order"
    if a.dtype.names is not None:
        return _first(_array_difference(a[n], b[n], f"{path}.{n}", seen) for n in a.dtype.names)
    return None if a.astype(b.dtype).tobytes() == b.tobytes() else f"{path}: values differ"


def _first(found: Any) -> Any:
    return next((one for one in found if one is not None), None)
