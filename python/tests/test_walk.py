"""The values of SPEC.md, one by one."""

from __future__ import annotations

import collections
import enum
import functools
import json
import math
import threading

import numpy as np
import pytest
from decoder import Decoder, difference

from nuthatch_export import ExportError
from nuthatch_export.document import to_text
from nuthatch_export.walk import MAX_DEPTH, encode


def written(value):
    return json.loads(to_text({"value": encode(value)}))["value"]


def read_back(value):
    return Decoder().decode(written(value))


class Colour(enum.Enum):
    RED = 1


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b


Point = collections.namedtuple("Point", "x y")

RECORD = np.dtype({"names": ["a", "b"], "formats": ["u1", "<f8"], "offsets": [0, 8], "itemsize": 24})


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(2**53) + 1,
        2**53,
        -(2**200),
        -(10**1000) + 1,
        1.0,
        -0.0,
        0.1,
        5e-324,
        1e-7,
        1e22,
        1.7976931348623157e308,
        math.inf,
        -math.inf,
        math.nan,
        complex(-0.0, math.nan),
        "",
        "é\u2028\U0001f600\x00",
        "\ud800 alone",
        b"\x00\xff",
        [],
        [1, [2.0, None]],
        (),
        (1, ("a",)),
        {},
        {"a": 1, 2: "b", (3, 4): None, None: 1.5, 1.5: 2},
        {"$": "ref", "id": 3},
        {3, 1, 2},
        frozenset({"b", "a"}),
        {frozenset({1}), frozenset({2, 1}), (1, "a"), "x", 5},
        slice(1, None, 2),
        range(3),
        int,
        len,
        np.log1p,
        np.float64,
        np.sum,
        np.dtype("<f4"),
        RECORD,
        np.float32(0.1),
        np.int64(-5),
        np.bool_(True),
        np.str_("é"),
        np.datetime64("2020-01-01", "ns"),
        np.array(3.5),
        np.zeros((0, 3)),
        np.array([[1, 2], [3, 4]], dtype=">i4"),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(24.0).reshape(2, 3, 4)[:, ::2, ::-1],
        np.array([True, False]),
        np.array(["a", "bcd"]),
        np.array([b"a", b"bc"]),
        np.array([1 + 2j]),
        np.array([[None, "x"], [1, math.nan]], dtype=object),
        np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
        np.array([-0.0, math.nan, math.inf], dtype=np.float32),
        np.zeros(2, dtype=[("a", "<f8", (2, 2)), ("b", [("c", ">u2")])]),
        np.ma.MaskedArray([1.0, 2.0], [True, False]),
        np.random.RandomState(3),
        np.random.default_rng(3),
        Colour.RED,
        Point(1, [2]),
        Slotted(1, "b"),
        collections.OrderedDict([("b", 1), ("a", 2)]),
        collections.defaultdict(list, {"a": [1]}),
        collections.deque([1, 2], maxlen=5),
        functools.partial(int, base=2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_round_trip(value):
    assert difference(value, read_back(value)) is None or value is read_back(value)


def test_text_of_numbers():
    text = to_text({"value": encode([1, 1.0, -0.0, 1e-7, 1e22, 2**53 - 1, 2**53])})
    assert text == '{"value":[1,1.0,-0.0,1e-07,1e+22,9007199254740991,{"$":"int","value":"9007199254740992"}]}'


def test_endless_integers_are_refused():
    with pytest.raises(ExportError, match="1000 digits"):
        encode([10**1000])


def test_strings_are_ascii_and_lone_surrogates_survive():
    assert to_text({"value": encode("\udc80é")}) == '{"value":"\\udc80\\u00e9"}'


def test_padding_of_records_is_zero():
    noise = np.frombuffer(bytes(range(48)), dtype=RECORD)
    padding = np.array(Decoder().read_bytes({"data": written(noise)["data"]})).tobytes()
    assert padding[1:8] == b"\0" * 7 and padding[16:24] == b"\0" * 8
    assert padding[0] == 0 and padding[24] == 24


class Wrapped:
    """As estimators of other libraries, whose models are bytes in their state."""

    def __getstate__(self):
        return {"handle": bytearray(b"\0model"), "text": "tree"}


def test_memory_in_a_state():
    state = written(Wrapped())["state"]["items"]
    handle = {"$": "object", "class": "builtins.bytearray", "callable": "builtins.bytearray"}
    assert state == [["handle", {**handle, "args": [{"$": "bytes", "data": "AG1vZGVs"}]}], ["text", "tree"]]


def test_identity_and_cycles():
    array = np.arange(3)
    shared = [array, {"again": array}]
    shared.append(shared)
    tree = written([shared, shared, (shared,)])
    assert tree[0]["$"] == "list" and tree[0]["id"] == 0 and list(tree[0]) == ["$", "id", "items"]
    assert tree[0]["items"][0]["id"] == 1
    assert tree[1] == {"$": "ref", "id": 0} and tree[2]["items"] == [{"$": "ref", "id": 0}]
    value = read_back([shared, shared])
    assert value[0] is value[1] is value[0][2] and value[0][0] is value[0][1]["again"]


def test_equal_things_are_not_shared():
    assert written([[1], [1], np.zeros(1), np.zeros(1)])[0] == [1]
    assert "ref" not in to_text({"v": encode([[1], [1], "a", "a", (1,), 3.5])})


def test_no_ids_are_reused_for_temporary_objects():
    # Each reduction makes new objects; were they freed, later ones could be taken for them.
    values = [Slotted(i, [float(i)]) for i in range(500)]
    assert [one.b for one in read_back(values)] == [[float(i)] for i in range(500)]


class Refuses:
    def __reduce_ex__(self, protocol):
        raise ValueError("not\ntoday")


def test_all_problems_are_reported_at_once(tmp_path):
    def local():
        pass

    class Local:
        pass

    with open(tmp_path / "file", "w") as file:
        model = Slotted(
            {"f": lambda x: x, "ok": 1, "file": file},
            [local, threading.Lock(), (i for i in ()), np.array([None, Refuses()], dtype=object), Local(), math],
        )
        with pytest.raises(ExportError) as caught:
            encode(model)
    paths = {problem.path: problem.reason for problem in caught.value.problems}
    assert set(paths) == {
        "model.<state>[1]['a']['f']",
        "model.<state>[1]['a']['file']",
        "model.<state>[1]['b'][0]",
        "model.<state>[1]['b'][1]",
        "model.<state>[1]['b'][2]",
        "model.<state>[1]['b'][3][1]",
        "model.<state>[1]['b'][4]",
        "model.<state>[1]['b'][5]",
    }
    assert "lambda" in paths["model.<state>[1]['a']['f']"]
    assert "inside a function" in paths["model.<state>[1]['b'][0]"]
    assert "(not today)" in paths["model.<state>[1]['b'][3][1]"]
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)


