"""Write a fitted scikit-learn estimator as one JSON document (formats/sklearn-json/SPEC.md).

Names are loaded on first use: the command line must set numpy's environment before numpy is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import ExportError, Problem
from .version import VERSION as __version__

if TYPE_CHECKING:
    from .document import dumps, export, export_document

__all__ = ["ExportError", "Problem", "__version__", "dumps", "export", "export_document"]


def __getattr__(name: str) -> Any:
    if name in ("dumps", "export", "export_document"):
        from . import document

        return getattr(document, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
