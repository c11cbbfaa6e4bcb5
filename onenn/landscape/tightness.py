"""How sharp the explicit bound is: scattered teachers to try it on, and a search for the one nearest to it.

minimise  lambda_min(H) / (v_min^2 rho_2(sigma_k) / (kappa^2 lambda))  over W, v = 1.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer
from onenn.rigorous import Ball, ball, min_eigenvalue, precision, rank

from .bounds import Conditioning, conditioning, strong_convexity_bound, strong_convexity_bound_ball
from .hessian import hessian_at_teacher, hessian_at_teacher_ball


@dataclass(frozen=True, kw_only=True, eq=False)
class TightestTeacher:
    """The teacher found, an enclosure of lambda_min / bound there, that ratio at the start, and the conditioning."""

    teacher: OneHiddenLayer
    ratio: Ball
    start: float
    conditioning: Conditioning

    @property
    def summary(self) -> str:
        """The search in words."""
        c = self.conditioning
        return f"ratio {self.start:.1f}, then {float(self.ratio):.9f}; kappa {c.kappa:.6f}, sigma_k {c.sigma[-1]:.4f}"


def scattered_teacher(
    k: int, d: int, phi: Activation | str, *, spread: int = 0, rng: np.random.Generator
) -> OneHiddenLayer:
    """Rational numbers: entries of W among the eighths in [-1, 1], rows times 10^s with s = -spread ... spread, and

    v_i among +-1/2, +-1, +-2; drawn again until the rows are independent.
    Raises: ValueError unless 1 <= k <= d and spread >= 0.

    >>> teacher = scattered_teacher(2, 3, "relu", spread=1, rng=np.random.default_rng(0))
    >>> teacher.k, teacher.d, set(abs(teacher.v)) <= {0.5, 1.0, 2.0}
    (2, 3, True)
    """
    if not 1 <= k <= d:
        raise ValueError(f"k is {k} and d is {d}; expected 1 <= k <= d, as more than d rows are never independent")
    if spread < 0:
        raise ValueError(f"spread is {spread}; expected the largest exponent s of the factors 10^s, 0 for none")
    while True:
        W = [
            [Fraction(int(x), 8) * Fraction(10) ** int(s) for x in rng.integers(-8, 9, size=d)]
            for s in rng.integers(-spread, spread + 1, size=k)
        ]
        if rank(W) == k:
            return OneHiddenLayer(W, [Fraction(int(x), 2) for x in rng.choice([-4, -2, -1, 1, 2, 4], size=k)], phi)


def bound_ratio(teacher: OneHiddenLayer) -> float:
    """lambda_min(H) / strong_convexity_bound, in doubles.

    *Law*: at least 1, where lambda_min exceeds 1e-13 lambda_max; below, it is rounding, and bound_ratio_ball is right.
    Raises: ValueError when the bound is 0 (some v_i = 0, or phi a polynomial of degree at most 2); as
    strong_convexity_bound.

    >>> round(bound_ratio(OneHiddenLayer([[1.0, 0.0], [1.0, 1.0]], [1.0, 1.0], "relu")), 1)
    2.5
    """
    bound = strong_convexity_bound(teacher)
    if bound == 0:
        raise ValueError(
            f"strong_convexity_bound is 0 for phi = {teacher.phi.name} and v = {teacher.v.tolist()}; a ratio needs all "
            "v_i != 0 and a phi that is no polynomial of degree at most 2"
        )
    return float(np.linalg.eigvalsh(hessian_at_teacher(teacher))[0]) / bound


def bound_ratio_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> Ball:
    """The same as a ball, from `bits` bits on until its relative accuracy is 53 bits, or 16 times as many are spent.

    *Contains*: the ratio. Non-finite where the bound is 0 or the Hessian has no enclosure.

    >>> bool(bound_ratio_ball(OneHiddenLayer([[1, 0], [1, 1]], [1, 1], "erf")) > 1)
    True
    """
    ratio = ball(0)
    for working in (bits, 4 * bits, 16 * bits):  # lambda_min may be far below lambda_max
        with precision(working):
            least = min_eigenvalue(hessian_at_teacher_ball(teacher, bits=working), bits=working)
            ratio = least / strong_convexity_bound_ball(teacher, bits=working)
        if not ratio.is_finite() or ratio.rel_accuracy_bits() > 53:
            break
    return ratio


def tightest_teacher(
    phi: Activation | str, k: int, d: int, *, rng: np.random.Generator, starts: int = 4, evaluations: int = 600
) -> TightestTeacher:
    """The teacher with v = 1 and the least ratio that Nelder-Mead finds from `starts` random ones.

    An upper bound on the least ratio over all teachers: other v only raise it, as lambda_min(H(W, v)) is at least
    v_min^2 lambda_min(H(W, 1)). Rotations of the inputs change nothing, so W is lower triangular; its entries stay
    below 3, those of the diagonal between e^-3 and e^3.
    Raises: ValueError unless 1 <= k <= d and starts >= 1, and where the bound is 0.

    >>> found = tightest_teacher("relu", 2, 2, rng=np.random.default_rng(0), starts=1, evaluations=200)
    >>> bool(1 < found.ratio < 2 < found.start)
    True
    """
    from scipy.optimize import minimize

    if not 1 <= k <= d:
        raise ValueError(f"k is {k} and d is {d}; expected 1 <= k <= d, where the bound is positive")
    if starts < 1 or evaluations < 2:
        raise ValueError(f"starts is {starts} and evaluations is {evaluations}; expected at least 1 and 2")
    lower = np.tril_indices(k)
    diagonal = lower[0] == lower[1]

    def teacher(x: np.ndarray) -> OneHiddenLayer:
        W = np.zeros((k, d))
        W[lower] = np.where(diagonal, np.exp(x), x)
        return OneHiddenLayer(W, np.ones(k), phi)

    def objective(x: np.ndarray) -> float:
        if np.abs(x).max() > 3:  # beyond, the least eigenvalue drowns in rounding
            return np.inf
        ratio = bound_ratio(teacher(x))
        return float(np.log(ratio)) if ratio > 0 else np.inf  # rounding

    options = {"maxfev": evaluations // 2, "xatol": 1e-8, "fatol": 1e-12}
    draws = [rng.normal(scale=0.5, size=len(diagonal)) for _ in range(starts)]
    found = [minimize(objective, x, method="Nelder-Mead", options=options) for x in draws]
    # a simplex that has collapsed is built again around its best point
    found = [minimize(objective, result.x, method="Nelder-Mead", options=options) for result in found]
    i = int(np.argmin([result.fun for result in found]))
    best = teacher(found[i].x)
    return TightestTeacher(
        teacher=best,
        ratio=bound_ratio_ball(best),
        start=float(np.exp(objective(draws[i]))),
        conditioning=conditioning(best),
    )
