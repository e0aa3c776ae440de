"""One Spark for all tests: a driver and two executors, each a process of its own. Needs `npm run build` and Java 17."""

import os
import shlex
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
COMMAND = ["node", str(PROJECT / "dist" / "src" / "cli" / "main.js")]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
# Before executors start, which inherit it.
os.environ["NUTHATCH_COMMAND"] = shlex.join(COMMAND)


@pytest.fixture(scope="session")
def command():
    assert Path(COMMAND[1]).is_file(), "run npm run build first"
    return COMMAND


@pytest.fixture(scope="session")
def spark():
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("nuthatch")
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        # A killed executor fails a task once.
        "spark.task.maxFailures": "2",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "500",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
