"""`mlserver infer`, which sends a file of requests."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import HTTP, LABELS, NAME, ROWS, check, same


@check("mlserver", "V2 over HTTP: mlserver infer")
def _():
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        lines = [
            json.dumps({"inputs": [{"name": "input", "shape": [1, 4], "datatype": "FP64", "data": row}]})
            for row in ROWS.tolist()
        ]
        asked.write_text("\n".join(lines) + "\n")
        program = Path(sys.executable).with_name("mlserver")
        done = subprocess.run(
            [program, "infer", "-u", HTTP, "-m", NAME, "-i", asked, "-o", answered, "--workers", "2"],
            capture_output=True, text=True, timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        found = {}
        for line in answered.read_text().splitlines():
            answer = json.loads(line)
            found[answer["parameters"]["batch_index"]] = answer["outputs"][0]["data"][0]
        same([found[index] for index in range(len(LABELS))], LABELS)
