"""Parquet files of four writers, and what they hold; and labels that four readers read.

    python parquet.py make FOLDER [ROWS]    writes files, and a model that gives its numbers back
    python parquet.py check FOLDER          compares what `nuthatch predict --columns all` made of each with what pyarrow reads, and labels with scikit-learn's
    python parquet.py fixtures FOLDER       writes small files with their rows in JSON, for the tests

`--only NAME` takes the files whose name holds NAME.
"""

from __future__ import annotations

import datetime
import decimal
import json
import sys
from pathlib import Path

import duckdb
import fastparquet
import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

NUMBERS = ["f64", "f32", "i64", "i32", "i16", "u8", "u32", "u64", "flag"]
CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]


def table(rows: int, missing: float = 0.1, seed: int = 0) -> pa.Table:
    """Every type that is read; of each column some cells are missing, in runs and alone."""
    rng = np.random.default_rng(seed)

    def column(values, kind: pa.DataType) -> pa.Array:
        runs = np.repeat(rng.random(rows // 50 + 1) < missing, 50)[:rows]
        gaps = (rng.random(rows) < missing) | runs if missing else np.zeros(rows, bool)
        return pa.array([None if gap else value for value, gap in zip(values, gaps)], kind)

    words = np.array(["", "a", "Zürich", "日本", "😀", "a,b", 'say "no"', "x" * 40])
    instants = rng.integers(-10**12, 4 * 10**12, rows)
    i64 = rng.integers(-(2**63), 2**63 - 1, rows)
    return pa.table(
        {
            "f64": column(np.where(rng.random(rows) < 0.05, rng.choice([np.nan, -0.0, 5e-324, 1e308], rows), rng.normal(size=rows)), pa.float64()),
            "odd": column(rng.choice([np.nan, np.inf, -np.inf, 1.5], rows), pa.float64()),
            "f32": column(rng.normal(size=rows).astype(np.float32), pa.float32()),
            "f16": column(rng.normal(size=rows).astype(np.float16), pa.float16()),
            "i64": column(np.where(rng.random(rows) < 0.5, i64, i64 % 1000).tolist(), pa.int64()),
            "i32": column(np.cumsum(rng.integers(-5, 50, rows)).astype(np.int32), pa.int32()),
            "i16": column(rng.integers(-(2**15), 2**15, rows), pa.int16()),
            "u8": column(rng.integers(0, 256, rows), pa.uint8()),
            "u32": column(rng.integers(0, 2**32, rows), pa.uint32()),
            "u64": column([int(value) for value in rng.integers(0, 2**63, rows, dtype=np.uint64)], pa.uint64()),
            "flag": column(rng.random(rows) < 0.5, pa.bool_()),
            "word": column(rng.choice(words, rows), pa.string()),
            "text": column([f"{i}-{rng.integers(10**9)}" for i in range(rows)], pa.string()),
            "d9": column([decimal.Decimal(int(value)).scaleb(-2) for value in rng.integers(-(10**8), 10**8, rows)], pa.decimal128(9, 2)),
            "d30": column([decimal.Decimal(int(value) * 10**8 + 7).scaleb(-5) for value in i64], pa.decimal128(30, 5)),
            "day": column([datetime.date(1970, 1, 1) + datetime.timedelta(int(value)) for value in rng.integers(-30000, 30000, rows)], pa.date32()),
            "ms": column([datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=int(value)) for value in instants], pa.timestamp("ms")),
            "us": column([datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=int(value)) for value in instants], pa.timestamp("us", "UTC")),
            "none": pa.nulls(rows, pa.int32()),
            "same": pa.array([7] * rows, pa.int32()),
        }
    )


