"""Runs the examples, and compares what they print with their READMEs."""

import re
import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["spark", "dask"])
def test_prints_what_is_written(name, request, capsys):
    if name == "spark":
        request.getfixturevalue("spark")
    capsys.readouterr()
    runpy.run_path(str(EXAMPLES / name / "score.py"))
    [text] = re.findall(r"score\.py\n(.*?)```$", (EXAMPLES / name / "README.md").read_text("utf-8"), re.M | re.S)
    assert capsys.readouterr().out == text
