"""Activations that are a polynomial on each half-line: every moment is a polynomial in sigma over Q[1/sqrt(2 pi)].

E[z_+^k] = (k-1)!!/2 for even k and (k-1)!!/sqrt(2 pi) for odd k, so differences such as
beta_0 - alpha_0^2 - alpha_1^2 are taken exactly, coefficient by coefficient.   Chapter: activation-properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, factorial
from typing import Any

from .activation import Piece
from .closed_forms import ClosedForms
from .pair import half_line_pair
from .wedge import half_line_dual, half_line_dual_gradient

Coefficients = Sequence[Fraction]
"""Of a polynomial, constant term first."""

Expression = dict[tuple[int, int], Fraction]
"""sum of c s^m w^j over the entries {(m, j): c}, with w = 1/sqrt(2 pi)."""


def double_factorial(n: int) -> int:
    """n!! = n (n-2) (n-4) ..., with (-1)!! = 0!! = 1.

    >>> [double_factorial(n) for n in (-1, 0, 5, 6)]
    [1, 1, 15, 48]
    """
    result = 1
    for k in range(n, 1, -2):
        result *= k
    return result


def normal_moment(q: int) -> int:
    """E[z^q] for z ~ N(0, 1).

    >>> [normal_moment(q) for q in range(7)]
    [1, 0, 1, 0, 3, 0, 15]
    """
    return 0 if q % 2 else double_factorial(q - 1)


def hermite_coefficients(r: int) -> list[int]:
    """Coefficients of the probabilists' Hermite polynomial He_r, constant term first.

    >>> hermite_coefficients(3)
    [0, -3, 0, 1]
    """
    result = [0] * (r + 1)
    for k in range(r // 2 + 1):
        result[r - 2 * k] = (-1) ** k * comb(r, 2 * k) * double_factorial(2 * k - 1)
    return result


def derivative(p: Coefficients) -> list[Fraction]:
    """The coefficients of p'."""
    return [n * c for n, c in enumerate(p)][1:]


def _square(p: Coefficients) -> list[Fraction]:
    result = [Fraction(0)] * max(2 * len(p) - 1, 0)
    for i, x in enumerate(p):
        for j, y in enumerate(p):
            result[i + j] += x * y
    return result


def _moment(left: Coefficients, right: Coefficients, q: int) -> Expression:
    """E[f(s z) z^q], f being the polynomial `left` on z < 0 and `right` on z >= 0."""
    result: Expression = {}
    for n in range(max(len(left), len(right))):
        k = n + q
        r = right[n] if n < len(right) else Fraction(0)
        l = left[n] if n < len(left) else Fraction(0)
        coefficient = (r - l) * double_factorial(k - 1) if k % 2 else (r + l) * double_factorial(k - 1) / 2
        if coefficient:
            result[n, k % 2] = coefficient
    return result


def _sum(*terms: tuple[int, Expression]) -> Expression:
    result: Expression = {}
    for factor, term in terms:
        for key, c in term.items():
            result[key] = result.get(key, Fraction(0)) + factor * c
    return {key: c for key, c in result.items() if c}


def _product(x: Expression, y: Expression) -> Expression:
    return _sum(*((1, {(m + n, i + j): c * d}) for (m, i), c in x.items() for (n, j), d in y.items()))


def integer_power(C: Any, x: Any, n: int) -> Any:
    """x^n by multiplication: ** on a ball that contains 0 is nan in python-flint."""
    result = C.rational(Fraction(1))
    for _ in range(n):
        result = result * x
    return result


def _evaluate(C: Any, expression: Expression, s: Any) -> Any:
    total = C.rational(Fraction(0))
    for m in sorted({m for m, _ in expression}):
        coefficient = C.rational(Fraction(0))
        for (n, j), c in expression.items():
            if n == m:
                scale = integer_power(C, 2 * C.pi, j // 2)
                coefficient = coefficient + C.rational(c) / (scale * C.sqrt(2 * C.pi) if j % 2 else scale)
        total = total + coefficient * integer_power(C, s, m)
    return total


def half_line_pieces(left: Coefficients, right: Coefficients) -> tuple[Piece, ...]:
    """The pieces of the activation; one only when both polynomials agree."""

    def polynomial(p: Coefficients):
        degree = max((n for n, c in enumerate(p) if c), default=0)

        def at(C: Any, z: Any) -> Any:
            if degree == 0:
                return C.rational(p[0] if p else Fraction(0))
            result = z if p[degree] == 1 else C.rational(p[degree]) * z  # on arrays every operation counts
            for n in range(degree - 1, 0, -1):
                result = (result + C.rational(p[n]) if p[n] else result) * z
            return result + C.rational(p[0]) if p[0] else result

        return at

    sides = (right,) if list(left) == list(right) else (left, right)
    return tuple(Piece(*map(polynomial, (p, derivative(p), derivative(derivative(p))))) for p in sides)


def half_line_forms(left: Coefficients, right: Coefficients) -> ClosedForms:
    """All closed forms of the activation that is `left` on z < 0 and `right` on z >= 0, continuous at 0.

    Source: the moments E[z_+^k] of the module's first lines; the duals are those of onenn.activations.wedge.
    """
    d_left, d_right = derivative(left), derivative(right)
    squares = _square(d_left), _square(d_right)

    def residual_expression(i: int) -> Expression:
        a0, a1, a2 = (_moment(d_left, d_right, q) for q in range(3))
        if i == 3:
            return _sum((1, _product(a0, a2)), (-1, _product(a1, a1)))
        first, other = (_moment(*squares, 0), a0) if i == 1 else (_moment(*squares, 2), a2)
        return _sum((1, first), (-1, _product(a1, a1)), (-1, _product(other, other)))

    residuals = {i: residual_expression(i) for i in (1, 2, 3)}

    def hermite(C: Any, r: int, s: Any) -> Any:
        terms = (((h, _moment(d_left, d_right, k))) for k, h in enumerate(hermite_coefficients(r)) if h)
        total = C.rational(Fraction(0))
        for (m, j), c in _sum(*terms).items():
            # c / sqrt(r!) as one root: both overflow a double long before their quotient does.
            magnitude = C.sqrt(C.rational(c * c / factorial(r)))
            term = (magnitude if c > 0 else -magnitude) * integer_power(C, s, m)
            total = total + (term / C.sqrt(2 * C.pi) if j else term)
        return total

    return ClosedForms(
        alpha=lambda C, q, s: _evaluate(C, _moment(d_left, d_right, q), s),
        beta=lambda C, q, s: _evaluate(C, _moment(*squares, q), s),
        gamma=lambda C, j, s: _evaluate(C, _moment(left, right, j), s),
        residual=lambda C, i, s: _evaluate(C, residuals[i], s),
        hermite=hermite,
        dual=lambda C, a, b, c: half_line_dual(C, (left, right), a, b, c),
        dual_derivative=lambda C, a, b, c: half_line_dual(C, (d_left, d_right), a, b, c),
        dual_derivative_gradient=lambda C, a, b, c: half_line_dual_gradient(C, (d_left, d_right), a, b, c),
        pair=half_line_pair((left, right), (d_left, d_right), (derivative(d_left), derivative(d_right))),
    )
