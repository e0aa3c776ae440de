"""Runs the Python part of the examples, and compares what comes of it with what is committed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from decoder import Decoder

PROJECT = Path(__file__).parents[2]
TITANIC = PROJECT / "examples" / "titanic"


def test_titanic_gives_the_committed_model(tmp_path):
    # Fitted coefficients depend on the code that OpenBLAS chooses by the processor, in their last bits.
    env = {**os.environ, "PYTHONPATH": str(PROJECT / "python" / "src"), "OPENBLAS_CORETYPE": "Haswell"}
    done = subprocess.run(
        [sys.executable, str(TITANIC / "train.py"), str(tmp_path)], env=env, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert f"$ python examples/titanic/train.py\n{done.stdout}```" in (TITANIC / "README.md").read_text("utf-8")
    assert (tmp_path / "passengers.csv").read_text("utf-8") == (TITANIC / "passengers.csv").read_text("utf-8")
    compare(read(tmp_path / "expected.json"), read(TITANIC / "expected.json"))
    found, committed = read(tmp_path / "model.json"), read(TITANIC / "model.json")
    compare(answering_model(found), answering_model(committed))
    assert [one["name"] for one in found["golden"]] == [one["name"] for one in committed["golden"]]


def read(path):
    return json.loads(path.read_text("utf-8"))


def answering_model(document):
    """The fitted state of the steps as plain values."""
    encoder, regression = (step for _, step in Decoder().decode(document["model"]).steps)
    fitted = {name: value for name, value in vars(regression).items() if name.endswith("_")}
    numbers = [step for _, step in encoder.named_transformers_["numbers"].steps]
    return {
        "classes": fitted["classes_"].tolist(),
        "coefficients": fitted["coef_"].ravel().tolist(),
        "intercept": fitted["intercept_"].tolist(),
        "medians": numbers[0].statistics_.tolist(),
        "means": numbers[1].mean_.tolist(),
        "words": [c.tolist() for c in encoder.named_transformers_["words"].steps[-1][1].categories_],
    }


def compare(found, committed):
    """Asserts that both are the same, numbers up to their last bits."""
    assert type(found) is type(committed)
    if isinstance(found, dict):
        assert list(found) == list(committed)
        for key in found:
            compare(found[key], committed[key])
    elif isinstance(found, list):
        assert len(found) == len(committed)
        for one, other in zip(found, committed):
            compare(one, other)
    elif isinstance(found, float):
        assert np.isclose(found, committed, rtol=1e-9, atol=1e-12)
    else:
        assert found == committed
