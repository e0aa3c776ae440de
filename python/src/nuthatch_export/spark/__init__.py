"""Scores data frames of Spark: `predict_in_arrow` for frames, `predict_udf` for columns.

Each Python worker of an executor keeps one `nuthatch predict`, to which it speaks Arrow. Names are loaded on first use:
executors of the one need no pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..batch import ScoringError

if TYPE_CHECKING:
    from .frame import predict_in_arrow
    from .udf import predict_udf

__all__ = ["ScoringError", "predict_in_arrow", "predict_udf"]


def __getattr__(name: str) -> Any:
    if name == "predict_in_arrow":
        from .frame import predict_in_arrow

        return predict_in_arrow
    if name == "predict_udf":
        from .udf import predict_udf

        return predict_udf
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
