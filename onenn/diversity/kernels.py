"""Kernels on the sphere that depend on the angle, and all their eigenvalues in closed form.

k(x, y) = k(<x, y>) = sum_l lambda_l N(d, l) P_l(<x, y>):   lambda_l is an eigenvalue of multiplicity N(d, l) of the
integral operator of k under the uniform probability.   Chapter: diverse-units.

All lambda_l >= 0 exactly when the kernel is positive semidefinite (Schoenberg).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.contexts import FLOATS, SYMBOLS
from onenn.rigorous import BALLS, Ball, integral, precision

from .harmonics import (
    beta_number,
    check_dimension,
    multiplicities,
    multiplicity,
    polygamma_half,
    rectified_coefficients,
    times_t,
)


@dataclass(frozen=True, kw_only=True)
class SphereKernel:
    """A kernel of the angle theta: its formula of (C, theta, cos theta, sin theta), and its eigenvalues of (C, d, L).

    `eigenvalues(C, d, L)` lists lambda_0, ..., lambda_L in the context C.
    """

    name: str
    angular: Callable[[Any, Any, Any, Any], Any]
    eigenvalues: Callable[[Any, int, int], list]

    def __call__(self, t: Any) -> Any:
        """k(t) for t = <x, y> in [-1, 1], elementwise on an array; t is clipped to [-1, 1]."""
        t = np.clip(t, -1.0, 1.0)
        return self.angular(FLOATS, np.arccos(t), t, np.sqrt(1 - t * t))


def arcsine_variance(C: Any, d: int) -> Any:
    """The variance psi_1(d/2)/(8 pi^2) of (pi - theta)/(2 pi), theta the angle between two uniform points of R^d.

    >>> arcsine_variance(SYMBOLS, 2)
    1/48
    """
    return polygamma_half(C, 1, d) / (8 * C.pi * C.pi)


def _squares(C: Any, d: int, L: int) -> list:
    return [C.square(c) for c in rectified_coefficients(C, d, L)]


def _extended(C: Any, d: int, L: int) -> list:
    return times_t(_squares(C, d, L + 1), d)


def _arcsine_squared(C: Any, d: int, L: int) -> list:
    later = [C.square(beta_number(C, l, d)) / (8 * C.pi * C.pi) for l in range(1, L + 1)]
    return [C.rational(Fraction(1, 16)) + arcsine_variance(C, d), *later]


def _arc_cosine(power: int) -> Callable[[Any, int, int], list]:
    def eigenvalues(C: Any, d: int, L: int) -> list:
        radius = 2 * math.prod(d + 2 * j for j in range(power))  # 2 E |w|^(2 power), w standard normal
        return [C.rational(Fraction(radius)) * C.square(c) for c in rectified_coefficients(C, d, L, power)]

    return eigenvalues


_KERNELS = (
    SphereKernel(
        name="extended_feature",
        angular=lambda C, theta, c, s: c * (C.pi - theta) / (2 * C.pi),
        eigenvalues=_extended,
    ),
    SphereKernel(name="arcsine", angular=lambda C, theta, c, s: (C.pi - theta) / (2 * C.pi), eigenvalues=_squares),
    SphereKernel(
        name="arcsine_squared",
        angular=lambda C, theta, c, s: C.square((C.pi - theta) / (2 * C.pi)),
        eigenvalues=_arcsine_squared,
    ),
    SphereKernel(name="arc_cosine_0", angular=lambda C, theta, c, s: (C.pi - theta) / C.pi, eigenvalues=_arc_cosine(0)),
    SphereKernel(
        name="arc_cosine_1",
        angular=lambda C, theta, c, s: (s + (C.pi - theta) * c) / C.pi,
        eigenvalues=_arc_cosine(1),
    ),
    SphereKernel(
        name="arc_cosine_2",
        angular=lambda C, theta, c, s: (3 * s * c + (C.pi - theta) * (1 + 2 * c * c)) / C.pi,
        eigenvalues=_arc_cosine(2),
    ),
)

KERNELS: dict[str, SphereKernel] = {kernel.name: kernel for kernel in _KERNELS}
"""The kernels by name, theta = arccos <x, y>:

