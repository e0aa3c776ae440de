"""Rows in the forms they are needed in: what an estimator is called with, and what a document holds."""

from __future__ import annotations

from typing import Any, NamedTuple, Sequence

import numpy as np

from .errors import ExportError


class Rows(NamedTuple):
    """``given`` is passed to the estimator's methods, ``written`` is the ``input`` of a golden set."""

    given: Any
    written: dict[str, Any]


def read_rows(rows: Any, names: Sequence[str] | None, may_be_items: bool = False) -> Rows:
    """A user's rows, at least two of them (a single row is repeated, since a batch is the reference).

    ``names`` are the feature names the estimator was fitted with, or None. Numbers or booleans in one dimension,
    which a LabelEncoder takes, are given so and written as a matrix of one column. ``may_be_items`` says that lists in a
    list are no rows of a matrix, as of an estimator that does not know how wide rows are.
    Raises ExportError for anything but a matrix, a DataFrame, a sparse matrix, or a list of strings, numbers or dicts.
    """
    if hasattr(rows, "tocsr"):
        return _sparse(rows.tocsr())
    if hasattr(rows, "iloc") and hasattr(rows, "columns"):
        made = _frame(rows)
        if names is None and made.written["type"] == "matrix":
            return matrix_rows(made.written["value"], None)  # names would only make the model warn
        return made
    if hasattr(rows, "iloc"):
        rows = rows.to_numpy()
    if np.ndim(rows) == 1 if isinstance(rows, np.ndarray) else isinstance(rows, (list, tuple)):
        kinds = (dict, list, tuple, set, frozenset) if may_be_items and not _is_matrix(rows) else (dict,)
        if len(rows) and all(isinstance(row, kinds) for row in rows):
            items = list(rows) * (2 if len(rows) == 1 else 1)
            return Rows(items, {"type": "items", "value": items})
    matrix = np.asarray(rows) if not isinstance(rows, np.ndarray) else rows
    if matrix.ndim == 0 or matrix.shape[0] == 0:
        raise ExportError("rows= holds no rows")
    if matrix.ndim == 1 and all(isinstance(text, str) for text in matrix.tolist()):
        texts = np.array(matrix.tolist() * (2 if len(matrix) == 1 else 1), dtype=object)
        return Rows(texts.tolist(), {"type": "text", "value": texts})
    if matrix.ndim == 1 and matrix.dtype.kind in "biuf":
        labels = np.repeat(matrix, 2) if len(matrix) == 1 else matrix
        return Rows(labels, {"type": "matrix", "value": labels[:, None], "ndim": 1})
    if matrix.ndim != 2:
        raise ExportError(f"rows= must have two dimensions (rows, features); it has {matrix.ndim}")
    if isinstance(rows, (list, tuple)) and matrix.dtype.kind not in "biuf":
        # numpy would turn a list of numbers and strings into strings only.
        matrix = np.array([list(row) for row in rows], dtype=object)
    if len(matrix) == 1:
        matrix = np.repeat(matrix, 2, axis=0)
    return matrix_rows(matrix, names)


def _is_matrix(rows: Any) -> bool:
    """Whether lists in a list are rows of numbers, as wide as each other."""
    if isinstance(rows, np.ndarray):
        return False
    try:
        matrix = np.asarray(rows)
    except ValueError:  # rows of different lengths
        return False
    return matrix.ndim == 2 and matrix.dtype.kind in "biuf"


def matrix_rows(matrix: np.ndarray, names: Sequence[str] | None) -> Rows:
    """A dense matrix, given with the names it was fitted with where pandas can carry them."""
    return Rows(with_names(matrix, names), {"type": "matrix", "value": np.asarray(matrix)})


def with_names(matrix: np.ndarray, names: Sequence[str] | None) -> Any:
    """The matrix as a DataFrame with these column names, or as it is where they do not fit."""
    if names is None or len(names) != matrix.shape[1]:
        return matrix
    try:
        import pandas
    except ImportError:
        return matrix
    return pandas.DataFrame(matrix, columns=list(names))


def feature_names(estimator: Any) -> list[str] | None:
    """The names an estimator was fitted with, or None."""
    try:
        names = getattr(estimator, "feature_names_in_", None)
    except Exception:  # a property of a meta-estimator, which may ask an estimator that has none
        return None
    return None if names is None else list(names)


def frame_rows(frame: Any) -> Rows:
    """A DataFrame with at least two rows."""
    kinds = set(frame.dtypes)
    if len(kinds) == 1 and isinstance(next(iter(kinds)), np.dtype) and next(iter(kinds)).kind in "biuf":
        return Rows(frame, {"type": "matrix", "value": frame.to_numpy()})
    columns = list(frame.columns)
    if len(set(columns)) != len(columns):
        raise ExportError("rows= has two columns of the same name")
    return Rows(
        frame,
        {
            "type": "columns",
            "value": {name: _column(frame[name]) for name in columns},
            "columns": columns,
            "dtypes": [str(dtype) for dtype in frame.dtypes],
        },
    )


