"""Exact decisions: rank and kernel of rational matrices, and the sign of a number given in closed form.

A strict inequality that fails with equality (a singular Hessian, T1 = 0) cannot be refuted by balls; it is, here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz

from onenn.verdict import Verdict

from .context import precision
from .symbolic import expression_ball


def _rational(x: Any, argument: str) -> fmpq:
    if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
        return fmpq(int(x))
    if isinstance(x, Fraction):
        return fmpq(x.numerator, x.denominator)
    if isinstance(x, (fmpz, fmpq)):
        return fmpq(x)
    if not isinstance(x, bool) and getattr(x, "is_Rational", False):  # a SymPy number
        return fmpq(int(x.p), int(x.q))
    raise TypeError(
        f"{argument} holds a {type(x).__name__}; expected ints or Fractions (Fraction(x) is a double itself)"
    )


def _matrix(rows: Sequence[Sequence[Any]], argument: str = "rows") -> fmpq_mat:
    if isinstance(rows, fmpq_mat):
        return rows
    table = [[_rational(x, argument) for x in row] for row in rows]
    widths = {len(row) for row in table}
    if len(widths) != 1 or 0 in widths:
        raise ValueError(f"{argument} has rows of lengths {sorted(widths)}; expected one positive length")
    return fmpq_mat(len(table), widths.pop(), [x for row in table for x in row])


def rank(rows: Sequence[Sequence[Any]]) -> int:
    """The rank over Q of the matrix with these rows (ints or Fractions), exact.

    Raises: TypeError on floats; ValueError on an empty or ragged matrix.

    >>> rank([[1, 2], [Fraction(1, 2), 1]])
    1
    """
    return _matrix(rows).rank()


def kernel_dimension(rows: Sequence[Sequence[Any]]) -> int:
    """dim {x : A x = 0} = (columns of A) - rank A, exact.

    >>> kernel_dimension([[1, 2, 3]])
    2
    """
    A = _matrix(rows)
    return A.ncols() - A.rank()


def _sign_of_constant(expression: Any, cap: int) -> Verdict:
    bits = 64
    while bits <= cap:
        with precision(bits):
            x = expression_ball(expression)
        if x > 0:
            return Verdict.PROVED.because(f"{expression} = {x} > 0")
        if x < 0:
            return Verdict.REFUTED.because(f"{expression} = {x} < 0")
        bits *= 2
    return Verdict.UNDECIDED.because(f"{expression} is neither proved 0 nor told from 0 at {cap} bits")


def _is_zero(expression: Any) -> bool:
    import sympy

    if not expression.free_symbols and expression.is_algebraic:
        x = sympy.Dummy("x")
        return sympy.minimal_polynomial(expression, x) == x
    return sympy.simplify(expression) == 0


def strictly_positive(expression: Any, *, cap: int = 1024) -> Verdict:
    """expression > 0, decided exactly; an int, a Fraction, or a SymPy expression, its symbols with their assumptions.

    A constant is told from 0 by balls of up to `cap` bits, and proved 0 by its minimal polynomial or by simplification;
    an expression in symbols is decided by the assumptions (sigma positive, say) after factoring.

    PROVED: > 0. REFUTED: <= 0, an exact 0 included. UNDECIDED: neither was found.
    Raises: TypeError on a float, alone or inside the expression.

    >>> import sympy
    >>> strictly_positive(sympy.sqrt(2) * sympy.sqrt(3) - sympy.sqrt(6))
    REFUTED (0 is exactly 0)
    >>> strictly_positive(sympy.Rational(1, 4) - 1 / (2 * sympy.pi)) == Verdict.PROVED
    True
    """
    import sympy

    if isinstance(expression, (float, np.floating)):
        raise TypeError(
            f"expression is the float {expression!r}; an exact decision needs an int, Fraction or SymPy value"
        )
    if isinstance(expression, (int, np.integer, Fraction)):
        return Verdict.decided(bool(expression > 0), f"{expression} {'>' if expression > 0 else '<='} 0")
    E = sympy.sympify(expression)
    if E.atoms(sympy.Float):
        raise TypeError(f"expression is {E}, which holds a float; use Rational in its place")
    if _is_zero(E):
        return Verdict.REFUTED.because(f"{E} is exactly 0")
    if not E.free_symbols:
        return _sign_of_constant(E, cap)
    for form in (E, sympy.factor(E), sympy.simplify(E)):
        if form.is_positive:
            return Verdict.PROVED.because(f"{form} > 0 for all its symbols")
        if form.is_nonpositive:
            return Verdict.REFUTED.because(f"{form} <= 0 for all its symbols")
    return Verdict.UNDECIDED.because(
        f"the sign of {E} does not follow from the assumptions on {sorted(map(str, E.free_symbols))}"
    )
