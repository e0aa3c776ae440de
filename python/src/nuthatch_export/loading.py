"""Files given on the command line: the model and the rows."""

from __future__ import annotations

import csv
import pickle
import warnings
from typing import Any

import numpy as np

from .errors import ExportError


def load_model(path: str) -> tuple[Any, list[str]]:
    """The object in a joblib or pickle file, and notes about versions that do not fit.

    Runs code that is in the file. Raises ExportError where it cannot be loaded, OSError where not read.
    """
    with open(path, "rb"):
        pass  # an OSError here is about the file, later ones may be about anything
    notes = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = _load(path)
        except Exception as error:
            raise ExportError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    for warning in caught:
        text = " ".join(str(warning.message).split())
        if "unpickle" in text:
            notes.append(f"loading: {text}")
    return model, list(dict.fromkeys(notes))


def _load(path: str) -> Any:
    try:
        import joblib
    except ImportError:
        with open(path, "rb") as file:
            return pickle.load(file)
    return joblib.load(path)


def load_rows(path: str, model: Any) -> Any:
    """Rows as the model takes them: a matrix, a DataFrame in the order of fitting, or a list of strings.

    Raises ExportError where the file does not fit the model.
    """
    if path.endswith(".npy"):
        try:
            return np.load(path, allow_pickle=False)
        except ValueError as error:
            raise ExportError(f"{path} is not an array that can be read: {error}") from error
    if not path.endswith(".csv"):
        raise ExportError(f"{path}: rows are read from .csv and .npy files")
    try:
        import pandas
    except ImportError:
        return _plain_csv(path)
    header = None if _first_line_is_numeric(path) else 0
    try:
        frame = pandas.read_csv(path, header=header)
    except (ValueError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} is not a table that can be read: {error}") from error
    return _fit_to_model(frame, path, model)


def _fit_to_model(frame: Any, path: str, model: Any) -> Any:
    names = getattr(model, "feature_names_in_", None)
    if names is not None:
        missing = [str(name) for name in names if name not in frame.columns]
        if missing:
            raise ExportError(f"{path} lacks the columns {', '.join(missing)}")
        return frame[list(names)]
    numeric = all(dtype.kind in "fiub" for dtype in frame.dtypes)
    if numeric:
        return frame.to_numpy(dtype=np.float64)
    if frame.shape[1] == 1 and not hasattr(model, "n_features_in_"):
        return [str(text) for text in frame.iloc[:, 0]]
    return frame


def _first_line_is_numeric(path: str) -> bool:
    with open(path, encoding="utf-8-sig") as file:
        first = file.readline().strip()
    try:
        for cell in first.split(","):
            float(cell or "nan")
    except ValueError:
        return False
    return bool(first)


def _plain_csv(path: str) -> np.ndarray:
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file) if line]
    if not _first_line_is_numeric(path):
        lines = lines[1:]
    try:
        return np.array([[float(cell or "nan") for cell in line] for line in lines], dtype=np.float64)
    except ValueError as error:
        raise ExportError(f"{path} is not a table of numbers: {error} (with pandas, other tables are read)") from error
