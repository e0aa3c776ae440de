"""Where an estimator's trees are, and what happens to its input on the way to them.

Trees are found by walking the state, as the exporter does. The way to them is read off the attributes that
compositions have in common (``steps``, ``transformers_``, ``estimators_features_`` …), not off class names;
anything else is taken to hand its input on unchanged. A wrong guess costs the made rows their aim, never
their truth: golden outputs are whatever the whole estimator answers.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator, NamedTuple

import numpy as np

from .fitted import METHODS
from .reduction import reduce_object
from .trees import Tree, find_nodes, read_tree

Step = Callable[[Any], Any]


class Way(NamedTuple):
    """What happens to the input: ``steps`` in order, then a choice of ``columns`` (all of them if None)."""

    steps: tuple[Step, ...] = ()
    columns: np.ndarray | None = None

    def then(self, step: Step) -> Way:
        """This way, and one more step."""
        chosen = () if self.columns is None else (_choose(self.columns),)
        return Way(self.steps + chosen + (step,))

    def choosing(self, columns: np.ndarray) -> Way:
        """This way, and a choice among its columns."""
        return Way(self.steps, columns if self.columns is None else self.columns[columns])


class Site(NamedTuple):
    """A tree's node array, the state it lies in, and the way the estimator's input takes to it."""

    nodes: np.ndarray
    parts: dict[str, Any]
    way: Way

    def tree(self) -> Tree:
        """The tree, read: its arrays are copies, and a forest may be large."""
        return read_tree(self.nodes, self.parts)


def find_sites(estimator: Any) -> list[Site]:
    """Every tree reachable from ``estimator``, in the order of its state."""
    sites: list[Site] = []
    for state, way in _walk(estimator):
        nodes = find_nodes(state)
        if nodes is not None:
            sites.append(Site(nodes, state, way))
    return sites


def states_in(estimator: Any) -> Iterator[dict[str, Any]]:
    """The states of all objects reachable from ``estimator``, in its order."""
    for state, _ in _walk(estimator):
        yield state


def states_at_input(estimator: Any) -> Iterator[dict[str, Any]]:
    """The states of those objects that see the estimator's input unchanged."""
    for state, way in _walk(estimator):
        if not way.steps and way.columns is None:
            yield state


def _walk(estimator: Any) -> Iterator[tuple[dict[str, Any], Way]]:
    seen: dict[int, Any] = {}
    stack: list[tuple[Any, Way]] = [(estimator, Way())]
    while stack:
        thing, way = stack.pop()
        if _is_plain(thing) or id(thing) in seen:
            continue
        seen[id(thing)] = thing
        if isinstance(thing, (list, tuple)):
            stack.extend((item, way) for item in reversed(thing))
        elif isinstance(thing, np.ndarray):
            stack.extend((item, way) for item in reversed(thing.ravel().tolist()))
        elif isinstance(thing, dict):
            stack.extend((item, way) for item in reversed(list(thing.values())))
        else:
            state = _state(thing)
            yield state, way
            stack.extend(reversed(_parts(thing, state, way)))


def _is_plain(thing: Any) -> bool:
    if thing is None or isinstance(thing, (str, bytes, bool, int, float, complex, np.generic, np.dtype, type)):
        return True
    return isinstance(thing, np.ndarray) and thing.dtype != object


def _state(thing: Any) -> dict[str, Any]:
    try:
        reduction = reduce_object(thing)
    except Exception:  # the exporter's walk has judged it; here it only holds no trees
        return {}
    if isinstance(reduction, str):
        return {}
    state = reduction.state
    if isinstance(state, tuple):
        parts = {str(i): part for i, part in enumerate(state)}
    else:
        parts = dict(state) if isinstance(state, dict) else {"state": state}
    parts["<args>"] = reduction.args
    return parts


