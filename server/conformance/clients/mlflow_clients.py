"""MLflow's own client of scoring servers: its answers, and what it reports of bad input."""

from checks import HTTP, LABELS, ROWS, check, refused, same
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

PACKAGE = "mlflow-skinny"


def client() -> ScoringServerClient:
    host, port = HTTP.split(":")
    return ScoringServerClient(host, int(port))


@check(PACKAGE, "MLflow scoring")
def _():
    import pandas

    server = client()
    server.wait_server_ready(timeout=10)
    assert server.get_version()
    names = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    frame = pandas.DataFrame(ROWS, columns=names)
    same(server.invoke(frame).get_predictions()[0], LABELS)
    # Names, not their order, say which column is which.
    same(server.invoke(frame[names[::-1]]).get_predictions()[0], LABELS)
    same(server.invoke(ROWS).get_predictions()[0], LABELS)


@check(PACKAGE, "MLflow scoring: refusals")
def _():
    import numpy

    refused(lambda: client().invoke(numpy.zeros((2, 3))), "400", "error_code", "BAD_REQUEST")
