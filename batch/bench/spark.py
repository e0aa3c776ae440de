"""Scores rows of W3's kind on Spark, with one executor and with two: by nuthatch, by scikit-learn, and not at all.

    npm run bench:spark [-- --rows N] [--rounds N] [--document]

Rows are read from Parquet, and answers are written to nowhere (the noop sink). Executors have one core each. All
answers are compared first. Ways take turns within a round; the median is told, and the range. The forest is that of
bench/train.py; `--document` writes the table to docs/batch-spark.md. Needs Java 17 and Python 3.11.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Iterator

PROJECT = Path(__file__).resolve().parents[2]
W3 = PROJECT / ".cache" / "bench" / "W3"
COMMAND = ["node", str(PROJECT / "dist" / "src" / "cli" / "main.js")]
DOCUMENT = PROJECT / "docs" / "batch-spark.md"
MARKS = "<!-- measured -->", "<!-- end of what was measured -->"
PARTS = 16
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
# It slows current libraries down.
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)


def main() -> None:
    sys.path.insert(0, str(PROJECT / "python" / "environments"))
    import create

    if not (W3 / "model.nut").exists():
        subprocess.run(
            [sys.executable, str(PROJECT / "bench" / "train.py"), "W3"], check=True
        )
    python = create.create("spark")
    raise SystemExit(
        subprocess.run([str(python), __file__, "--inside", *sys.argv[1:]]).returncode
    )


def measure(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--document", action="store_true")
    options = parser.parse_args(arguments)
    sys.path[:0] = [str(PROJECT / "python" / "src"), str(PROJECT / "batch" / "bench")]
    taken: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        write_rows(folder, options.rows)
        for executors in (1, 2):
            session = open_session(executors)
            ways = make_ways(session.read.parquet(folder))
            check(ways)
            for turn in range(options.rounds):
                names = list(ways)
                for name in names[turn % len(names) :] + names[: turn % len(names)]:
                    begun = time.perf_counter()
                    ways[name].write.format("noop").mode("overwrite").save()
                    taken.setdefault((name, executors), []).append(
                        time.perf_counter() - begun
                    )
                    print(
                        f"{executors} executors, {name}: {taken[name, executors][-1]:.1f} s",
                        file=sys.stderr,
                    )
            session.stop()
    text = describe(taken, options)
    print(text)
    if options.document:
        document = DOCUMENT.read_text("utf-8")
        before, rest = document.split(MARKS[0])
        DOCUMENT.write_text(
            f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}",
            "utf-8",
        )


def write_rows(folder: str, rows: int) -> None:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq
    from rows import blocks

    frame = pd.concat(blocks(rows), ignore_index=True)
    frame.insert(0, "id", range(rows))
    for part in range(PARTS):
        pq.write_table(
            pa.Table.from_pandas(frame[part::PARTS], preserve_index=False),
            f"{folder}/{part}.parquet",
        )


def open_session(executors: int) -> Any:
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local-cluster[{executors},1,1024]").appName(
        "nuthatch"
    )
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # As many partitions for one executor as for two.
        "spark.sql.files.maxPartitionBytes": "16m",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def make_ways(df: Any) -> dict[str, Any]:
    """Data frames that are computed when they are written."""
    import joblib
    import pandas as pd
    from pyspark.sql import functions as F

    from nuthatch_export.spark import predict_in_arrow, predict_udf

    names = [name for name in df.columns if name != "id"]
    score = predict_udf(str(W3 / "model.nut"), command=COMMAND)
    model = joblib.load(W3 / "model.joblib").set_params(n_jobs=1)
    there = df.sparkSession.sparkContext.broadcast(model)

    def scikit_learn(frames):
        loaded = there.value
        for frame in frames:
            yield pd.Series(loaded.predict(frame.to_numpy()))

    theirs = F.pandas_udf(scikit_learn, "long", F.PandasUDFType.SCALAR_ITER)
    return {
        "predict_in_arrow": predict_in_arrow(
            df, str(W3 / "model.nut"), features=names, command=COMMAND
        ),
        "predict_udf": df.withColumn("prediction", score(*names)),
        "scikit-learn in a pandas_udf": df.withColumn(
            "prediction", theirs(F.struct(*names))
        ),
        "Spark alone (mapInArrow of nothing)": df.mapInArrow(nothing, df.schema),
    }


def nothing(batches: Iterator[Any]) -> Iterator[Any]:
    yield from batches


def check(ways: dict[str, Any]) -> None:
    """Compares all answers, and warms all up."""
    answering = [way for way in ways.values() if "prediction" in way.columns]
    columns = [
        way.select("id", "prediction").orderBy("id").toPandas() for way in answering
    ]
    for column in columns:
        assert len(column) > 0 and column.equals(columns[-1].astype(column.dtypes)), (
            "answers differ"
        )


def describe(
    taken: dict[tuple[str, int], list[float]], options: argparse.Namespace
) -> str:
    import pyspark
    import sklearn

    lines = [
        "| rows/s | 1 executor | 2 executors | growth |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name in dict.fromkeys(name for name, _ in taken):
        rates = [
            [options.rows / seconds for seconds in taken[name, executors]]
            for executors in (1, 2)
        ]
        one, two = map(statistics.median, rates)
        cells = [
            f"{statistics.median(each):,.0f} ({min(each):,.0f}–{max(each):,.0f})"
            for each in rates
        ]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | {two / one:.2f} |")
    about = (
        f"{os.cpu_count()} cores; Spark {pyspark.__version__}, scikit-learn {sklearn.__version__};"
        f" {options.rows:,} rows of 30 columns, {options.rounds} rounds, medians (and ranges)"
    )
    return "\n".join([about, "", *lines])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        measure(sys.argv[2:])
    else:
        main()
