"""Products, powers and signs of exact constants:  1/2 * "sqrt(pi)" = "(1/2)*(sqrt(pi))".

Fractions stay fractions; anything with a root in it stays an expression that every number context evaluates.
"""

from __future__ import annotations

from fractions import Fraction

from ..contexts import FLOATS, Constant


def product(*factors: Constant) -> Fraction | str:
    """The exact product of constants.

    >>> product(Fraction(1, 2), 3)
    Fraction(3, 2)
    >>> product("sqrt(pi)", Fraction(1, 2), 3)
    '(3/2)*(sqrt(pi))'
    """
    rational = Fraction(1)
    expressions = []
    for factor in factors:
        if isinstance(factor, str):
            expressions.append(factor)
        else:
            rational *= factor
    if not expressions or rational == 0:
        return rational
    if rational != 1:
        expressions.insert(0, str(rational))
    return expressions[0] if len(expressions) == 1 else "*".join(f"({part})" for part in expressions)


def power(x: Constant, exponent: int) -> Fraction | str:
    """x**exponent for an integer exponent.

    >>> power("sqrt(2)", -1)
    '(sqrt(2))**(-1)'
    """
    if isinstance(x, str):
        return x if exponent == 1 else Fraction(1) if exponent == 0 else f"({x})**({exponent})"
    return Fraction(x) ** exponent


def sign(x: Constant) -> int:
    """-1, 0 or 1, decided in double precision: constants are plain numbers such as -3/2 or "sqrt(pi)/2"."""
    value = FLOATS.number(x)
    return (value > 0) - (value < 0)


def absolute(x: Constant) -> Fraction | str:
    """|x|.

    >>> absolute("-sqrt(2)")
    '(-1)*(-sqrt(2))'
    """
    return product(-1, x) if sign(x) < 0 else product(x)


def larger(x: Constant, y: Constant) -> Fraction | str:
    """max(x, y)."""
    return product(x) if FLOATS.number(x) >= FLOATS.number(y) else product(y)
