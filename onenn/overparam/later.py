"""What later results predict for one set of inputs, and what is measured there. For units drawn one after the other,

    rank phi(X W^T) = n from k = n,   rank J = n from k d = n,   lambda_min(J J^T) >= |v|^2 lambda(X)/2 from a width
    B^2 ||X||^2 ln(n/failure)/(0.15343 lambda(X)),   lambda(X) of order sum_{r >= l} c_r^2,   >~ separation^2/d^3.

Chapter: overparameterization-relu-sgd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf, log
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer

from .data import on_sphere, unit_inputs
from .jacobian import jacobian, singular_values
from .kernel import least_eigenvalue, limit_eigenvalue
from .theorem import chernoff_failure


@dataclass(frozen=True, kw_only=True)
class LaterResult:
    """One quantity at one set of inputs: `predicted` by the result in references.bib under `source`, and `measured`.

    kind: "value" (the two should agree), "at most" (measured <= predicted with the probability stated) or "order"
    (predicted up to constants and logarithms).
    """

    source: str
    quantity: str
    predicted: float
    kind: str
    measured: float


def later_results(X: Any, *, rng: np.random.Generator | int) -> list[LaterResult]:
    """The quantities of five later results for inputs X (n, d) of length 1 and one draw of the units.

    The sum over r >= 2 needs more inputs than X * X has dimensions: for it d^2 inputs are drawn.
    Raises: ValueError when an input is not on the sphere.

    >>> [(r.source, r.predicted, r.measured) for r in later_results(unit_inputs(6, 3, rng=0), rng=1)[:2]]
    [('nguyen2020', 6, 6), ('montanari2022', 2, 2)]
    """
    X, rng = on_sphere(X, "the comparison with later results"), np.random.default_rng(rng)
    n, d = X.shape
    most = half_mean_width(X, "relu", failure=1 / n)
    W = rng.standard_normal((most, d))

    def net(k: int, phi: str) -> OneHiddenLayer:
        return OneHiddenLayer(W[:k], np.ones(k), phi)

    def features(k: int) -> np.ndarray:
        return net(k, "softplus").phi(X @ W[:k].T)

    half = least_eigenvalue(X, "relu") / 2
    crowd = unit_inputs(d * d, d, rng=rng)
    return [
        LaterResult(
            source="nguyen2020",
            quantity="units until φ(XWᵀ) has rank n, softplus",
            predicted=n,
            kind="value",
            measured=first_width(lambda k: _rank(features(k)) == n, most),
        ),
        LaterResult(
            source="montanari2022",
            quantity="units until J has rank n, softplus",
            predicted=ceil(n / d),
            kind="order",
            measured=first_width(lambda k: _rank(jacobian(net(k, "softplus"), X)) == n, most),
        ),
        LaterResult(
            source="song2019",
            quantity="units until λ(JJᵀ)/|v|² ≥ λ(X)/2, but for probability 1/n, ReLU",
            predicted=most,
            kind="at most",
            measured=first_width(lambda k: singular_values(net(k, "relu"), X).least ** 2 >= k * half, most),
        ),
        LaterResult(
            source="nguyen2021tight",
            quantity=f"λ of {len(crowd)} inputs, ReLU",
            predicted=limit_eigenvalue("relu", 2),
            kind="order",
            measured=least_eigenvalue(crowd, "relu"),
        ),
        LaterResult(
            source="karhadkar2024",
            quantity="λ(X) by the separation of the inputs, ReLU",
            predicted=separation(X) ** 2 / d**3,
            kind="order",
            measured=2 * half,
        ),
    ]


def half_mean_width(X: Any, phi: Activation | str, *, failure: float) -> int:
    """The least k with `chernoff_failure(X, phi, k)` <= failure.

    Raises: as `chernoff_failure`; ValueError unless 0 < failure < 1 and lambda(X) > 0.  Source: lem-chernoff.

    >>> half_mean_width([[1.0, 0.0], [0.0, 1.0]], "relu", failure=0.1)
    40
    """
    if not 0 < failure < 1:
        raise ValueError(f"failure is {failure}; expected a probability strictly between 0 and 1")
    n = len(X)
    exponent = log(n / chernoff_failure(X, phi, 1))  # of one unit
    if not exponent > 1e-12:
        raise ValueError(
            "lambda(X) is 0 up to rounding: no width is enough; take distinct inputs, no two of them opposite"
        )
    return ceil(log(n / failure) / exponent)


def separation(X: Any) -> float:
    """The least distance of two inputs up to sign, min over i < j of min(|x_i - x_j|, |x_i + x_j|); inf for one input.

    Raises: ValueError when an input is not on the sphere.

    >>> separation([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    0.0
    """
    X = on_sphere(X, "the separation")
    i, j = np.triu_indices(len(X), 1)
    apart = np.minimum(np.linalg.norm(X[i] - X[j], axis=1), np.linalg.norm(X[i] + X[j], axis=1))
    return float(apart.min(initial=inf))


def first_width(holds: Callable[[int], bool], last: int) -> float:
    """The first k = 1, 2, ..., last for which holds(k), inf where there is none.

    >>> first_width(lambda k: k * k > 10, 9), first_width(lambda k: k > 10, 9)
    (4, inf)
    """
    return next((k for k in range(1, last + 1) if holds(k)), inf)


def _rank(A: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(A))
