"""The command, after its options are read and the reference is pinned."""

from __future__ import annotations

import argparse
import os
import sys
import warnings

from . import document
from .errors import ExportError
from .loading import load_model, load_rows

DONE, BAD_INPUT = 0, 3


def run(options: argparse.Namespace) -> int:
    """Exports as the options say; returns the exit code. One line on stderr for an error."""
    output = options.output or os.path.splitext(options.model)[0] + ".json"
    try:
        if os.path.exists(output) and os.path.samefile(output, options.model):
            raise ExportError("the output would overwrite the model; choose another name with -o")
        if not options.quiet:
            _say(f"loading {options.model} (this runs code that is in the file; load only files you trust)")
        model, notes = load_model(options.model)
        rows = None if options.rows is None else load_rows(options.rows, model)
        reference = None if options.reference is None else load_rows(options.reference, model)
        with warnings.catch_warnings():
            if options.quiet:
                warnings.simplefilter("ignore")
            made = document.export_document(
                model,
                rows,
                golden=not options.no_golden,
                max_rows=options.max_rows,
                reference=reference,
                notes=notes,
            )
        document.write(made, output)
    except ExportError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename or output}: {error.strerror or error}")
    except MemoryError:
        return _fail("not enough memory for this model")
    if not options.quiet:
        _report(made, output)
    return DONE


def _report(made: dict, output: str) -> None:
    for note in made.get("notes", []):
        _say(f"note: {note}")
    golden = ", ".join(f"{one['name']} ({', '.join(one['outputs'])})" for one in made.get("golden", []))
    _say(f"wrote {output}: {made['model']['class']}, golden rows: {golden or 'none'}")


def _say(line: str) -> None:
    print(f"nuthatch-export: {line}", file=sys.stderr)


def _fail(message: str) -> int:
    lines: list[str] = message.split()
    print(f"nuthatch-export: error: {' '.join(lines)}", file=sys.stderr)
    return BAD_INPUT
