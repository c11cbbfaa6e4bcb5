"""Number contexts: a closed form is written once, as a function of a context C, and runs on floats, symbols or balls.

A context offers  C.pi, C.number(x), C.sqrt, C.exp, C.expm1, C.log, C.erf, C.tanh, C.sech, C.atan2, C.asin, C.acos
and the functions whose obvious form cancels or overflows: C.exp_remainder(u) = e^u - 1 - u, C.logistic(z) =
1/(1 + e^-z) and C.softplus(z) = log(1 + e^z).
C.sqrt_nonnegative(x) is the root of an x >= 0 that rounding may have pushed below 0; C.square(x) is x^2, which as the
product of a wide ball with itself would reach below 0.
Plain operators do the rest. FLOATS works on NumPy arrays; SYMBOLS on SymPy expressions; the ball context, which has
the same names, lives in onenn.rigorous.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

Constant = int | Fraction | str
"""An exact number: an integer, a fraction, a decimal string "0.01", or an expression in sqrt, pi, e: "sqrt(pi)/2"."""

_OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def as_constant(x: int | float | Fraction | str, argument: str = "x") -> Fraction | str:
    """The exact number that `x` stands for; a float stands for the shortest decimal that prints as it (0.01 is 1/100).

    Raises: TypeError for anything else; ValueError for nan, inf or an expression that is not understood.

    >>> as_constant(0.01)
    Fraction(1, 100)
    >>> as_constant("sqrt(pi)/2")
    'sqrt(pi)/2'
    """
    if isinstance(x, bool) or not isinstance(x, (int, float, Fraction, str, np.integer, np.floating)):
        raise TypeError(f"{argument} is a {type(x).__name__}; expected an int, a Fraction, a float or a string")
    if isinstance(x, (float, np.floating)):
        if not np.isfinite(x):
            raise ValueError(f"{argument} is {x}; expected a finite number")
        return Fraction(repr(float(x)))
    if isinstance(x, str):
        try:
            return Fraction(x)
        except (ValueError, ZeroDivisionError):
            evaluate_constant(FLOATS, x)  # raises when the expression is not understood
            return x
    return Fraction(int(x)) if not isinstance(x, Fraction) else x


def evaluate_constant(C: Any, x: Constant) -> Any:
    """The value of an exact constant in the context C.

    >>> round(float(evaluate_constant(FLOATS, "sqrt(pi)/2")), 6)
    0.886227
    """
    if not isinstance(x, str):
        return C.rational(Fraction(x))

    x = x.strip()

    def value(node: ast.AST) -> Any:
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                # the digits as written: the parser itself has rounded a decimal to a double
                digits = ast.get_source_segment(x, node)
                assert digits is not None, "the parser records positions"
                return C.rational(Fraction(digits))
            case ast.Name(id="pi"):
                return C.pi
            case ast.Name(id="e"):
                return C.exp(C.rational(Fraction(1)))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -value(inner)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](value(left), value(right))
            case ast.Call(func=ast.Name(id="sqrt"), args=[inner], keywords=[]):
                return C.sqrt(value(inner))
        raise ValueError(f"{x!r} is not an exact number: use digits, + - * / **, sqrt(...), pi and e")

    try:
        tree = ast.parse(x, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{x!r} is not an exact number: use digits, + - * / **, sqrt(...), pi and e") from error
    return value(tree)


class Floats:
    """Double precision, elementwise on NumPy arrays."""

    pi = float(np.pi)
    sqrt, exp, expm1, log, tanh = np.sqrt, np.exp, np.expm1, np.log, np.tanh
    sin, cos, atan, atan2, asin, acos = np.sin, np.cos, np.arctan, np.arctan2, np.arcsin, np.arccos
    square, erf = np.square, special.erf
    logistic = special.expit

    @staticmethod
    def rational(x: Fraction) -> float:
        return float(x)

    @staticmethod
    def sqrt_nonnegative(x: Any) -> Any:
        return np.sqrt(np.maximum(x, 0.0))

    def number(self, x: Constant) -> float:
        return float(evaluate_constant(self, x))

    @staticmethod
    def sech(z: Any) -> Any:
        e = np.exp(-np.abs(z))  # cosh itself overflows beyond 710
        return 2 * e / (1 + e * e)

    @staticmethod
    def softplus(z: Any) -> Any:
        return np.logaddexp(0.0, z)

    @staticmethod
    def exp_remainder(u: Any) -> Any:
        # P(2, u) = 1 - e^-u (1 + u): the incomplete gamma function has no cancellation at small u.
        return np.exp(u) * special.gammainc(2, u)


class Symbols:
    """SymPy expressions; imported on first use."""

    def __getattr__(self, name: str) -> Any:
        import sympy  # slow to import, and only the exact checks need it

        return getattr(sympy, name)

    def rational(self, x: Fraction) -> Any:
        return self.Rational(x.numerator, x.denominator)

    def number(self, x: Constant) -> Any:
        return evaluate_constant(self, x)

    def sqrt_nonnegative(self, x: Any) -> Any:
        return self.sqrt(x)

    def square(self, x: Any) -> Any:
        return x**2

    def expm1(self, u: Any) -> Any:
        return self.exp(u) - 1

    def exp_remainder(self, u: Any) -> Any:
        return self.exp(u) - 1 - u

    def logistic(self, z: Any) -> Any:
        return 1 / (1 + self.exp(-z))

    def softplus(self, z: Any) -> Any:
        return self.log(1 + self.exp(z))


FLOATS = Floats()
SYMBOLS = Symbols()
