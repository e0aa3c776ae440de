"""The process that scores, without Spark: whatever happens to it, rows get their own answers or there is an error."""

from __future__ import annotations

import os
import pickle
import shlex
import signal
import sys
import time

import numpy as np
import pyarrow as pa
import pytest

from nuthatch_export.batch import Scorer, ScoringError, open_model, scorer
from nuthatch_export.batch.command import find_command

PROJECT = os.path.join(os.path.dirname(__file__), "..", "..")
NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]


@pytest.fixture(scope="module")
def model(command):
    return open_model(os.path.join(PROJECT, "fixtures", "demo", "model.json"), command)


@pytest.fixture
def flowers(model, command):
    end_idle()
    yield Scorer(model.path, ("predict_proba",), command=command, timeout=60)
    end_idle()


def end_idle() -> None:
    while scorer._idle:
        scorer._idle.pop()[1].close()


def batch_of(rows: np.ndarray) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(column) for column in rows.T], NAMES)


def made(count: int, rows: int = 50) -> list[pa.RecordBatch]:
    random = np.random.RandomState(0)
    return [batch_of(random.random_sample((rows, 4)) * 7) for _ in range(count)]


def scored(flowers: Scorer, batches) -> list[pa.RecordBatch]:
    return list(flowers.score(batches))


def pids() -> list[int]:
    return [process._child.pid for _, process in scorer._idle]


def test_one_process_answers_one_stream_after_another(flowers, model):
    assert model.names == tuple(NAMES)
    assert flowers.answers(made(1)[0].schema).names[0] == "predict_proba_setosa"
    first = scored(flowers, made(3))
    kept = pids()
    assert len(kept) == 1
    assert scored(flowers, made(3)) == first
    # Of other types, and so of another process; integers and gaps are float64 like the rest.
    singles = [batch.cast(pa.schema([(name, pa.float32()) for name in NAMES])) for batch in made(2)]
    assert [len(answer) for answer in scored(flowers, [*made(1), *singles, *made(1)])] == [50] * 4
    assert len(pids()) == 2 and set(kept) < set(pids())
    gaps = pa.RecordBatch.from_arrays([pa.array([1, None]), *[pa.array([2, 3])] * 3], NAMES)
    nothing = pa.RecordBatch.from_arrays([pa.array([None], pa.null()), *[pa.array([2.0])] * 3], NAMES)
    answers = scored(flowers, [gaps, batch_of(np.array([[np.nan, 3, 3, 3], [1.0, 2, 2, 2]])), nothing])
    assert answers[0].slice(1) == answers[1].slice(0, 1)
    assert answers[0].slice(0, 1) == answers[1].slice(1)
    assert scored(flowers, []) == []
    assert scored(flowers, [*made(1, 0), *made(2), *made(1, 0)]) == scored(flowers, made(2))


def test_batches_are_larger_than_pipes_in_both_directions(flowers):
    answers = scored(flowers, made(3, 60_000))
    assert [len(answer) for answer in answers] == [60_000] * 3
    assert scored(flowers, made(1, 60_000))[0] == answers[0]


def test_killed_between_and_within_streams(flowers):
    expected = scored(flowers, made(6))
    os.kill(pids()[0], signal.SIGKILL)
    assert scored(flowers, made(6)) == expected

    def kill(batches):
        for number, batch in enumerate(batches):
            if number == 3:
                [victim] = victims
                os.kill(victim, signal.SIGKILL)
            yield batch

    victims = pids()
    assert scored(flowers, kill(made(6))) == expected
    assert victims != pids()


def test_that_always_dies_is_told(flowers):
    dies = flowers._replace(command=["sh", "-c", "kill -9 $$"])
    with pytest.raises(ScoringError, match="ended by SIGKILL, 3 times in a row"):
        scored(dies, made(1))
    assert pids() == []


def test_a_bad_row_is_named_by_its_place_in_the_stream(flowers):
    batches = made(4)
    rows = np.full((50, 4), 1.0)
    rows[7, 1] = np.inf
    scored(flowers, batches)
    [before] = pids()
    for _ in range(3):
        with pytest.raises(ScoringError) as found:
            scored(flowers, [*batches, batch_of(rows), *batches])
        assert found.value.code == "input-not-finite"
        assert found.value.path == 'row 207, column "sepal width (cm)"'
        assert str(found.value).startswith('row 207, column "sepal width (cm)": ')
        assert str(pickle.loads(pickle.dumps(found.value))) == str(found.value)
    assert before not in pids()
    answers = scored(flowers._replace(on_error="null"), [batch_of(rows)])
    assert [column.null_count for column in answers[0].columns] == [1, 1, 1]


def test_who_stops_asking_leaves_nothing_behind(flowers):
    answers = flowers.score(made(9))
    next(answers)
    answers.close()
    assert pids() == []


def test_silence_ends_after_a_time(flowers):
    begun = time.monotonic()
    silent = flowers._replace(command=[sys.executable, "-c", "import time; time.sleep(600)"], timeout=0.3)
    with pytest.raises(ScoringError, match="no answer for 0.3 s"):
        scored(silent, made(1))
    assert time.monotonic() - begun < 20


def test_words_on_stderr_do_not_stop_it(flowers, command):
    noisy = f'head -c 300000 /dev/zero | tr "\\0" x >&2; exec {shlex.join(command)} "$@"'
    loud = flowers._replace(command=["sh", "-c", noisy, "sh"])
    assert scored(loud, made(2)) == scored(flowers, made(2))
    fails = flowers._replace(command=["sh", "-c", f'{noisy.split(";")[0]}; echo "out of luck" >&2; exit 7', "sh"])
    with pytest.raises(ScoringError, match="exit code 7 before it had answered: x+out of luck$"):
        scored(fails, made(1))


def test_a_child_does_not_write_to_its_parents_process(flowers):
    expected = scored(flowers, made(2))
    kept = pids()
    child = os.fork()
    if child == 0:
        os._exit(0 if pids() == [] and scored(flowers, made(2)) == expected else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert scored(flowers, made(2)) == expected
    assert pids() == kept


def test_the_command_is_given_or_found(monkeypatch, tmp_path):
    assert find_command([sys.executable, "-v"]) == [sys.executable, "-v"]
    assert find_command(f"{sys.executable} -v") == [sys.executable, "-v"]
    monkeypatch.setenv("NUTHATCH_COMMAND", f"{sys.executable} main.js")
    assert find_command() == [sys.executable, "main.js"]
    monkeypatch.delenv("NUTHATCH_COMMAND")
    there = tmp_path / "nuthatch"
    there.write_text("#!/bin/sh\n")
    there.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_command() == [str(there)]
    there.unlink()
    with pytest.raises(ScoringError, match="npm install -g nuthatch @nuthatch/batch"):
        find_command()
