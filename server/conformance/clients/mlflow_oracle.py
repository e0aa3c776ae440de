"""`mlflow models serve` as an oracle of MLflow's scoring protocol."""

import json
import os
import sys
import tempfile
from pathlib import Path

from checks import check
from oracles import NAMES, ask, both, compare, free_port, trained

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.0, 2.7, 5.1, 1.6]]
RECORDS = [dict(zip(NAMES, row)) for row in ROWS]
JSON, CSV = "application/json", "text/csv"


def sent(document, kind=JSON):
    return "POST", "/invocations", json.dumps(document).encode(), kind


CASES = {
    "dataframe_split": sent({"dataframe_split": {"columns": NAMES, "data": ROWS}}),
    "dataframe_split, columns in another order": sent(
        {"dataframe_split": {"columns": NAMES[::-1], "index": [0, 1], "data": [row[::-1] for row in ROWS]}}
    ),
    "dataframe_records": sent({"dataframe_records": RECORDS}),
    "instances": sent({"instances": ROWS}),
    "inputs": sent({"inputs": ROWS}),
    "inputs by column": sent({"inputs": {name: [row[i] for row in ROWS] for i, name in enumerate(NAMES)}}),
    "params": sent({"inputs": ROWS, "params": {}}),
    "CSV": ("POST", "/invocations", "\n".join([",".join(NAMES), *(",".join(map(str, row)) for row in ROWS)]).encode(), CSV),
    "two containers": sent({"inputs": ROWS, "instances": ROWS}),
    "no container": sent({"rows": ROWS}),
    "no JSON": ("POST", "/invocations", b"{", JSON),
    "three columns": sent({"inputs": [[1, 2, 3]]}),
    "an unknown type": sent({"inputs": ROWS}, "image/png"),
    "not UTF-8": ("POST", "/invocations", b"\xff\xfe\n1", CSV),
    "ping": ("GET", "/ping", None, JSON),
    "health": ("GET", "/health", None, JSON),
}
# Of errors, words are others, and nothing is said of what is within.
WORDS = ("body.message", "body.sqlstate", "body.error_class")
KNOWN = {
    # Ours finds columns by their names, theirs refuses another order.
    "dataframe_split, columns in another order": ("status", "body.*"),
    "inputs by column": ("status", "body.*"),
    # The address is SageMaker's, too, whose clients are answered as they ask.
    "CSV": ("body",),
    "two containers": WORDS,
    "no container": WORDS,
    "no JSON": WORDS,
    "three columns": (*WORDS, "body.stack_trace"),
    "an unknown type": ("body",),
    "not UTF-8": WORDS,
    "ping": ("body",),
}


@check("mlflow-skinny", "MLflow scoring: the same answers as mlflow models serve")
def _():
    import mlflow.sklearn

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model")
        mlflow.sklearn.save_model(trained(), model, serialization_format="pickle")
        port = free_port()
        command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", str(model)]
        command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)]
        # It starts uvicorn by its name.
        env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        with both(model, command, port, "/ping", env=env, cwd=folder) as (theirs, ours):
            for case, (method, path, body, kind) in CASES.items():
                pair = [ask(url + path, method, body, {"Content-Type": kind}) for url in (theirs, ours)]
                said = [{"status": status, "body": body} for status, body in pair]
                compare(case, *said, KNOWN.get(case, ()))
