"""A receiver of OpenTelemetry's protocol, by its official messages: what the server sends to a collector."""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from checks import ROWS, check
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

MESSAGES = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest}
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Receiver(BaseHTTPRequestHandler):
    received: list = []

    def do_POST(self):
        assert self.headers["Transfer-Encoding"] == "chunked", self.headers
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self.received.append(MESSAGES[self.path].FromString(body))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.end_headers()

    def log_message(self, *_):
        pass


def start_server(model: str, endpoint: str) -> tuple[subprocess.Popen, str]:
    main = str(Path(__file__).resolve().parents[3] / "dist/src/cli/main.js")
    # By the variables that are OpenTelemetry's own.
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_SERVICE_NAME": "flowers"}
    process = subprocess.Popen(
        ["node", main, "serve", model, "--port", "0"], stdout=subprocess.PIPE, text=True, env={**os.environ, **variables}
    )
    return process, process.stdout.readline().split()[-1]


@check("opentelemetry-proto", "OpenTelemetry: traces and metrics")
def _():


    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    process, address = start_server(sys.argv[3], f"http://127.0.0.1:{receiver.server_port}")
    try:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        body = json.dumps({"features": ROWS.tolist()}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{address}/predict", body, headers), timeout=10).read()
    finally:
        process.terminate()
        assert process.wait(20) == 0
        receiver.shutdown()
    traces = [one for one in Receiver.received if isinstance(one, ExportTraceServiceRequest)]
    (resource,) = traces[0].resource_spans
    assert any(one.key == "service.name" and one.value.string_value == "flowers" for one in resource.resource.attributes)
    spans = [span for scope in resource.scope_spans for span in scope.spans]
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    (root,) = [span for span in spans if span.kind == span.SPAN_KIND_SERVER]
    assert root.parent_span_id.hex() == PARENT and root.name == "POST /predict"
    said = {one.key: one.value for one in root.attributes}
    assert said["http.response.status_code"].int_value == 200 and said["nuthatch.rows"].int_value == len(ROWS)
    assert [span.name for span in spans if span.parent_span_id == root.span_id] == ["parse", "predict", "serialize"]
    (metrics,) = [one for one in Receiver.received if isinstance(one, ExportMetricsServiceRequest)][-1].resource_metrics
    found = {metric.name: metric for scope in metrics.scope_metrics for metric in scope.metrics}
    assert found["nuthatch_rows_total"].sum.data_points[0].as_double == len(ROWS)
    assert sum(point.count for point in found["request_processing_seconds"].histogram.data_points) == 1
