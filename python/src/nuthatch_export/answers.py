"""Asking an estimator: which methods answer, and what."""

from __future__ import annotations

import inspect
import warnings
from typing import Any, Callable, NamedTuple

import numpy as np

from .fitted import METHODS

# Sparse answers are written dense up to this size: a text model's would outweigh the model.
MAX_CELLS = 1_000_000


class Answers(NamedTuple):
    """``outputs`` by method; a line for each method that ``refused`` the rows, or whose answer is ``left_out``. Whether
    each row was asked ``alone``: what some estimators answer for it hangs on the rows beside it."""

    outputs: dict[str, Any]
    refused: list[str]
    left_out: list[str]
    alone: bool = False


def ask(estimator: Any, given: Any) -> Answers:
    """Answers of every method that gives arrays.

    An answer is an ndarray, or a list of them; tables and sparse matrices are turned into one. Each method is
    asked twice: one that draws random numbers cannot be replayed.
    """
    outputs: dict[str, Any] = {}
    refused: list[str] = []
    left_out: list[str] = []
    for name in METHODS:
        method = _method(estimator, name)
        if method is None:
            continue
        try:
            first, second = _call(method, given), _call(method, given)
        except Exception as error:  # whatever an estimator raises, its other methods may answer
            refused.append(f"{name} did not answer: {' '.join(str(error).split())[:200]}")
            continue
        if hasattr(first, "tocsr") and first.shape[0] * first.shape[1] > MAX_CELLS:
            left_out.append(f"{name} is left out: its answer is sparse, and has more than {MAX_CELLS} cells")
            continue
        first, second = _arrays(first), _arrays(second)
        if first is None:
            left_out.append(f"{name} is left out: its answer is no array")
        elif name == "predict_std" and first.ndim > 1 and not first.any():
            left_out.append(f"{name} is left out: it is 0 for all of several targets")
        elif not _same(first, second):
            left_out.append(f"{name} is left out: it answers differently from call to call")
        else:
            outputs[name] = first
    hangs = [
        _hangs_on_others(_method(estimator, name), given, first, thorough=_repeats(estimator))
        for name, first in _first_floats(outputs)
    ]
    if not any(hangs):
        return Answers(outputs, refused, left_out)
    try:
        alone = {name: _ask_alone(_method(estimator, name), given, first) for name, first in outputs.items()}
    except Exception as error:  # an estimator that answers no single row
        return Answers({}, [*refused, f"a row alone is not answered: {' '.join(str(error).split())[:200]}"], left_out)
    return Answers(alone, refused, left_out, alone=True)


def _first_floats(outputs: dict[str, Any]) -> list[tuple[str, Any]]:
    """The first answer that is an array of floats: one stands for all."""
    return [(name, one) for name, one in outputs.items() if getattr(one, "dtype", np.dtype(int)).kind == "f"][:1]


def _repeats(estimator: Any) -> bool:
    """Whether it, or a part, transforms by steps that may end sooner or later, and those perhaps by what rows are asked together."""
    parameters = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {}
    owners = [parameters.get(name.rpartition("__")[0], estimator) for name in parameters if name.endswith("max_iter")]
    return any(hasattr(owner, "transform") for owner in owners)


def _hangs_on_others(method: Callable[[Any], Any], given: Any, batch: np.ndarray, thorough: bool) -> bool:
    """Whether rows of a batch are answered otherwise than alone, and by more than rounding: one of them all where it is
    ``thorough``, since steps may end as soon for most of them; else one of eight, since all take a third of an export's time.

    Rows with gaps are not asked: what fills them may look whether all rows have them.
    """
    count = len(batch)
    whole = np.flatnonzero(~_gaps(given, count))
    if count < 2 or len(whole) == 0:
        return False
    sure = float(2**10 * np.finfo(batch.dtype).eps) * np.max(np.abs(batch), initial=0.0, where=np.isfinite(batch))
    for at in whole if thorough else whole[np.unique(len(whole) * np.arange(8) // 8)]:
        try:
            alone = np.asarray(_arrays(_call(method, _row(given, at))))
        except Exception:
            return False
        if alone.shape[1:] != batch.shape[1:]:  # as of SparsePCA, which gives a vector
            return False
        if not np.allclose(alone, batch[at : at + 1], rtol=0, atol=sure, equal_nan=True):
            return True
    return False


def _gaps(given: Any, count: int) -> np.ndarray:
    """Which rows have missing cells."""
    if hasattr(given, "columns"):
        return given.isna().to_numpy().any(axis=1)
    if isinstance(given, np.ndarray) and given.dtype.kind == "f":
        return np.isnan(given).reshape(count, -1).any(axis=1)
    return np.zeros(count, dtype=bool)


def _row(given: Any, at: int) -> Any:
    return (given.iloc if hasattr(given, "iloc") else given)[at : at + 1]


def _ask_alone(method: Callable[[Any], Any], given: Any, batch: Any) -> Any:
    count = len(batch[0] if isinstance(batch, list) else batch)
    parts = [_arrays(_call(method, _row(given, at))) for at in range(count)]
    if isinstance(batch, list):
        return [np.concatenate([part[k] for part in parts]) for k in range(len(batch))]
    return np.concatenate(parts)


def _method(estimator: Any, name: str) -> Callable[[Any], Any] | None:
    """What answers under this name; None where nothing does."""
    try:
        if name == "predict_std":
            return (lambda given: estimator.predict(given, return_std=True)[1]) if _knows_std(estimator) else None
        method = getattr(estimator, name, None)
    except Exception:  # a property that asks a sub-estimator may raise anything
        return None
    return method if callable(method) else None


def _knows_std(estimator: Any) -> bool:
    """Whether ``predict`` takes ``return_std``; a pipeline's hands it to its last step."""
    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list) and steps:
        return _knows_std(steps[-1][1])
    predict = getattr(estimator, "predict", None)
    return callable(predict) and "return_std" in inspect.signature(predict).parameters


def _call(method: Any, given: Any) -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Without pandas the rows cannot carry the names; that is known, and of no use to the user.
        warnings.filterwarnings("ignore", message=".*does not have valid feature names.*")
        return method(given)


def _arrays(answer: Any) -> Any:
    if isinstance(answer, list) and answer and all(isinstance(part, np.ndarray) for part in answer):
        return answer
    if hasattr(answer, "tocsr"):
        return answer.toarray()
    if isinstance(answer, (np.ndarray, list)) or hasattr(answer, "to_numpy"):
        return np.asarray(answer)
    return None


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, list):
        return len(first) == len(second) and all(map(_same, first, second))
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if first.dtype == object:
        return repr(first.tolist()) == repr(second.tolist())
    return first.tobytes() == second.tobytes()
