"""The certificate for slopes that jump at 0 (ReLU, leaky ReLU), by counting the signs that can flip.

If |W - W_0| <= R, the units that change sign on x_i have sum (w_l.x_i)^2 <= R^2 |x_i|^2: at most m_i(R). With

    D(R) = jump |v|_inf ||X|| sqrt(max_i m_i(R)) >= ||J(W) - J(W_0)||,    s = sigma_min(J_0),

D <= s/5 on R = 5 |r_0|/s and eta <= 1/(2 beta^2) give, with alpha = 4 s/5,  |r_t|^2 <= (1 - eta alpha^2/2)^t |r_0|^2
and  |r_t| + (alpha/4) path_t <= |r_0|.   Chapter: overparameterization-relu-sgd (lem-flips, prp-relu-certificate).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import inf
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.verdict import Verdict

from .bounds import norm
from .data import host, not_negative, weights
from .jacobian import relative_doubt, singular_values
from .record import Certificate


def slope_jump(phi: Activation) -> float:
    """|phi'(0+) - phi'(0-)| of a phi with constant slopes on both sides of 0.  Raises: ValueError for another phi.

    >>> from onenn import activation
    >>> slope_jump(activation("leaky_relu", slope="1/4"))
    0.75
    """
    if phi.homogeneity == 1 and len(phi.kinks) == 1:
        return abs(float(phi.derivative(1.0)) - float(phi.derivative(-1.0)))
    raise ValueError(
        f"phi is {phi.name}; the certificate needs a bounded phi'' (softplus, tanh, erf, sigmoid, GELU) or slopes that "
        "are constant on both sides of 0 (ReLU, leaky ReLU)"
    )


def flips_within(net: OneHiddenLayer, X: Any, radius: float) -> np.ndarray:
    """m_i, the most units that can change sign on x_i while |W - W_0| <= radius: ints (n,).

    Raises: ValueError for radius < 0; on X as `jacobian`.  Source: lem-flips.

    >>> flips_within(OneHiddenLayer([[0.5], [1.0], [3.0]], [1, 1, 1], "relu"), [[1.0]], 1.2).tolist()
    [2]
    """
    not_negative(radius, "radius")
    data, W, _, _ = weights(net, X)
    Z, lengths = host(data @ W.T), np.linalg.norm(host(data), axis=1)
    costs = np.cumsum(np.sort(Z**2, axis=1), axis=1)
    return np.sum(costs <= (radius * lengths[:, None]) ** 2, axis=1)


def flip_count(z: Sequence[Fraction], radius: Fraction) -> int:
    """m for one unit input with the numbers z_l = w_l.x: how many of the smallest z_l^2 add up to radius^2 at most.

    >>> flip_count([Fraction(1, 2), Fraction(1), Fraction(-3)], Fraction(6, 5))
    2
    """
    total, count = Fraction(0), 0
    for square in sorted(t * t for t in z):
        total += square
        count += total <= radius**2
    return count


def most_flips_is(z: Sequence[Fraction], radius: Fraction, m: int) -> Verdict:
    """Whether m is the size of the largest set of units that can flip, by trying all sets: W moves by (z_l)_l along x.

    >>> most_flips_is([Fraction(1, 2), Fraction(1), Fraction(-3)], Fraction(6, 5), 2)
    PROVED
    """
    sizes = range(len(z) + 1)
    possible = (s for s in sizes for units in combinations(z, s) if sum(t * t for t in units) <= radius**2)
    most = max(possible)
    return Verdict.PROVED if most == m else Verdict.REFUTED.because(f"{most} units can flip, and m is {m}")


def flip_deviation(net: OneHiddenLayer, X: Any, radius: float) -> float:
    """D(radius), at least ||J(W) - J(W_0)|| for every W with |W - W_0| <= radius.

    >>> round(flip_deviation(OneHiddenLayer([[0.5], [1.0], [3.0]], [1, 1, 1], "relu"), [[1.0]], 1.2), 6)
    1.414214
    """
    flips = int(flips_within(net, X, radius).max())
    return slope_jump(net.phi) * float(np.abs(net.v).max()) * norm(X) * float(np.sqrt(flips))


def flip_certificate(net: OneHiddenLayer, X: Any, misfit: float, step: float | None) -> Certificate:
    """The certificate of the module; |r_0| = misfit. `ratio` is (s/5)/D(R): UNDECIDED below 1, as a rule.

    D falls like k^(-1/6), so a factor F that is missing asks for about F^6 times the width.
    """
    slope_jump(net.phi)  # raises where the slopes are not constant on both sides of 0
    steepest = max(abs(float(net.phi.derivative(z))) for z in (-1.0, 1.0))
    extremes = singular_values(net, X)
    s = extremes.least
    beta = steepest * float(np.linalg.norm(net.v)) * norm(X)
    D = flip_deviation(net, X, 5 * misfit / s) if s else inf
    ratio = s / 5 / D if D else inf
    limit = 1 / (2 * beta**2) if beta else inf
    eta = step if step is not None else limit if beta else 1.0
    doubt = relative_doubt(extremes, len(X))
    if eta > limit * (1 + 1e-12):
        verdict = Verdict.UNDECIDED.because(f"step is {eta:.6g}; expected at most {limit:.6g}")
    elif doubt >= 0.5:
        verdict = Verdict.UNDECIDED.because(f"sigma_min(J_0) is {s:.6g}, not known to be positive")
    elif ratio > 1 + 1e-9 + 2 * doubt:
        verdict = Verdict.PROVED.because(f"sign flips change J by at most 1/{5 * ratio:.6g} of sigma_min(J_0)")
    else:
        verdict = Verdict.UNDECIDED.because(
            f"sign flips may change J by {D:.6g}, and sigma_min(J_0)/5 is {s / 5:.6g}: a factor {1 / ratio:.6g} is "
            f"missing; about {ratio**-6:.2g} times the width would do"
        )
    return flip_record(
        FLOATS, verdict, ratio, least=s, norm=extremes.largest, misfit=misfit, beta=beta, step=eta, limit=limit
    )


def flip_record(
    C: Any, verdict: Verdict, ratio: Any, *, least: Any, norm: Any, misfit: Any, beta: Any, step: Any, limit: Any
) -> Certificate:
    """The numbers that sign flips promise, over the number context C."""
    alpha = 4 * least / 5
    return Certificate(
        verdict=verdict,
        form="flips",
        ratio=ratio,
        least=least,
        norm=norm,
        lipschitz=inf,
        misfit=misfit,
        alpha=alpha,
        radius=inf if least == 0 else 5 * misfit / least,
        beta=beta,
        step=step,
        step_limit=limit,
        rate=C.sqrt_nonnegative(1 - step * alpha * alpha / 2),
        slope=alpha / 4,
        bend=0 * alpha,
    )
