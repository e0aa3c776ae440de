"""Names, as they are given."""

from __future__ import annotations

from typing import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F


def as_tuple(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def column_of(given: str | Column) -> Column:
    """The column of a name, which may hold dots and spaces."""
    return F.col("`" + given.replace("`", "``") + "`") if isinstance(given, str) else given
