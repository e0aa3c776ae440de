"""One `nuthatch predict` that stays: batches go in, their answers come out, in order."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import select
import signal
import subprocess
import threading
import time
from collections import deque
from typing import Any, Sequence

import pyarrow as pa

from .command import ScoringError, raise_error

# Of what it says on stderr, the end is kept.
KEPT_WORDS = 8192


class ProcessDied(Exception):
    """It was ended from outside, or fell over: another one may do."""


class ScoringProcess:
    """Batches of one schema are sent and their answers received, as many as were sent.

    A thread writes and another drains stderr, so that neither side waits for the other for ever.
    """

    def __init__(self, command: Sequence[str], schema: pa.Schema, timeout: float) -> None:
        try:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise ScoringError(f"{command[0]} cannot be started: {error.strerror or error}") from error
        self.schema = schema
        self.rows = 0
        """Rows that were answered."""
        self.waiting: deque[int] = deque()
        """Rows of each batch that was sent and not answered."""
        self._timeout = timeout
        self._words = b""
        self._batches: queue.SimpleQueue[pa.RecordBatch | None] = queue.SimpleQueue()
        self._answers: Any = None
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._write, self._drain)]
        for thread in self._threads:
            thread.start()

    def send(self, batch: pa.RecordBatch) -> None:
        self.waiting.append(batch.num_rows)
        self._batches.put(batch)

    def receive(self) -> pa.RecordBatch:
        """The answers to the first batch that has none yet.

        Raises ScoringError for what nuthatch says or where nothing comes in time, ProcessDied where another may answer.
        """
        try:
            if self._answers is None:
                pipe = io.BufferedReader(_TimedPipe(self._child.stdout, self._timeout), 1 << 18)
                self._answers = pa.ipc.open_stream(pipe)
            answer = self._read(self.waiting[0])
        except TimeoutError:
            self.kill()
            raise ScoringError(f"nuthatch gave no answer for {self._timeout:g} s, and was stopped") from None
        except (StopIteration, OSError, pa.ArrowException) as error:
            self._fail(error)
        self.rows += self.waiting.popleft()
        return answer

    def _read(self, rows: int) -> pa.RecordBatch:
        """An answer of so many rows: those to a large batch come in parts."""
        parts = [self._answers.read_next_batch()]
        left = rows - parts[0].num_rows
        while left > 0:
            parts.append(self._answers.read_next_batch())
            left -= parts[-1].num_rows
        if left < 0:
            raise pa.ArrowInvalid(f"{rows - left} rows for {rows}")
        return parts[0] if len(parts) == 1 else pa.Table.from_batches(parts).combine_chunks().to_batches()[0]

    def close(self) -> None:
        """Lets it end by itself, and ends it where it does not."""
        self._batches.put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(5)
        self.kill()

    def kill(self) -> None:
        self._batches.put(None)
        self._child.kill()
        self._child.wait()
        for thread in self._threads:
            thread.join(5)
        for pipe in (self._child.stdout, self._child.stderr):
            pipe.close()

    def _fail(self, error: Exception) -> None:
        """Says why no more answers come."""
        deadline = time.monotonic() + 5
        while self._child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        status = self._child.poll()
        self.kill()
        if status is None:
            raise ScoringError(f"nuthatch answered what is no Arrow stream: {error}") from error
        # A shell in between says 128 + the signal.
        number = -status if status < 0 else status - 128
        if number > 0:
            raise ProcessDied(f"nuthatch was ended by {_signal_name(number)}")
        raise_error(self._words, f"nuthatch ended with exit code {status} before it had answered")

    def _write(self) -> None:
        pipe = self._child.stdin
        try:
            with io.BufferedWriter(pipe, 1 << 16) as buffered, pa.ipc.new_stream(buffered, self.schema) as stream:
                for batch in iter(self._batches.get, None):
                    stream.write_batch(batch)
                    buffered.flush()
        except (OSError, ValueError, pa.ArrowException):
            # It reads no more; who receives is told why.
            pass

    def _drain(self) -> None:
        for block in iter(lambda: self._child.stderr.read(4096), b""):
            self._words = (self._words + block)[-KEPT_WORDS:]


class _TimedPipe(io.RawIOBase):
    """A pipe whose reads take no longer than a time."""

    def __init__(self, pipe: Any, timeout: float) -> None:
        self._pipe = pipe
        self._timeout = timeout
        self._poll = select.poll()
        self._poll.register(pipe.fileno(), select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._poll.poll(self._timeout * 1000):
            raise TimeoutError
        return os.readv(self._pipe.fileno(), [buffer])


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
