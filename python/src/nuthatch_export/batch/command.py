"""The command `nuthatch`: where it is, and what it says."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from typing import NoReturn, Sequence

VARIABLE = "NUTHATCH_COMMAND"


class ScoringError(Exception):
    """Rows were not scored. ``code`` and ``path`` are those of nuthatch's own errors, else empty."""

    def __init__(self, message: str, code: str = "", path: str = "") -> None:
        super().__init__(f"{message} ({code})" if code else message)
        self.message = message
        self.code = code
        self.path = path

    def __reduce__(self) -> tuple:
        # What takes it to another process would call it with the text alone.
        return type(self), (self.message, self.code, self.path)


def find_command(given: str | Sequence[str] | None = None) -> list[str]:
    """The command as a list: what is given, else the environment's NUTHATCH_COMMAND, else `nuthatch` on the PATH.

    Raises ScoringError where there is none, with what to do.
    """
    words = given or os.environ.get(VARIABLE) or "nuthatch"
    words = shlex.split(words) if isinstance(words, str) else [str(word) for word in words]
    found = shutil.which(words[0]) if words else None
    if found is None:
        raise ScoringError(
            f"{' '.join(words)!r} was not found on this machine: install Node 20 or newer and"
            f" `npm install -g nuthatch @nuthatch/batch`, or say where it is with command= or {VARIABLE}"
        )
    return [found, *words[1:]]


def run_command(command: Sequence[str], arguments: Sequence[str], given: bytes = b"", timeout: float = 600) -> bytes:
    """What the command prints, given some input. Raises ScoringError with its own error where it fails."""
    try:
        done = subprocess.run([*command, *arguments, "--json"], input=given, capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise ScoringError(f"`nuthatch {arguments[0]}` took longer than {timeout:g} s") from None
    except OSError as error:
        raise ScoringError(f"{command[0]} cannot be started: {error.strerror or error}") from error
    if done.returncode != 0:
        raise_error(done.stderr, f"`nuthatch {arguments[0]}` failed with exit code {done.returncode}")
    return done.stdout


def raise_error(stderr: bytes, otherwise: str) -> NoReturn:
    """Raises what the command said went wrong: its typed error, or its last words after a sentence."""
    error = read_error(stderr)
    if error is not None:
        raise error
    words = stderr.decode("utf-8", "replace").strip()
    raise ScoringError(f"{otherwise}: {words}" if words else otherwise)


def read_error(stderr: bytes) -> ScoringError | None:
    """The typed error that the command printed, or None."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    try:
        error = json.loads(lines[-1])["error"]
        return ScoringError(str(error["message"]), str(error["code"]), str(error["path"]))
    except (IndexError, KeyError, TypeError, ValueError):
        return None
