"""tritonclient, which speaks the Open Inference Protocol V2 over HTTP and gRPC."""

import os
import queue

import numpy as np
import tritonclient.grpc as over_grpc
import tritonclient.grpc.aio as over_grpc_aio
import tritonclient.http as over_http
import tritonclient.http.aio as over_http_aio
from tritonclient.utils import InferenceServerException

from checks import GRPC, HTTP, LABELS, NAME, PROBABILITIES, ROWS, check, refused, same

PACKAGE = "tritonclient"


def tensors(module, **how):
    tensor = module.InferInput("input", list(ROWS.shape), "FP64")
    tensor.set_data_from_numpy(ROWS, **how)
    return [tensor]


def outputs(module, **how):
    return [module.InferRequestedOutput(name, **how) for name in ("predict", "predict_proba")]


def judge(answer) -> None:
    labels = [label.decode() if isinstance(label, bytes) else label for label in answer.as_numpy("predict")]
    same(labels, LABELS)
    same(answer.as_numpy("predict_proba"), PROBABILITIES)


@check(PACKAGE, "V2 over HTTP: health, metadata")
def _():
    with over_http.InferenceServerClient(HTTP) as client:
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(NAME)
        assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
        assert client.get_model_metadata(NAME)["inputs"][0]["shape"] == [-1, 4]
        assert client.get_model_repository_index()[0]["name"] == NAME
        assert client.get_inference_statistics(NAME)["model_stats"]
        assert client.get_model_config(NAME)["name"] == NAME


@check(PACKAGE, "V2 over HTTP: JSON")
def _():
    with over_http.InferenceServerClient(HTTP) as client:
        judge(client.infer(NAME, tensors(over_http, binary_data=False), outputs=outputs(over_http, binary_data=False)))


@check(PACKAGE, "V2 over HTTP: binary")
def _():
    with over_http.InferenceServerClient(HTTP) as client:
        answer = client.infer(NAME, tensors(over_http), outputs=outputs(over_http), request_id="7")
        judge(answer)
        assert answer.get_response()["id"] == "7"
        # Without outputs the client asks for binary ones.
        same([label.decode() for label in client.infer(NAME, tensors(over_http)).as_numpy("predict")], LABELS)


for algorithm in ("gzip", "deflate"):

    @check(PACKAGE, f"V2 over HTTP: {algorithm}")
    def _():
        with over_http.InferenceServerClient(HTTP) as client:
            for binary in (True, False):
                judge(
                    client.infer(
                        NAME,
                        tensors(over_http, binary_data=binary),
                        outputs=outputs(over_http, binary_data=binary),
                        request_compression_algorithm=algorithm,
                        response_compression_algorithm=algorithm,
                    )
                )


@check(PACKAGE, "V2 over HTTP: asynchronous")
async def _():
    async with over_http_aio.InferenceServerClient(HTTP) as client:
        judge(await client.infer(NAME, tensors(over_http_aio), outputs=outputs(over_http_aio)))


@check(PACKAGE, "V2 over HTTP: several at a time")
def _():
    with over_http.InferenceServerClient(HTTP, concurrency=4) as client:
        asked = [client.async_infer(NAME, tensors(over_http), outputs=outputs(over_http)) for _ in range(8)]
        for one in asked:
            judge(one.get_result(timeout=10))


# Which no other client asks for.
SPARE = "spare"


def judge_repository(client, token: dict, unknown: str, forbidden: str) -> None:
    (key, _), = token.items()
    refused(lambda: client.unload_model(SPARE), unknown)
    refused(lambda: client.unload_model(SPARE, headers={key: f"Bearer {os.environ['CLIENT_TOKEN']}"}), forbidden)
    client.unload_model(SPARE, headers=token)
    refused(lambda: client.get_model_metadata(SPARE, headers=token), SPARE)
    client.load_model(SPARE, headers=token)
    assert client.is_model_ready(SPARE, headers=token)
    refused(lambda: client.load_model("rose", headers=token), "rose")


