"""What is for clouds, judged by their own tools, with nothing asked of them: the commands of aws in the guide, sent to a
stand-in that keeps what comes; the template of AWS SAM; the files of Azure ML, read as its library reads them.

    .venvs/clouds/bin/python test/deploy/clouds.py
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT / "deploy"
PROGRAMS = Path(sys.executable).parent
failed: list[str] = []


def check(name: str, judge: Callable[[], str]) -> None:
    try:
        print(f"ok      {name}: {judge()}", flush=True)
    except Exception as error:  # Whatever a library says of a file is what there is to be told.
        failed.append(name)
        print(f"FAILED  {name}: {error}", flush=True)


class StandIn(BaseHTTPRequestHandler):
    """Answers all calls of SageMaker with an address of what was made."""

    asked: list[tuple[str, dict]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call = self.headers["X-Amz-Target"].removeprefix("SageMaker.")
        StandIn.asked.append((call, body))
        answer = json.dumps({f"{call.removeprefix('Create')}Arn": "arn:aws:sagemaker:eu-central-1:123456789012:x/y"})
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_: object) -> None:
        pass


def run(command: str, port: int) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "ROLE": "arn:aws:iam::123456789012:role/sagemaker",
        "IMAGE": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/churn:1",
    }
    return subprocess.run(["sh", "-ec", command], env=environment, capture_output=True, text=True, timeout=60)


def sagemaker() -> str:
    guide = (PROJECT / "docs/serving/README.md").read_text()
    [commands] = re.findall(r"```\n(aws .+?)```", guide, re.S)
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = run(commands, server.server_port)
        if done.returncode != 0:
            raise ValueError(done.stderr)
        wrong = run(commands.replace("ModelDataUrl", "ModelDataUri"), server.server_port)
        if "Unknown parameter in PrimaryContainer" not in wrong.stderr:
            raise ValueError(f"a parameter that is none was taken: {wrong.stderr}")
    finally:
        server.shutdown()
    calls = [call for call, _ in StandIn.asked]
    if calls != ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"]:
        raise ValueError(f"asked for {calls}")
    return ", ".join(calls)


def sam() -> str:
    done = subprocess.run(
        [PROGRAMS / "cfn-lint", DEPLOY / "lambda/template.yaml"], capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        raise ValueError(done.stdout + done.stderr)
    return "cfn-lint finds nothing"


def azure() -> str:
    from azure.ai.ml import load_online_deployment, load_online_endpoint

    endpoint = load_online_endpoint(DEPLOY / "azure/endpoint.yml")
    # The folder of the model is of who deploys it.
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model").mkdir()
        path = Path(folder) / "deployment.yml"
        path.write_text((DEPLOY / "azure/deployment.yml").read_text())
        deployment = load_online_deployment(path)
        path.write_text(path.read_text().replace("scoring_route", "score_route"))
        try:
            load_online_deployment(path)
        except Exception:
            pass
        else:
            raise ValueError("a route that is none was taken")
    if deployment.endpoint_name != endpoint.name:
        raise ValueError(f"{deployment.endpoint_name} is not {endpoint.name}")
    return f"{type(endpoint).__name__}, {type(deployment).__name__}"


check("docs/serving/README.md, aws", sagemaker)
check("deploy/lambda/template.yaml", sam)
check("deploy/azure", azure)
sys.exit(1 if failed else 0)
