"""Any Python object as the JSON values of SPEC.md: generic, and no estimator is known by name."""

from __future__ import annotations

import base64
import itertools
import json
import math
import types
from typing import Any, Callable, Iterator, Optional, Tuple

import numpy as np

from . import arrays, pandas_values
from .errors import ExportError, Problem
from .names import NameProblem, global_name
from .reduction import reduce_object

MAX_DEPTH = 200
MAX_DIGITS = 1000
LARGEST_EXACT_INTEGER = 2**53 - 1

# (parent, step): turned into text only for a problem, since most are never read.
Path = Tuple[Optional[tuple], str]


def encode(value: Any, name: str = "model", ids: Iterator[int] | None = None) -> Any:
    """The JSON value of ``value`` and of all it refers to.

    ``name`` begins the paths of problems, ``ids`` gives numbers to what is shared (from 0 if None).
    Raises ExportError with every part that cannot be written.
    """
    walker = _Walker()
    try:
        node = walker.encode(value, (None, name), 0)
    except RecursionError:
        raise ExportError("the model is nested too deeply for what is left of Python's stack") from None
    if walker.problems:
        count = len(walker.problems)
        parts = "one part" if count == 1 else f"{count} parts"
        raise ExportError(f"{parts} of the model cannot be written", walker.problems)
    return _finish(node, itertools.count() if ids is None else ids)


class _Node(dict):
    """A JSON object that may be referred to; ``shared`` once a second reference is met, then ``number``."""

    __slots__ = ("number", "shared")

    def __init__(self, kind: str) -> None:
        super().__init__()
        self["$"] = kind
        self.shared = False
        self.number = -1


class _Ref:
    """A later occurrence of a node."""

    __slots__ = ("node",)

    def __init__(self, node: _Node) -> None:
        self.node = node


class _Walker:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        # id(value) → (value, node). The value is kept so that its id is not given to another.
        self._seen: dict[int, tuple[Any, _Node]] = {}
        self._names: dict[int, tuple[Any, Any]] = {}

    def encode(self, value: Any, path: Path, depth: int) -> Any:
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return self._integer(value, path)
        if kind is float:
            return _float(value)
        if depth >= MAX_DEPTH:
            return self._problem(path, f"nested more than {MAX_DEPTH} levels deep")
        try:
            handler = self._HANDLERS.get(kind)
            if handler is not None:
                return handler(self, value, path, depth)
            if isinstance(value, np.ndarray):
                return self._array(value, path, depth)
            if isinstance(value, np.generic):
                return self._scalar(value, path)
            if isinstance(value, np.dtype):
                return {"$": "dtype", "dtype": arrays.describe_dtype(value)}
            if isinstance(value, (type, types.FunctionType)):
                return {"$": "global", "name": self._name(value)}
            return self._object(value, path, depth)
        except (NameProblem, arrays.ArrayProblem) as problem:
            return self._problem(path, str(problem))

    # Values that are repeated, never shared

    def _integer(self, value: int, path: Path) -> Any:
        if -LARGEST_EXACT_INTEGER <= value <= LARGEST_EXACT_INTEGER:
            return value
        if abs(value) >= 10**MAX_DIGITS:
            return self._problem(path, f"an integer of more than {MAX_DIGITS} digits")
        return {"$": "int", "value": str(value)}

    def _complex(self, value: complex, path: Path, depth: int) -> Any:
        return {"$": "complex", "real": _float(value.real), "imag": _float(value.imag)}

    def _bytes(self, value: bytes, path: Path, depth: int) -> Any:
        return {"$": "bytes", "data": base64.b64encode(value).decode("ascii")}

    def _tuple(self, value: tuple, path: Path, depth: int) -> Any:
        return {"$": "tuple", "items": self._members(value, path, depth)}

    def _slice(self, value: slice, path: Path, depth: int) -> Any:
        return {"$": "slice", "items": self._members((value.start, value.stop, value.step), path, depth)}

    def _scalar(self, value: np.generic, path: Path) -> Any:
        dtype, _, data = arrays.array_bytes(np.asarray(value))
        return {"$": "scalar", "dtype": dtype, "data": data}

    # Values with an identity

    def _begin(self, value: Any, kind: str) -> tuple[_Node, _Ref | None]:
        known = self._seen.get(id(value))
        if known is not None:
            known[1].shared = True
            return known[1], _Ref(known[1])
        node = _Node(kind)
        self._seen[id(value)] = (value, node)
        return node, None

    def _list(self, value: list, path: Path, depth: int) -> Any:
        node, ref = self._begin(value, "list")
        if ref is None:
            node["items"] = self._members(value, path, depth)
        return ref or node

    def _set(self, value: Any, path: Path, depth: int) -> Any:
        node, ref = self._begin(value, type(value).__name__)
        if ref is None:
            node["items"] = self._members(_sorted(value), path, depth)
        return ref or node

    def _dict(self, value: dict, path: Path, depth: int, attributes: bool = False) -> Any:
        node, ref = self._begin(value, "dict")
        if ref is None:
            node["items"] = self._entries(list(value.items()), path, depth, attributes)
        return ref or node

    def _array(self, value: np.ndarray, path: Path, depth: int) -> Any:
        node, ref = self._begin(value, "ndarray")
        if ref is not None:
            return ref
        # numpy's variable-width strings are pointers; as objects they are strings.
        plain = np.asarray(value)
        if plain.dtype.kind == "T":
            plain = plain.astype(object)
        node["dtype"] = "|O"
        node["shape"] = arrays.shape_of(plain)
        if plain.dtype == object:
            node["order"] = "C"
            node["data"] = [
                self.encode(plain[index], (path, str(list(index))), depth + 1) for index in np.ndindex(plain.shape)
            ]
        else:
            node["dtype"], node["order"], node["data"] = arrays.array_bytes(plain)
        node.update(arrays.subclass_name(value))
        if isinstance(value, np.ma.MaskedArray) and value.mask is not np.ma.nomask:
            node["mask"] = self.encode(np.asarray(value.mask), (path, ".mask"), depth + 1)
        return node

    def _object(self, value: Any, path: Path, depth: int) -> Any:
        readable = pandas_values.readable_parts(value)
        if readable is not None:
            node, ref = self._begin(value, "object")
            if ref is None:
                node["class"] = self._name(type(value))
                node["state"] = self._dict(readable, path, depth + 1, attributes=True)
            return ref or node
        known = self._seen.get(id(value))
        if known is not None:
            known[1].shared = True
            return _Ref(known[1])
        try:
            reduction = reduce_object(value)
        except RecursionError:
            raise
        except Exception as error:
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            return self._problem(path, f"a {kind} cannot be written ({_one_line(error)})")
        if isinstance(reduction, str):
            return {"$": "global", "name": global_name(value, reduction)}
        node, _ = self._begin(value, "object")
        node["class"] = self._name(type(value))
        if reduction.callable is not None:
            node["callable"] = self._name(reduction.callable)
        if reduction.args:
            node["args"] = self._members(reduction.args, (path, ".<args>"), depth)
        if type(reduction.state) is dict:
            node["state"] = self._dict(reduction.state, path, depth + 1, attributes=True)
        elif reduction.state is not None:
            node["state"] = self.encode(reduction.state, (path, ".<state>"), depth + 1)
        if reduction.items is not None:
            node["items"] = self._members(reduction.items, path, depth)
        if reduction.entries is not None:
            node["entries"] = self._entries(reduction.entries, path, depth)
        return node

    # Parts

    def _members(self, values: Any, path: Path, depth: int) -> list:
        written = []  # not a comprehension: that is one more Python frame for each level
        for i, item in enumerate(values):
            written.append(self.encode(item, (path, f"[{i}]"), depth + 1))
        return written

    def _entries(self, pairs: list, path: Path, depth: int, attributes: bool = False) -> list:
        written = []
        for key, item in pairs:
            step = _step(key, attributes)
            written.append([self.encode(key, (path, step), depth + 1), self.encode(item, (path, step), depth + 1)])
        return written

    def _name(self, thing: Any) -> str:
        known = self._names.get(id(thing))
        if known is None:
            known = self._names[id(thing)] = (thing, global_name(thing))
        return known[1]

    def _problem(self, path: Path, reason: str) -> None:
        self.problems.append(Problem(_path_text(path), reason))

    _HANDLERS: dict[type, Callable[..., Any]] = {
        complex: _complex,
        bytes: _bytes,
        tuple: _tuple,
        slice: _slice,
        list: _list,
        set: _set,
        frozenset: _set,
        dict: _dict,
        np.ndarray: _array,
    }


