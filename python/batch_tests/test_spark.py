"""Scores on a cluster of two executors, and compares with scikit-learn, to the bit."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from pathlib import Path

import models
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark import cloudpickle
from pyspark.errors import PythonException
from pyspark.sql import functions as F

from nuthatch_export.batch import Scorer, ScoringError, open_model, scorer
from nuthatch_export.spark import predict_in_arrow, predict_udf

# Executors cannot import this file.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def spread(spark, rows: pd.DataFrame):
    """A data frame with an id, in five partitions: of one row, of none, and of many."""
    frame = rows.copy()
    frame.insert(0, "id", range(len(frame)))
    part = F.when(F.col("id") < 1, 0).when(F.col("id") < 1200, 1).otherwise(2)
    return spark.createDataFrame(frame).repartition(5, part)


def collect(df) -> pd.DataFrame:
    return df.orderBy("id").toPandas()


@pytest.fixture(scope="module")
def cases():
    return {name: make() for name, make in models.CASES.items()}


@pytest.fixture(scope="module")
def files(cases, command, tmp_path_factory):
    """The models as files, so that each is converted once."""
    return {name: open_model(case.model, command).path for name, case in cases.items()}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in models.SHORT else pytest.mark.long) for name in models.CASES]
)
def test_answers_are_those_of_scikit_learn(name, spark, cases, files, command):
    case = cases[name]
    df = spread(spark, case.rows)
    sizes = df.groupBy(F.spark_partition_id()).count().collect()
    assert 1 < len(sizes) < 5 and min(size["count"] for size in sizes) < 2
    found = collect(predict_in_arrow(df, files[name], case.methods, command=command))
    assert list(found.columns[: len(df.columns)]) == df.columns
    pd.testing.assert_frame_equal(found[df.columns], collect(df), check_exact=True)
    answers = found.drop(columns=df.columns)
    compare(answers, case)
    # One process, one batch, no Spark: the same to the bit, whatever the kind.
    alone = Scorer(files[name], case.methods, command=command)
    [answer] = alone.score(pa.Table.from_pandas(case.rows, preserve_index=False).to_batches())
    for column, single in zip(answers.columns, answer.columns):
        np.testing.assert_array_equal(answers[column].to_numpy(), single.to_pandas().to_numpy())


def compare(found: pd.DataFrame, case: models.Case) -> None:
    columns = list(found.columns)
    for method, answer in models.expected(case).items():
        answer = answer.reshape(len(answer), -1)
        own = [columns.pop(0) for _ in range(answer.shape[1])]
        if method == "predict_proba":
            assert own == [f"predict_proba_{label}" for label in case.model.classes_]
        for i, column in enumerate(own):
            same(found[column].to_numpy(), answer[:, i], case.rtol)
    assert columns == []


def same(found: np.ndarray, answer: np.ndarray, rtol: float) -> None:
    if rtol == 0 or answer.dtype.kind not in "f":
        np.testing.assert_array_equal(found, answer)
    else:
        np.testing.assert_allclose(found, answer, rtol=rtol, atol=rtol)


def test_an_estimator_is_exported_and_columns_are_chosen(spark, cases, command):
    case = cases["forest"]
    df = spread(spark, case.rows.rename(columns={"weight.kg": "weight", "width": "broad"}))
    there = ["broad", "height", "length of it", "weight"]
    scored = predict_in_arrow(
        df, case.model, case.methods, features=there, columns=["id"], arrays=True, command=command
    )
    assert dict(scored.dtypes) == {"id": "bigint", "prediction": "string", "predict_proba": "array<double>"}
    found = collect(scored)
    expected = models.expected(case)
    assert (found["prediction"] == expected["predict"]).all()
    same(np.stack(found["predict_proba"]), expected["predict_proba"], case.rtol)


def test_functions_of_columns(spark, cases, files, command):
    case = cases["pipeline"]
    expected = models.expected(case)
    score = predict_udf(files["pipeline"], command=command)
    both = predict_udf(files["pipeline"], case.methods, command=command)
    df = spread(spark, case.rows).withColumn("label", score()).withColumn("both", both(*case.rows.columns))
    types = dict(df.dtypes)
    assert types["label"] == "bigint"
    assert types["both"] == "struct<prediction:bigint,predict_proba:array<double>>"
    found = collect(df.select("id", "label", "both.*"))
    assert (found["label"] == expected["predict"]).all()
    assert (found["prediction"] == expected["predict"]).all()
    same(np.stack(found["predict_proba"]), expected["predict_proba"], case.rtol)
    with pytest.raises(ScoringError, match="the model takes 6 columns, and 1 were given"):
        score("town")


def test_what_a_model_does_not_take_is_said_before_a_job(spark, cases, files, command):
    df = spread(spark, cases["pipeline"].rows.head(9))
    file = files["pipeline"]
    with pytest.raises(ScoringError, match="town") as missing:
        predict_in_arrow(df.drop("town"), file, command=command)
    assert missing.value.code == "input-columns"
    with pytest.raises(ScoringError, match='column "width": expected numbers') as kind:
        predict_in_arrow(df.withColumn("width", F.lit("wide")), file, command=command)
    assert kind.value.code == "input-type"
    with pytest.raises(ScoringError, match="has no transform"):
        predict_in_arrow(df, file, "transform", command=command)
    with pytest.raises(ScoringError, match="columns called prediction already"):
        predict_in_arrow(df.withColumn("prediction", F.lit(1)), file, command=command)
    with pytest.raises(ScoringError, match="there is no model 'none.nut'"):
        predict_in_arrow(df, "none.nut", command=command)
    with pytest.raises(ScoringError, match=r"npm install -g nuthatch @nuthatch/batch.*NUTHATCH_COMMAND"):
        predict_in_arrow(df, file, command="nuthatch-is-not-here")


def test_bad_rows_fail_the_job_or_have_no_answer(spark, command):
    case = models.strict()
    file = open_model(case.model, command).path
    rows = case.rows.copy()
    rows.loc[1700, "town"] = "Atlantis"
    df = spread(spark, rows)
    with pytest.raises(PythonException, match=r'partition \d, row \d+, .*"Atlantis".*\(input-category\)'):
        predict_in_arrow(df, file, command=command).collect()
    with pytest.raises(PythonException, match=r'partition \d, row \d+, .*"Atlantis"'):
        df.select(predict_udf(file, command=command)().alias("y")).collect()
    expected = case.model.predict(case.rows)
    expected[1700] = np.nan
    scored = predict_in_arrow(df, file, on_error="null", command=command)
    np.testing.assert_array_equal(collect(scored)["prediction"], expected)
    column = predict_udf(file, on_error="null", command=command)("town", "count")
    np.testing.assert_array_equal(collect(df.withColumn("prediction", column))["prediction"], expected)


def test_processes_are_kept_between_partitions(spark, cases, files, command, tmp_path):
    log = tmp_path / "starts"
    logged = ["sh", "-c", f'echo $$ >> {shlex.quote(str(log))}; exec {shlex.join(command)} "$@"', "sh"]
    case = cases["forest"]
    df = spark.createDataFrame(case.rows.assign(id=range(len(case.rows)))).repartition(8)
    scored = predict_in_arrow(df, files["forest"], command=logged)
    before = len(log.read_text().splitlines())
    for _ in range(2):
        assert (collect(scored)["prediction"] == models.expected(case)["predict"]).all()
    # One for each executor.
    assert 1 <= len(log.read_text().splitlines()) - before <= 2


def scoring(name: str) -> list[int]:
    """Processes of nuthatch with a model."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"predict" in words and any(word.endswith(name.encode()) for word in words):
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("victim", ["nuthatch", "executor"])
def test_what_is_killed_is_started_again(victim, spark, cases, files, command, tmp_path):
    case = cases["forest"]
    # mapInArrow does not find columns with dots in their names.
    names = [name.replace(".", "") for name in case.rows.columns]
    df = spread(spark, case.rows.set_axis(names, axis=1))
    once = str(tmp_path / "killed")
    name = open_model(files["forest"], command).name

    def kill(batches):
        for number, batch in enumerate(batches):
            if number == 2 and claim(once):
                end(victim, name)
            yield batch

    def claim(path):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True

    def end(victim, name):
        if victim == "executor":
            # This process is a child of the daemon, which is the executor's.
            os.kill(int(Path(f"/proc/{os.getppid()}/stat").read_text().rsplit(")", 1)[1].split()[1]), signal.SIGKILL)
        victims = scoring(name)
        assert victims
        for pid in victims:
            os.kill(pid, signal.SIGKILL)

    survivors = df.mapInArrow(kill, df.schema)
    scored = predict_in_arrow(survivors, files["forest"], case.methods, features=names, command=command)
    found = collect(scored)
    assert Path(once).exists()
    compare(found.drop(columns=df.columns), case)


def test_lines_of_ndjson_through_a_pipe(spark, cases, files, command):
    case = cases["pipeline"]
    file = open_model(files["pipeline"], command)
    spark.sparkContext.addFile(file.path)
    df = spread(spark, case.rows)
    words = [*command, "predict", file.name, "-", "--from", "ndjson", "--to", "ndjson", "--columns", "id"]
    lines = df.select(F.to_json(F.struct("*"), {"ignoreNullFields": "false"})).rdd.map(lambda row: row[0])
    answers = lines.pipe(shlex.join(words), checkCode=True)
    found = collect(spark.read.json(answers, "id long, prediction long"))
    assert (found["prediction"] == models.expected(case)["predict"]).all()


def test_nothing_stays_behind_without_spark(spark, files):
    """Runs last: processes of executors end with them."""
    spark.stop()
    names = {Path(path).name for path in files.values()}
    here = {process._child.pid for _, process in scorer._idle}
    deadline = time.monotonic() + 30
    while left := {pid for name in names for pid in scoring(name)} - here:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
