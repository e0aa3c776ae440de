"""A model as one file that can be shipped, and what it takes and gives."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Sequence

from .command import ScoringError, find_command, run_command

# Rows of these have no columns that a table could hold.
ITEMS = ("record", "pairs", "list")


class ModelFile(NamedTuple):
    """A `.nut` file, whose name tells its content."""

    path: str
    names: tuple[str, ...] | None
    """Of the features that it uses, in the order of training; None where it was trained without names."""
    kinds: tuple[str, ...]
    """Of the same features: `number`, `boolean`, `string` or `category`."""

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


def open_model(model: Any, command: str | Sequence[str] | None = None) -> ModelFile:
    """Makes a model ready: a file of any format that nuthatch reads, or a fitted estimator, which is exported first.

    Raises ScoringError, or ExportError for what cannot be exported.
    """
    words = find_command(command)
    if isinstance(model, (str, os.PathLike)):
        path = Path(model)
        if not path.exists():
            raise ScoringError(f"there is no model {str(path)!r}", "io", str(path))
        made = path if path.suffix == ".nut" else _convert(words, path)
    else:
        made = _convert(words, _export(model))
    path = _named_by_content(made)
    names, kinds = _features(words, path)
    return ModelFile(path, names, kinds)


def _features(words: list[str], path: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    found = json.loads(run_command(words, ["inspect", path]))["features"]
    used = [feature for feature in found if feature["type"] != "unused"]
    if any(feature["type"] in ITEMS for feature in used):
        raise ScoringError("the model takes rows of items, which are no columns; give them as NDJSON", "input-type")
    names = tuple(feature["name"] for feature in used)
    return None if None in names else names, tuple(feature["type"] for feature in used)


def _export(estimator: Any) -> Path:
    from ..document import export

    path = temporary_folder() / "export.json"
    export(estimator, str(path))
    return path


def _convert(words: list[str], path: Path) -> Path:
    target = temporary_folder() / "converted.nut"
    run_command(words, ["convert", str(path), "-o", str(target)])
    return target


def _named_by_content(path: Path) -> str:
    """Files that Spark ships may not have one name and two contents."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    named = temporary_folder() / f"nuthatch-{digest.hexdigest()[:32]}.nut"
    if not named.exists():
        shutil.copyfile(path, named)
    return str(named)


@lru_cache(maxsize=None)
def _temporary() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="nuthatch-")


def temporary_folder() -> Path:
    """Of this process, until it ends: Spark reads shipped files when an executor asks for them."""
    return Path(_temporary().name)
