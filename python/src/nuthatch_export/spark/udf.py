"""A function of columns that answers as a model does."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Sequence

import pandas as pd
import pyarrow as pa
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ..batch import Scorer, ScoringError, open_model
from .answers import columns_of, fields_of, group_answers
from .names import as_tuple, column_of
from .shipping import score_partition, ship


def predict_udf(
    model: Any,
    methods: str | Sequence[str] = "predict",
    *,
    on_error: str = "stop",
    command: str | Sequence[str] | None = None,
    timeout: float = 300,
) -> Callable[..., Column]:
    """A function that makes a column of what a model answers: `df.withColumn("prediction", score())`.

    It is called with columns, or their names, in the order of training; without any it takes those that the model was
    trained with, by name. The column is of the type of the labels or array<double>; a struct of these where there are
    several methods. The rest is as in `predict_in_arrow`, which is faster: no pandas on the way.
    """
    session = SparkSession.getActiveSession()
    if session is None:
        raise ScoringError("there is no Spark session yet; start it first")
    file = open_model(model, command)
    scorer = Scorer(file.path, as_tuple(methods), on_error, command, timeout)
    names = file.names or tuple(f"x{i}" for i in range(len(file.kinds)))
    kinds = [pa.string() if kind in ("string", "category") else pa.float64() for kind in file.kinds]
    groups = group_answers(scorer.methods, scorer.answers(pa.schema(list(zip(names, kinds)))))
    fields = fields_of(groups, arrays=True)
    alone = len(fields) == 1
    there = ship(session, file, scorer)

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.Series]:
        given = (_batch_of(frame, names) for frame in frames)
        for answer in score_partition(there, given):
            columns = [column.to_pandas() for column in columns_of(answer, groups, arrays=True)]
            yield columns[0] if alone else pd.DataFrame(dict(zip(fields.names, columns)))

    scored = F.pandas_udf(run, fields[0].dataType if alone else fields)

    def score(*columns: str | Column) -> Column:
        if not columns and file.names is None:
            raise ScoringError("the model was trained without names; give the columns in the order of training")
        cells = columns or [column_of(name) for name in names]
        if len(cells) != len(names):
            raise ScoringError(f"the model takes {len(names)} columns, and {len(cells)} were given")
        return scored(F.struct(*(column_of(cell).alias(str(i)) for i, cell in enumerate(cells))))

    return score


def _batch_of(frame: pd.DataFrame, names: Sequence[str]) -> pa.RecordBatch:
    # A NaN stays one: only among objects it is a gap.
    columns = [pa.array(series, from_pandas=series.dtype.kind == "O") for _, series in frame.items()]
    return pa.RecordBatch.from_arrays(columns, list(names))
