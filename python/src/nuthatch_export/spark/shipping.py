"""What the executors need: the model, and this package."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Callable, Iterable, Iterator

import pyarrow as pa
from pyspark import SparkContext, SparkFiles, TaskContext
from pyspark.sql import SparkSession

from ..batch import ModelFile, Scorer, ScoringError
from ..batch.model import temporary_folder
from ..version import VERSION


def ship(session: SparkSession, file: ModelFile, scorer: Scorer) -> Scorer:
    """Sends the model, and this package, to the executors; the scorer to use there."""
    context = session.sparkContext
    _send(context.addFile, file.path, context)
    _send(context.addPyFile, _package(), context)
    return scorer._replace(model=file.name)


def _send(add: Callable[[str], None], path: str, context: SparkContext) -> None:
    name = Path(path).name
    if not any(Path(sent).name == name for sent in context.listFiles):
        add(path)


def score_partition(scorer: Scorer, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """On an executor: the answers to batches of one partition, which errors name."""
    try:
        yield from scorer._replace(model=SparkFiles.get(scorer.model)).score(batches)
    except ScoringError as error:
        place = f"partition {TaskContext.get().partitionId()}"
        raise ScoringError(f"{place}, {error.message}", error.code, f"{place}, {error.path}") from error


def _package() -> str:
    """This package as a file, so that executors need not have it installed."""
    target = temporary_folder() / f"nuthatch_export-{VERSION}.zip"
    if not target.exists():
        here = Path(__file__).parents[1]
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(here.rglob("*.py")):
                archive.write(path, Path(here.name) / path.relative_to(here))
    return str(target)
