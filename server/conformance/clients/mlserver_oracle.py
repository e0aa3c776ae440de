"""MLServer with its runtime for scikit-learn as an oracle of the Open Inference Protocol V2."""

import json
import os
import pickle
import sys
import tempfile
from pathlib import Path

from checks import check
from oracles import PROJECT, ask, both, compare, free_port, trained

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.0, 2.7, 5.1, 1.6]]
FLAT = [value for row in ROWS for value in row]


def asked(data, datatype="FP64", shape=(2, 4), **more) -> bytes:
    tensor = {"name": "predict", "shape": list(shape), "datatype": datatype, "data": data}
    return json.dumps({"inputs": [tensor], **more}).encode()


INFER = "/v2/models/iris/infer"
PROBA = [{"name": "predict_proba"}]
CASES = {
    "a flat tensor": ("POST", INFER, asked(FLAT)),
    "rows in lists": ("POST", INFER, asked(ROWS)),
    "one row": ("POST", INFER, asked(ROWS[0], shape=(1, 4))),
    "FP32": ("POST", INFER, asked(FLAT, "FP32")),
    "INT64": ("POST", INFER, asked([5, 3, 1, 0], "INT64", (1, 4))),
    "an id": ("POST", INFER, asked(FLAT, id="42")),
    "probabilities": ("POST", INFER, asked(FLAT, outputs=PROBA)),
    "two outputs": ("POST", INFER, asked(FLAT, outputs=[{"name": "predict"}, *PROBA])),
    "a model that is not there": ("POST", "/v2/models/rose/infer", asked(FLAT)),
    "an output that is not there": ("POST", INFER, asked(FLAT, outputs=[{"name": "petals"}])),
    "three columns": ("POST", INFER, asked([1, 2, 3], shape=(1, 3))),
    "no inputs": ("POST", INFER, b"{}"),
    "no JSON": ("POST", INFER, b"{"),
    "live": ("GET", "/v2/health/live", None),
    "ready": ("GET", "/v2/health/ready", None),
    "a model is ready": ("GET", "/v2/models/iris/ready", None),
    "metadata of a model": ("GET", "/v2/models/iris", None),
    "the repository": ("POST", "/v2/repository/index", b"{}"),
}
# Ours names the version that answers and says nothing of codecs; theirs makes an id where there is none, and a column of what has one value a row.
CODEC = ("body.model_version", "body.parameters", r"body.outputs\[\d\].parameters")
COLUMN = r"body.outputs\[0\].shape"
ANSWER = ("body.id", COLUMN, *CODEC)
WORDS = ("body.error",)
# Theirs answers some requests that it cannot read as its framework does, and not as the protocol has it.
FRAMEWORK = ("status", "body.error", "body.detail")
EMPTY = ("body",)
KNOWN = {
    "an id": (COLUMN, *CODEC),
    "probabilities": ("body.id", *CODEC),
    "a model that is not there": WORDS,
    "an output that is not there": WORDS,
    "three columns": ("status", "body"),
    "no inputs": FRAMEWORK,
    "no JSON": FRAMEWORK,
    "live": EMPTY,
    "ready": EMPTY,
    "a model is ready": EMPTY,
    "metadata of a model": ("body.versions", "body.platform", "body.inputs", "body.outputs", "body.parameters"),
    "the repository": (r"body\[0\].version",),
}


@check("mlserver", "V2 over HTTP: the same answers as MLServer's")
def _():
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model.pkl")
        model.write_bytes(pickle.dumps(trained()))
        port = free_port()
        variables = {
            "MLSERVER_HOST": "127.0.0.1",
            "MLSERVER_HTTP_PORT": str(port),
            "MLSERVER_GRPC_PORT": str(free_port()),
            "MLSERVER_METRICS_PORT": str(free_port()),
            "MLSERVER_PARALLEL_WORKERS": "0",
            "MLSERVER_MODEL_URI": str(model),
        }
        program = str(Path(sys.executable).with_name("mlserver"))
        settings = str(PROJECT / "server/bench/apps/mlserver")
        how = {"env": {**os.environ, **variables}, "cwd": folder}
        with both(model, [program, "start", settings], port, "/v2/models/iris/ready", **how) as (theirs, ours):
            for case, (method, path, body) in CASES.items():
                pair = [ask(url + path, method, body, {"Content-Type": "application/json"}) for url in (theirs, ours)]
                said = [{"status": status, "body": body} for status, body in pair]
                compare(case, *said, KNOWN.get(case, ANSWER))
