"""What a kernel of the angle is made of: dimensions of spherical harmonics, and coefficients of rectified powers.

N(d, l) = C(l+d-1, d-1) - C(l+d-3, d-1),   int 1{t >= 0} P_l dmu = (-1)^((l-1)/2) B(l/2, d/2)/(2 pi) for odd l.

mu is the law of one coordinate of a uniform point of the sphere in R^d, P_l the Gegenbauer polynomial with P_l(1) = 1,
B the Beta function. At halves of integers B is a rational number, times pi when both are odd.   Chapter: diverse-units.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any


def check_dimension(d: int, least: int = 2) -> None:
    """Raises ValueError unless d is an int, `least` or more: on the sphere of R^1 there are two points."""
    if isinstance(d, bool) or not isinstance(d, int) or d < least:
        raise ValueError(f"d is {d!r}; expected the dimension of the inputs, an int >= {least}")


def multiplicity(d: int, degree: int) -> int:
    """N(d, l), the dimension of the space of spherical harmonics of degree l on the sphere of R^d.

    >>> multiplicity(3, 4), multiplicity(15, 2)
    (9, 119)
    """
    l = degree
    return math.comb(l + d - 1, d - 1) - (math.comb(l + d - 3, d - 1) if l + d >= 3 else 0)


def multiplicities(d: int, max_degree: int) -> list[int]:
    """The dimensions N(d, l) of the spaces of spherical harmonics of degree l = 0, ..., max_degree on the sphere.

    Raises: ValueError for d < 2 or max_degree < 0.

    >>> multiplicities(3, 4)
    [1, 3, 5, 7, 9]
    """
    check_dimension(d)
    if max_degree < 0:
        raise ValueError(f"max_degree is {max_degree}; expected a degree >= 0")
    return [multiplicity(d, l) for l in range(max_degree + 1)]


def beta_halves(a: int, b: int) -> Fraction:
    """The rational q with B(a/2, b/2) = q, or = q pi when a and b are both odd; a, b >= 1.

    >>> beta_halves(1, 1), beta_halves(3, 2)
    (Fraction(1, 1), Fraction(2, 3))
    """
    q = Fraction(1 if a % 2 == b % 2 else 2)  # B(1/2, 1/2) = pi, B(1, 1) = 1, B(1/2, 1) = 2
    first, second = (1 if a % 2 else 2), (1 if b % 2 else 2)
    for x in range(first, a, 2):
        q *= Fraction(x, x + second)
    for y in range(second, b, 2):
        q *= Fraction(y, a + y)
    return q


def beta_number(C: Any, a: int, b: int) -> Any:
    """B(a/2, b/2) in the context C."""
    q = C.rational(beta_halves(a, b))
    return q * C.pi if a % 2 and b % 2 else q


def rectified_coefficients(C: Any, d: int, max_degree: int, power: int = 0) -> list[Any]:
    """The integrals of max(t, 0)^power P_l(t) under mu, l = 0, ..., max_degree; power 0 is the indicator of t >= 0.

    From power to power by t P_l = ((l+d-2) P_{l+1} + l P_{l-1})/(2l+d-2), in rational numbers.

    >>> from onenn.contexts import SYMBOLS
    >>> rectified_coefficients(SYMBOLS, 3, 3, power=1)
    [1/4, 1/6, 1/16, 0]
    """
    q = [Fraction(1, 2)]
    odd = beta_halves(1, d) / 2
    for l in range(1, max_degree + power + 1):
        q.append(odd if l % 2 else Fraction(0))
        if l % 2:
            odd *= Fraction(-l, l + d)  # B((l+2)/2, d/2) = B(l/2, d/2) l/(l+d), and the sign
    for _ in range(power):
        q = times_t(q, d)
    # pi stands in the denominator where l + power is odd and B had no pi to cancel it: for even d
    return [C.rational(x) / C.pi if d % 2 == 0 and (l + power) % 2 else C.rational(x) for l, x in enumerate(q)]


def times_t(coefficients: list, d: int) -> list:
    """From the integrals of f P_l to those of t f(t) P_l, one degree fewer."""
    shifted = [coefficients[1]]
    for l in range(1, len(coefficients) - 1):
        shifted.append(((l + d - 2) * coefficients[l + 1] + l * coefficients[l - 1]) / (2 * l + d - 2))
    return shifted


def polygamma_half(C: Any, order: int, d: int) -> Any:
    """psi_order(d/2) in the context C, order 1 or 3: the trigamma function and its second derivative.

    psi_1(1) = pi^2/6, psi_1(1/2) = pi^2/2, psi_3(1) = pi^4/15, psi_3(1/2) = pi^4; psi_m(x + 1) = psi_m(x) - m!/x^(m+1).
    For floats the sum that remains is added, since the difference would cancel.

    >>> from onenn.contexts import FLOATS, SYMBOLS
    >>> polygamma_half(SYMBOLS, 1, 4), round(polygamma_half(FLOATS, 1, 4), 12)
    (-1 + pi**2/6, 0.644934066848)
    """
    from onenn.contexts import FLOATS

    if C is FLOATS:
        from scipy.special import polygamma

        return float(polygamma(order, d / 2))
    start = {1: {0: Fraction(1, 6), 1: Fraction(1, 2)}, 3: {0: Fraction(1, 15), 1: Fraction(1)}}[order][d % 2]
    first = Fraction(1, 2) if d % 2 else Fraction(1)
    terms = [first + j for j in range((d - 1) // 2)]
    removed = math.factorial(order) * sum((1 / x ** (order + 1) for x in terms), Fraction(0))
    power = C.pi * C.pi if order == 1 else C.pi * C.pi * C.pi * C.pi
    return C.rational(start) * power - C.rational(removed)
