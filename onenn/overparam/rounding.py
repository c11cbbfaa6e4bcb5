"""Gradient descent in floating point: by how much one step is off, and what that does to a certified run.

|theta_{t+1} - theta_t + eta J(theta_t)^T r_t| <= eps for t < N, and the certificate holds for |r_0| + 2 N beta eps
in place of |r_0|:    |r_t| + g(p_t) <= |r_0| + 2 t beta eps,    |r_t| <= q^t |r_0| + beta eps min(t, 1/(1 - q)).

With u = 2^-53, gamma_j = j u/(1 - j u), values of phi and phi' off by at most c u (|phi| + B) and c u B, sums in any
order, P_i >= sum_l |v_l phi(w_l.x_i)| and Q >= sum_l |v_l| |w_l|:

    delta_i = gamma_k P_i + c u (P_i + B |v|_1) + B gamma_d |x_i| Q + u |r|,
    eps = eta beta |delta| + u |W| + eta |X|_F (|r| + |delta|) (|v| B (gamma_{n+8} + c u) + S gamma_d |x| |v|_inf |W|).

Chapter: moderate-overparameterization (prp-rounded-steps, lem-float-step).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log
from typing import Any

import numpy as np

from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.verdict import Verdict

from .bounds import curvature_bound, slope_bound
from .data import host, inputs
from .flips import flip_deviation
from .record import Certificate

SMALLEST = 1e-10
"""The corridor is checked until the misfit has fallen to this part of the first one."""

_U = 2.0**-53
_GROWTH = 1.01
"""Misfit and radius may grow by this factor; that they do not is checked."""
_LESS = 1 - 1e-12
"""For the numbers of a certificate, which are taken at the upper end of what they may be."""
_REST = 1.01
"""Covers the products of two roundings, and the rounding of these bounds themselves: all terms are below 1e-3."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """How far a run in float64 may leave the corridor of its certificate by rounding alone, for `steps` steps.

    `misfit` is for |r_t| at the edges, `rate` for |r_t| beside (rate + slower)^t |r_0|, `path` for the path beside the
    radius, all as recorded; `step` bounds eps, `residual` the error of a computed r.
    """

    misfit: float
    rate: float
    slower: float
    path: float
    step: float
    residual: float
    steps: int


def rounding_allowance(
    net: OneHiddenLayer, X: Any, certificate: Certificate, *, steps: int | None = None, ulps: float = 8.0
) -> Allowance:
    """The allowance for gradient descent from `net` with the step of a certificate that holds.

    steps: how many; None: until the certified rate has brought the misfit to 1e-10 of the first. ulps: c, the errors of
    the computed phi and phi' in units of u; no overflow, no underflow, n, d, k <= 10^12. Where phi' jumps, no computed
    w_l.x_i may be within gamma_d |w_l| |x_i| of the kink.
    Raises: ValueError when the certificate does not hold, or holds with so little room that rounding may undo it; on X
    as `jacobian`.  Source: prp-rounded-steps, lem-float-step.

    >>> from onenn.overparam import certificate
    >>> net, X = OneHiddenLayer([[0.0, 1.0]], [1.0], "softplus"), [[1.0, 0.0]]
    >>> 1e-14 < rounding_allowance(net, X, certificate(net, X, [0.6])).misfit < 1e-11
    True
    """
    if certificate.verdict != Verdict.PROVED:
        raise ValueError(f"certificate is {certificate.verdict}; there is no corridor to stay in")
    names = ("misfit", "radius", "beta", "step", "rate", "norm", "least", "slope", "bend")
    c = {name: upper(getattr(certificate, name)) for name in names}
    L = 0.0 if certificate.form == "flips" else upper(certificate.lipschitz)
    N = _steps(c["rate"]) if steps is None else steps
    X = host(inputs(X, d=net.d)[0])
    misfit, radius = _GROWTH * c["misfit"], _GROWTH * c["radius"]
    eps, delta = _one_step(net, X, c, ulps)
    gained = 2 * N * c["beta"] * eps
    farther = _farther(net, X, certificate, c, gained)
    if not (c["misfit"] + gained <= misfit and c["radius"] + farther <= radius):
        raise ValueError(
            f"certificate has the ratio {certificate.ratio} at |r_0| = {c['misfit']:.3g}: too near to 1, or labels "
            f"too near to f(W_0), for rounding errors that add {gained:.3g}"
        )
    # the corridor: its height rises, its slope falls with the misfit, and so does its bend, which lowers it
    edge = gained * (1 + c["step"] * L * c["least"] * radius / 2)
    slower = _slower(certificate, c, L, gained)
    often = min(N, 1 / (1 - c["rate"] - slower)) if c["rate"] + slower < 1 else N
    # what is recorded: the misfit, and the path, whose steps are not quite the differences of the rounded weights
    path = N * _U * (_length(net.W) + radius) + _gamma(net.k * net.d + N + 4) * radius
    recorded = 2 * (delta + _gamma(len(X) + 2) * misfit)
    recorded += 32 * _U * (misfit + c["slope"] * radius + c["bend"] * radius**2)
    return Allowance(
        misfit=_REST * (edge + recorded + (c["slope"] + c["norm"] + L * radius) * path),
        rate=_REST * (often * c["beta"] * eps + recorded),
        slower=_REST * slower,
        path=_REST * (farther + path),
        step=eps,
        residual=delta,
        steps=N,
    )


def _one_step(net: OneHiddenLayer, X: np.ndarray, c: dict[str, float], ulps: float) -> tuple[float, float]:
    """(eps, |delta|), for every W in the ball and every |r| of the run, with `_GROWTH` to spare."""
    misfit, radius = _GROWTH * c["misfit"], _GROWTH * c["radius"]
    lengths, sizes = np.linalg.norm(X, axis=1), np.linalg.norm(net.W, axis=1)
    v, W = np.abs(net.v), _length(net.W) + radius
    S = curvature_bound(net.phi)
    S = 0.0 if S is None else FLOATS.number(S)
    Z, B = X @ net.W.T, slope_bound(net.phi)
    near = float(np.abs(net.phi.derivative(Z)).max() + S * radius * lengths.max())
    B = near if B is None else FLOATS.number(B)
    P = np.abs(net.phi(Z)) @ v + B * _length(v) * lengths * radius
    Q = float(v @ sizes) + _length(v) * radius
    gamma_d = _gamma(net.d)
    delta = _gamma(net.k) * P + ulps * _U * (P + B * v.sum()) + B * gamma_d * lengths * Q + _U * misfit
    size = float(_REST * _length(delta))
    slopes = _length(v) * B * (_gamma(len(X) + 8) + ulps * _U) + S * gamma_d * lengths.max() * v.max() * W
    products = c["step"] * _length(lengths) * (misfit + size) * slopes
    return float(_REST * (c["step"] * c["beta"] * size + _U * W + products)), size


def _farther(net: OneHiddenLayer, X: np.ndarray, certificate: Certificate, c: dict[str, float], gained: float) -> float:
    """The radius for a larger misfit, less that of the certificate; inf where this holds no more."""
    s, eta, misfit = c["least"], c["step"], c["misfit"] + gained
    if certificate.form == "flips":
        return 5 * gained / s if flip_deviation(net, X, 5 * misfit / s) <= s / 5 * _LESS else inf
    L = upper(certificate.lipschitz)
    if certificate.form == "half":
        return 4 * gained / s if (s / 2) ** 2 * _LESS >= 2 * L * misfit else inf
    m = 2 - eta * (c["beta"] ** 2 + L * misfit)
    squared = s**2 * _LESS - 4 * L * misfit / m if m > 0 else 0.0
    # the slope of the corridor is m alpha/2 where it ends, and has fallen by at most eta L gained s/2
    return gained * (1 + eta * L * s * c["radius"]) / (m * squared**0.5 / 2) if squared > 0 else inf


def _slower(certificate: Certificate, c: dict[str, float], L: float, gained: float) -> float:
    """By how much the rate for the larger misfit exceeds that of the certificate."""
    if certificate.form != "sharp" or not gained * L:
        return 0.0
    more = c["step"] * L * gained * (4 + c["step"] * c["least"] ** 2)  # of the square of the rate
    return more / (c["rate"] + (c["rate"] ** 2 + more) ** 0.5)


def _steps(rate: float) -> int:
    return 1 if rate <= SMALLEST else ceil(log(SMALLEST) / log(rate)) if rate < 1 else 10**6


def _gamma(j: int) -> float:
    return j * _U / (1 - j * _U)


def _length(a: np.ndarray) -> float:
    return float(np.linalg.norm(a))


def upper(x: Any) -> float:
    """A float at least x, for a float or a ball."""
    return float(x) if isinstance(x, (int, float, np.floating)) else float(np.nextafter(float(x.upper()), inf))
