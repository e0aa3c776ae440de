"""Whether a thing is a fitted estimator."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .errors import ExportError

METHODS = (
    "predict",
    "predict_std",
    "predict_proba",
    "predict_log_proba",
    "predict_joint_log_proba",
    "decision_function",
    "transform",
    "score_samples",
    "apply",
)


def require_fitted(estimator: Any) -> None:
    """Raises ExportError unless ``estimator`` is an estimator that needs no (more) fitting."""
    kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
    if isinstance(estimator, type):
        raise ExportError(f"{estimator.__qualname__} is a class; export a fitted instance of it")
    if not hasattr(estimator, "fit") and not any(hasattr(estimator, name) for name in METHODS):
        raise ExportError(f"a {kind} is not an estimator: it has neither fit nor predict nor transform")
    try:
        from sklearn.exceptions import NotFittedError
        from sklearn.utils.validation import check_is_fitted
    except ImportError:
        return  # an estimator of another library; it cannot be asked
    if not hasattr(estimator, "fit"):
        return
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        if _needs_no_fit(estimator):
            return
        raise ExportError(f"this {kind} is not fitted; call fit before exporting it") from None
    except TypeError:
        return  # has fit, but is no scikit-learn estimator


def _needs_no_fit(estimator: Any) -> bool:
    try:
        from sklearn.utils import get_tags

        # In 1.6 a HashingVectorizer says that it must be fitted, and need not be.
        return not get_tags(estimator).requires_fit or _answers(estimator)
    except ImportError:  # before scikit-learn 1.6, where some that need no fit do not say so
        tags = estimator._get_tags() if hasattr(estimator, "_get_tags") else {}
        return bool(tags.get("stateless")) or not tags.get("requires_fit", True) or _answers(estimator)
    except Exception:  # tags of a foreign estimator may fail in any way
        return False


def _answers(estimator: Any) -> bool:
    """Whether a copy transforms some small input, fitted or not."""
    for X in (["a"], [["a"]], [{"a": 1}], [[("a", 1)]], np.zeros((2, 16, 16))):
        try:
            copy.deepcopy(estimator).transform(X)
        except Exception:  # it has no transform, or is not fitted, or takes something else
            continue
        return True
    return False