def _parts(thing: Any, state: dict[str, Any], way: Way) -> list[tuple[Any, Way]]:
    """What to look into next, and the way to it."""
    special: dict[str, list[tuple[Any, Way]]] = {}
    if _is_pairs(state.get("steps")):
        special["steps"] = _chain([step for _, step in state["steps"]], way)
    if _is_triples(state.get("transformers_")):
        special["transformers_"] = [
            (transformer, way.then(_select(columns))) for _, transformer, columns in state["transformers_"]
        ]
    chosen = state.get("estimators_features_")
    members = state.get("estimators_")
    if chosen is not None and members is not None and len(chosen) == len(members):
        special["estimators_"] = [
            (one, _choice(way, columns, state.get("n_features_in_"))) for one, columns in zip(members, chosen)
        ]
    elif members is not None and state.get("order_") is not None and len(state["order_"]) == len(members):
        special["estimators_"] = _augmented(members, way, state.get("chain_method_", "predict"))
    if state.get("final_estimator_") is not None and hasattr(thing, "transform"):
        special["final_estimator_"] = [(state["final_estimator_"], way.then(thing.transform))]
    before = state.get("_preprocessor")
    if before is not None and hasattr(before, "transform") and "_predictors" in state:
        special["_predictors"] = [(state["_predictors"], way.then(before.transform))]
    found: list[tuple[Any, Way]] = []
    unused = _only_cloned(thing, state)
    for name, value in state.items():
        if name in unused:
            continue
        found.extend(special.get(name, [(value, way)]))
    return found


def _only_cloned(thing: Any, state: dict[str, Any]) -> set[str]:
    """Attributes that were only cloned from: the parameters of an estimator that keeps fitted ones elsewhere.

    They may be fitted too, from before, and lie behind others that are not.
    """
    try:
        parameters = set(thing.get_params(deep=False))
    except Exception:  # not an estimator, or one that was changed since
        return set()
    if not any(name not in parameters and _holds_estimators(value) for name, value in state.items()):
        return set()
    return parameters | ({"estimator_", "base_estimator_"} if "estimators_" in state else set())


def _holds_estimators(value: Any) -> bool:
    for _ in range(4):  # a list of (name, estimator, columns), or an array of arrays, but nothing deeper
        if isinstance(value, dict):
            value = list(value.values())
        elif isinstance(value, np.ndarray):
            value = value.ravel().tolist() if value.dtype == object else []
        if not isinstance(value, (list, tuple)):
            break
        value = next((item for item in value if not _is_plain(item)), None)
    return any(hasattr(value, name) for name in ("fit", *METHODS))


def _chain(steps: list[Any], way: Way) -> list[tuple[Any, Way]]:
    found = []
    for step in steps:
        found.append((step, way))
        if hasattr(step, "transform"):
            way = way.then(step.transform)
    return found


def _augmented(members: list[Any], way: Way, method: str) -> list[tuple[Any, Way]]:
    """Members that each see the input and, behind it, what those before them answer."""

    def step(count: int) -> Step:
        def augment(X: Any) -> Any:
            X = np.asarray(X, dtype=np.float64)
            for member in members[:count]:
                answer = getattr(member, method)(X)
                X = np.column_stack([X, answer if answer.ndim == 1 else answer[:, 1]])
            return X

        return augment

    return [(member, way if k == 0 else way.then(step(k))) for k, member in enumerate(members)]


def _choice(way: Way, columns: Any, total: Any) -> Way:
    columns = np.asarray(columns)
    columns = np.flatnonzero(columns) if columns.dtype == bool else columns.astype(np.int64)
    if total == len(columns) and (columns == np.arange(len(columns))).all():
        return way
    return way.choosing(columns)


def _choose(columns: np.ndarray) -> Step:
    return lambda X: np.asarray(X)[:, columns]


def _select(columns: Any) -> Step:
    def select(X: Any) -> Any:
        try:
            from sklearn.utils import _safe_indexing
        except ImportError:
            return np.asarray(X)[:, columns]
        return _safe_indexing(X, columns, axis=1)

    return select


def _is_pairs(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, tuple) and len(v) == 2 for v in value)


def _is_triples(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, tuple) and len(v) == 3 for v in value)
