"""Files and streams that ``nuthatch predict`` writes, as pyarrow reads them: every type of column that goes beside answers, held to be valid."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, ipc

PROJECT = Path(__file__).resolve().parents[2]
DEMO = PROJECT / "fixtures" / "demo"
#: pyarrow wrote it: columns of every type, and what is not read.
TABLE = PROJECT / "batch" / "test" / "tables" / "whole.arrow"
UNSIGNED = ["uint64"]
NOT_READ = ["list", "struct", "decimal", "binary_view", "map", "union", "run_ends", "list_view"]


def read(path: Path) -> pa.Table:
    """A file or a stream."""
    data = path.read_bytes()
    return (ipc.open_file if data.startswith(b"ARROW1") else ipc.open_stream)(data).read_all()


def written(column: pa.ChunkedArray) -> pa.Array:
    """A column as the types that are written hold it."""
    array = column.combine_chunks()
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_integer(kind):
        return array.cast(pa.int64())
    if pa.types.is_floating(kind):
        return array.cast(pa.float64())
    if pa.types.is_date(kind):
        return array.cast(pa.timestamp("ms"))
    if pa.types.is_timestamp(kind):
        return array.cast(pa.timestamp("ms", kind.tz)).cast(pa.timestamp("ms"))
    return array if pa.types.is_boolean(kind) else array.cast(pa.string())


@pytest.fixture(scope="module")
def table() -> pa.Table:
    rows = csv.read_csv(DEMO / "rows.csv").to_pydict()
    table = read(TABLE).drop_columns([*NOT_READ, *UNSIGNED])
    for name, values in rows.items():
        table = table.append_column(name, pa.array((values * table.num_rows)[: table.num_rows], pa.float64()))
    return table


@pytest.mark.parametrize(("compression", "to"), [(None, "arrow"), ("lz4", "arrow-stream"), ("zstd", "arrow")])
def test_columns_beside_answers(command: list[str], tmp_path: Path, table: pa.Table, compression: str | None, to: str) -> None:
    source, target = tmp_path / "rows.arrow", tmp_path / "scores"
    with ipc.new_file(source, table.schema, options=ipc.IpcWriteOptions(compression=compression)) as writer:
        for size in (7, 0, 33):
            writer.write_table(table.slice(0 if size != 33 else 7, size))
    subprocess.run(
        [*command, "predict", DEMO / "model.json", source, "--columns", "all", "--to", to, "-o", target], check=True
    )
    found = read(target)
    found.validate(full=True)
    assert found.schema.names == [*table.schema.names, "prediction"]
    for name in table.schema.names:
        assert found[name].combine_chunks().equals(written(table[name])), name
    answers = subprocess.run(
        [*command, "predict", DEMO / "model.json", DEMO / "rows.csv", "--to", "ndjson"], check=True, capture_output=True
    )
    assert found["prediction"].to_pylist() == [line.strip('"') for line in answers.stdout.decode().split()] * 4


def test_numbers_too_large_are_refused(command: list[str], tmp_path: Path, table: pa.Table) -> None:
    source = tmp_path / "rows.arrow"
    large = table.append_column("large", pa.array([2**64 - 1] * table.num_rows, pa.uint64()))
    with ipc.new_file(source, large.schema) as writer:
        writer.write_table(large)
    arguments = ["predict", DEMO / "model.json", source, "--columns", "all", "-o", tmp_path / "scores.arrow"]
    failed = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert failed.returncode == 3
    assert 'column "large": 18446744073709551615 is not an integer of 64 bits' in failed.stderr
    assert not (tmp_path / "scores.arrow").exists()
