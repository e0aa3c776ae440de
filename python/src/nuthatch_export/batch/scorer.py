"""Scores batches with processes that are kept between partitions."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from typing import Iterable, Iterator, NamedTuple, Sequence

import pyarrow as pa

from .command import ScoringError, find_command, run_command
from .process import ProcessDied, ScoringProcess

# One batch is answered while the next is written.
WINDOW = 2
# Processes in a row that may die before one answers.
DEATHS = 3
# Processes that wait for their next partition.
IDLE = 4


class Scorer(NamedTuple):
    """A model, and what it is asked. Plain data, which goes to other machines as it is; `model` is a path there."""

    model: str
    methods: tuple[str, ...] = ("predict",)
    on_error: str = "stop"
    command: str | Sequence[str] | None = None
    timeout: float = 300

    def answers(self, schema: pa.Schema) -> pa.Schema:
        """The columns that answer batches of a schema. Raises ScoringError where the model does not take them."""
        # With a column beside them, those of probabilities begin with the method's name.
        columns = [_plain(pa.array([], kind)) for kind in schema.types]
        beside = pa.RecordBatch.from_arrays([*columns, pa.array([], pa.int64())], [*schema.names, _free_name(schema)])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, beside.schema) as stream:
            stream.write_batch(beside)
        arguments = [*self._arguments(), "--columns", beside.schema.names[-1]]
        answer = run_command(find_command(self.command), arguments, sink.getvalue().to_pybytes(), self.timeout)
        return pa.schema(list(pa.ipc.open_stream(answer).schema)[1:])

    def score(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The answers to each batch, in order. A batch of no rows has none; one of other types than the one
        before goes to another process.

        Raises ScoringError: where `on_error` is "stop", for a row that the model refuses, with its number here.
        """
        process: ScoringProcess | None = None
        sent: deque[pa.RecordBatch] = deque()
        answered = deaths = 0

        def receive() -> pa.RecordBatch:
            nonlocal process, answered, deaths
            while True:
                try:
                    answer = process.receive()
                    break
                except ProcessDied as death:
                    deaths += 1
                    if deaths == DEATHS:
                        raise ScoringError(f"{death}, {deaths} times in a row: perhaps it needs more memory") from death
                    process = _start(self, process.schema)
                    for batch in sent:
                        process.send(batch)
                except ScoringError as error:
                    raise _of_row(error, answered - process.rows) from error.__cause__
            sent.popleft()
            answered += answer.num_rows
            deaths = 0
            return answer

        try:
            for given in batches:
                if given.num_rows == 0:
                    continue
                batch = pa.RecordBatch.from_arrays([_plain(column) for column in given.columns], given.schema.names)
                if process is not None and not process.schema.equals(batch.schema):
                    while sent:
                        yield receive()
                    _give_back(self, process)
                    process = None
                process = process or _take(self, batch.schema)
                sent.append(batch)
                process.send(batch)
                if len(sent) == WINDOW:
                    yield receive()
            while sent:
                yield receive()
        finally:
            if process is not None:
                _give_back(self, process)

    def _arguments(self) -> list[str]:
        # One thread answers each batch when it comes; several would wait for more.
        return [
            *("predict", self.model, "-", "--from", "arrow-stream", "--to", "arrow-stream", "--threads", "1"),
            *("--method", ",".join(self.methods), "--on-error", self.on_error),
        ]


def _plain(column: pa.Array) -> pa.Array:
    """Numbers as float64, or float32 where they are, with NaN for gaps: as models take them, and fastest to read."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        column = column.cast(pa.float64(), safe=False)
    elif not (pa.types.is_float32(kind) or pa.types.is_float64(kind)):
        return column
    return column.fill_null(float("nan")) if column.null_count else column


def _free_name(schema: pa.Schema) -> str:
    name = "row"
    while name in schema.names:
        name += "_"
    return name


def _of_row(error: ScoringError, difference: int) -> ScoringError:
    """The error, whose row is counted from the first of this call, not of the process."""

    def counted(text: str) -> str:
        return re.sub(r"^row (\d+)", lambda found: f"row {int(found[1]) + difference}", text)

    return ScoringError(counted(error.message), error.code, counted(error.path))


_idle: list[tuple[Scorer, ScoringProcess]] = []
_lock = threading.Lock()


def _start(scorer: Scorer, schema: pa.Schema) -> ScoringProcess:
    command = [*find_command(scorer.command), *scorer._arguments(), "--json"]
    return ScoringProcess(command, schema, scorer.timeout)


def _take(scorer: Scorer, schema: pa.Schema) -> ScoringProcess:
    with _lock:
        for place, (other, process) in enumerate(_idle):
            if other == scorer and process.schema.equals(schema):
                del _idle[place]
                return process
    return _start(scorer, schema)


def _give_back(scorer: Scorer, process: ScoringProcess) -> None:
    if process.waiting:
        # Someone wanted no more of its answers, or it is gone.
        process.kill()
        return
    with _lock:
        _idle.append((scorer, process))
        oldest = _idle.pop(0)[1] if len(_idle) > IDLE else None
    if oldest is not None:
        oldest.close()


def _forget() -> None:
    """In a child: these are its parent's, whose pipes may not be written to by two."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
