"""Runs the Python part of the examples, and compares what comes of it with what is committed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from decoder import Decoder

PROJECT = Path(__file__).parents[2]
EXAMPLES = {
    "titanic": "passengers.csv",
    "messages": "messages.ndjson",
    "bicycles": "bicycles.csv",
    "rain": "days.ndjson",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_gives_the_committed_model(name, tmp_path):
    example = PROJECT / "examples" / name
    # Fitted coefficients depend on the code that OpenBLAS chooses by the processor, in their last bits.
    env = {**os.environ, "PYTHONPATH": str(PROJECT / "python" / "src"), "OPENBLAS_CORETYPE": "Haswell"}
    done = subprocess.run(
        [sys.executable, str(example / "train.py"), str(tmp_path)], env=env, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert f"$ python examples/{name}/train.py\n{done.stdout}```" in (example / "README.md").read_text("utf-8")
    assert (tmp_path / EXAMPLES[name]).read_text("utf-8") == (example / EXAMPLES[name]).read_text("utf-8")
    compare(read(tmp_path / "expected.json"), read(example / "expected.json"))
    found, committed = read(tmp_path / "model.json"), read(example / "model.json")
    compare(answering_model(found), answering_model(committed))
    assert [one["name"] for one in found["golden"]] == [one["name"] for one in committed["golden"]]


def read(path):
    return json.loads(path.read_text("utf-8"))


def answering_model(document):
    """The fitted state of a pipeline's steps as plain values; of other models, what they answer to all golden rows."""
    if not document["model"]["class"].endswith(".Pipeline"):
        answers = [one["outputs"] for one in document["golden"]]
        return [{method: Decoder().decode(value).tolist() for method, value in one.items()} for one in answers]
    before, regression = (step for _, step in Decoder().decode(document["model"]).steps)
    fitted = {name: value for name, value in vars(regression).items() if name.endswith("_")}
    scores = {
        "classes": fitted["classes_"].tolist(),
        "coefficients": fitted["coef_"].ravel().tolist(),
        "intercept": fitted["intercept_"].tolist(),
    }
    if hasattr(before, "transformer_list"):
        return {**scores, **{name: part.vocabulary_ for name, part in before.transformer_list}}
    numbers = [step for _, step in before.named_transformers_["numbers"].steps]
    return {
        **scores,
        "medians": numbers[0].statistics_.tolist(),
        "means": numbers[1].mean_.tolist(),
        "words": [c.tolist() for c in before.named_transformers_["words"].steps[-1][1].categories_],
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
