"""What can go wrong, as data."""

from __future__ import annotations

from typing import NamedTuple, Sequence


class Problem(NamedTuple):
    """One thing that cannot be written: where it is in the model, and why not."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class ExportError(Exception):
    """No document was written. ``problems`` lists every reason found, not only the first."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems = list(problems)
        super().__init__("; ".join([message, *map(str, self.problems)]))
