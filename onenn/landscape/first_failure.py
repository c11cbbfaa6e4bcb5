"""An adversary for the radius of convergence: the nearest start it finds from where a step does not contract.

Chapter: local-convergence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.network import OneHiddenLayer

from .population import gradient
from .trace import moved

_STATIONS = 8
"""Distances along one direction at which a failure is looked for."""

_HALVINGS = 8
"""Of the distance between two stations: together a part in two thousand, finer than the search over directions."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FirstFailure:
    """student: where a step of gradient descent does not shrink the error by the factor; distance: how far it is."""

    student: OneHiddenLayer
    distance: float


def first_failure(
    teacher: OneHiddenLayer,
    *,
    step: float,
    factor: float = 1.0,
    limit: float = 1.0,
    rng: np.random.Generator | int,
    starts: int = 4,
    evaluations: int = 100,
) -> FirstFailure | None:
    """The nearest student found with |A - step grad f(W)| >= factor |A|, |A|_F <= limit; None when there was none.

    Nelder-Mead over directions of A from random ones; along each a few stations, then bisection. What it finds is an
    upper bound on the radius of contraction, no proof of anything.
    Raises: ValueError unless step, factor and limit are positive.

    >>> teacher = OneHiddenLayer([[1.0]], [1.0], "linear")
    >>> first_failure(teacher, step=1.0, rng=0, starts=1, evaluations=2) is None
    True
    """
    from scipy.optimize import minimize

    for name, value in (("step", step), ("factor", factor), ("limit", limit)):
        if not value > 0:
            raise ValueError(f"{name} is {value}; expected a number > 0")
    rng = np.random.default_rng(rng)

    def excess(A: np.ndarray) -> float:
        """|A after the step|/|A| - factor."""
        after = A - step * gradient(moved(teacher, teacher.W + A), teacher)
        return float(np.linalg.norm(after) / np.linalg.norm(A)) - factor

    def reach(direction: np.ndarray) -> float:
        """The distance of the failure along the direction; more than the limit when there is none, by what it lacks."""
        u = direction.reshape(teacher.W.shape) / np.linalg.norm(direction)
        low, most = 0.0, -np.inf
        for high in np.linspace(0, limit, _STATIONS + 1)[1:]:
            most = max(most, excess(high * u))
            if most >= 0:
                break
            low = high
        else:
            return limit * (1 - most)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if excess(middle * u) >= 0 else (middle, high)
        return high

    best: tuple[float, np.ndarray] | None = None
    for _ in range(starts):
        found = minimize(
            reach, rng.standard_normal(teacher.W.size), method="Nelder-Mead", options={"maxfev": evaluations}
        )
        if found.fun <= limit and (best is None or found.fun < best[0]):
            best = float(found.fun), found.x / np.linalg.norm(found.x)
    if best is None:
        return None
    A = best[0] * best[1].reshape(teacher.W.shape)
    return FirstFailure(student=moved(teacher, teacher.W + A), distance=best[0])
