"""The stages of a composition, and what Python hands to each of them in a batch call."""

from __future__ import annotations

import copy
import pickle
from typing import Any, Iterator

import numpy as np
from nuthatch_export.environment import reference

# What a model is asked for, the first that it has: in a pipeline, the other stages transform.
ASKED = ("predict", "transform", "score_samples")


def stages(estimator: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, fitted estimator) of every part of pipelines, column transformers and unions, parts of parts included.

    The path is made of the names that the parts have: ``preprocess.num.scale``.
    """
    for name, part in _parts(estimator):
        if hasattr(part, "fit"):
            here = f"{path}.{name}" if path else name
            yield here, part
            yield from stages(part, here)


def inputs_of_stages(estimator: Any, rows: Any) -> dict[str, Any]:
    """By path, copies of what each stage was given while ``estimator`` answered ``rows``: arrays, frames or sparse
    matrices of whatever dtype."""
    # As the exporter's golden sets do: what loading a file gives, and not the estimator itself.
    asked = pickle.loads(pickle.dumps(estimator, protocol=4))
    seen: dict[str, Any] = {}
    for path, stage in stages(asked):
        for method in ASKED:
            if hasattr(stage, method):
                setattr(stage, method, _recorder(seen, path, getattr(stage, method)))
    with reference():
        next(getattr(asked, method) for method in ASKED if hasattr(asked, method))(rows)
    missed = [path for path, _ in stages(asked) if path not in seen]
    if missed:
        raise ValueError(f"stages that were not asked: {', '.join(missed)}")
    return seen


def _parts(estimator: Any) -> list[tuple[str, Any]]:
    if hasattr(estimator, "steps"):
        return estimator.steps
    if hasattr(estimator, "transformers_"):
        return [(name, part) for name, part, columns in estimator.transformers_ if not _is_empty(columns)]
    return getattr(estimator, "transformer_list", [])


def _is_empty(columns: Any) -> bool:
    """Whether no column is chosen: scikit-learn does not ask such a part."""
    if isinstance(columns, (str, slice)):
        return False
    return len(columns) == 0 or (np.asarray(columns).dtype == bool and not any(columns))


def _recorder(seen: dict[str, Any], path: str, method: Any) -> Any:
    def record(X: Any, *args: Any, **more: Any) -> Any:
        seen[path] = copy.deepcopy(X)
        return method(X, *args, **more)

    return record
