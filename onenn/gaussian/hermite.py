"""Hermite coefficients of phi':  c_r = E[phi'(g) He_r(g)]/sqrt(r!),  g ~ N(0, 1).   Chapter: activation-properties.

For tanh, sigmoid and softplus the integral oscillates and is exponentially small in sqrt(r), so it is moved to the
Fourier side, where the integrand is positive: E[f(g) He_k(g)] = (i^k/(2 pi)) int F(t) t^k e^{-t^2/2} dt with F > 0.
"""

from __future__ import annotations

from math import lgamma

import numpy as np

from ..activations import Activation, Transform, activation
from ..contexts import FLOATS
from .moments import order
from .panels import half_line_rule, nodes_between, scale_edges


def hermite(phi: Activation | str, r: int) -> float:
    """c_r = E[phi'(g) He_r(g)]/sqrt(r!), He_r the probabilists' Hermite polynomial.

    Law: the sum over r of c_r^2 is beta_0(1), over r >= 2 it is T1(1). For another sigma take phi.scaled(input=sigma).
    An activation without closed forms and `transform` has an absolute error of about 1e-14 sqrt(beta_0).
    Raises: ValueError for r < 0.

    >>> hermite("relu", 2), round(hermite("relu", 1), 12)
    (0.0, 0.398942280401)
    """
    phi, r = activation(phi), order(r, "r")
    form = phi.closed_forms.hermite
    value = None if form is None else form(FLOATS, r, 1.0)
    if value is not None:
        return float(value)
    symmetry = phi.derivative_symmetry
    if (symmetry, r % 2) in (("even", 1), ("odd", 0)):
        return 0.0
    if symmetry == "half" and r % 2 == 0:
        return FLOATS.number(phi.derivative_centre) if r == 0 else 0.0
    if phi.transform is not None and r >= phi.transform.order - 1:
        return _from_transform(phi.transform, r)
    return _by_quadrature(phi, r)


def _from_transform(transform: Transform, r: int) -> float:
    """Stein: E[phi' He_r] = E[phi^(m) He_k], k = r + 1 - m, where the transform is that of phi^(m); k is even."""
    k = r + 1 - transform.order
    reach = 12 + np.sqrt(k)
    # the transform may decay on any scale (that of a scaled input), so the panels double from far below it
    t, w = nodes_between(scale_edges(1e-9, reach, 1.0))
    size = np.exp(k * np.log(t) - t * t / 2 - lgamma(r + 1) / 2)
    return (-1) ** (k // 2) * float(np.sum(w * transform.values(t) * size)) / np.pi


def _by_quadrature(phi: Activation, r: int) -> float:
    rule = half_line_rule(phi, phi.derivative, 1.0, power=4 * r)
    previous, polynomial = np.zeros_like(rule.z), np.ones_like(rule.z)
    for n in range(r):
        previous, polynomial = polynomial, (rule.z * polynomial - np.sqrt(n) * previous) / np.sqrt(n + 1)
    return float(np.sum(rule.w * polynomial * (rule.values[0] + (-1) ** r * rule.values[1])))
