"""What all clients share: where the server is, what scikit-learn answered, and how a check is told.

Run as `python CLIENT.py HTTP_PORT GRPC_PORT MODEL.json`. A check prints one line of JSON: client, protocol, and what failed or null.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import sys
from importlib.metadata import version

import numpy as np

HTTP, GRPC = f"127.0.0.1:{sys.argv[1]}", f"127.0.0.1:{sys.argv[2]}"
NAME = "iris"


def _array(stored: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(stored["data"]), stored["dtype"]).reshape(stored["shape"], order=stored["order"])


with open(sys.argv[3], encoding="utf-8") as file:
    _golden = json.load(file)["golden"][0]
# Rows, and the words and probabilities that scikit-learn answered.
ROWS = _array(_golden["input"]["value"])
_outputs = {name: _array(value) for name, value in _golden["outputs"].items()}
LABELS = [str(label) for label in _outputs["predict"]]
PROBABILITIES = _outputs["predict_proba"]


def same(found, expected) -> None:
    """Asserts that an answer is Python's, to the bit."""
    assert np.array_equal(np.asarray(found), np.asarray(expected)), f"expected {expected!r}, found {found!r}"


def refused(call, *words: str) -> None:
    """Asserts that a call is refused by the client's own error, which says all the words."""
    try:
        call()
    except Exception as error:
        assert all(word in str(error) for word in words), f"refused otherwise: {error!r}"
        return
    raise AssertionError("it was not refused")


def check(package: str, protocol: str):
    """Runs a function, or a coroutine, as a check of a package of this environment."""
    return report(f"{package} {version(package)}", protocol)


def report(client: str, protocol: str):
    """Runs a function as a check, and tells how it ended."""

    def run(function):
        try:
            if inspect.iscoroutinefunction(function):
                asyncio.run(asyncio.wait_for(function(), 30))
            else:
                function()
            failed = None
        except Exception as error:
            failed = f"{type(error).__name__}: {error}"[:500]
        print(json.dumps({"client": client, "protocol": protocol, "failed": failed}), flush=True)

    return run