extended_feature ((pi - theta)/(2 pi) cos theta), arcsine ((pi - theta)/(2 pi) = 1/4 + arcsin(<x, y>)/(2 pi)),
arcsine_squared (its square), arc_cosine_0, arc_cosine_1, arc_cosine_2 (of Cho and Saul, with the factor 1/pi).
"""


def sphere_kernel(kernel: str) -> SphereKernel:
    """The kernel of this name; called with inner products it gives its values.

    Raises: ValueError for an unknown name, listing the known ones.

    >>> sphere_kernel("extended_feature")(np.array([1.0, 0.0]))
    array([0.5, 0. ])
    """
    if kernel not in KERNELS:
        raise ValueError(f"kernel is {kernel!r}; expected one of {', '.join(KERNELS)}")
    return KERNELS[kernel]


def _eigenvalues(C: Any, d: int, max_degree: int, kernel: str) -> list:
    multiplicities(d, max_degree)  # the same domain, the same errors
    return sphere_kernel(kernel).eigenvalues(C, d, max_degree)


def kernel_eigenvalues(d: int, max_degree: int, kernel: str = "extended_feature") -> np.ndarray:
    """The eigenvalues lambda_0, ..., lambda_max_degree, one for each degree; see `multiplicities` for how often.

    kernel: one of the names in `KERNELS`.  *Law*: sum_l N(d, l) lambda_l = k(1); all >= 0.
    Raises: ValueError for d < 2, max_degree < 0 or an unknown kernel.
    Source: thm-du-spectrum, thm-du-square; Cho and Saul (2009) for the arc-cosine kernels.

    >>> kernel_eigenvalues(3, 4).tolist()
    [0.0625, 0.08333333333333333, 0.02734375, 0.0, 0.0022786458333333335]
    """
    return np.array([float(x) for x in _eigenvalues(FLOATS, d, max_degree, kernel)])


def kernel_eigenvalues_ball(d: int, max_degree: int, kernel: str = "extended_feature") -> list[Ball]:
    """The same as balls, at the working precision.  *Contains*: the eigenvalues. *Tight*: all but the last few bits.

    >>> kernel_eigenvalues_ball(3, 2)[2].contains(7 * 2**-8)
    True
    """
    return _eigenvalues(BALLS, d, max_degree, kernel)


def kernel_eigenvalues_exact(d: int, max_degree: int, kernel: str = "extended_feature") -> list:
    """The same as SymPy numbers: rational combinations of 1 and 1/pi^2.

    >>> kernel_eigenvalues_exact(4, 3, "arcsine")
    [1/4, 4/(9*pi**2), 0, 4/(225*pi**2)]
    """
    return _eigenvalues(SYMBOLS, d, max_degree, kernel)


def integrated_eigenvalue_ball(d: int, degree: int, kernel: str = "extended_feature", *, bits: int = 192) -> Ball:
    """lambda_degree by the Funk-Hecke formula, by verified quadrature: nothing of the closed forms is used.

    lambda_l = int_0^pi k(theta) P_l(cos theta) sin^(d-2) theta dtheta / int_0^pi sin^(d-2) theta dtheta.

    bits: the working precision; the radius is about 2^-bits times the largest value of the integrand.
    Raises: ValueError as `kernel_eigenvalues`.

    >>> abs(integrated_eigenvalue_ball(3, 2) - 7 * BALLS.rational(Fraction(1, 256))) < 1e-30
    True
    """
    check_dimension(d)
    formula = sphere_kernel(kernel).angular

    def integrand(theta: Any) -> Any:
        c, s = BALLS.cos(theta), BALLS.sin(theta)
        weight = s
        for _ in range(d - 3):
            weight = weight * s
        return formula(BALLS, theta, c, s) * gegenbauer(d, degree, c) * (weight if d > 2 else 1)

    with precision(bits):
        # int sin^(d-2) = B((d-1)/2, 1/2)
        return integral(integrand, 0, BALLS.pi) / beta_number(BALLS, d - 1, 1)


def gegenbauer(d: int, degree: int, t: Any) -> Any:
    """P_l(t) on the sphere of R^d, P_l(1) = 1, by (l+d-2) P_{l+1} = (2l+d-2) t P_l - l P_{l-1}; any number type.

    >>> gegenbauer(3, 2, 0.5)
    -0.125
    """
    before, now = 0 * t + 1, t
    if degree == 0:
        return before
    for l in range(1, degree):
        before, now = now, ((2 * l + d - 2) * t * now - l * before) / (l + d - 2)
    return now


def ordered_eigenvalue(d: int, m: int, C: Any = FLOATS) -> Any:
    """gamma_m, the m-th largest eigenvalue of the kernel "extended_feature" with multiplicities, m = 1, 2, ...

    The order of the degrees is 1, 0, 2, 4, 6, ... (prp-du-order). C: the context of the value.
    Raises: ValueError for d < 2 or m < 1.

    >>> ordered_eigenvalue(15, 1, SYMBOLS), ordered_eigenvalue(15, 16, SYMBOLS) == kernel_eigenvalues_exact(15, 0)[0]
    (1/60, True)
    """
    if m < 1:
        raise ValueError(f"m is {m}; expected the position of an eigenvalue, 1 or more")
    check_dimension(d)
    degree, seen = 2, 1 + d
    while seen < m:
        seen += multiplicity(d, degree)
        degree += 2
    last = 1 if m <= d else 0 if m == d + 1 else degree - 2
    return _eigenvalues(C, d, last, "extended_feature")[last]
