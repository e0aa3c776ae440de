"""Names under which classes and functions can be imported again."""

from __future__ import annotations

import importlib
import sys
from typing import Any


class NameProblem(Exception):
    """The thing has no name that leads back to it."""


def lookup(module: str, qualname: str) -> Any:
    """The object at ``module.qualname``; raises ImportError or AttributeError where there is none."""
    found = sys.modules.get(module) or importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def _leads_to(module: str | None, qualname: str, thing: Any) -> bool:
    if not module:
        return False
    try:
        found = lookup(module, qualname)
    except (ImportError, AttributeError, ValueError):
        return False
    # A bound classmethod is a new object each time it is looked up, and equal to the others.
    return found is thing or (callable(thing) and type(found) is type(thing) and _equal(found, thing))


def _equal(a: Any, b: Any) -> bool:
    try:
        return bool(a == b)
    except Exception:  # a foreign __eq__ may raise anything; then they are not known to be equal
        return False


def global_name(thing: Any, name: str | None = None) -> str:
    """``package.module.qualname`` of a class, a function or another importable object.

    ``name`` is the name its reduction gave, if any. The name is checked: importing it must give ``thing``
    itself. Raises NameProblem with a reason for a person.
    """
    if thing is type(None):
        return "builtins.NoneType"  # pickle's own special case: it cannot be imported under its name
    qualname = name or getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None)
    if not isinstance(qualname, str):
        raise NameProblem(f"a {type(thing).__name__} without a name")
    module = getattr(thing, "__module__", None)
    label = f"{module}.{qualname}" if module else qualname
    if "<lambda>" in qualname:
        raise NameProblem("a lambda has no importable name; use a function defined at the top of a module")
    if "<locals>" in qualname:
        raise NameProblem(f"{label} is defined inside a function; define it at the top of a module")
    if _leads_to(module, qualname, thing):
        return f"{module}.{qualname}"
    for candidate in _other_modules(thing):
        if _leads_to(candidate, qualname, thing):
            return f"{candidate}.{qualname}"
    raise NameProblem(f"{label} cannot be imported under that name")


def _other_modules(thing: Any) -> list:
    # ufuncs do not say where they live. The public homes come first, so that the name does not depend
    # on which modules happen to be loaded.
    if getattr(thing, "__module__", None) is not None and not hasattr(thing, "nin"):
        return []
    public = ["numpy", "scipy.special", "builtins"]
    return public + sorted(m for m in list(sys.modules) if m not in public and m != "__main__")
