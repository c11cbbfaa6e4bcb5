"""alpha_q, beta_q, T1, T2, T3 and rho as balls, for a point sigma and for all sigma of an interval.

alpha_q = E[phi'(sigma z) z^q],   beta_q = E[phi'(sigma z)^2 z^q],   rho = min(T1, T2)  or  min(T1, T2, T3),
T1 = beta_0 - alpha_0^2 - alpha_1^2,   T2 = beta_2 - alpha_1^2 - alpha_2^2,   T3 = alpha_0 alpha_2 - alpha_1^2.

At a point the working precision rises until the ball is small beside its value. Chapter: activation-properties.
"""

from __future__ import annotations

import functools
import warnings

from onenn.activations import Activation, activation
from onenn.rigorous import Ball, NoEnclosure, adaptive, ball, precision

from .evaluation import AtPoint, AtSigma, NotSupplied, OverInterval, Sigma

_GUARD = 24


def alpha_ball(phi: str | Activation, q: int, sigma: Sigma, *, bits: int = 53, cap: int = 2048) -> Ball:
    """E[phi'(sigma z) z^q] for z ~ N(0, 1).

    Contains: the value, for every sigma of the ball. Tight: at a point sigma radius <= 2^-bits |value|, an exact 0
    where the value vanishes by symmetry or by its closed form, and non-finite where `cap` bits of working precision
    do not reach that; over an interval, a width about proportional to that of sigma.
    Non-finite, with the warning NoEnclosure, when the activation lacks a derivative that runs on balls or its growth.
    Raises: TypeError when sigma is a float; ValueError when sigma <= 0, q < 0, or the name is unknown.
    Source: def-rho.

    >>> alpha_ball("relu", 1, 3).overlaps(ball("1/sqrt(2*pi)")), alpha_ball("tanh", 1, "0.1")
    (True, 0)
    """
    return _sharp(_at(phi, sigma), "alpha", _order(q), bits=bits, cap=cap)


def beta_ball(phi: str | Activation, q: int, sigma: Sigma, *, bits: int = 53, cap: int = 2048) -> Ball:
    """E[phi'(sigma z)^2 z^q] for z ~ N(0, 1); otherwise as `alpha_ball`.

    >>> beta_ball("squared_relu", 2, "1/2").overlaps(ball("3/2"))
    True
    """
    return _sharp(_at(phi, sigma), "beta", _order(q), bits=bits, cap=cap)


def T_ball(phi: str | Activation, i: int, sigma: Sigma, *, bits: int = 53, cap: int = 2048) -> Ball:
    """T_i(sigma), i = 1, 2, 3; otherwise as `alpha_ball`, the tightness relative to T_i whatever cancels in it.

    Source: def-rho.

    >>> T_ball("linear", 1, 10), T_ball("quadratic", 3, 2).overlaps(ball(-16))
    (0, True)
    """
    if i not in (1, 2, 3):
        raise ValueError(f"i is {i!r}; expected 1, 2 or 3")
    return _sharp(_at(phi, sigma), "T", i, bits=bits, cap=cap)


def rho_ball(phi: str | Activation, sigma: Sigma, terms: int = 3, *, bits: int = 53, cap: int = 2048) -> Ball:
    """rho(sigma) = min(T1, T2, T3), the definition as printed; min(T1, T2) for terms = 2, which the proofs need.

    Otherwise as `alpha_ball`.
    Raises: ValueError also when terms is not 2 or 3.

    >>> rho_ball("relu", "0.1").overlaps(ball("1/4 - 1/(2*pi)"))
    True
    """
    if terms not in (2, 3):
        raise ValueError(f"terms is {terms!r}; expected 3 (the definition as printed) or 2 (what the proofs need)")
    at = _at(phi, sigma)
    values = [_sharp(at, "T", i, bits=bits, cap=cap) for i in range(1, terms + 1)]
    with precision(bits + _GUARD):
        return functools.reduce(lambda x, y: x.min(y), values)


def _at(phi: str | Activation, sigma: Sigma) -> AtSigma:
    phi, s = activation(phi), ball(sigma, "sigma")
    if s <= 0:
        raise ValueError(f"sigma is {sigma}; expected a positive number")
    if isinstance(sigma, Ball) and not sigma.is_exact():
        return OverInterval(phi, sigma)
    return AtPoint(phi, sigma)


def _order(q: int) -> int:
    if isinstance(q, bool) or not isinstance(q, int) or q < 0:
        raise ValueError(f"q is {q!r}; expected an int >= 0")
    return q


def _sharp(at: AtSigma, kind: str, index: int, *, bits: int, cap: int) -> Ball:
    try:
        if isinstance(at, AtPoint):
            return adaptive(lambda: getattr(at, kind)(index), relative_bits=bits, start=bits + _GUARD, cap=cap)
        with precision(bits + _GUARD):
            return getattr(at, kind)(index) if at.s() > 0 else ball(0).log()
    except NotSupplied as error:
        warnings.warn(NoEnclosure(str(error)), stacklevel=3)
        return ball(0).log()
