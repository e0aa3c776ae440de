"""The document as a whole."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Iterator, Sequence

from . import environment
from .errors import ExportError
from .fitted import require_fitted
from .version import FORMAT, FORMAT_VERSION
from .walk import encode


def export_document(
    estimator: Any,
    rows: Any = None,
    *,
    golden: bool = True,
    max_rows: int = 64,
    reference: Any = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """The document for a fitted estimator, as plain dicts, lists, strings and numbers.

    ``rows`` are inputs to predict and keep: a matrix (n_rows, n_features), a DataFrame, a scipy sparse
    matrix or a list of strings, dicts or lists. Made rows come beside them, at most ``max_rows``, unless ``golden`` is
    false. Of ``reference``, the rows that it was fitted on, statistics are kept that drift is measured against. ``notes`` are sentences to begin the document's notes with. The estimator is not changed.

    Raises ExportError if the estimator is not fitted, if any part of it cannot be written (its
    ``problems`` lists all of them), or if it does not take ``rows``.
    """
    require_fitted(estimator)
    ids = itertools.count()
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "environment": environment.describe(),
        "model": encode(estimator, ids=ids),
    }
    said = list(notes)
    if golden:
        from .golden import golden_sets

        sets, more = golden_sets(estimator, rows, max_rows)
        said.extend(more)
        if sets:
            document["golden"] = [_encode_set(one, ids) for one in sets]
    elif rows is not None:
        raise ExportError("rows were given, but golden rows are turned off")
    if reference is not None:
        from .reference import reference_statistics

        document["reference"] = _encode_reference(reference_statistics(estimator, reference), ids)
    if said:
        document["notes"] = said
    return document


def _encode_set(one: dict[str, Any], ids: Iterator[int]) -> dict[str, Any]:
    value = encode(one["input"]["value"], "golden.input", ids)
    outputs = {method: encode(answer, f"golden.{method}", ids) for method, answer in one["outputs"].items()}
    return {**one, "input": {**one["input"], "value": value}, "outputs": outputs}


def _encode_reference(reference: dict[str, Any], ids: Iterator[int]) -> dict[str, Any]:
    def columns(all_of_them: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {key: encode(one[key], f"reference.{key}", ids) if hasattr(one[key], "dtype") else one[key] for key in one}
            for one in all_of_them
        ]

    answers = [{**answer, "columns": columns(answer["columns"])} for answer in reference["answers"]]
    return {**reference, "columns": columns(reference["columns"]), "answers": answers}


def dumps(estimator: Any, rows: Any = None, **options: Any) -> str:
    """The document as JSON text: ASCII, without a line break. Arguments and errors as ``export_document``."""
    return to_text(export_document(estimator, rows, **options))


def export(estimator: Any, path: str | os.PathLike[str], rows: Any = None, **options: Any) -> None:
    """Writes the document to ``path``, compressed if that ends in ``.gz``; a failure leaves no file behind.

    Arguments and errors as ``export_document``; OSError where the file cannot be written.
    """
    write(export_document(estimator, rows, **options), path)


def to_text(document: dict[str, Any]) -> str:
    """JSON text of a document; floats are the shortest text that reads back to the same number."""
    return json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"), check_circular=False)


def write(document: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Writes a document, all of it or nothing: a temporary file beside ``path`` is renamed to it."""
    target = Path(path)
    data = to_text(document).encode("ascii") + b"\n"
    if target.name.endswith(".gz"):
        data = _compressed(data)
    handle, temporary = tempfile.mkstemp(dir=str(target.parent), prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes files that only their owner can read.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, str(target))
    except BaseException:
        os.unlink(temporary)
        raise


def _compressed(data: bytes) -> bytes:
    # Neither a time nor a file name in the header, so that the same document gives the same bytes.
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()
