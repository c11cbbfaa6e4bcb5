"""An adversary for strong convexity: units in the plane, no two of them close, placed so that lambda_min(H) is small.

minimise  lambda_min(H) + 10 max(0, least angle allowed - least angle)  over k directions.
Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer

from .hessian import hessian_at_teacher


@dataclass(frozen=True, kw_only=True, eq=False)
class FlattestUnits:
    """The directions found, in degrees and increasing, the least angle between two of them, and lambda_min(H)."""

    degrees: np.ndarray
    least_angle: float
    min_eigenvalue: float


def flattest_units(
    phi: Activation | str, k: int, *, least_angle: float, rng: np.random.Generator, starts: int = 2
) -> FlattestUnits:
    """k unit vectors in the plane, any two at least `least_angle` degrees apart, with v = 1 and a small lambda_min(H).

    A Nelder-Mead search from the best of 40 random draws for each of `starts`: an upper bound on the smallest value.
    Raises: ValueError when k vectors cannot be that far apart.

    >>> flattest_units("relu", 2, least_angle=90, rng=np.random.default_rng(0)).min_eigenvalue > 0.09
    True
    """
    from scipy.optimize import minimize

    if not (k >= 2 and 0 < least_angle <= 360 / k):
        raise ValueError(f"k is {k} and least_angle is {least_angle}; expected k >= 2 and 0 < least_angle <= 360/k")

    def objective(angles: np.ndarray) -> float:
        return _least_eigenvalue(phi, angles) + 10 * max(0.0, np.radians(least_angle) - _least_angle(angles))

    draws = sorted(rng.uniform(0, 2 * np.pi, size=(40 * starts, k)), key=objective)
    options = {"maxfev": 100 * k, "xatol": 1e-9, "fatol": 1e-13}
    found = [minimize(objective, draw, method="Nelder-Mead", options=options) for draw in draws[:starts]]
    best = min(found, key=lambda result: result.fun).x
    return FlattestUnits(
        degrees=np.sort(np.degrees(best) % 360),
        least_angle=float(np.degrees(_least_angle(best))),
        min_eigenvalue=_least_eigenvalue(phi, best),
    )


def _least_eigenvalue(phi: Activation | str, angles: np.ndarray) -> float:
    rows = np.column_stack([np.cos(angles), np.sin(angles)])
    return float(np.linalg.eigvalsh(hessian_at_teacher(OneHiddenLayer(rows, np.ones(len(angles)), phi)))[0])


def _least_angle(angles: np.ndarray) -> float:
    turns = np.sort(angles % (2 * np.pi))
    return float(np.min(np.diff(turns, append=turns[0] + 2 * np.pi)))