@check(PACKAGE, "V2 over HTTP: the repository, by admin tokens")
def _():
    token = {"Authorization": f"Bearer {os.environ['ADMIN_TOKEN']}"}
    with over_http.InferenceServerClient(os.environ["ADMIN_HTTP"]) as client:
        judge_repository(client, token, "401", "403")


@check(PACKAGE, "V2 over gRPC: the repository, by admin tokens")
def _():
    token = {"authorization": f"Bearer {os.environ['ADMIN_TOKEN']}"}
    with over_grpc.InferenceServerClient(os.environ["ADMIN_GRPC"]) as client:
        judge_repository(client, token, "UNAUTHENTICATED", "PERMISSION_DENIED")


@check(PACKAGE, "V2 over HTTP: refusals")
def _():
    with over_http.InferenceServerClient(HTTP) as client:
        refused(lambda: client.infer("rose", tensors(over_http)), "404", "rose")
        wrong = over_http.InferInput("input", [1, 3], "FP64")
        wrong.set_data_from_numpy(ROWS[:1, :3])
        refused(lambda: client.infer(NAME, [wrong]), "400", "expected 4 columns")
        refused(lambda: client.register_system_shared_memory("a", "/a", 8), "501")


@check(PACKAGE, "V2 over gRPC: health, metadata")
def _():
    with over_grpc.InferenceServerClient(GRPC) as client:
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(NAME)
        assert client.get_server_metadata().name == "nuthatch"
        assert list(client.get_model_metadata(NAME).inputs[0].shape) == [-1, 4]
        assert client.get_model_repository_index().models[0].state == "READY"


@check(PACKAGE, "V2 over gRPC: raw")
def _():
    with over_grpc.InferenceServerClient(GRPC) as client:
        answer = client.infer(NAME, tensors(over_grpc), outputs=outputs(over_grpc), request_id="7")
        judge(answer)
        assert answer.get_response().id == "7"
        for algorithm in ("gzip", "deflate"):
            judge(client.infer(NAME, tensors(over_grpc), outputs=outputs(over_grpc), compression_algorithm=algorithm))


@check(PACKAGE, "V2 over gRPC: asynchronous")
async def _():
    async with over_grpc_aio.InferenceServerClient(GRPC) as client:
        judge(await client.infer(NAME, tensors(over_grpc_aio), outputs=outputs(over_grpc_aio)))


@check(PACKAGE, "V2 over gRPC: several at a time")
def _():
    with over_grpc.InferenceServerClient(GRPC) as client:
        ended = queue.Queue()
        for _ in range(8):
            how = {"callback": lambda result, error: ended.put((result, error))}
            client.async_infer(NAME, tensors(over_grpc), outputs=outputs(over_grpc), **how)
        for _ in range(8):
            result, error = ended.get(timeout=10)
            assert error is None, error
            judge(result)


@check(PACKAGE, "V2 over gRPC: refusals, streams among them")
def _():
    with over_grpc.InferenceServerClient(GRPC) as client:
        refused(lambda: client.infer("rose", tensors(over_grpc)), "NOT_FOUND", "rose")
        refused(lambda: client.load_model(NAME), "PERMISSION_DENIED")
        ends = []
        client.start_stream(lambda result, error: ends.append(error))
        try:
            client.async_stream_infer(NAME, tensors(over_grpc))
        except InferenceServerException:
            pass  # It is refused at once, often before anything is sent.
        client.stop_stream()
        assert "UNIMPLEMENTED" in str(ends[0]), ends
    large = np.zeros((10_001, 4))
    with over_grpc.InferenceServerClient(GRPC) as client:
        tensor = over_grpc.InferInput("input", list(large.shape), "FP64")
        tensor.set_data_from_numpy(large)
        refused(lambda: client.infer(NAME, [tensor]), "RESOURCE_EXHAUSTED", "10001 rows")
