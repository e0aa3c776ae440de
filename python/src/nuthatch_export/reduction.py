"""What pickling would see of an object, as plain parts."""

from __future__ import annotations

import copyreg
from typing import Any, NamedTuple


class Reduction(NamedTuple):
    """The parts of ``__reduce_ex__(4)``; ``callable`` is None for ``cls.__new__(cls, *args)``."""

    callable: Any
    args: tuple[Any, ...]
    state: Any
    items: list[Any] | None
    entries: list[tuple[Any, Any]] | None


def reduce_object(thing: Any) -> str | Reduction:
    """The reduction of ``thing``, or a string where it is written by name.

    Raises whatever the object's own reduction raises, and TypeError for one that pickle would refuse.
    """
    reducer = copyreg.dispatch_table.get(type(thing))
    parts = reducer(thing) if reducer is not None else thing.__reduce_ex__(4)
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, tuple) or not 2 <= len(parts) <= 6:
        raise TypeError("its reduction is not a tuple of two to six parts")
    function, args, state, items, entries, setter = parts + (None,) * (6 - len(parts))
    if setter is not None:
        raise TypeError("its reduction sets the state with a function of its own")
    if not callable(function) or not isinstance(args, tuple):
        raise TypeError("its reduction is not a callable with a tuple of arguments")
    if function is copyreg.__newobj__ and args and args[0] is type(thing):  # type: ignore[attr-defined]
        function, args = None, args[1:]
    return Reduction(
        function,
        args,
        state,
        None if items is None else list(items),
        None if entries is None else list(entries),
    )
