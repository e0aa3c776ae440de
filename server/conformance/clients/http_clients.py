"""botocore for SageMaker's runtime, requests, Prometheus' parser and promtool, and curl as each service's documents have it."""

import json
import subprocess

import requests
from botocore.config import Config
from botocore.session import Session
from checks import HTTP, LABELS, NAME, PROBABILITIES, ROWS, check, refused, report, same
from prometheus_client.parser import text_string_to_metric_families

URL = f"http://{HTTP}"
CSV = "\n".join(",".join(map(repr, row)) for row in ROWS.tolist())


def sagemaker():
    # Clients send to /endpoints/NAME/invocations, where SageMaker stands between them and the container's /invocations.
    client = Session().create_client(
        "sagemaker-runtime",
        region_name="eu-central-1",
        endpoint_url=URL,
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 1}),
    )

    def forward(request, **_):
        request.url = request.url.replace(f"/endpoints/{NAME}/invocations", "/invocations")

    client.meta.events.register("before-send.sagemaker-runtime.InvokeEndpoint", forward)
    return client


@check("botocore", "SageMaker: CSV, JSON, JSON lines")
def _():
    client = sagemaker()
    forms = {
        "text/csv": CSV,
        "application/json": json.dumps({"instances": ROWS.tolist()}),
        "application/jsonlines": "\n".join(json.dumps({"features": row}) for row in ROWS.tolist()),
    }
    for form, body in forms.items():
        answer = client.invoke_endpoint(
            EndpointName=NAME,
            ContentType=form,
            Body=body,
            CustomAttributes="trace=1",
            InferenceId="8f3c",
            TargetVariant="blue",
        )
        said = answer["Body"].read().decode()
        if form == "text/csv":
            found = said.split()
        elif form == "application/json":
            found = json.loads(said)["predictions"]
        else:
            found = [json.loads(line) for line in said.splitlines()]
        same(found, LABELS)


@check("botocore", "SageMaker: refusals")
def _():
    client = sagemaker()
    refused(lambda: client.invoke_endpoint(EndpointName=NAME, ContentType="image/png", Body=b"x"), "415")
    refused(lambda: client.invoke_endpoint(EndpointName=NAME, ContentType="text/csv", Body=b"1,2"), "400")


@check("requests", "plain, with compressed answers")
def _():
    answer = requests.post(f"{URL}/predict", json={"features": ROWS.tolist(), "probabilities": True}, timeout=10).json()
    same(answer["prediction"], LABELS)
    same(answer["probabilities"], PROBABILITIES)
    large = ROWS.tolist() * 50
    answer = requests.post(f"{URL}/predict", json={"features": large}, timeout=10)
    assert answer.headers["content-encoding"], answer.headers
    same(answer.json()["prediction"], LABELS * 50)


@check("requests", "Vertex AI, Azure ML")
def _():
    for path in ("/v1/endpoints/1:predict", "/score"):
        answer = requests.post(URL + path, json={"instances": ROWS.tolist()}, timeout=10)
        same(answer.json()["predictions"], LABELS)
    assert requests.get(f"{URL}/v1/endpoints/1", timeout=10).status_code == 200


@check("prometheus-client", "metrics")
def _():
    text = requests.get(f"{URL}/metrics", timeout=10).text
    found = {family.name: family for family in text_string_to_metric_families(text)}
    assert found["request_processing_seconds"].type == "summary"
    assert found["nuthatch_rows"].samples[0].value > 0


@check("prometheus-client", "promtool check metrics")
def _():
    text = requests.get(f"{URL}/metrics", timeout=10).text
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr


def curl(*arguments: str) -> str:
    done = subprocess.run(
        ["curl", "-sS", "--fail-with-body", "--max-time", "10", *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


ROW = json.dumps(ROWS[0].tolist())


def documented(protocol: str):
    """A check of curl, whose version is the system's."""
    said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
    return report(said.split(" (")[0], protocol)


@documented("SageMaker, MLflow: /ping, /invocations")
def _():
    assert curl(f"{URL}/ping") == ""
    assert curl(f"{URL}/invocations", "-H", "Content-Type: text/csv", "--data-binary", CSV).split() == LABELS
    split = json.dumps({"dataframe_split": {"data": ROWS.tolist()}})
    same(json.loads(curl(f"{URL}/invocations", "-H", "Content-Type:application/json", "-d", split))["predictions"], LABELS)


@documented("KServe V1, TensorFlow Serving")
def _():
    said = json.loads(curl("-d", f'{{"instances": [{ROW}]}}', "-X", "POST", f"{URL}/v1/models/{NAME}:predict"))
    assert said == {"predictions": LABELS[:1]}, said
    said = json.loads(curl("-d", f'{{"signature_name": "serving_default", "inputs": [{ROW}]}}', f"{URL}/v1/models/{NAME}:predict"))
    assert said == {"outputs": LABELS[:1]}, said
    state = json.loads(curl(f"{URL}/v1/models/{NAME}"))["model_version_status"][0]
    assert state == {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}, state


@documented("V2 over HTTP")
def _():
    inputs = [{"name": "input", "shape": list(ROWS.shape), "datatype": "FP64", "data": ROWS.tolist()}]
    said = json.loads(curl("-d", json.dumps({"id": "42", "inputs": inputs}), f"{URL}/v2/models/{NAME}/infer"))
    assert said["id"] == "42"
    same(said["outputs"][0]["data"], LABELS)
    curl(f"{URL}/v2/health/ready")


@documented("Vertex AI, Azure ML")
def _():
    for path in ("/v1/endpoints/1:predict", "/score"):
        same(json.loads(curl("-H", "Content-Type: application/json", "-d", f'{{"instances": [{ROW}]}}', URL + path))["predictions"], LABELS[:1])
