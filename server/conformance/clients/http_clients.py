"""botocore for SageMaker's runtime, requests, Prometheus' parser and promtool, and curl as each service's documents have it."""

import json
import os
import subprocess
import tempfile

import requests
from botocore.config import Config
from botocore.session import Session
from checks import HTTP, LABELS, NAME, PROBABILITIES, ROWS, check, refused, report, same
from prometheus_client.parser import text_string_to_metric_families

URL = f"http://{HTTP}"
LINES = "".join(f"{json.dumps(row)}\n" for row in ROWS.tolist())
CSV = "\n".join(",".join(map(repr, row)) for row in ROWS.tolist())


def sagemaker(url: str = URL):
    # Clients send to /endpoints/NAME/invocations, where SageMaker stands between them and the container's /invocations.
    client = Session().create_client(
        "sagemaker-runtime",
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 1}),
    )

    def forward(request, **_):
        request.url = request.url.replace(f"/endpoints/{NAME}/invocations", "/invocations")

    client.meta.events.register("before-send.sagemaker-runtime.InvokeEndpoint", forward)
    return client


ADMIN, TOKEN = f"http://{os.environ['ADMIN_HTTP']}", os.environ["ADMIN_TOKEN"]
AS_ADMIN = {"Authorization": f"Bearer {TOKEN}"}


@check("botocore", "SageMaker: a model of several, by TargetModel")
def _():
    client = sagemaker(ADMIN)

    def forward(request, **_):
        target = request.headers["X-Amzn-SageMaker-Target-Model"]
        target = target.decode() if isinstance(target, bytes) else target
        request.url = request.url.replace("/invocations", f"/models/{target}/invoke")
        request.headers["Authorization"] = AS_ADMIN["Authorization"]

    # As above, and where several models are served, SageMaker asks the container for the one.
    client.meta.events.register_last("before-send.sagemaker-runtime.InvokeEndpoint", forward)
    answer = client.invoke_endpoint(EndpointName=NAME, ContentType="text/csv", Body=CSV, TargetModel=NAME)
    same(answer["Body"].read().decode().split(), LABELS)
    refused(
        lambda: client.invoke_endpoint(EndpointName=NAME, ContentType="text/csv", Body=CSV, TargetModel="rose"), "404"
    )


@check("requests", "SageMaker: what it asks a container of several models")
def _():
    assert requests.get(f"{ADMIN}/models", timeout=10).status_code == 401
    session = requests.Session()
    session.headers.update(AS_ADMIN)
    listed = session.get(f"{ADMIN}/models", timeout=10).json()["models"]
    assert NAME in [one["modelName"] for one in listed], listed
    again = session.post(f"{ADMIN}/models", json={"model_name": NAME, "url": "iris.json"}, timeout=10)
    assert again.status_code == 409, again.text
    made = session.post(f"{ADMIN}/models", json={"model_name": "other", "url": "iris.json"}, timeout=10)
    assert made.status_code == 200, made.text
    asked = session.post(f"{ADMIN}/models/other/invoke", data=CSV, headers={"Content-Type": "text/csv"}, timeout=10)
    same(asked.text.split(), LABELS)
    assert session.get(f"{ADMIN}/models/other", timeout=10).json()["modelName"] == "other"
    assert session.delete(f"{ADMIN}/models/other", timeout=10).status_code == 200
    assert session.get(f"{ADMIN}/models/other", timeout=10).status_code == 404
    assert session.delete(f"{ADMIN}/models/other", timeout=10).status_code == 404


@check("requests", "SageMaker: batch transform, a line for a line")
def _():
    said = requests.get(f"{URL}/execution-parameters", timeout=10).json()
    assert said["BatchStrategy"] in ("MultiRecord", "SingleRecord") and said["MaxPayloadInMB"] * 2**20 <= 100 * 2**20, said
    for form, body in (("text/csv", f"{CSV}\n" * 200), ("application/jsonlines", LINES * 200)):
        answer = requests.post(
            f"{URL}/invocations", data=body, headers={"Content-Type": form, "Accept": form}, timeout=10
        )
        lines = answer.text.splitlines()
        found = lines if form == "text/csv" else [json.loads(line) for line in lines]
        same(found, LABELS * 200)


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


NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]


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
    # KServe's own, of its first service.
    flowers = json.dumps({"instances": [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6]]})
    said = curl("-H", "Content-Type: application/json", f"{URL}/v1/models/{NAME}:predict", "-d", flowers)
    assert json.loads(said) == {"predictions": ["versicolor", "versicolor"]}, said
    many = json.dumps({"signature_name": "serving_default", "instances": ROWS.tolist()})
    same(json.loads(curl("-d", many, f"{URL}/v1/models/{NAME}/versions/1:predict"))["predictions"], LABELS)
    columns = json.dumps({"inputs": {name: ROWS[:, i].tolist() for i, name in enumerate(NAMES)}})
    same(json.loads(curl("-d", columns, f"{URL}/v1/models/{NAME}:predict"))["outputs"], LABELS)
    state = json.loads(curl(f"{URL}/v1/models/{NAME}"))["model_version_status"][0]
    assert state == {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}, state


@documented("V2 over HTTP")
def _():
    inputs = [{"name": "input", "shape": list(ROWS.shape), "datatype": "FP64", "data": ROWS.tolist()}]
    said = json.loads(curl("-d", json.dumps({"id": "42", "inputs": inputs}), f"{URL}/v2/models/{NAME}/infer"))
    assert said["id"] == "42"
    same(said["outputs"][0]["data"], LABELS)
    curl(f"{URL}/v2/health/ready")
    # KServe's own, with a name that the model does not have.
    flowers = [{"name": "input-0", "shape": [2, 4], "datatype": "FP32", "data": [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6]]}]
    asked = ["-H", "Content-Type: application/json", "-d", json.dumps({"inputs": flowers})]
    said = json.loads(curl(*asked, f"{URL}/v2/models/{NAME}/infer"))
    assert said["outputs"][0]["data"] == ["versicolor", "versicolor"], said


@documented("Vertex AI, Azure ML")
def _():
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"instances": ROWS.tolist()}, file)
        file.flush()
        # Google's and Microsoft's own: a token, which the cloud takes, and the body from a file.
        said = ["-H", "Authorization: Bearer token", "-H", "Content-Type: application/json"]
        google = ["-X", "POST", *said, f"{URL}/v1/endpoints/1:predict", "-d", f"@{file.name}"]
        azure = ["--request", "POST", f"{URL}/score", *said, "--data", f"@{file.name}"]
        for asked in (google, azure):
            same(json.loads(curl(*asked))["predictions"], LABELS)


@documented("MLflow")
def _():
    split = {"dataframe_split": {"columns": NAMES, "data": ROWS.tolist()}}
    records = {"dataframe_records": [dict(zip(NAMES, row)) for row in ROWS.tolist()]}
    for document in (split, records, {"instances": ROWS.tolist()}, {"inputs": ROWS.tolist()}):
        said = curl(f"{URL}/invocations", "-H", "Content-Type:application/json", "-d", json.dumps(document))
        same(json.loads(said)["predictions"], LABELS)
    assert curl(f"{URL}/health") == "\n" and curl(f"{URL}/version")


@documented("plain: a row, records, columns, probabilities")
def _():
    rows = {"features": ROWS.tolist(), "probabilities": True}
    said = json.loads(curl(f"{URL}/predict", "-d", json.dumps(rows)))
    same(said["prediction"], LABELS)
    same(said["probabilities"], PROBABILITIES)
    for features in (
        [dict(zip(NAMES, row)) for row in ROWS.tolist()],
        {name: ROWS[:, i].tolist() for i, name in enumerate(NAMES)},
    ):
        same(json.loads(curl(f"{URL}/predict", "-d", json.dumps({"features": features})))["prediction"], LABELS)
    assert json.loads(curl(f"{URL}/predict", "-d", f'{{"features": {ROW}}}')) == {"prediction": LABELS[:1]}
