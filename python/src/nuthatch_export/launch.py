"""The console script: pins the reference before anything imports numpy, then runs the command line.

numpy reads NPY_DISABLE_CPU_FEATURES once, when it is imported. Which names it knows depends on its version
(AVX512F, AVX512_SKX … before 2.4, X86_V4 … from 2.4); it warns about a name it does not know and refuses to
start for one that is in its baseline. So a child process is asked what *this* numpy on *this* machine uses.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Sequence

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

_ASK_NUMPY = """
import sys
sys.path[:] = [p for p in sys.path if p]
try:
    from numpy._core import _multiarray_umath as core
except ImportError:
    from numpy.core import _multiarray_umath as core
names = [n for n in core.__cpu_dispatch__ if core.__cpu_features__.get(n)]
print(" ".join(n for n in names if n.startswith("AVX512") or n == "X86_V4"))
"""


def avx512_groups() -> list[str]:
    """The AVX-512 feature groups that numpy would use here, by the names this numpy knows. Empty if unknown."""
    environment = dict(os.environ)
    environment.pop("NPY_DISABLE_CPU_FEATURES", None)
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _ASK_NUMPY],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=120,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return answer.stdout.split() if answer.returncode == 0 else []


def pin() -> bool:
    """Sets the environment of the reference. False where numpy was imported already, and nothing was set."""
    if "numpy" in sys.modules:
        return False
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"
    # numpy refuses to start when both are given.
    os.environ.pop("NPY_ENABLE_CPU_FEATURES", None)
    groups = avx512_groups()
    if groups:
        asked = os.environ.get("NPY_DISABLE_CPU_FEATURES", "").replace(",", " ").split()
        os.environ["NPY_DISABLE_CPU_FEATURES"] = " ".join(dict.fromkeys(asked + groups))
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    from .options import parse

    options = parse(arguments)  # exits for --help and usage errors, before anything slow
    pin()
    from .cli import run

    return run(options)
