"""A data frame with what a model answers to its rows."""

from __future__ import annotations

from collections import deque
from typing import Any, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructField, StructType

from ..batch import ModelFile, Scorer, ScoringError, open_model
from .answers import columns_of, fields_of, group_answers
from .names import as_tuple, column_of
from .shipping import score_partition, ship


def predict_in_arrow(
    df: DataFrame,
    model: Any,
    methods: str | Sequence[str] = "predict",
    *,
    features: Sequence[str] | None = None,
    columns: str | Sequence[str] = "all",
    arrays: bool = False,
    on_error: str = "stop",
    command: str | Sequence[str] | None = None,
    timeout: float = 300,
) -> DataFrame:
    """The rows of a data frame with what a model answers to them.

    model: a path of a file that nuthatch reads, or a fitted estimator.
    methods: scikit-learn's names; `prediction` is what `predict` answers.
    features: columns of `df` in the order of training; None: those that the model was trained with, by name.
    columns: those that are kept, with their types; "all" by default.
    arrays: one array per method, `predict_proba` as array<double>, instead of a column `predict_proba_CLASS` per class.
    on_error: "stop" fails the job at the first row that the model refuses, "null" gives it no answer.
    command: how `nuthatch` is started, on the driver and the executors; else each one's NUTHATCH_COMMAND or PATH.
    timeout: seconds that one answer may take.

    Raises ScoringError, before any job, where the model does not take such columns.
    """
    kept = df.columns if columns == "all" else as_tuple(columns)
    file = open_model(model, command)
    taken = as_tuple(features) if features is not None else _features(file, df)
    names = file.names if features is not None and file.names else taken
    if len(names) != len(taken):
        raise ScoringError(f"the model takes {len(names)} columns, and {len(taken)} were given", "input-shape")
    scorer = Scorer(file.path, as_tuple(methods), on_error, command, timeout)
    types = to_arrow_schema(df.select(*map(column_of, taken)).schema).types
    groups = group_answers(scorer.methods, scorer.answers(pa.schema(list(zip(names, types)))))
    fields = fields_of(groups, arrays)
    clash = [name for name in kept if name in fields.names]
    if clash:
        raise ScoringError(f"the data frame has columns called {', '.join(clash)} already; rename or drop them")
    there = ship(df.sparkSession, file, scorer)
    used = [*kept, *(name for name in taken if name not in kept)]
    places = [used.index(name) for name in taken]

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        waiting: deque[list[pa.Array]] = deque()

        def given() -> Iterator[pa.RecordBatch]:
            for batch in batches:
                if batch.num_rows > 0:
                    waiting.append(batch.columns[: len(kept)])
                    yield pa.RecordBatch.from_arrays([batch.column(place) for place in places], list(names))

        for answer in score_partition(there, given()):
            made = [*waiting.popleft(), *columns_of(answer, groups, arrays)]
            yield pa.RecordBatch.from_arrays(made, numbered.names)

    # By numbers: mapInArrow does not find columns with dots in their names.
    given = df.select(*(column_of(name).alias(str(i)) for i, name in enumerate(used)))
    answered = [*given.schema.fields[: len(kept)], *fields]
    numbered = StructType([StructField(str(i), field.dataType) for i, field in enumerate(answered)])
    return given.mapInArrow(run, numbered).toDF(*kept, *fields.names)


def _features(file: ModelFile, df: DataFrame) -> tuple[str, ...]:
    """Columns that are there: which are missing, nuthatch says."""
    return tuple(df.columns if file.names is None else (name for name in file.names if name in df.columns))
