"""KServe's clients: V1 and V2 over HTTP, and gRPC."""

import httpx
from checks import GRPC, HTTP, LABELS, NAME, PROBABILITIES, ROWS, check, same
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

PACKAGE = "kserve"


def ask(binary: bool, asked: bool = False) -> InferRequest:
    tensor = InferInput("input", list(ROWS.shape), "FP64")
    tensor.set_data_from_numpy(ROWS, binary_data=binary)
    named = [RequestedOutput("predict_proba", parameters={"binary_data": binary})] if asked else None
    return InferRequest(model_name=NAME, infer_inputs=[tensor], request_outputs=named, request_id="7")


@check(PACKAGE, "V1 over HTTP")
async def _():
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    assert await client.is_server_live(f"http://{HTTP}")
    assert await client.is_model_ready(f"http://{HTTP}", NAME)
    answer = await client.infer(f"http://{HTTP}", {"instances": ROWS.tolist()}, model_name=NAME)
    same(answer["predictions"], LABELS)


@check(PACKAGE, "V1 over HTTP: explanations are refused")
async def _():
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    try:
        await client.explain(f"http://{HTTP}", NAME, {"instances": ROWS.tolist()})
    except httpx.HTTPStatusError as error:
        assert error.response.status_code == 501, error
    else:
        raise AssertionError("it was not refused")


@check(PACKAGE, "V2 over HTTP: JSON and binary")
async def _():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_ready(f"http://{HTTP}") and await client.is_server_live(f"http://{HTTP}")
    assert await client.is_model_ready(f"http://{HTTP}", NAME)
    for binary in (False, True):
        answer = await client.infer(f"http://{HTTP}", ask(binary, asked=True), model_name=NAME)
        same(answer.outputs[0].as_numpy(), PROBABILITIES)
        assert answer.id == "7"
    answer = await client.infer(f"http://{HTTP}", ask(False), model_name=NAME)
    same(answer.outputs[0].data, LABELS)


@check(PACKAGE, "V2 over gRPC: typed and raw")
async def _():
    async with InferenceGRPCClient(GRPC) as client:
        assert await client.is_server_ready() and await client.is_server_live() and await client.is_model_ready(NAME)
        for binary in (False, True):
            answer = await client.infer(ask(binary, asked=True))
            same(answer.outputs[0].as_numpy(), PROBABILITIES)
            assert answer.id == "7"
