"""The thresholds of the theorems on the axes of the atlas: n/P and k/k*.

Lines on the chart: n = k* d, k d = n, k = k*, k = d. Numbers off the chart: how many samples make the empirical
Hessian at the teacher at least half of the true one, how many random units make the features independent, and the
widths of the convergence theorems.   Chapter: atlas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from onenn.diversity import random_weights_bound
from onenn.experiments.atlas import DIMENSION, PARAMETERS, PHI, RATIOS, UNITS, WIDTHS, samples
from onenn.landscape.concentration import samples_for_half, tangent_features
from onenn.network import OneHiddenLayer, random_teacher
from onenn.overparam import least_eigenvalue, relu_width, smooth_width, unit_inputs


@dataclass(frozen=True, kw_only=True)
class Line:
    """A threshold on the chart: points (n/P, k/k*), in order, and its name."""

    name: str
    ratios: tuple[float, ...]
    widths: tuple[float, ...]


def lines() -> dict[str, Line]:
    """The thresholds that cross the chart, each from one of its ends to the other.

    "information": n = k* d, thm-atlas-blind;  "counting": k d = n, thm-atlas-count;  "units": k = k*, thm-atlas-floor;
    "moments": k = d, the largest width with independent rows, thm-exact-moments.

    >>> {name: (round(line.ratios[0], 3), round(line.widths[0], 3)) for name, line in lines().items()}
    {'information': (0.909, 0.6), 'counting': (0.545, 0.6), 'units': (0.5, 1.0), 'moments': (0.5, 2.0)}
    """
    low, high = min(WIDTHS) / UNITS, max(WIDTHS) / UNITS
    left, right = float(min(RATIOS)), float(max(RATIOS))
    information = UNITS * DIMENSION / PARAMETERS
    return {
        "information": Line(name="n = k*d", ratios=(information,) * 2, widths=(low, high)),
        "counting": Line(
            name="kd = n", ratios=tuple(x * UNITS * DIMENSION / PARAMETERS for x in (low, high)), widths=(low, high)
        ),
        "units": Line(name="k = k*", ratios=(left, right), widths=(1.0, 1.0)),
        "moments": Line(name="k = d", ratios=(left, right), widths=(DIMENSION / UNITS,) * 2),
    }


def samples_for_identification(teacher: OneHiddenLayer, X: np.ndarray) -> int:
    """The least n for which the first n inputs give J(teacher) the rank k d: prp-information-limit, part 2.

    Raises: ValueError when all inputs together do not.

    >>> samples_for_identification(OneHiddenLayer([[1.0, 0.0]], [1.0], "relu"), np.array([[1.0, 0], [-1, 1], [1, 1]]))
    3
    """
    J, p = tangent_features(teacher, X), teacher.k * teacher.d

    def enough(n: int) -> bool:
        return int(np.linalg.matrix_rank(J[:n])) == p

    if not enough(len(X)):
        raise ValueError(f"the {len(X)} inputs give J a rank below k d = {p}; draw more")
    return p + _first(lambda extra: enough(p + extra), len(X) - p)


def identification(teachers: int = 20, *, quantiles: Sequence[float] = (0.1, 0.5, 0.9)) -> dict[float, float]:
    """Quantiles of n/P at which teachers of the atlas are determined among their neighbours, on samples of their own.

    >>> all(0.9 < ratio < 1.3 for ratio in identification(4).values())
    True
    """
    found = []
    for seed in range(teachers):
        rng = np.random.default_rng(seed)
        teacher = random_teacher(UNITS, DIMENSION, PHI, rng=rng)
        found.append(samples_for_identification(teacher, rng.standard_normal((4 * PARAMETERS, DIMENSION))) / PARAMETERS)
    return {q: round(float(np.quantile(found, q)), 3) for q in quantiles}


def samples_for_curvature(teacher: OneHiddenLayer, *, failure: float = 0.05) -> float:
    """n/P from which thm-lsc-samples promises half of the curvature at the teacher, with probability 1 - failure.

    >>> samples_for_curvature(OneHiddenLayer(np.eye(5, 10), np.ones(5), "relu")) > 1e5
    True
    """
    return samples_for_half(teacher, failure=failure) / PARAMETERS


def units_for_independence(X: np.ndarray, *, failure: float = 0.5) -> float:
    """k/k* from which thm-dr-repaired promises s_min(D) > 0 at random units, with probability 1 - failure.

    *Shapes*: X (n, d), rows of length 1 (D changes by positive factors when they are longer).

    >>> units_for_independence(np.eye(10)) < 40
    True
    """
    least = least_eigenvalue(X, PHI)

    def enough(more: int) -> bool:
        return random_weights_bound(X, 1 + more, least=least).failure_probability <= failure

    return (1 + _first(enough, 10**9)) / UNITS


def widths_for_convergence(X: np.ndarray) -> tuple[float, float]:
    """k/k* of thm-relu, and of thm-smooth for softplus, at these inputs of length 1.

    >>> relu, softplus = widths_for_convergence(np.eye(10))
    >>> relu > 1e10 > softplus
    True
    """
    return relu_width(X) / UNITS, smooth_width(X, "softplus") / UNITS


@dataclass(frozen=True, kw_only=True)
class OffChart:
    """A threshold beyond the chart: the value on its axis ("n/P" or "k/k*"), and how many times the chart's end."""

    label: str
    axis: str
    at: str
    value: float
    factor: float


def off_chart(ratios: tuple[float, ...] = (0.5, 2, 5), *, seed: int = 0) -> list[OffChart]:
    """The thresholds off the chart, for one teacher and unit inputs of the seed, at the given n/P."""
    rng = np.random.default_rng(seed)
    bound = samples_for_curvature(random_teacher(UNITS, DIMENSION, PHI, rng=rng))
    found = [_beyond("thm-lsc-samples", "n/P", "k = k*", bound)]
    for ratio in ratios:
        X, at = unit_inputs(samples(ratio), DIMENSION, rng=rng), f"n/P = {ratio:g}"
        relu, softplus = widths_for_convergence(X)
        found += [
            _beyond("thm-dr-repaired", "k/k*", at, units_for_independence(X)),
            _beyond("thm-relu", "k/k*", at, relu),
            _beyond("thm-smooth, softplus", "k/k*", at, softplus),
        ]
    return found


def _beyond(label: str, axis: str, at: str, value: float) -> OffChart:
    end = max(RATIOS) if axis == "n/P" else max(WIDTHS) / UNITS
    return OffChart(label=label, axis=axis, at=at, value=value, factor=value / end)


def _first(holds: Callable[[int], bool], last: int) -> int:
    """The first m in 0, ..., last with holds(m), which stays true."""
    low, high = -1, last
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
