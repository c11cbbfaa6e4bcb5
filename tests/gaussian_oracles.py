"""Independent routes to Gaussian moments and duals: stored mpmath values, and rules of another kind."""

from __future__ import annotations

import itertools
import tomllib
from functools import cache
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).parent / "reference" / "moments.toml"


@cache
def _table() -> dict:
    return tomllib.loads(REFERENCE.read_text(encoding="utf-8"))


def reference_sigmas(name: str) -> list[str]:
    """The sigmas for which moments of that activation are stored."""
    return [key for key in _table()[name] if key != "hermite"]


def reference_moments(name: str, sigma: str) -> dict[str, float]:
    """{"alpha_0": ..., "beta_0": ..., "gamma_0": ..., "T_1": ..., ...}; an exact zero is 0.0."""
    return {key: float(value) for key, value in _table()[name][sigma].items()}


def reference_hermite(name: str) -> dict[int, float]:
    """{r: E[phi'(g) He_r(g)]/sqrt(r!)}."""
    return {int(r): float(value) for r, value in _table()[name]["hermite"].items()}


@cache
def _gauss(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(n)


def _between(edges: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    t, w = _gauss(n)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + t)).ravel(), (half * w).ravel()


def polar_expectation(f, p: float, r: float, rho: float) -> float:
    """E[f(u, v)] for standard deviations p, r and correlation rho = cos t: u = p R cos(q), v = r R cos(q - t).

    f may change its formula where u or v changes sign; else it is smooth, on the scale of standard deviations <= 5.
    """
    t = np.arccos(rho)
    cuts = np.sort(np.mod([np.pi / 2, 3 * np.pi / 2, t + np.pi / 2, t + 3 * np.pi / 2], 2 * np.pi))
    angles = np.unique(np.concatenate([cuts, cuts[:1] + 2 * np.pi]))
    angles = np.unique(np.concatenate([np.linspace(x, y, 5) for x, y in itertools.pairwise(angles)]))
    q, dq = _between(angles, 14)
    R, dR = _between(np.array([0, 1, 2, 3.5, 5, 7, 9, 12]), 14)
    u = p * np.cos(q)[:, None] * R
    v = r * np.cos(q - t)[:, None] * R
    return float(np.einsum("i,j,ij->", dq, dR * R * np.exp(-R * R / 2), f(u, v)) / (2 * np.pi))


def fourier_dual_derivative(transform, a: float, b: float, c: float) -> float:
    """E[f(u) f(v)] from the transform F of f: (2 pi)^-2 int F(s) F(t) e^{-(a s^2 + 2 b s t + c t^2)/2} ds dt.

    The trapezoidal rule, for covariances well off the degenerate ones; it works at any scale >= 1, unlike sampling f.
    """
    x = np.linspace(-12, 12, 601)
    s, t = x[:, None] / np.sqrt(a), x[None, :] / np.sqrt(c)
    correlation = b / np.sqrt(a * c)
    weight = np.exp(-(x[:, None] ** 2 + 2 * correlation * x[:, None] * x + x**2) / 2)
    step = (x[1] - x[0]) ** 2 / np.sqrt(a * c)
    return float(np.sum(transform(s) * transform(t) * weight) * step / (2 * np.pi) ** 2)


def relative_error(value: float, exact: float) -> float:
    """|value/exact - 1|; a vanishing exact value admits 0.0 only."""
    if exact == 0.0:
        return 0.0 if value == 0.0 else float("inf")
    return abs(value / exact - 1)
