"""Products, powers and signs of exact constants:  1/2 * "sqrt(pi)" = "(1/2)*(sqrt(pi))".

Fractions stay fractions; anything with a root in it stays an expression that every number context evaluates.
A product is written as "(1/2)*(sqrt(pi))*(e)**(-1)", with equal bases collected, so that scaling there and back gives
the same text.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ..contexts import FLOATS, Constant

_ROOT = re.compile(r"sqrt\((\d+(?:/\d+)?)\)")
_POWER = re.compile(r"\*\*\((-?\d+)\)")


def product(*factors: Constant) -> Fraction | str:
    """The exact product of constants.

    >>> product(Fraction(1, 2), 3)
    Fraction(3, 2)
    >>> product("sqrt(pi)", Fraction(1, 2), 3)
    '(3/2)*(sqrt(pi))'
    >>> product("(3/2)*(sqrt(pi))", Fraction(2, 3)), product("sqrt(2)", "sqrt(2)")
    ('sqrt(pi)', Fraction(2, 1))
    """
    rational = Fraction(1)
    exponents: dict[str, int] = {}
    for factor in factors:
        for base, n in _factors(factor):
            if isinstance(base, Fraction):
                rational *= base**n
            else:
                exponents[base] = exponents.get(base, 0) + n
    for base, n in list(exponents.items()):
        if n % 2 == 0 and (root := _ROOT.fullmatch(base)):
            rational *= Fraction(root[1]) ** (n // 2)
            del exponents[base]
    bases = sorted(base for base, n in exponents.items() if n)
    if rational == 0 or not bases:
        return rational
    if rational == 1 and len(bases) == 1 and exponents[bases[0]] == 1:
        return bases[0]
    parts = [f"({base})" if exponents[base] == 1 else f"({base})**({exponents[base]})" for base in bases]
    return "*".join(parts if rational == 1 else [f"({rational})", *parts])


def _factors(x: Constant) -> list[tuple[Fraction | str, int]]:
    """(base, exponent) of a product as `product` writes it; an expression of another form is one base."""
    if not isinstance(x, str):
        return [(Fraction(x), 1)]
    result: list[tuple[Fraction | str, int]] = []
    position = 0
    while position < len(x):
        end = _closing_bracket(x, position)
        if end is None:
            return [(x, 1)]
        raised = _POWER.match(x, end + 1)
        exponent = int(raised[1]) if raised else 1
        result += [(base, n * exponent) for base, n in _factors(_number(x[position + 1 : end]))]
        position = raised.end() if raised else end + 1
        if position < len(x):
            if x[position] != "*":
                return [(x, 1)]
            position += 1
    return result


def _closing_bracket(x: str, start: int) -> int | None:
    """Where the bracket that opens at `start` closes; None when there is none."""
    depth = 0
    for i in range(start, len(x)):
        depth += (x[i] == "(") - (x[i] == ")")
        if depth == 0:
            return i if i > start else None
    return None


def _number(x: str) -> Constant:
    try:
        return Fraction(x)
    except ValueError:
        return x


def power(x: Constant, exponent: int) -> Fraction | str:
    """x**exponent for an integer exponent.

    >>> power("sqrt(3)", -1), power("sqrt(3)", 2)
    ('(sqrt(3))**(-1)', Fraction(3, 1))
    """
    if isinstance(x, str):
        return product(*(f"({base})**({n * exponent})" for base, n in _factors(x))) if exponent else Fraction(1)
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