def as_frame(rows: Rows) -> Any | None:
    """Rows with columns that are no numbers as a DataFrame: a user's own, or one of an array of objects or strings.

    None for rows of other kinds, and for arrays where pandas is not there.
    """
    if rows.written["type"] == "columns":
        return rows.given
    if rows.written["type"] != "matrix" or rows.written["value"].dtype.kind not in "OU":
        return None
    try:
        import pandas
    except ImportError:
        return None
    return pandas.DataFrame({k: list(column) for k, column in enumerate(rows.written["value"].T)}, dtype=object)


def rows_like(rows: Rows, frame: Any) -> Rows:
    """A changed frame in the form that ``rows`` have."""
    if rows.written["type"] == "columns":
        return frame_rows(frame)
    values = frame.to_numpy(dtype=object)
    if rows.written["value"].dtype.kind == "U":
        values = values.astype(str)
    return matrix_rows(values, list(rows.given.columns) if hasattr(rows.given, "columns") else None)


def _frame(frame: Any) -> Rows:
    if not hasattr(frame, "dtypes") or not hasattr(frame.dtypes, "iloc"):
        raise ExportError("rows= takes pandas DataFrames only; convert this table with its to_pandas()")
    if len(frame) == 0:
        raise ExportError("rows= holds no rows")
    if not all(isinstance(name, str) for name in frame.columns):
        kinds = {type(name).__name__ for name in frame.columns}
        if all(getattr(dtype, "kind", "O") in "biuf" for dtype in frame.dtypes):
            return read_rows(frame.to_numpy(), None)
        raise ExportError(f"the columns of rows= must be named by strings, not {', '.join(sorted(kinds))}")
    return frame_rows(frame.iloc[[0, 0]] if len(frame) == 1 else frame)


def _column(series: Any) -> np.ndarray:
    if isinstance(series.dtype, np.dtype):
        return series.to_numpy()
    # Categories, strings and nullable numbers: their values, None where one is missing.
    values = series.astype(object)
    missing = values.isna().to_numpy()
    column = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        column[i] = None if missing[i] else value
    return column


def _sparse(rows: Any) -> Rows:
    if rows.shape[0] == 0:
        raise ExportError("rows= holds no rows")
    if rows.shape[0] == 1:
        rows = rows[[0, 0]]
    return Rows(rows, {"type": "sparse", "value": rows})


def _in_dtype(values: np.ndarray, dtype: Any) -> np.ndarray:
    """A column in its own dtype where that holds all of its values, else in float64."""
    if isinstance(dtype, np.dtype):
        with np.errstate(all="ignore"):
            kept = values.astype(dtype)
        if (kept.astype(np.float64) == values).all():
            return kept
    return values.copy()


class Template:
    """Makes inputs of the form an estimator takes from float64 matrices of the columns that may vary.

    Without an example every column may vary; the matrices are compressed where ``sparse`` says so. With a DataFrame of a user's rows the columns of floats and
    ints may, in their own dtype where it holds the values, and the others keep the values they have there.
    """

    def __init__(
        self, width: int, names: Sequence[str] | None = None, example: Any = None, sparse: bool = False
    ) -> None:
        self.names = names
        self.example = example
        self.sparse = sparse
        self.columns = list(range(width))
        if example is not None:
            kinds = [getattr(dtype, "kind", "O") for dtype in example.dtypes]
            self.columns = [i for i in range(width) if kinds[i] in "iuf"]

    @property
    def width(self) -> int:
        """How many columns may vary."""
        return len(self.columns)

    def columns_or_minus_one(self) -> list[int]:
        """For each column of the estimator's input, its place among those that may vary, or -1."""
        places = {column: k for k, column in enumerate(self.columns)}
        total = len(self.columns) if self.example is None else self.example.shape[1]
        return [places.get(column, -1) for column in range(total)]

    def rows(self, matrix: np.ndarray, origins: np.ndarray | None = None) -> Rows:
        """The estimator's input for rows (n, width), and as a document holds it.

        ``origins`` (n,) says which row of the example the other columns are taken from; the first if None.
        """
        if self.sparse:
            from scipy.sparse import csr_matrix

            return _sparse(csr_matrix(matrix))
        if self.example is None:
            return matrix_rows(matrix, self.names)
        places = np.zeros(len(matrix), dtype=np.int64) if origins is None else origins
        frame = self.example.iloc[places].reset_index(drop=True)
        names = list(frame.columns)
        dtypes = list(frame.dtypes)
        changed = {names[column]: _in_dtype(matrix[:, k], dtypes[column]) for k, column in enumerate(self.columns)}
        return frame_rows(frame.assign(**changed))

    def in_turn(self, count: int) -> np.ndarray:
        """Origins (count,) that take the rows of the example in turn."""
        return np.arange(count) % (1 if self.example is None else len(self.example))

    def example_matrix(self) -> np.ndarray | None:
        """The example's own values of the columns that may vary (n, width)."""
        if self.example is None:
            return None
        return self.example.iloc[:, self.columns].to_numpy(dtype=np.float64, na_value=np.nan)
