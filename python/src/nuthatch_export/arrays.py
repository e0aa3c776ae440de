"""numpy arrays, scalars and dtypes as JSON values."""

from __future__ import annotations

import base64
from typing import Any, Literal

import numpy as np


class ArrayProblem(Exception):
    """This array has no readable bytes."""


def describe_dtype(dtype: np.dtype) -> Any:
    """``dtype.str``, or names, formats, offsets and itemsize of a structured dtype; always little-endian.

    A field that is itself an array has the format ``{"base": dtype, "shape": [...]}``.
    """
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return {"base": describe_dtype(base), "shape": list(shape)}
    if dtype.names is None or dtype.fields is None:
        return dtype.newbyteorder("<").str
    fields = [dtype.fields[name] for name in dtype.names]
    return {
        "names": list(dtype.names),
        "formats": [describe_dtype(field[0]) for field in fields],
        "offsets": [int(field[1]) for field in fields],
        "itemsize": int(dtype.itemsize),
    }


def is_readable(dtype: np.dtype) -> bool:
    """Whether the bytes of an array of this dtype mean the same everywhere (no pointers in them)."""
    return not dtype.hasobject and dtype.kind in "biufcSUMmV"


def array_bytes(array: np.ndarray) -> tuple[Any, str, str]:
    """dtype description, order and base64 data of an array without objects in it.

    Raises ArrayProblem where the bytes would not be readable.
    """
    if not is_readable(array.dtype):
        raise ArrayProblem(f"an array of dtype {array.dtype} has no bytes that can be written")
    order: Literal["C", "F"] = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    plain = np.asarray(array)
    if plain.dtype.names is not None:
        plain = _without_padding_noise(plain, order)
    little = plain.dtype.newbyteorder("<")
    if plain.dtype != little:
        plain = plain.astype(little)
    data = base64.b64encode(plain.tobytes(order=order)).decode("ascii")
    return describe_dtype(plain.dtype), order, data


def _without_padding_noise(array: np.ndarray, order: Literal["C", "F"]) -> np.ndarray:
    """A copy whose padding bytes are zero: they are uninitialised memory, different in each process."""
    clean = np.zeros(array.shape, dtype=array.dtype, order=order)
    _copy_fields(array, clean)
    return clean


def _copy_fields(source: np.ndarray, target: np.ndarray) -> None:
    # numpy copies whole records, padding included, where the dtypes are equal: go down to plain fields.
    for name in source.dtype.names or ():
        if source[name].dtype.names is not None:
            _copy_fields(source[name], target[name])
        else:
            target[name] = source[name]


def shape_of(array: np.ndarray) -> list:
    """The shape as a list of ints."""
    return [int(n) for n in array.shape]


def subclass_name(array: np.ndarray) -> dict[str, str]:
    """``{"subclass": name}`` for anything but a plain ndarray, else nothing."""
    kind = type(array)
    if kind is np.ndarray:
        return {}
    return {"subclass": f"{kind.__module__}.{kind.__qualname__}"}
