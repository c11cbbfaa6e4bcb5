"""The expected kernel Sigma(X) = E[phi'(X w) phi'(X w)^T] o (X X^T), w ~ N(0, I), and lambda(X), its least eigenvalue.

For unit inputs and the Hermite coefficients c_r of phi', with o the entrywise power:

    Sigma(X) = sum_{r >= 0} c_r^2 (X X^T)^(o (r + 1)),     lambda(X) >= c_r^2 sigma_min^2(X * ... * X), r + 1 factors.

E[J(W_0) J(W_0)^T] = |v|^2 Sigma(X).   Chapter: overparameterization-kernel (lem-expected-kernel).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.gaussian import beta, dual_derivative, hermite

from .data import count, on_sphere
from .khatri_rao import khatri_rao_singular_value, rank_wall

_LAST = 120
"""Beyond this order the nested quadrature of an entry is cheaper than more coefficients."""


def expected_kernel(X: Any, phi: Activation | str, *, tolerance: float = 1e-12) -> np.ndarray:
    """Sigma(X), a float array (n, n).

    *Shapes*: X (n, d), rows of length 1.
    Error: where phi has a closed form (ReLU, leaky and squared ReLU, erf, polynomials, exp) that of doubles. Otherwise
    each entry misses at most `tolerance` (times |rho_ij|, at least 1e-13) by the truncated Hermite series, by
    `series_error`; entries with |rho_ij| so near to 1 that this would take over 120 terms come from quadrature, with
    an error of at most 1e-10 E phi'(g)^2.
    Raises: ValueError when an input is not on the sphere, or tolerance is not positive.

    >>> expected_kernel(np.eye(2), "relu").tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    phi, X = activation(phi), on_sphere(X, "the expected kernel")
    if not tolerance > 0:
        raise ValueError(f"tolerance is {tolerance}; expected a positive number")
    rho = _correlations(X)
    if phi.closed_forms.dual_derivative is not None:
        return rho * _over_pairs(phi, rho)
    off = ~np.eye(len(X), dtype=bool)
    coefficients, missing = [hermite(phi, 0)], np.inf
    total = float(np.asarray(beta(phi, 0, 1.0)))
    largest = float(np.abs(rho[off]).max(initial=0.0))
    while len(coefficients) <= _LAST:
        missing = _missing(total, coefficients)
        if missing * largest ** len(coefficients) <= tolerance:
            break
        coefficients.append(hermite(phi, len(coefficients)))
    slopes = np.polynomial.polynomial.polyval(rho, np.square(coefficients))
    np.fill_diagonal(slopes, total)
    near = off & (missing * np.abs(rho) ** len(coefficients) > max(tolerance, 1e-13))
    if near.any():
        slopes[near] = _over_pairs(phi, rho[near])
    return rho * slopes


def series_error(phi: Activation | str, terms: int, rho: float = 1.0) -> float:
    """A bound on |E phi'(u) phi'(v) - sum_{r < terms} c_r^2 rho^r|, corr(u, v) = rho: |rho|^terms times the rest of
    E phi'(g)^2 = sum_r c_r^2 (plus 1e-10 of that, the error of its integral).

    >>> f"{series_error('tanh', 10, 0.7):.1e}"
    '6.2e-05'
    """
    phi = activation(phi)
    if not abs(rho) <= 1:
        raise ValueError(f"rho is {rho}; expected a correlation, between -1 and 1")
    kept = [hermite(phi, r) for r in range(count(terms, "terms"))]
    return _missing(float(np.asarray(beta(phi, 0, 1.0))), kept) * abs(rho) ** terms


def least_eigenvalue(X: Any, phi: Activation | str) -> float:
    """lambda(X) = lambda_min(Sigma(X)).  Raises: as `expected_kernel`.

    >>> least_eigenvalue(np.eye(3), "relu")
    0.5
    """
    return float(np.linalg.eigvalsh(expected_kernel(X, phi))[0])


