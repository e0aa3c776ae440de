"""Answers for the peers in Python: a process that bench/peers/python.ts keeps for each subject, so that rounds interleave.

    python main.py PEER FOLDER

Each line of JSON on standard input is answered by one: {"op": "answer"} by labels and scores of all rows, {"op": "time", "rows", "calls",
"first"} by the µs that so many calls on batches took, {"op": "load"} by the µs of loading. The first line out says the version, or why
there is nothing to compare.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from pathlib import Path

# Before any library starts its threads.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
# It slows current libraries down; see python/environments/bench.txt for their versions.
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)


def main(peer: str, folder: Path) -> None:
    """Opens the peer's model and answers until the input ends."""
    import numpy
    import peers

    try:
        model = peers.PEERS[peer](folder)
    except peers.Absent as error:
        say({"absent": str(error)})
        return
    features = json.loads((folder / "workload.json").read_text())["features"]
    rows = numpy.fromfile(folder / "rows.f32", dtype=numpy.float32).reshape(-1, features)
    say({"version": model.version})
    for line in sys.stdin:
        if not line.strip():
            continue
        asked = json.loads(line)
        if asked["op"] == "answer":
            labels, scores = model.answer(rows)
            say({"labels": encode(labels, numpy.int32), "scores": encode(scores, numpy.float64)})
        elif asked["op"] == "time":
            say({"us": timed(model.predict, rows, asked["rows"], asked["calls"], asked["first"])})
        else:
            begun = time.perf_counter()
            model.load()
            say({"us": (time.perf_counter() - begun) * 1e6})


def timed(predict, rows, size: int, calls: int, first: int) -> float:
    """The µs that `calls` batches of `size` rows take, from batch `first` on."""
    batches = rows.shape[0] // size
    cut = [rows[i * size : (i + 1) * size] for i in range(batches)]
    checksum = 0.0
    begun = time.perf_counter()
    for i in range(first, first + calls):
        checksum += float(predict(cut[i % batches])[-1])
    took = (time.perf_counter() - begun) * 1e6
    if checksum != checksum:
        raise SystemExit("a prediction that is not a number")
    return took


def encode(array, dtype) -> str | None:
    import numpy

    if array is None:
        return None
    return base64.b64encode(numpy.ascontiguousarray(array, dtype=dtype).tobytes()).decode()


def say(answer: dict) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
