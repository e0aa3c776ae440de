"""Columns of answers as columns of a data frame."""

from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_type
from pyspark.sql.types import ArrayType, StructField, StructType


class AnswerGroup(NamedTuple):
    """The columns that answer one method."""

    name: str
    columns: tuple[str, ...]
    type: pa.DataType

    @property
    def is_list(self) -> bool:
        return self.columns != (self.name,)


def group_answers(methods: Sequence[str], answers: pa.Schema) -> list[AnswerGroup]:
    groups = []
    for method in methods:
        name = "prediction" if method == "predict" else method
        columns = tuple(column for column in answers.names if column == name or column.startswith(f"{name}_"))
        groups.append(AnswerGroup(name, columns, answers.field(columns[0]).type))
    return groups


def fields_of(groups: Sequence[AnswerGroup], arrays: bool) -> StructType:
    fields = []
    for group in groups:
        cell = from_arrow_type(group.type)
        if not arrays:
            fields += [StructField(name, cell) for name in group.columns]
        else:
            fields.append(StructField(group.name, ArrayType(cell) if group.is_list else cell))
    return StructType(fields)


def columns_of(answer: pa.RecordBatch, groups: Sequence[AnswerGroup], arrays: bool) -> list[pa.Array]:
    """The columns of an answer, which are named otherwise where it is one method's alone."""
    columns, made = list(answer.columns), []
    for group in groups:
        own = [columns.pop(0) for _ in group.columns]
        made += [_list(own)] if arrays and group.is_list else own
    return made


def _list(columns: Sequence[pa.Array]) -> pa.Array:
    """Columns as one of lists; a row without an answer has no list."""
    rows, width = len(columns[0]), len(columns)
    places = np.arange(rows * width).reshape(width, rows).T.ravel()
    cells = pa.concat_arrays(columns).take(pa.array(places))
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * width)
    return pa.ListArray.from_arrays(offsets, cells, mask=columns[0].is_null())