def write(folder: Path, rows: int, only: str) -> None:
    """One file of each way to write."""
    whole = table(rows)
    full = table(rows, missing=0, seed=1).drop(["none"])
    required = full.cast(pa.schema([field.with_nullable(False) for field in full.schema]))
    small = {"data_page_size": 1000, "row_group_size": rows // 3 + 1}

    def put(name: str, data: pa.Table, **options) -> None:
        if only in name:
            pq.write_table(data, folder / f"{name}.parquet", **options)

    for codec in CODECS:
        for page in ["1.0", "2.0"]:
            put(f"arrow-{codec}-page{page[0]}", whole, compression=codec, data_page_version=page)
    for version in ["1.0", "2.4", "2.6"]:
        put(f"arrow-version{version}", whole.drop(["f16"]), version=version)
    for page in ["1.0", "2.0"]:
        options = {"data_page_version": page, "use_dictionary": False}
        put(f"arrow-plain-page{page[0]}", whole, **options)
        put(f"arrow-small-page{page[0]}", whole, **small, data_page_version=page, dictionary_pagesize_limit=500)
        put(f"arrow-required-page{page[0]}", required, **small, data_page_version=page)
        put(f"arrow-required-plain-page{page[0]}", required, **options, compression="zstd")
        encodings = {name: "DELTA_BINARY_PACKED" for name in ["i64", "i32", "i16", "u8", "u32", "u64", "same", "day", "ms"]}
        texts = {"word": "DELTA_BYTE_ARRAY", "text": "DELTA_LENGTH_BYTE_ARRAY", "f64": "BYTE_STREAM_SPLIT", "f32": "BYTE_STREAM_SPLIT", "flag": "RLE"}
        put(f"arrow-delta-page{page[0]}", whole, **options, column_encoding={**encodings, **texts})
        split = {name: "BYTE_STREAM_SPLIT" for name in ["f64", "f32", "f16", "i64", "i32", "d9", "d30"]}
        put(f"arrow-split-page{page[0]}", required, **options, column_encoding={**split, "text": "DELTA_BYTE_ARRAY", "word": "DELTA_LENGTH_BYTE_ARRAY"})
    put("arrow-int96", whole, use_deprecated_int96_timestamps=True)
    put("arrow-integer-decimals", whole, store_decimal_as_integer=True)
    put("arrow-indexed", whole, write_page_index=True, write_page_checksum=True, data_page_size=1000)
    put("arrow-one-row", whole.slice(0, 1))
    put("arrow-no-rows", whole.slice(0, 0))

    frame = whole.drop(["f16", "d9", "d30", "none", "us", "ms", "day", "u64"]).to_pandas()
    for name, column in {"i64": "Int64", "i32": "Int32", "i16": "Int16", "u8": "UInt8", "u32": "UInt32", "flag": "boolean"}.items():
        frame[name] = whole[name].to_pandas(integer_object_nulls=True).astype(column)
    for codec in ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"]:
        if only in (name := f"fastparquet-{codec.lower()}"):
            fastparquet.write(str(folder / f"{name}.parquet"), frame, compression=codec, row_group_offsets=rows // 2 + 1, times="int96")
    kept = whole.drop(["f16", "none"])
    for codec in ["snappy", "zstd", "lz4_raw", "gzip", "brotli", "uncompressed"]:
        if only in (name := f"duckdb-{codec}"):
            duckdb.sql(f"COPY (SELECT * FROM kept) TO '{folder / f'{name}.parquet'}' (FORMAT parquet, CODEC '{codec}', PARQUET_VERSION '{'V2' if codec == 'zstd' else 'V1'}')")
        if only in (name := f"polars-{codec}"):
            pl.from_arrow(kept).write_parquet(folder / f"{name}.parquet", compression=codec.removesuffix("_raw"), data_page_size=2000)


def as_written(source: pa.Table) -> pa.Table:
    """What a table becomes beside answers: wide types, times in milliseconds, decimals as text."""
    columns = {}
    for name in source.column_names:
        column = source[name].combine_chunks()
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_decimal(kind):
            column = pa.array([None if value is None else format(value, "f") for value in column.to_pylist()], pa.string())
        elif pa.types.is_null(kind):
            column = column.cast(pa.string())
        elif pa.types.is_integer(kind):
            column = column.cast(pa.int64())
        elif pa.types.is_floating(kind):
            column = column.cast(pa.float64())
        elif pa.types.is_date(kind):
            column = column.cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "UTC"))
        elif pa.types.is_timestamp(kind):
            column = column.cast(pa.timestamp("ms", kind.tz or "UTC")).cast(pa.timestamp("ms", "UTC"))
        elif pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            column = column.cast(pa.string())
        columns[name] = column
    return pa.table(columns)


def same(left: pa.ChunkedArray, right: pa.ChunkedArray) -> bool:
    """Equal to the bit, but that all NaN are one."""
    left, right = left.combine_chunks(), right.combine_chunks()
    if left.type != right.type or len(left) != len(right) or not pc.is_null(left).equals(pc.is_null(right)):
        return False
    if not pa.types.is_floating(left.type):
        return left.equals(right)
    bits = [np.where(np.isnan(values), np.nan, values).view(np.uint64) for values in (column.fill_null(0).to_numpy(zero_copy_only=False) for column in (left, right))]
    return bool((bits[0] == bits[1]).all())


def make(folder: Path, rows: int, only: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, rows, only)
    model = StandardScaler(with_mean=False, with_std=False).fit(pd.DataFrame(np.ones((2, len(NUMBERS))), columns=NUMBERS))
    joblib.dump(model, folder / "numbers.joblib")
    present = [name for name in NUMBERS if name != "u64"]
    joblib.dump(StandardScaler(with_mean=False, with_std=False).fit(pd.DataFrame(np.ones((2, len(present))), columns=present)), folder / "numbers-fastparquet.joblib")
    labels(folder, rows)


