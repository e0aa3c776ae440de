"""What the document says about the Python that wrote it: no clock, no names of hosts or paths."""

from __future__ import annotations

import importlib
import platform
import sys
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Iterator

import numpy as np

from .version import VERSION

LIBRARIES = (
    ("scikit-learn", "sklearn"),
    ("numpy", "numpy"),
    ("scipy", "scipy"),
    ("pandas", "pandas"),
    ("joblib", "joblib"),
)


def describe() -> dict[str, Any]:
    """The ``environment`` of a document."""
    described: dict[str, Any] = {
        "python": platform.python_version(),
        "platform": sys.platform,
        "machine": platform.machine(),
    }
    for name, module in LIBRARIES:
        version = _version(module)
        if version is not None:
            described[name] = version
    described["exporter"] = VERSION
    described["cpu_features"] = cpu_features()
    described["blas"] = blas()
    return described


def numerics() -> dict[str, Any]:
    """The ``numerics`` of a golden set made now, inside ``reference()``."""
    threads = [pool["num_threads"] for pool in _pools() if pool.get("user_api") == "blas"]
    return {"blas_threads": max(threads) if threads else None, "n_jobs": 1, "avx512": uses_avx512()}


@contextmanager
def reference() -> Iterator[None]:
    """One thread in BLAS and OpenMP and n_jobs=1 in joblib, without touching an estimator's parameters.

    joblib's sequential backend runs every call in order in this thread, whatever n_jobs the estimator says.
    """
    pools = _controller()
    joblib = _imported("joblib")
    with _enter(None if pools is None else pools.limit(limits=1)):
        if joblib is None:
            sequential = None
        elif hasattr(joblib, "parallel_config"):
            sequential = joblib.parallel_config(backend="sequential", n_jobs=1)
        else:
            sequential = joblib.parallel_backend("sequential", n_jobs=1)
        with _enter(sequential):
            yield


def cpu_features() -> list[str]:
    """The CPU feature groups numpy's code can choose in this process: its baseline, and what is enabled."""
    core = _core()
    features = getattr(core, "__cpu_features__", {})
    names = list(getattr(core, "__cpu_baseline__", [])) + list(getattr(core, "__cpu_dispatch__", []))
    return [name for name in dict.fromkeys(names) if features.get(name)]


def uses_avx512() -> bool:
    """Whether numpy may use AVX-512 code, whose exp, log and others differ from the C library's."""
    return any(name.startswith("AVX512") or name == "X86_V4" for name in cpu_features())


def blas() -> str:
    """Name, version and kernel of each BLAS loaded, or "unknown"."""
    described = []
    for pool in _pools():
        if pool.get("user_api") == "blas":
            words = [pool.get("internal_api"), pool.get("version"), pool.get("architecture")]
            described.append(" ".join(str(word) for word in words if word))
    return ", ".join(sorted(set(described))) or "unknown"


def _pools() -> list[dict[str, Any]]:
    pools = _controller()
    return [] if pools is None else pools.info()


def _controller() -> Any | None:
    """Of the BLAS and OpenMP libraries loaded; None without threadpoolctl."""
    limits = _imported("threadpoolctl")
    return None if limits is None else _controller_of(limits, len(sys.modules))


@lru_cache(maxsize=1)
def _controller_of(limits: Any, _modules: int) -> Any:
    # Looking for the libraries takes 10 ms; only an import can load another.
    return limits.ThreadpoolController()


def _core() -> Any:
    try:
        return importlib.import_module("numpy._core._multiarray_umath")
    except ImportError:
        return importlib.import_module("numpy.core._multiarray_umath")


def _imported(name: str) -> Any | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _version(module: str) -> str | None:
    # pandas is slow to import: asked for its version only, it need not be.
    loaded = sys.modules.get(module) or (np if module == "numpy" else None)
    if loaded is not None and hasattr(loaded, "__version__"):
        return str(loaded.__version__)
    from importlib import metadata

    try:
        return metadata.version("scikit-learn" if module == "sklearn" else module)
    except metadata.PackageNotFoundError:
        return None


@contextmanager
def _enter(manager: Any) -> Iterator[None]:
    if manager is None:
        yield
    else:
        with manager:
            yield
