"""The command, run as people run it."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
from decoder import Decoder
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from zoo import LABELS, NUMBERS

from nuthatch_export import cli, launch, options

SOURCE = str(Path(__file__).resolve().parent.parent / "src")


def run(*arguments, cwd=None, **variables):
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    return subprocess.run(
        [sys.executable, "-W", "error::ImportWarning", "-m", "nuthatch_export", *map(str, arguments)],
        env={**clean, "PYTHONPATH": SOURCE, **variables},
        capture_output=True,
        text=True,
        cwd=cwd,
    )


def inside(*arguments):
    """The command in this process, where numpy is imported already: quick, but the reference is not pinned."""
    return cli.run(options.parse([str(one) for one in arguments]))


@pytest.fixture(scope="module")
def model():
    return make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0, n_jobs=2)).fit(NUMBERS, LABELS)


@pytest.fixture
def file(tmp_path, model):
    joblib.dump(model, tmp_path / "model.joblib")
    return tmp_path / "model.joblib"


def test_pinned_and_the_same_in_two_processes(file, tmp_path):
    first = run(file, "-o", tmp_path / "a.json", PYTHONHASHSEED="1")
    assert (first.returncode, first.stdout) == (0, ""), first.stderr
    assert "runs code" in first.stderr and "wrote" in first.stderr
    second = run(file, "-o", tmp_path / "b.json", "-q", PYTHONHASHSEED="2", OMP_NUM_THREADS="2")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    document = json.loads((tmp_path / "a.json").read_text())
    assert [one["name"] for one in document["golden"]][:2] == ["thresholds", "paths"]
    for one in document["golden"]:
        assert one["numerics"] == {"blas_threads": 1, "n_jobs": 1, "avx512": False}
    features = document["environment"]["cpu_features"]
    assert features and not any(name.startswith("AVX512") or name == "X86_V4" for name in features)
    assert str(tmp_path) not in json.dumps(document)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json", "model.joblib"]


def test_sets_are_written_in_order_in_any_process(tmp_path):
    code = (
        "import numpy, pickle, sys; from nuthatch_export import dumps\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
        "words = set('the quick brown fox jumps over a lazy dog'.split())\n"
        "odd = {('a', 1), frozenset(words), 'b', 2, None, 3.5}\n"
        "print(dumps(FunctionTransformer(kw_args={'w': words, 'o': odd})))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": SOURCE, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_a_users_own_settings_are_kept_beside_ours(file, tmp_path):
    groups = launch.avx512_groups()
    done = run(
        file, "-q", "-o", tmp_path / "a.json", NPY_DISABLE_CPU_FEATURES=",".join(groups[:1]), NPY_ENABLE_CPU_FEATURES=""
    )
    assert done.returncode == 0, done.stderr


def test_default_output_gzip_and_no_golden(file, tmp_path):
    assert inside(file, "-q", "--no-golden") == 0
    plain = (tmp_path / "model.json").read_bytes()
    assert plain.endswith(b"}\n") and "golden" not in json.loads(plain)
    assert inside(file, "-q", "--no-golden", "-o", tmp_path / "m.json.gz") == 0
    packed = (tmp_path / "m.json.gz").read_bytes()
    assert gzip.decompress(packed) == plain
    assert packed[4:8] == b"\0\0\0\0" and not packed[3] & 8, "neither a time nor a name"
    assert inside(file, "-q", "--no-golden", "-o", tmp_path / "n.json.gz") == 0
    assert (tmp_path / "n.json.gz").read_bytes() == packed


def test_plain_pickles(tmp_path, model):
    for name in ("m.pkl", "m.pickle"):
        (tmp_path / name).write_bytes(pickle.dumps(model))
        assert inside(tmp_path / name, "-q", "-o", tmp_path / "m.json", "--max-rows", "10") == 0
    golden = json.loads((tmp_path / "m.json").read_text())["golden"]
    assert sum(one["input"]["value"]["shape"][0] for one in golden) <= 10


def rows_of(path):
    (one,) = [one for one in json.loads(path.read_text())["golden"] if one["name"] == "rows"]
    return one["input"], Decoder().decode(one["input"]["value"])


@pytest.mark.parametrize("header", [True, False])
def test_rows_of_numbers(file, tmp_path, header):
    text = "a,b,c,d\n" * header + "1,2,3.5,4\n-0.0,1e-300,5,6\n7,8,9,0.1\n"
    (tmp_path / "rows.csv").write_text(text)
    assert inside(file, "-q", "-o", tmp_path / "m.json", "--rows", tmp_path / "rows.csv") == 0
    written, rows = rows_of(tmp_path / "m.json")
    assert written["type"] == "matrix" and rows.dtype == np.float64
    assert rows.tolist() == [[1, 2, 3.5, 4], [-0.0, 1e-300, 5, 6], [7, 8, 9, 0.1]]
    assert np.signbit(rows[1, 0])
    np.save(tmp_path / "rows.npy", rows.astype(np.float32))
    assert inside(file, "-q", "-o", tmp_path / "m.json", "--rows", tmp_path / "rows.npy") == 0
    assert rows_of(tmp_path / "m.json")[1].dtype == np.float32


def test_rows_of_text(tmp_path):
    from sklearn.feature_extraction.text import TfidfVectorizer

    joblib.dump(
        make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["a dog", "the cat"], [0, 1]), tmp_path / "m.joblib"
    )
    pytest.importorskip("pandas")
    (tmp_path / "rows.csv").write_text('text\n"a dog, or two"\nthe cat\n', encoding="utf-8")
    assert inside(tmp_path / "m.joblib", "-q", "--rows", tmp_path / "rows.csv") == 0
    assert rows_of(tmp_path / "m.json")[1].tolist() == ["a dog, or two", "the cat"]


def test_rows_by_name(tmp_path):
    pandas = pytest.importorskip("pandas")
    joblib.dump(
        LogisticRegression().fit(pandas.DataFrame(NUMBERS, columns=list("abcd")), LABELS), tmp_path / "m.joblib"
    )
    (tmp_path / "rows.csv").write_text("d,extra,c,b,a\n4,x,3,2,1\n8,y,7,6,5\n")
    assert inside(tmp_path / "m.joblib", "-q", "--rows", tmp_path / "rows.csv") == 0
    assert rows_of(tmp_path / "m.json")[1].tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    assert inside(tmp_path / "m.joblib", "-q", "--rows", tmp_path / "rows.csv") == 3


def failing(capsys, *arguments):
    code = inside(*arguments)
    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if "error:" in line]
    assert code == 3 and len(lines) == 1 and printed.err.splitlines()[-1] == lines[0], printed.err
    return lines[0]


def test_errors_are_one_line_and_leave_no_file(tmp_path, capsys, file):
    assert "No such file" in failing(capsys, tmp_path / "none.joblib")
    (tmp_path / "junk.pkl").write_bytes(b"\x80\x04junk\n")
    assert "cannot be loaded" in failing(capsys, tmp_path / "junk.pkl")
    joblib.dump({"a": 1}, tmp_path / "dict.joblib")
    assert "not an estimator" in failing(capsys, tmp_path / "dict.joblib")
    joblib.dump(LogisticRegression(), tmp_path / "raw.joblib")
    assert "not fitted" in failing(capsys, tmp_path / "raw.joblib")
    assert "No such file" in failing(capsys, file, "-o", tmp_path / "none" / "m.json")
    assert "overwrite" in failing(capsys, file, "-o", file)
    (tmp_path / "rows.csv").write_text("1,2\n3,4\n")
    assert "does not take the rows" in failing(capsys, file, "--rows", tmp_path / "rows.csv")
    assert ".csv and .npy" in failing(capsys, file, "--rows", tmp_path / "rows.txt")
    (tmp_path / "rows.npy").write_bytes(b"not numpy")
    assert "rows.npy" in failing(capsys, file, "--rows", tmp_path / "rows.npy")
    (tmp_path / "empty.csv").write_text("")
    assert "empty.csv" in failing(capsys, file, "--rows", tmp_path / "empty.csv")
    assert not list(tmp_path.glob("*.json")) and not list(tmp_path.glob("*.tmp")) and not list(tmp_path.glob(".*"))


def test_a_failed_write_keeps_the_old_file(tmp_path, file, monkeypatch, capsys):
    (tmp_path / "m.json").write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "No space left" in failing(capsys, file, "-o", tmp_path / "m.json", "--no-golden")
    assert (tmp_path / "m.json").read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_unsupported_parts_are_named_on_the_line(tmp_path, monkeypatch, capsys, file):
    model = make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression()).fit(NUMBERS, LABELS)
    model.steps[1][1].extra_ = open(file, "rb")  # noqa: SIM115
    monkeypatch.setattr(cli, "load_model", lambda path: (model, []))
    line = failing(capsys, file, "-o", tmp_path / "m.json")
    assert "model.steps[0][1].func: a lambda" in line and "model.steps[1][1].extra_" in line
    assert not (tmp_path / "m.json").exists()
    model.steps[1][1].extra_.close()


def test_versions_that_do_not_fit_are_noted(tmp_path, capsys):
    here = sklearn.__version__.encode()
    older = b"0" + here[1:]
    data = pickle.dumps(LogisticRegression().fit(NUMBERS, LABELS))
    assert data.count(here) == 1
    (tmp_path / "m.pkl").write_bytes(data.replace(here, older))
    assert inside(tmp_path / "m.pkl") == 0
    assert older.decode() in capsys.readouterr().err
    assert any(older.decode() in note for note in json.loads((tmp_path / "m.json").read_text())["notes"])


def test_usage(capsys):
    for arguments in (
        [],
        ["m.joblib", "--bogus"],
        ["m.joblib", "--no-golden", "--rows", "r.csv"],
        ["m", "--max-rows", "-1"],
    ):
        with pytest.raises(SystemExit) as caught:
            options.parse(arguments)
        assert caught.value.code == 2
    with pytest.raises(SystemExit) as caught:
        options.parse(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "examples:" in text and "runs code" in text


def test_help_imports_no_numpy():
    code = (
        "import sys, nuthatch_export.options as options\n"
        "try: options.parse(['--version'])\n"
        "except SystemExit: print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": SOURCE}, stdout=subprocess.PIPE
    )
    assert done.stdout.split()[-1] == b"False"


def test_pinning_too_late_says_so():
    assert launch.pin() is False
