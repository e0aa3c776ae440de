"""Rows for `npm run bench:predict`, written as people have them, and whether two files hold the same answers.

    rows.py make FOLDER FORMAT ROWS [TIMES]   rows of W3's kind into FOLDER/rows-ROWS.FORMAT, again and again TIMES
    rows.py compare FORMAT FILE FILE          the answers of both, row by row: exit code 1 where one differs

Rows are those that bench/train.py keeps of W3, each moved a little, with all digits of a double. Seeded.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

FEATURES = 30
BLOCK = 100_000
PROJECT = Path(__file__).resolve().parents[2]
W3 = PROJECT / ".cache" / "bench" / "W3"


def blocks(rows: int) -> Iterator[pd.DataFrame]:
    """The rows, in blocks."""
    kept = np.fromfile(W3 / "rows.f32", dtype=np.float32).reshape(-1, FEATURES).astype(np.float64)
    spread = kept.std(axis=0)
    names = [f"x{i}" for i in range(FEATURES)]
    random = np.random.default_rng(0)
    for start in range(0, rows, BLOCK):
        count = min(BLOCK, rows - start)
        chosen = kept[random.integers(0, len(kept), count)]
        yield pd.DataFrame(chosen + 0.1 * spread * random.standard_normal(chosen.shape), columns=names)


def make(folder: Path, form: str, rows: int, times: int = 1) -> None:
    """Writes a file of rows × times rows; it appears when it is whole."""
    path = folder / f"rows-{rows * times}.{form}"
    part = path.with_suffix(f".{form}.part")
    if form == "csv":
        with part.open("wb") as file:
            for index, block in enumerate(blocks(rows)):
                file.write(block.to_csv(index=False, header=index == 0).encode())
        if times > 1:
            once = part.rename(path.with_suffix(".once"))
            with part.open("wb") as file, once.open("rb") as source:
                header = source.readline()
                file.write(header)
                for _ in range(times):
                    source.seek(len(header))
                    shutil.copyfileobj(source, file, 1 << 24)
            once.unlink()
    else:
        # As pandas writes them: one table, with the writer's own row groups and compression.
        table = pa.concat_tables(pa.Table.from_pandas(block, preserve_index=False) for block in blocks(rows))
        if form == "parquet":
            with pq.ParquetWriter(part, table.schema) as writer:
                for _ in range(times):
                    writer.write_table(table)
        else:
            with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                for _ in range(times):
                    writer.write_table(table)
    part.rename(path)


def answers(form: str, path: Path) -> np.ndarray:
    """The only column of a file."""
    if form == "csv":
        frame = pd.read_csv(path)
    elif form == "parquet":
        frame = pd.read_parquet(path)
    else:
        with pa.memory_map(str(path)) as source:
            frame = pa.ipc.open_file(source).read_pandas()
    if frame.shape[1] != 1:
        raise SystemExit(f"{path}: expected one column, found {list(frame.columns)}")
    return frame.iloc[:, 0].to_numpy()


def compare(form: str, first: Path, second: Path) -> None:
    """Whether both hold the same answers."""
    ours, theirs = answers(form, first), answers(form, second)
    if len(ours) != len(theirs):
        raise SystemExit(f"{len(ours)} and {len(theirs)} answers")
    different = np.flatnonzero(ours != theirs)
    if len(different) > 0:
        at = different[0]
        raise SystemExit(f"{len(different)} answers differ, first of row {at}: {ours[at]} and {theirs[at]}")


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "make":
        make(Path(rest[0]), rest[1], *map(int, rest[2:]))
    elif command == "compare":
        compare(rest[0], Path(rest[1]), Path(rest[2]))
    else:
        raise SystemExit(__doc__)
