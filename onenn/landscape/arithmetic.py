"""The three arithmetics a Hessian is computed in: doubles, exact numbers, balls.   Chapter: lsc-counterexamples.

Each is a number context (onenn.contexts) with the entry of exact numbers and the one-dimensional moments
alpha_q(sqrt(a)), beta_q(sqrt(a)) of phi', given the variance a = |w|^2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from onenn import gaussian
from onenn.activations import Activation
from onenn.contexts import FLOATS, SYMBOLS
from onenn.rigorous import BALLS, ball, precision, working_precision

Moment = Callable[[Activation, int, Any], Any]
"""(phi, q, variance) -> E[phi'(sqrt(variance) z) z^q], or the same with phi'^2."""


@dataclass(frozen=True)
class Arithmetic:
    """A context C; enter(x), the number x (float or Fraction) in it; the moments of phi' of a given variance."""

    C: Any
    enter: Callable[[Any], Any]
    alpha: Moment
    beta: Moment

    def array(self, entries: Any) -> np.ndarray:
        """The array of the entries, entered one by one."""
        array = np.asarray(entries)
        if self.C is FLOATS:
            return array.astype(float)
        result = np.empty(array.shape, dtype=object)
        for index, entry in np.ndenumerate(array):
            result[index] = self.enter(entry)
        return result

    def of_covariance(self, form: Any, a: Any, b: Any, c: Any) -> Any:
        """form(C, a, b, c) for floats or Fractions a, b, c."""
        # a ball around the determinant 0 of parallel rows loses half its digits in the square root
        degenerate = self.C is BALLS and a * c == b * b
        with precision(2 * working_precision() + 32 if degenerate else None):
            return form(self.C, self.enter(a), self.enter(b), self.enter(c))


class Irrational(AttributeError):
    """Raised by RATIONALS where a closed form needs more than + - * / of rational numbers."""


class Rationals:
    """Fractions, for the closed forms that need only + - * /."""

    @staticmethod
    def rational(x: Fraction) -> Fraction:
        return Fraction(x)

    @staticmethod
    def number(x: Any) -> Fraction:
        if isinstance(x, str):
            raise Irrational(f"the constant {x}")
        return Fraction(x)

    def __getattr__(self, name: str) -> Any:
        raise Irrational(name)


RATIONALS = Rationals()


def _symbolic(form: str) -> Moment:
    def moment(phi: Activation, q: int, variance: Any) -> Any:
        f = getattr(phi.closed_forms, form)
        value = None if f is None else f(SYMBOLS, q, SYMBOLS.sqrt(variance))
        if value is None:
            raise ValueError(f"phi is {phi.name}, which has no closed {form}_{q}; use floats or balls")
        return value

    return moment


def _irrational(phi: Activation, q: int, variance: Any) -> Any:
    raise Irrational("a standard deviation")


def _double(form: str) -> Moment:
    return lambda phi, q, variance: getattr(gaussian, form)(phi, q, np.sqrt(variance))


def _ball(form: str) -> Moment:
    # an exact constant, so that the moment raises its working precision by itself until it has the bits asked for
    return lambda phi, q, variance: getattr(gaussian, form)(phi, q, f"sqrt({variance})", bits=working_precision())


DOUBLE = Arithmetic(FLOATS, float, _double("alpha"), _double("beta"))
RATIONAL = Arithmetic(RATIONALS, Fraction, _irrational, _irrational)
SYMBOLIC = Arithmetic(SYMBOLS, lambda x: SYMBOLS.rational(Fraction(x)), _symbolic("alpha"), _symbolic("beta"))
ENCLOSED = Arithmetic(BALLS, ball, _ball("alpha_ball"), _ball("beta_ball"))