@dataclass(frozen=True, kw_only=True)
class HermiteBound:
    """lambda(X) >= value = coefficient^2 singular_value^2: the r-th term of the series."""

    r: int
    coefficient: float
    singular_value: float

    @property
    def value(self) -> float:
        return self.coefficient**2 * self.singular_value**2


def hermite_bounds(X: Any, phi: Activation | str, last: int = 4) -> list[HermiteBound]:
    """The lower bounds of lambda(X) through c_0, ..., c_last, each with X * ... * X of r + 1 factors.

    r = 1 is mu_phi^2 sigma_min^2(X * X): 0 for tanh, erf and sigmoid, where r = 2 steps in.
    Raises: as `expected_kernel`.

    >>> [round(b.value, 6) for b in hermite_bounds(np.eye(3), "tanh", last=2)]
    [0.366879, 0.0, 0.066101]
    """
    phi, X = activation(phi), on_sphere(X, "the Hermite series")
    return [
        HermiteBound(r=r, coefficient=hermite(phi, r), singular_value=khatri_rao_singular_value(X, r + 1))
        for r in range(count(last, "last", 0) + 1)
    ]


def partial_bound(X: Any, phi: Activation | str, last: int) -> float:
    """lambda_min(sum_{r <= last} c_r^2 (X X^T)^(o (r + 1))) <= lambda(X): all terms left out are semidefinite.

    Raises: as `expected_kernel`.

    >>> partial_bound(np.eye(3), "relu", 1) < least_eigenvalue(np.eye(3), "relu")
    True
    """
    phi, X = activation(phi), on_sphere(X, "the Hermite series")
    rho = _correlations(X)
    c = np.array([hermite(phi, r) for r in range(count(last, "last", 0) + 1)])
    return float(np.linalg.eigvalsh(rho * np.polynomial.polynomial.polyval(rho, c * c))[0])


def limit_eigenvalue(phi: Activation | str, degree: int = 1) -> float:
    """sum_{r >= degree} c_r^2 = E phi'^2 - c_0^2 - ...: what lambda(X) tends to for d^degree << n << d^(degree + 1).

    Source: montanari2022 for degree 1, inputs uniform on the sphere.

    >>> round(limit_eigenvalue("relu"), 12), round(limit_eigenvalue("tanh"), 4)
    (0.25, 0.0975)
    """
    phi = activation(phi)
    return float(np.asarray(beta(phi, 0, 1.0))) - sum(hermite(phi, r) ** 2 for r in range(count(degree, "degree", 0)))


def limit_beyond_wall(n: int, d: int, phi: Activation | str) -> float:
    """`limit_eigenvalue` of degree 1 with the term r = 1 at its finite size: E phi'^2 - c_0^2 - c_1^2 (1 - s),
    s = sigma_min^2(X * X) by its random-matrix law.

    >>> round(limit_beyond_wall(100, 20, "relu"), 4)
    0.1052
    """
    from .khatri_rao import random_inputs_law

    s = random_inputs_law(n, d)[0] if n <= rank_wall(d) else 0.0
    return limit_eigenvalue(phi) - hermite(phi, 1) ** 2 * (1 - s)


def _correlations(X: np.ndarray) -> np.ndarray:
    rho = np.clip(X @ X.T, -1.0, 1.0)
    np.fill_diagonal(rho, 1.0)
    return rho


def _missing(total: float, coefficients: list[float]) -> float:
    return max(total - float(np.sum(np.square(coefficients))), 0.0) + 1e-10 * total


def _over_pairs(phi: Activation, rho: np.ndarray) -> np.ndarray:
    cov = np.empty((*rho.shape, 2, 2))
    cov[..., 0, 0] = cov[..., 1, 1] = 1.0
    cov[..., 0, 1] = cov[..., 1, 0] = rho
    return np.asarray(dual_derivative(phi, cov))
