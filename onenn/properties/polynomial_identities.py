"""Polynomial activations, whose Gaussian moments are exact: what T1, T2 and T3 are.   Chapter: activation-properties.

    E (f - a - b z)^2 = T1 + (a - alpha_0)^2 + (b - alpha_1)^2,    T1 = sum_{n >= 2} c_n^2 / n!,
    T3 = E (z - w)^2 f(z) f(w) / 2,    f = p_0 + p_1 z + ... with symbols p_j; z, w independent N(0, 1)

f stands for phi'(sigma z): sigma^j is absorbed in p_j, so an identity in the p_j holds for every sigma.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial, prod
from typing import Any

from onenn.activations.half_line import normal_moment
from onenn.rigorous import kernel_dimension
from onenn.verdict import Verdict


def _symbols(degree: int) -> tuple[Any, Any, Any]:
    """z, w and f = p_0 + ... + p_(degree-1) z^(degree-1), the derivative of a polynomial of that degree."""
    import sympy  # slow to import; only the exact checks need it

    if degree < 3:
        raise ValueError(f"degree is {degree}; below 3 every residual of phi' is zero, so take at least 3")
    z, w = sympy.symbols("z w")
    return z, w, sum(p * z**j for j, p in enumerate(sympy.symbols(f"p:{degree}")))


def _expectation(polynomial: Any, *variables: Any, variance: int = 1) -> Any:
    """E of a polynomial in independent N(0, variance) variables; the other symbols are constants."""
    import sympy

    terms = sympy.Poly(polynomial, *variables).terms()

    def moment(n: int) -> int:
        return normal_moment(n) * variance ** (n // 2)

    return sympy.expand(sum(c * prod(map(moment, powers)) for powers, c in terms))


def residual_identity(degree: int, *, variance: int = 1) -> Verdict:
    """E(g - a - bz)^2 = E g^2 - (E g)^2 - (E g z)^2 + (a - E g)^2 + (b - E g z)^2 for g = f and for g = z f.

    For g = f the first three terms are T1, for g = z f they are T2, so those are the smallest squared distances from
    the affine functions. An identity in a, b and all coefficients of f.  Law: REFUTED for a variance other than 1,
    where 1 and z are no longer orthonormal.

    >>> residual_identity(3) == Verdict.PROVED, residual_identity(3, variance=2) == Verdict.REFUTED
    (True, True)
    """
    import sympy

    z, _, f = _symbols(degree)
    a, b = sympy.symbols("a b")

    def mean(polynomial: Any) -> Any:
        return _expectation(polynomial, z, variance=variance)

    def defect(g: Any) -> Any:
        least = mean(g * g) - mean(g) ** 2 - mean(g * z) ** 2
        return mean((g - a - b * z) ** 2) - least - (a - mean(g)) ** 2 - (b - mean(g * z)) ** 2

    defects = [sympy.expand(defect(g)) for g in (f, z * f)]
    return Verdict.decided(defects == [0, 0], f"all phi of degree <= {degree}, symbolic coefficients, a and b")


def spectral_identity(degree: int, *, first: int = 2) -> Verdict:
    """T1 = sum c_n^2/n! and T2 = sum (c_(n+1) + n c_(n-1))^2/n! over n >= first, with c_n = E f(z) He_n(z).

    Law: true for first = 2 only; from 1 the slope of the best line is counted, from 3 a curvature is lost.

    >>> spectral_identity(4) == Verdict.PROVED, spectral_identity(4, first=1) == Verdict.REFUTED
    (True, True)
    """
    import sympy

    z, _, f = _symbols(degree)
    c = [_expectation(f * sympy.hermite_prob_poly(n, z), z) for n in range(degree + 2)]
    T1 = _expectation(f * f, z) - c[0] ** 2 - c[1] ** 2
    T2 = _expectation(z * z * f * f, z) - c[1] ** 2 - _expectation(z * z * f, z) ** 2
    sum1 = sum(c[n] ** 2 / sympy.factorial(n) for n in range(first, degree + 2))
    sum2 = sum((c[n + 1] + n * c[n - 1]) ** 2 / sympy.factorial(n) for n in range(first, degree + 1))
    defects = [sympy.expand(T1 - sum1), sympy.expand(T2 - sum2)]
    return Verdict.decided(defects == [0, 0], f"all phi of degree <= {degree}, symbolic coefficients")


def product_identity(degree: int, *, factor: Fraction = Fraction(1, 2)) -> Verdict:
    """T3 = factor E (z - w)^2 f(z) f(w), z and w independent; true for factor = 1/2.

    >>> product_identity(3) == Verdict.PROVED, product_identity(3, factor=Fraction(1)) == Verdict.REFUTED
    (True, True)
    """
    import sympy

    z, w, f = _symbols(degree)
    T3 = _expectation(f, z) * _expectation(z * z * f, z) - _expectation(z * f, z) ** 2
    double = _expectation(sympy.expand((z - w) ** 2 * f * f.subs(z, w)), z, w)
    defect = sympy.expand(T3 - sympy.Rational(factor.numerator, factor.denominator) * double)
    return Verdict.decided(defect == 0, f"all phi of degree <= {degree}, symbolic coefficients")


def residual_kernels(degree: int) -> tuple[int, int]:
    """Dimensions of {f : T1 = 0} and {f : T2 = 0} among polynomials f = phi' of degree below `degree`.

    T1 and T2 are quadratic forms in the coefficients of f; their integer matrices have these kernels.  Law: (2, 1),
    the affine and the constant f.

    >>> residual_kernels(6)
    (2, 1)
    """
    m = [normal_moment(n) for n in range(2 * degree + 4)]
    powers = range(degree)
    form1 = [[m[i + j] - m[i] * m[j] - m[i + 1] * m[j + 1] for j in powers] for i in powers]
    form2 = [[m[i + j + 2] - m[i + 1] * m[j + 1] - m[i + 2] * m[j + 2] for j in powers] for i in powers]
    return kernel_dimension(form1), kernel_dimension(form2)


def monomial_residual(n: int, *, times_z: bool = False) -> Fraction:
    """min over a, b of E (z^n/n! - a - b z)^2; with `times_z` the same for z^(n+1)/n!.

    These are the constants of small sigma. The first equals 1/n! for n = 2 and 3 and for no larger n.

    >>> [str(monomial_residual(n)) for n in (1, 2, 3, 4)]
    ['0', '1/2', '1/6', '1/6']
    """
    m = n + times_z
    squared = normal_moment(2 * m) - normal_moment(m) ** 2 - normal_moment(m + 1) ** 2
    return Fraction(squared, factorial(n) ** 2)
