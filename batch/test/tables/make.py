"""Makes the files of Arrow in this folder, and `expected.ndjson`, what pyarrow finds in them.

    pip install pyarrow==26.0.1
    python make.py

Columns of every type that goes beside answers, with gaps, in batches of uneven sizes, one of them empty: whole, in parts of other arrays, compressed, with
dictionaries that grow and that are replaced, and as Arrow wrote them before version 1.
"""

import datetime
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc as ipc

FOLDER = Path(__file__).parent
ROWS = 40
SIZES = [1, 0, 17, 22]


def gaps(values, seed):
    draw = random.Random(seed)
    return [None if draw.random() < 0.2 else value for value in values]


def integers(bits, signed, seed):
    draw = random.Random(seed)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2 ** min(bits, 63) - 1)
    return gaps([low, high] + [draw.randint(low, high) for _ in range(ROWS - 2)], seed)


def texts(seed):
    draw = random.Random(seed)
    return gaps([draw.choice(["a", "é", "日本", "", "longer than a view holds", "𝄞" * 5]) for _ in range(ROWS)], seed)


def floats(seed):
    draw = random.Random(seed)
    return gaps([draw.choice([-1, 1]) * 2.0 ** draw.randint(-8, 8) for _ in range(ROWS)], seed)


def columns():
    days = [datetime.date(1960, 1, 1) + datetime.timedelta(days=1000 * i) for i in range(ROWS)]
    columns = {f"{'u' * (not signed)}int{bits}": pa.array(integers(bits, signed, bits), getattr(pa, f"{'u' * (not signed)}int{bits}")())
               for bits in (8, 16, 32, 64) for signed in (True, False)}
    return columns | {
        "float16": pa.array(floats(1), pa.float16()),
        "float32": pa.array(floats(2), pa.float32()),
        "float64": pa.array(floats(3)),
        "bool": pa.array(gaps([i % 3 == 0 for i in range(ROWS)], 4)),
        "string": pa.array(texts(5)),
        "large_string": pa.array(texts(6), pa.large_string()),
        "string_view": pa.array(texts(7), pa.string_view()),
        "category": pa.array(texts(8)).dictionary_encode(),
        "numbers": pa.DictionaryArray.from_arrays(pa.array(gaps([i % 3 for i in range(ROWS)], 9), pa.int8()), pa.array([10, 20, 30])),
        "date32": pa.array(gaps(days, 10), pa.date32()),
        "date64": pa.array(gaps(days, 11), pa.date64()),
        "seconds": pa.array(gaps([i * 10**6 for i in range(ROWS)], 12), pa.timestamp("s")),
        "milliseconds": pa.array(gaps([i * 10**9 - 5 for i in range(ROWS)], 13), pa.timestamp("ms", "UTC")),
        "microseconds": pa.array(gaps([i * 10**12 + 1000 for i in range(ROWS)], 14), pa.timestamp("us")),
        "nanoseconds": pa.array(gaps([i * 10**15 for i in range(ROWS)], 15), pa.timestamp("ns")),
        "null": pa.nulls(ROWS),
    }


def others():
    """Columns of types that are not read, and must not shift those that are."""
    return {
        "list": pa.array([[1, 2]] * ROWS),
        "struct": pa.array([{"a": 1, "b": "x"}] * ROWS),
        "decimal": pa.array([None] * ROWS, pa.decimal128(10, 2)),
        "binary_view": pa.array([b"longer than a view holds"] * ROWS, pa.binary_view()),
        "map": pa.array([[("k", 1)]] * ROWS, pa.map_(pa.string(), pa.int32())),
        "union": pa.UnionArray.from_dense(pa.array([0] * ROWS, pa.int8()), pa.array(range(ROWS), pa.int32()), [pa.array([1] * ROWS), pa.array(["z"])]),
        "run_ends": pa.RunEndEncodedArray.from_arrays(pa.array([ROWS], pa.int32()), pa.array(["x"])),
        "list_view": pa.array([[1, 2]] * ROWS, pa.list_view(pa.int32())),
    }


def write(name, table, factory, **options):
    [batch] = table.combine_chunks().to_batches()
    with pa.OSFile(str(FOLDER / name), "wb") as file, factory(file, table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        start = 0
        for size in SIZES:
            writer.write_batch(batch.slice(start, size))
            start += size


def growing():
    for step in range(4):
        known = pa.array([f"v{i}" for i in range(step + 1)])
        yield pa.record_batch({"category": pa.DictionaryArray.from_arrays(pa.array([i % (step + 1) for i in range(5)], pa.int32()), known)})


def plain(value):
    if isinstance(value, (datetime.datetime, datetime.date)):
        moment = value if isinstance(value, datetime.datetime) else datetime.datetime.combine(value, datetime.time())
        moment = moment.replace(tzinfo=datetime.timezone.utc)
        return {"time": round((moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(milliseconds=1))}
    return {"integer": str(value)} if isinstance(value, int) and not isinstance(value, bool) else value


def cells(column):
    # Python has no times of nanoseconds.
    if column.type == pa.timestamp("ns"):
        column = column.cast(pa.timestamp("us"))
    return [plain(value) for value in column.to_pylist()]


def main():
    every = list((columns() | others()).items())
    random.Random(0).shuffle(every)
    table = pa.table(dict(every))
    write("whole.arrow", table, ipc.new_file)
    write("lz4.arrow", table, ipc.new_file, compression="lz4")
    write("zstd.arrows", table, ipc.new_stream, compression="zstd")
    old = table.drop_columns(["string_view", "binary_view", "list_view", "run_ends"])
    write("before-1.0.arrows", old, ipc.new_stream, use_legacy_format=True, metadata_version=ipc.MetadataVersion.V4)
    batches = list(growing())
    for name, some, options in [("grows.arrows", batches, {"emit_dictionary_deltas": True}), ("replaced.arrows", batches[::-1], {})]:
        with pa.OSFile(str(FOLDER / name), "wb") as file, ipc.new_stream(file, batches[0].schema, options=ipc.IpcWriteOptions(**options)) as writer:
            for batch in some:
                writer.write_batch(batch)
    # Of more than 64 KiB, in blocks of LZ4 that refer to those before.
    long = pa.table({"int64": pa.array([i // 100 for i in range(30_000)])})
    for codec in ("lz4", "zstd"):
        with pa.OSFile(str(FOLDER / f"long-{codec}.arrow"), "wb") as file, ipc.new_file(file, long.schema, options=ipc.IpcWriteOptions(compression=codec)) as writer:
            writer.write_table(long)
    with pa.output_stream(FOLDER / "rows.csv.zst", compression="zstd") as file:
        file.write((FOLDER.parents[2] / "fixtures" / "demo" / "rows.csv").read_bytes())
    expected = {}
    for path in sorted([*FOLDER.glob("*.arrow"), *FOLDER.glob("*.arrows")]):
        if path.stem.startswith("long"):
            continue
        read = (ipc.open_file if path.suffix == ".arrow" else ipc.open_stream)(path.read_bytes()).read_all()
        expected[path.name] = {name: cells(read[name]) for name in read.schema.names if name not in others()}
    lines = [json.dumps({"file": name, "columns": columns}, ensure_ascii=False) for name, columns in expected.items()]
    (FOLDER / "expected.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
