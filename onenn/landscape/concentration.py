"""The empirical Hessian at the teacher: H_n = (1/n) sum_l g_l g_l^T,  g = (v_1 phi'(w_1.x) x, ..., v_k phi'(w_k.x) x).

If E (a.g)^4 <= h (a^T H a)^2 for all a and n >= 112 h (k d + t), k d >= 2, then H_n >= H/2 but for a probability of
2 e^-t.   |phi'(z)| <= L1 |z|^p:   h = (4p + 3)!! (L1^2 sum_i v_i^2 |w_i|^(2p) / lambda_min(H))^2, whatever d is.
Chapter: convergence-on-samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from onenn.activations.half_line import double_factorial
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer

from .hessian import hessian_at_teacher

FACTOR = 112
"""n >= FACTOR h (k d + t) samples: 14/FACTOR = 1/8 in the proof of thm-lsc-samples."""

BLOCK = 1 << 22
"""Entries of the features that are held in memory at a time."""


def tangent_features(teacher: OneHiddenLayer, X: np.ndarray) -> np.ndarray:
    """The rows g_l: derivatives of f(x_l; W, v) in the entries of W, unit by unit.  *Shapes*: X (n, d); (n, k d).

    >>> tangent_features(OneHiddenLayer([[1.0, 0.0]], [2.0], "relu"), np.array([[1.0, 3.0], [-1.0, 3.0]])).tolist()
    [[2.0, 6.0], [-0.0, 0.0]]
    """
    slopes = teacher.v * teacher.phi.derivative(X @ teacher.W.T)
    return (slopes[:, :, None] * X[:, None, :]).reshape(len(X), -1)


def empirical_hessian_at_teacher(
    teacher: OneHiddenLayer, samples: int, *, rng: np.random.Generator | int
) -> np.ndarray:
    """H_n for n = `samples` fresh standard normal inputs, (k d, k d); the residuals vanish at the teacher.

    Memory does not grow with n: the inputs are drawn and used block by block.
    Raises: ValueError when samples < 1.  Source: thm-lsc-samples.

    >>> H = empirical_hessian_at_teacher(OneHiddenLayer([[1.0, 0.0]], [1.0], "linear"), 10_000, rng=0)
    >>> bool(np.abs(H - np.eye(2)).max() < 0.1)
    True
    """
    if samples < 1:
        raise ValueError(f"samples is {samples}; expected at least 1")
    rng = np.random.default_rng(rng)
    size = teacher.k * teacher.d
    H = np.zeros((size, size))
    for n in _blocks(samples, max(1, BLOCK // size)):
        features = tangent_features(teacher, rng.standard_normal((n, teacher.d)))
        H += features.T @ features
    return H / samples


def _blocks(total: int, block: int) -> Iterator[int]:
    for start in range(0, total, block):
        yield min(block, total - start)


def kurtosis_bound(teacher: OneHiddenLayer, *, least: float | None = None) -> float:
    """h with E (a.g)^4 <= h (a^T H a)^2 for all a: (4p + 3)!! (L1^2 sum_i v_i^2 |w_i|^(2p) / lambda_min)^2.

    least: a lower bound on lambda_min(H) > 0, by default its numerical value.  *Law*: at least 1; free of d.
    Raises: ValueError when the activation carries no L1, or H is singular.  Source: thm-lsc-samples.

    >>> round(kurtosis_bound(OneHiddenLayer([[1.0, 0.0]], [1.0], "relu")), 9)
    12.0
    """
    bounds = teacher.phi.bounds
    if bounds.first is None:
        raise ValueError(f"phi is {teacher.phi.name}, which carries no L1 with 0 <= phi'(z) <= L1 |z|^p")
    if least is None:
        least = float(np.linalg.eigvalsh(hessian_at_teacher(teacher))[0])
    if not least > 1e-14 * float(np.max(teacher.v**2)):
        raise ValueError(f"least is {least}; expected lambda_min > 0: a singular Hessian has no kurtosis bound")
    p = bounds.power
    size = np.sum(teacher.v**2 * np.linalg.norm(teacher.W, axis=1) ** (2 * p))
    return float(double_factorial(4 * p + 3) * (FLOATS.number(bounds.first) ** 2 * size / least) ** 2)


def samples_for_half(teacher: OneHiddenLayer, *, failure: float = 1e-6, least: float | None = None) -> int:
    """A number n of samples with P(H_n >= H/2) >= 1 - failure: ceil(112 h (k d + log(2/failure))).

    Raises: ValueError unless 0 < failure < 1 and k d >= 2, and as `kurtosis_bound`.  Source: thm-lsc-samples.

    >>> samples_for_half(OneHiddenLayer([[1.0, 0.0]], [1.0], "relu"))
    22188
    """
    if not 0 < failure < 1:
        raise ValueError(f"failure is {failure}; expected a probability between 0 and 1")
    size = teacher.k * teacher.d
    if size < 2:
        raise ValueError("teacher has k d = 1; the constant of the bound is for k d >= 2")
    return ceil(FACTOR * kurtosis_bound(teacher, least=least) * (size + log(2 / failure)))


def least_ratio(teacher: OneHiddenLayer, samples: int, *, rng: np.random.Generator | int) -> float:
    """The largest c with H_n >= c H: the least eigenvalue of H^(-1/2) H_n H^(-1/2), in doubles.

    Raises: numpy.linalg.LinAlgError when H is singular.

    >>> least_ratio(OneHiddenLayer([[1.0, 0.0, 0.0]], [1.0], "relu"), 2, rng=0) < 1e-12       # 2 samples, 3 weights
    True
    """
    L = np.linalg.cholesky(hessian_at_teacher(teacher))
    half = np.linalg.solve(L, empirical_hessian_at_teacher(teacher, samples, rng=rng))
    return float(np.linalg.eigvalsh(np.linalg.solve(L, half.T))[0])


@dataclass(frozen=True, kw_only=True)
class HalfPoint:
    """For one d: the first n/d of the grid with median lambda_min(H_n)/lambda_min(H) >= 1/2, and all medians."""

    d: int
    ratio: float | None
    medians: tuple[float, ...]


def half_points(
    phi: str, k: int, dimensions: Sequence[int], grid: Sequence[float], *, draws: int = 5, seed: int = 0
) -> list[HalfPoint]:
    """How many samples per dimension the least eigenvalue needs, measured at orthonormal teachers with v = 1.

    One stream of random numbers per (d, n), derived from the seed.

    >>> [point.ratio for point in half_points("relu", 1, [6], [1, 50], draws=3)]
    [50]
    """
    found = []
    for d in dimensions:
        teacher = OneHiddenLayer(np.eye(k, d), np.ones(k), phi)
        least = float(np.linalg.eigvalsh(hessian_at_teacher(teacher))[0])
        medians = []
        for place, x in enumerate(grid):
            streams = np.random.SeedSequence([seed, d, place]).spawn(draws)
            hessians = [
                empirical_hessian_at_teacher(teacher, round(x * d), rng=np.random.default_rng(s)) for s in streams
            ]
            medians.append(float(np.median([np.linalg.eigvalsh(H)[0] for H in hessians])) / least)
        ratio = next((x for x, median in zip(grid, medians, strict=True) if median >= 0.5), None)
        found.append(HalfPoint(d=d, ratio=ratio, medians=tuple(medians)))
    return found