def labels(folder: Path, rows: int) -> None:
    """Of each kind of label a model, numbers that it is asked, and what scikit-learn answers; one file has more rows than a group."""
    (folder / "expected").mkdir()
    rng = np.random.default_rng(2)
    keys = 1000
    words = np.array(["", "Zürich", "日本", "😀"])
    kinds = {
        "two": rng.integers(0, 2, keys),
        "many": rng.integers(-200, 200, keys) * 10**9,
        "one": np.full(keys, 7),
        "texts": rng.choice(words, keys),
        "longer": np.array([f"{'x' * 40}{value}" for value in rng.integers(0, 600, keys)]),
        "floats": rng.choice([-1.0, 0.0, 3.0], keys),
        "flags": rng.random(keys) < 0.5,
        "outputs": np.stack([rng.integers(0, 3, keys), rng.integers(5, 25, keys)], axis=1),
        "gaps": rng.choice(words, keys),
    }
    for kind, labels_of in kinds.items():
        chosen = rng.integers(0, keys, 150_000 if kind == "many" else rows)
        x = pd.DataFrame({"x": chosen.astype(np.float64)})
        y = labels_of[chosen]
        model = LogisticRegression() if kind == "gaps" else DecisionTreeClassifier(random_state=0)
        model.fit(x, y)
        columns = list(model.predict(x).reshape(len(y), -1).T)
        missing = rng.random(len(y)) < 0.1 if kind == "gaps" else None
        asked = x["x"] if missing is None else np.where(missing, np.nan, x["x"])
        joblib.dump(model, folder / f"labels-{kind}.joblib")
        given = {f"label_{i}": pa.array(column, mask=missing) for i, column in enumerate(columns)}
        pq.write_table(pa.table({"x": asked}), folder / f"labels-{kind}.parquet")
        pq.write_table(pa.table(given), folder / "expected" / f"labels-{kind}.parquet")


def check_labels(folder: Path) -> int:
    """How many files hold other labels than scikit-learn's for one of four readers."""
    readers = {
        "pyarrow": pq.read_table,
        "duckdb": lambda path: duckdb.sql(f"FROM '{path}'").to_arrow_table(),
        "polars": lambda path: pl.read_parquet(path).to_arrow(),
        "fastparquet": lambda path: pa.Table.from_pandas(fastparquet.ParquetFile(str(path)).to_pandas(), preserve_index=False),
    }
    paths = sorted((folder / "labels").glob("*.parquet"))
    failed = 0
    for path in paths:
        expected = pq.read_table(folder / "expected" / path.name)
        for name, read in readers.items():
            found = read(path)
            same_rows = found.num_columns == expected.num_columns and all(
                right.to_pylist() == left.to_pylist() for left, right in zip(expected.columns, found.columns)
            )
            if not same_rows:
                failed += 1
                print(f"{path.name}: {name} reads other labels")
    print(f"labels of {len(paths)} models, by {len(readers)} readers, {failed} with differences")
    return failed if paths else 1


def check(folder: Path) -> None:
    failed = count = 0
    paths = [path for path in folder.glob("*.parquet") if not path.name.startswith("labels-")]
    for path in sorted(paths):
        try:
            source = pq.read_table(path, use_threads=False)
        except OSError:  # DuckDB's differences of integers of 32 bits have 33, which pyarrow does not read.
            source = duckdb.sql(f"FROM '{path}'").to_arrow_table()
        expected = as_written(source)
        found = pq.read_table(folder / "out" / path.name)
        wrong = [name for name in expected.column_names if not same(expected[name], found[name])]
        numbers = [name for name in NUMBERS if name in source.column_names]
        for name, column in zip(numbers, [name for name in found.column_names if name.startswith("transform")]):
            given = source[name].cast(pa.float64() if name != "flag" else pa.int8(), safe=False).cast(pa.float64()).combine_chunks().fill_null(np.nan)
            if not same(pa.chunked_array([given]), found[column]):
                wrong.append(f"{column} ({name})")
        count += 1
        failed += bool(wrong)
        if wrong:
            print(f"{path.name}: {', '.join(wrong)}")
    print(f"{count} files, {failed} with differences")
    failed += check_labels(folder)
    sys.exit(1 if failed or count == 0 else 0)


def fixtures(folder: Path) -> None:
    """Few rows in few kinds of files; and what they hold, as text: with cells missing, and with none."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, 100, "")
    keep = ["arrow-gzip-page2", "arrow-lz4-page1", "arrow-brotli-page1", "arrow-zstd-page1", "arrow-small-page1", "arrow-small-page2", "arrow-required-plain-page2", "arrow-delta-page1", "arrow-delta-page2", "arrow-split-page1", "arrow-int96", "arrow-integer-decimals", "arrow-no-rows", "fastparquet-snappy", "duckdb-zstd", "polars-lz4_raw"]
    for path in folder.glob("*.parquet"):
        if path.stem not in keep:
            path.unlink()

    def text(value: object) -> str | None:
        if isinstance(value, datetime.datetime):
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return value if value is None or isinstance(value, str) else repr(value)

    for name, source in {"some-missing": table(100), "none-missing": table(100, missing=0, seed=1)}.items():
        cells = {column: [text(value) for value in values] for column, values in as_written(source).to_pydict().items()}
        (folder / f"{name}.json").write_text(json.dumps(cells))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    only = arguments.pop(arguments.index("--only") + 1) if "--only" in arguments else ""
    arguments = [argument for argument in arguments if argument != "--only"]
    command, folder = arguments[0], Path(arguments[1])
    if command == "make":
        make(folder, int(arguments[2]) if len(arguments) > 2 else 3000, only)
    elif command == "check":
        check(folder)
    else:
        fixtures(folder)
