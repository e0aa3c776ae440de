"""pandas values whose own reduction holds no readable data."""

from __future__ import annotations

import sys
from typing import Any


def readable_parts(value: Any) -> dict[str, Any] | None:
    """The state to write for an extension array that keeps its data in Arrow's memory, else None.

    Arrow's own reduction is buffers in Arrow's layout. ``values`` is a 1-D object array with None where
    a value is missing, ``dtype`` the pandas name of the dtype.
    """
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(value, pandas.api.extensions.ExtensionArray):
        return None
    for name in ("_pa_array", "_data"):  # the second before pandas 2.1
        memory = getattr(value, name, None)
        if type(memory).__module__.split(".")[0] == "pyarrow":
            return {"values": value.to_numpy(dtype=object, na_value=None), "dtype": str(value.dtype)}
    return None