def test_paths_of_attributes():
    from sklearn.preprocessing import FunctionTransformer

    with pytest.raises(ExportError) as caught:
        encode(FunctionTransformer(func=lambda x: x, kw_args={"lock": threading.Lock()}))
    assert [problem.path for problem in caught.value.problems] == ["model.func", "model.kw_args['lock']"]


def nested(levels):
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_depth():
    assert encode(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    to_text({"value": encode(nested(MAX_DEPTH))})
    with pytest.raises(ExportError, match="nested more than 200 levels"):
        encode(nested(MAX_DEPTH + 1))
    with pytest.raises(ExportError, match="nested"):
        encode(nested(100_000))


def test_functions_not_importable_by_their_name():
    def renamed():
        pass

    renamed.__qualname__ = "test_depth"
    with pytest.raises(ExportError, match="cannot be imported under that name"):
        encode(renamed)


def test_functions_of_scipy():
    special = pytest.importorskip("scipy.special")
    assert written(special.expit) == {"$": "global", "name": "scipy.special.expit"}
    assert written(np.log1p) == {"$": "global", "name": "numpy.log1p"}


def test_sparse_matrices():
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.random(5, 4, 0.5, "csr", random_state=0)
    back = read_back(matrix)
    assert back.format == "csr" and (back != matrix).nnz == 0 and back.dtype == matrix.dtype


def test_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "text": ["a", None, "c"],
            "kind": pandas.Categorical(["x", "y", None], categories=["y", "x"], ordered=True),
            "when": pandas.to_datetime(["2020-01-01", None, "2021-05-05"]),
            "whole": pandas.array([1, None, 3], dtype="Int64"),
            "number": [1.5, math.nan, -0.0],
        },
        index=pandas.Index(["i", "j", "k"], name="key"),
    )
    for value in (frame, frame.index, frame["kind"], frame["kind"].dtype, frame["whole"].array, frame.dtypes):
        back = read_back(value)
        if hasattr(value, "equals"):
            assert value.equals(back)
        else:
            assert type(back) is type(value)
    assert read_back(pandas.NA) is pandas.NA
    assert read_back(frame["kind"].dtype) == frame["kind"].dtype


def test_strings_in_arrow_memory_are_readable():
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    value = written(pandas.array(["a", None, "é"], dtype="string[pyarrow]"))
    state = Decoder().decode(value["state"])
    assert value["class"].endswith("ArrowStringArray")
    assert list(state["values"]) == ["a", None, "é"] and state["dtype"] == "string"


@pytest.mark.skipif(not hasattr(np, "dtypes") or not hasattr(np.dtypes, "StringDType"), reason="numpy before 2.0")
def test_variable_width_strings_are_objects():
    value = read_back(np.array(["a", "long enough to be elsewhere in memory"], dtype=np.dtypes.StringDType()))
    assert value.dtype == object and value.tolist() == ["a", "long enough to be elsewhere in memory"]
