"""A complex ball that only analytic operations accept: +, -, *, /, integer powers, and the functions of BALLS.

The quadrature of onenn.rigorous.integrate bounds its error by values on complex discs, which is right for analytic
integrands only. With plain complex balls a square root across its cut, or an abs, would give a wrong enclosure in
silence; with these it gives a non-finite ball, or a TypeError.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import acb, arb, fmpq

_ATOMS = (int, arb, acb, fmpq)


def _operand(x: Any) -> Any:
    """`x` as something a complex ball combines with; None when it is not exact or not a number."""
    if isinstance(x, Analytic):
        return x.ball
    if isinstance(x, Fraction):
        return fmpq(x.numerator, x.denominator)
    if isinstance(x, np.integer):
        return int(x)
    return x if isinstance(x, _ATOMS) and not isinstance(x, bool) else None


def _binary(operation: Callable[[Any, Any], Any]) -> Callable[[Analytic, Any], Any]:
    def method(self: Analytic, other: Any) -> Any:
        y = _operand(other)
        return NotImplemented if y is None else Analytic(acb(operation(self.ball, y)), self.required)

    return method


class Analytic:
    """A complex ball `ball`; when `required`, a value that is not analytic on all of it must come out non-finite.

    Raises: TypeError when it meets a float, an array, abs or a comparison.
    """

    __slots__ = ("ball", "required")
    __array_ufunc__ = None  # a NumPy function raises TypeError instead of calling methods by name

    def __init__(self, ball: acb, required: bool) -> None:
        self.ball = ball
        self.required = required

    __add__ = __radd__ = _binary(lambda x, y: x + y)
    __mul__ = __rmul__ = _binary(lambda x, y: x * y)
    __sub__ = _binary(lambda x, y: x - y)
    __rsub__ = _binary(lambda x, y: y - x)
    __truediv__ = _binary(lambda x, y: x / y)
    __rtruediv__ = _binary(lambda x, y: y / x)

    def __neg__(self) -> Analytic:
        return Analytic(-self.ball, self.required)

    def __pos__(self) -> Analytic:
        return self

    def __pow__(self, exponent: Any) -> Analytic:
        if isinstance(exponent, int):
            power = acb(1)
            for _ in range(abs(exponent)):
                power = power * self.ball
            return Analytic(power if exponent >= 0 else 1 / power, self.required)
        y = _operand(exponent)
        if y is None:
            return NotImplemented
        return Analytic((self.ball.log(analytic=self.required) * y).exp(), self.required)
