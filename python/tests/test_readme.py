"""Runs the Python code of the project's README as it stands, in an empty folder."""

import json
import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_readme_code_runs(tmp_path, monkeypatch):
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
    assert blocks
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        exec(compile(block, str(README), "exec"), {})
    document = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert document["format"] == "nuthatch/sklearn-json"
    assert "rows" in [golden["name"] for golden in document["golden"]]
