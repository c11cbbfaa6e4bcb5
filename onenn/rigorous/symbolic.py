"""A SymPy constant as a ball, node by node; what is not understood becomes a non-finite ball."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flint import arb

from .context import BALLS, ball

_FUNCTIONS = ("exp", "log", "erf", "sin", "cos", "tanh", "sech", "asin", "acos", "atan")
_CONSTANTS = {"Pi": arb.pi, "Exp1": arb.const_e}


def expression_ball(expression: Any) -> arb:
    """The value of a SymPy expression without symbols, at the working precision.

    Contains: the exact value. Tight: as tight as its formula allows. Non-finite for a symbol, a float,
    a complex value or an unknown function.

    >>> import sympy
    >>> expression_ball(sympy.sqrt(sympy.pi) / 2).overlaps(ball("sqrt(pi)/2"))
    True
    """
    E = expression
    if E.is_Rational:
        return ball(Fraction(int(E.p), int(E.q)))
    if E.is_Add:
        return sum((expression_ball(part) for part in E.args), arb(0))
    if E.is_Mul:
        return math.prod((expression_ball(part) for part in E.args), start=arb(1))
    if E.is_Pow:
        return _power(*E.args)
    name = type(E).__name__
    if name in _CONSTANTS:
        return _CONSTANTS[name]()
    return getattr(BALLS, name)(expression_ball(E.args[0])) if name in _FUNCTIONS else arb.nan()


def _power(base: Any, exponent: Any) -> arb:
    x = expression_ball(base)
    if not (exponent.is_Rational and exponent.q <= 2 and abs(exponent.p) <= 1000):
        return (x.log() * expression_ball(exponent)).exp()
    power = math.prod([x if exponent.q == 1 else x.sqrt()] * abs(int(exponent.p)), start=arb(1))
    return power if exponent.p >= 0 else 1 / power
