"""Which Hermite moments an activation has, exactly, and so which of them the tensor initialisation uses.

m_j(s) = E[phi(s z) He_j(z)];  phi homogeneous of degree q:  m_j(s) = s^q (phi(1) h + (-1)^j phi(-1) h),
h = E[z_+^q He_j(z)], a rational multiple of 1 or of 1/sqrt(2 pi).   Chapter: tensor-initialization.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import factorial, prod
from typing import Any

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS, SYMBOLS

HERMITE = ((1,), (0, 1), (-1, 0, 1), (0, -3, 0, 1), (3, 0, -6, 0, 1))
"""The coefficients of He_0, ..., He_4, the constant first."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """The moments m_1, ..., m_4 at s = 1 (SymPy numbers), the degree q, and which moments serve.

    `subspace` = j_2 and `tensor` = j_3: the first j >= 2 and >= 3 with M_j != 0; `linear` and `even`: whether M_1 and
    M_2 do not vanish, which give signs and magnitudes. Where M_1 = 0 also M_3 = 0, and phi is even; where M_2 = 0 also
    M_4 = 0, and phi is odd (prp-homogeneous-moments).
    """

    m: tuple[Any, Any, Any, Any]
    degree: int
    subspace: int
    tensor: int
    linear: bool
    even: bool

    def value(self, j: int) -> float:
        """m_j(1) as a float."""
        return float(self.m[j - 1])


@cache
def hermite_moments(phi: Activation | str) -> tuple[Any, Any, Any, Any]:
    """(m_1(1), ..., m_4(1)) of a homogeneous activation, exact SymPy numbers; m_j(s) = s^q m_j(1).

    Raises: ValueError when phi is not homogeneous of a degree q >= 1.

    >>> hermite_moments("squared_relu")
    (sqrt(2)/sqrt(pi), 1, sqrt(2)/sqrt(pi), 0)
    """
    phi = activation(phi)
    q = phi.homogeneity
    if not q:
        odd = "odd up to a constant, so that M_2 = M_4 = 0 and (w_i, v_i) is not told from -(w_i, v_i), and "
        raise ValueError(
            f"phi is {phi.name}, which is {odd if phi.derivative_symmetry == 'even' else ''}not positively "
            "homogeneous: no power law m_j(|w_i|) = |w_i|^q m_j(1) gives the length of w_i from a moment; the tensor "
            "initialisation serves relu, leaky_relu, squared_relu and others with phi(t z) = t^q phi(z)"
        )
    right, left = _at(phi, 1), _at(phi, -1)
    values = []
    for j in range(1, 5):
        h = sum((c * half_moment(q + i) for i, c in enumerate(HERMITE[j])), start=SYMBOLS.rational(Fraction(0)))
        values.append(SYMBOLS.simplify((right + (-1) ** j * left) * h))
    return tuple(values)  # type: ignore[return-value]


def route(phi: Activation | str) -> Route:
    """How the directions, signs and magnitudes of units with this activation are found.

    Raises: ValueError where Assumption 5.3 fails: M_3 = M_4 = 0 (linear, quadratic), or phi is not homogeneous.
    Source: ass-moments.

    >>> found = route("relu")
    >>> found.subspace, found.tensor, found.linear, found.even
    (2, 4, True, True)
    """
    phi = activation(phi)
    m = hermite_moments(phi)
    present = [j for j in range(1, 5) if m[j - 1] != 0]
    above = {j: [i for i in present if i >= j] for j in (2, 3)}
    if not above[3]:
        raise ValueError(
            f"phi is {phi.name}, whose moments M_3 and M_4 both vanish (Assumption 5.3): no tensor shows the single "
            "units, and other networks have the same values; choose an activation that is no polynomial of degree 2"
        )
    return Route(
        m=m,
        degree=int(phi.homogeneity or 0),
        subspace=above[2][0],
        tensor=above[3][0],
        linear=1 in present,
        even=2 in present,
    )


def _at(phi: Activation, z: int) -> Any:
    """phi(z) for z = 1 or -1, exactly; of a function of float arrays, the shortest decimal that prints as its value."""
    if "value" in phi.numpy_only:
        return SYMBOLS.rational(Fraction(repr(float(phi(z)))))
    piece = sum(FLOATS.number(kink) <= z for kink in phi.kinks)
    return phi.pieces[piece].value(SYMBOLS, SYMBOLS.rational(Fraction(z)))


def half_moment(n: int) -> Any:
    """E[z_+^n], exactly: (n - 1)!!/2 for even n, (n - 1)!!/sqrt(2 pi) for odd n.

    >>> half_moment(4), half_moment(3)
    (3/2, sqrt(2)/sqrt(pi))
    """
    double = prod(range(n - 1, 0, -2))
    if n % 2 == 0:
        return SYMBOLS.rational(Fraction(double, 2))
    return SYMBOLS.rational(Fraction(2 ** (n // 2) * factorial(n // 2))) / SYMBOLS.sqrt(2 * SYMBOLS.pi)
