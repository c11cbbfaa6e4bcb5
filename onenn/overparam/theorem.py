"""The widths and rates of the theorems, with their constants: B = sup |phi'|, mu = E phi''(g), kappa(X), lambda(X).

smooth:  sqrt k >= 16 sqrt n B (1 + (1 + delta) B) ||X||/lambda(X), or sqrt(kd) >= c (B^2/mu^2)(1 + delta) kappa n;
ReLU:    sqrt k >= 40000 (2 + delta) sqrt n ||X||^3/lambda(X)^2.

Chapters: overparameterization-kernel (thm-smooth), overparameterization-relu-sgd (thm-relu).
"""

from __future__ import annotations

from math import ceil, exp, inf, log, sqrt
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS
from onenn.gaussian import hermite
from onenn.verdict import Verdict

from .bounds import curvature_bound, norm, slope_bound
from .data import count, not_negative, on_sphere
from .initial import output_scale, signed_halves
from .kernel import least_eigenvalue
from .khatri_rao import kappa
from .train import train

CHERNOFF = (1 - log(2)) / 2
"""0.15343: the exponent of the matrix Chernoff bound at half of the mean."""

_NOISE = 1e-12
"""The tolerance of the kernel's entries: for n inputs a lambda(X) below n times this is not known to be positive."""


def smooth_width(X: Any, phi: Activation | str, *, delta: float = 0.0) -> float:
    """The k from which the smooth theorem holds, through lambda(X); inf where lambda(X) is 0, up to rounding.

    Raises: ValueError off the sphere, or where phi' or phi'' has no known bound.  Source: thm-smooth.

    >>> round(smooth_width([[1.0, 0.0], [0.0, 1.0]], "softplus"))
    23794
    """
    X = on_sphere(X, "the smooth theorem")
    B, lam, delta = _smooth(phi), least_eigenvalue(X, phi), not_negative(delta, "delta")
    known = lam > _NOISE * len(X)
    return (16 * sqrt(len(X)) * B * (1 + (1 + delta) * B) * norm(X) / lam) ** 2 if known else inf


def printed_width(X: Any, phi: Activation | str, *, delta: float = 0.0, c: float = 32.0) -> float:
    """The k of sqrt(kd) >= c (B^2/mu^2)(1 + delta) kappa(X) n: inf where mu = 0, and beyond the rank wall.

    Raises: as `smooth_width`.  Source: cor-smooth-printed.

    >>> printed_width([[1.0, 0.0], [0.0, 1.0]], "tanh")
    inf
    """
    X = on_sphere(X, "the smooth theorem")
    n, d = X.shape
    mu, k, delta = hermite(phi, 1), kappa(X), not_negative(delta, "delta")
    return (c * _smooth(phi) ** 2 / mu**2 * (1 + delta) * k * n) ** 2 / d if mu and k < inf else inf


def relu_width(X: Any, *, delta: float = 0.0) -> float:
    """The k from which the ReLU theorem holds: sqrt k >= 40000 (2 + delta) sqrt n ||X||^3/lambda(X)^2.

    Raises: ValueError off the sphere.  Source: thm-relu.

    >>> relu_width([[1.0, 0.0], [0.0, 1.0]]) == (40000 * 2 * 2**0.5 / 0.25) ** 2
    True
    """
    X = on_sphere(X, "the ReLU theorem")
    lam, delta = least_eigenvalue(X, "relu"), not_negative(delta, "delta")
    return (40_000 * (2 + delta) * sqrt(len(X)) * norm(X) ** 3 / lam**2) ** 2 if lam > _NOISE * len(X) else inf


def relu_forms_agree(power: int = 3) -> Verdict:
    """(n^2/d) kappa^power sigma^2 = sqrt(nd) ||X||^3/sigma^4 with kappa = sqrt(d/n) ||X||/sigma^2, as symbols.

    >>> relu_forms_agree(), relu_forms_agree(2) == Verdict.REFUTED
    (PROVED, True)
    """
    import sympy

    n, d, size, sigma = sympy.symbols("n d X sigma", positive=True)
    k = sympy.sqrt(d / n) * size / sigma**2
    gap = n**2 / d * k**power * sigma**2 - sympy.sqrt(n * d) * size**3 / sigma**4
    return Verdict.decided(bool(sympy.simplify(gap) == 0))


def relu_constant_suffices(constant: int = 40_000) -> Verdict:
    """10 * 200^(3/2) sqrt 2 <= constant, in integers: both sides squared.

    >>> relu_constant_suffices(40_000), relu_constant_suffices(39_999)
    (PROVED, REFUTED)
    """
    return Verdict.decided(10**2 * 200**3 * 2 <= constant**2)


