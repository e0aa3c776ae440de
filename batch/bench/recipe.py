"""What people write to score a file: pandas and scikit-learn.

    recipe.py MODEL.joblib IN OUT --jobs N [--rows-at-once N] [--engine pyarrow]

All at once, as most do, or by parts.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import joblib
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--rows-at-once", type=int)
    parser.add_argument("--engine")
    options = parser.parse_args()
    pa.set_cpu_count(options.jobs)
    model = joblib.load(options.model)
    model.set_params(n_jobs=options.jobs)
    frames = read(options.source, options.rows_at_once, options.engine)
    answers = (pd.DataFrame({"predict": model.predict(frame)}) for frame in frames)
    write(options.target, answers)


def read(path: Path, at_once: int | None, engine: str | None) -> Iterator[pd.DataFrame]:
    if path.suffix == ".csv":
        if at_once is None:
            yield pd.read_csv(path, engine=engine)
        else:
            yield from pd.read_csv(path, chunksize=at_once)
    elif path.suffix == ".parquet":
        if at_once is None:
            yield pd.read_parquet(path)
        else:
            yield from (batch.to_pandas() for batch in pq.ParquetFile(path).iter_batches(at_once))
    else:
        with pa.memory_map(str(path)) as source:
            file = pa.ipc.open_file(source)
            if at_once is None:
                yield file.read_pandas()
            else:
                yield from (file.get_batch(i).to_pandas() for i in range(file.num_record_batches))


def write(path: Path, frames: Iterator[pd.DataFrame]) -> None:
    if path.suffix == ".csv":
        for index, frame in enumerate(frames):
            frame.to_csv(path, index=False, header=index == 0, mode="w" if index == 0 else "a")
        return
    first = pa.Table.from_pandas(next(frames), preserve_index=False)
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, first.schema) as writer:
            writer.write_table(first)
            for frame in frames:
                writer.write_table(pa.Table.from_pandas(frame, preserve_index=False))
        return
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        writer.write_table(first)
        for frame in frames:
            writer.write_table(pa.Table.from_pandas(frame, preserve_index=False))


if __name__ == "__main__":
    main()