def _float(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"$": "float", "value": "nan" if value != value else "inf" if value > 0 else "-inf"}


def _sorted(values: Any) -> list:
    """The members of a set in an order that does not depend on hashing."""
    items = list(values)
    if all(type(item) is str for item in items):
        return sorted(items)
    if all(type(item) in (int, bool) or (type(item) is float and item == item) for item in items):
        return sorted(items)
    return sorted(items, key=_sort_key)


def _sort_key(item: Any) -> tuple[str, str]:
    kind = f"{type(item).__module__}.{type(item).__qualname__}"
    try:
        return kind, json.dumps(encode(item))
    except ExportError as error:
        return kind, str(error)  # the walk will report it; only some order is needed


def _step(key: Any, attributes: bool) -> str:
    if attributes and isinstance(key, str):
        return f".{key}"
    text = repr(key)
    return f"[{text if len(text) <= 40 else text[:37] + '...'}]"


def _path_text(path: Path) -> str:
    steps = []
    rest: tuple | None = path
    while rest is not None:
        steps.append(rest[1])
        rest = rest[0]
    return "".join(reversed(steps))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _finish(root: Any, ids: Iterator[int]) -> Any:
    """Numbers the shared nodes in the order of the document, and turns unshared list nodes into arrays.

    Works with a stack of its own: the JSON is nested deeper than the values are.
    """
    holder: list[Any] = [root]
    stack: list[tuple[Any, Any]] = [(holder, 0)]
    while stack:
        parent, key = stack.pop()
        value = parent[key]
        if isinstance(value, _Ref):
            parent[key] = {"$": "ref", "id": value.node.number}
            continue
        if isinstance(value, _Node):
            if value.shared:
                value.number = next(ids)
            value = parent[key] = _plain(value)
        if isinstance(value, dict):
            stack.extend((value, k) for k in reversed(list(value)) if isinstance(value[k], (dict, list, _Ref)))
        elif isinstance(value, list):
            size = len(value)
            stack.extend((value, i) for i in range(size - 1, -1, -1) if isinstance(value[i], (dict, list, _Ref)))
    return holder[0]


def _plain(node: _Node) -> Any:
    if not node.shared:
        return node["items"] if node["$"] == "list" else dict(node)
    rest = {key: value for key, value in node.items() if key != "$"}
    return {"$": node["$"], "id": node.number, **rest}