def printed_constant_suffices(constant: int = 32) -> Verdict:
    """16 B (1 + (1 + delta) B) <= constant (1 + delta) B^2 for all B >= 1, delta >= 0.

    With B = 1 + b no coefficient of the difference in b and delta is negative; at b = delta = 0 it is constant - 32.

    >>> printed_constant_suffices(32), printed_constant_suffices(31)
    (PROVED, REFUTED)
    """
    import sympy

    b, delta = sympy.symbols("b delta")
    B, more = 1 + b, 1 + delta
    gap = sympy.Poly(constant * more * B**2 - 16 * B * (1 + more * B), b, delta)
    if gap.eval((0, 0)).is_negative:
        return Verdict.REFUTED
    return Verdict.PROVED if all(c >= 0 for c in gap.coeffs()) else Verdict.UNDECIDED


def smooth_theorem_kept(
    X: Any, y: Any, phi: Activation | str, *, delta: float, rng: Any, steps: int = 100, gain: float = 1.0
) -> Verdict:
    """Whether one drawn network of the width that the smooth theorem asks for keeps its promise at each of `steps`
    steps, in floats: |r_t| <= (1 - gain lambda/(32 B^2 ||X||^2))^t |r_0|, |r_t| + sqrt(lambda/(32 n)) |y| p_t <= |r_0|.

    For gain = 1 REFUTED has at most the probability of `chernoff_failure` and that of `misfit_failure` together.
    Raises: as `smooth_width`; on y as `train`.  Source: thm-smooth.

    >>> smooth_theorem_kept([[1.0]], [1.0], "softplus", delta=0.0, rng=0, steps=20) == Verdict.PROVED
    True
    """
    X, B = on_sphere(X, "the smooth theorem"), _smooth(phi)
    k, size = 2 * ceil(smooth_width(X, phi, delta=delta) / 2), norm(np.asarray([y], dtype=float))
    start = signed_halves(k, X.shape[1], phi, scale=output_scale(y, k), rng=rng)
    eta = len(X) / (2 * (B * size * norm(X)) ** 2)
    run, lam = train(start, X, y, step=eta, max_iterations=steps, tolerance=0), least_eigenvalue(X, phi)
    rate = 1 - gain * lam / (32 * (B * norm(X)) ** 2)
    falls = run.misfit <= rate**run.at * run.misfit[0] * (1 + 1e-9)
    inside = run.misfit + sqrt(lam / (32 * len(X))) * size * run.path <= run.misfit[0] * (1 + 1e-9)
    if (falls & inside).all():
        return Verdict.PROVED.because(f"{run.iterations} steps of {k} units")
    return Verdict.REFUTED.because(f"step {int(run.at[np.argmin(falls & inside)])} of {k} units")


def promised_rate(X: Any, phi: Activation | str, *, fraction: float = 1.0) -> float:
    """1 - fraction lambda(X)/(32 B^2 ||X||^2): the factor per step that the smooth theorem promises for its step.

    Raises: as `smooth_width`.  Source: thm-smooth.

    >>> round(promised_rate([[1.0, 0.0], [0.0, 1.0]], "softplus"), 6)
    0.990832
    """
    X = on_sphere(X, "the smooth theorem")
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction is {fraction}; expected a number in (0, 1], of the largest step of the theorem")
    return 1 - fraction * least_eigenvalue(X, phi) / (32 * _slope(phi) ** 2 * norm(X) ** 2)


def chernoff_failure(X: Any, phi: Activation | str, k: int) -> float:
    """A bound on P(lambda_min(J_0 J_0^T) < |v|^2 lambda(X)/2), |v_l| all equal: n exp(-0.15343 k lambda/(B^2 ||X||^2)).

    Raises: as `smooth_width`.  Source: lem-chernoff.

    >>> round(chernoff_failure([[1.0, 0.0], [0.0, 1.0]], "relu", 40), 4)
    0.093
    """
    X = on_sphere(X, "the concentration of the kernel")
    m = count(k, "k") * least_eigenvalue(X, phi) / (_slope(phi) * norm(X)) ** 2
    return len(X) * exp(-CHERNOFF * m)


def _smooth(phi: Activation | str) -> float:
    """B of the smooth theorem, which bounds phi' and phi''."""
    S = curvature_bound(phi)
    if S is None:
        raise ValueError(f"phi is {activation(phi).name}, whose phi'' has no known bound; relu_width is for the ReLU")
    return max(_slope(phi), FLOATS.number(S))


def _slope(phi: Activation | str) -> float:
    B = slope_bound(phi)
    if B is None:
        raise ValueError(f"phi is {activation(phi).name}, whose derivative has no known bound")
    return FLOATS.number(B)
