"""The command line's options; imports nothing but the standard library, so that --help is quick."""

from __future__ import annotations

import argparse
from typing import Sequence

from .version import VERSION

DESCRIPTION = """\
Write a fitted scikit-learn estimator as one JSON document that nuthatch reads, together with golden rows:
inputs with the answers Python gave, for `nuthatch verify` to replay.

Warning: loading a pickle or joblib file runs code that is in it. Export only files you trust."""

EPILOG = """\
examples:
  nuthatch-export model.joblib                       writes model.json
  nuthatch-export model.pkl -o model.json.gz         compressed
  nuthatch-export model.joblib --rows sample.csv     golden rows from your own data, and made ones
  nuthatch-export model.joblib --reference train.csv statistics of the training rows, too
  nuthatch-export model.joblib --no-golden -q        the model only, no output but errors

Run it in the environment the model was trained in: the same scikit-learn, the same numpy.
exit codes: 0 done, 2 usage, 3 bad input or model"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; exits with code 2 on wrong usage and 0 after --help and --version."""
    parser = argparse.ArgumentParser(
        prog="nuthatch-export",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", help="a .joblib, .pkl or .pickle file with a fitted estimator (its code will run)")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write; .gz compresses (default: MODEL.json)")
    parser.add_argument("--rows", metavar="FILE", help=".csv or .npy with rows to predict and keep as golden rows")
    parser.add_argument(
        "--reference", metavar="FILE", help=".csv or .npy with the training rows: keeps statistics of them, to measure drift"
    )
    parser.add_argument(
        "--max-rows", metavar="N", type=int, default=64, help="at most N made golden rows (default: 64)"
    )
    parser.add_argument("--no-golden", action="store_true", help="leave golden rows out")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument("--version", action="version", version=f"nuthatch-export {VERSION}")
    options = parser.parse_args(arguments)
    if options.no_golden and options.rows:
        parser.error("--rows makes golden rows, --no-golden leaves them out")
    if options.max_rows < 0:
        parser.error("--max-rows must not be negative")
    return options
