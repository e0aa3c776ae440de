"""Servers in Python as oracles: the same model and the same requests to one of them and to ours, whose answers are compared field by field.

A difference is known, with its reason, or it is a failure; so is one that is known and no longer there.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]


def trained():
    """A forest of flowers that knows the names of its columns."""
    import pandas
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_iris(return_X_y=True)
    return RandomForestClassifier(10, random_state=0).fit(pandas.DataFrame(X, columns=NAMES), y)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(command: list[str], log: Path, **how):
    """A server, ended by its own process group: some have workers."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, **how)
        try:
            yield process
        finally:
            os.killpg(process.pid, 15)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)


def wait_until_ready(process: subprocess.Popen, url: str, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()[-500:]
        try:
            if ask(url, "GET", None, {})[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} is not ready: {log.read_text()[-500:]}")


def ask(url: str, method: str, body: bytes | None, headers: dict) -> tuple[int, object]:
    """The status, and the body as JSON or text."""
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, said = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, said = error.code, error.read().decode()
    try:
        return status, json.loads(said)
    except ValueError:
        return status, said


@contextmanager
def both(model: Path, oracle: list[str], port: int, ready: str, **how):
    """The addresses of a server that answers from the same file as ours."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        theirs = stack.enter_context(running(oracle, folder / "theirs.log", **how))
        main = str(PROJECT / "dist/src/cli/main.js")
        ours = stack.enter_context(
            running(["node", main, "serve", str(model), "--model-name", "iris", "--port", "0"], folder / "ours.log")
        )
        for _ in range(300):
            found = re.search(r"serving at (\S+)", (folder / "ours.log").read_text())
            if found or ours.poll() is not None:
                break
            time.sleep(0.1)
        assert found, (folder / "ours.log").read_text()
        wait_until_ready(theirs, f"http://127.0.0.1:{port}{ready}", folder / "theirs.log")
        yield f"http://127.0.0.1:{port}", found[1]


def differences(theirs: object, ours: object, place: str = "") -> dict[str, tuple]:
    """Fields that are others: theirs and ours. Numbers have to be the same to the bit."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        found = {}
        for key in theirs.keys() | ours.keys():
            found |= differences(theirs.get(key), ours.get(key), f"{place}.{key}".lstrip("."))
        return found
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        found = {}
        for index, pair in enumerate(zip(theirs, ours)):
            found |= differences(*pair, f"{place}[{index}]")
        return found
    # JSON of JavaScript writes 1.0 as 1.
    same = theirs == ours and isinstance(theirs, bool) == isinstance(ours, bool)
    return {} if same else {place: (theirs, ours)}


def compare(case: str, theirs: object, ours: object, known: tuple[str, ...]) -> None:
    """Asserts that two answers differ where it is known, and nowhere else."""
    found = differences(theirs, ours)
    unknown = {place: pair for place, pair in found.items() if not any(re.fullmatch(one, place) for one in known)}
    assert not unknown, f"{case}: {unknown}"
    gone = [one for one in known if not any(re.fullmatch(one, place) for place in found)]
    assert not gone, f"{case}: no longer another: {gone}"
