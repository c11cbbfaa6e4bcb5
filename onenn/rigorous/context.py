"""Ball arithmetic: a ball m +- r stands for every number in it, and f(ball) contains f of each of them.

    x in X  implies  f(x) in f(X).        The context BALLS has the function names of onenn.contexts.FLOATS and SYMBOLS.

Numbers enter exactly: an int, a Fraction, a decimal string or an expression, never a float. A function that cannot
answer returns a non-finite ball, never a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
from flint import acb, arb, ctx, fmpq, fmpz

from onenn.contexts import Constant, evaluate_constant

from .analytic import Analytic

Ball = arb
"""The type of a real ball: .mid(), .rad(), .lower(), .upper(), .contains(x), .overlaps(x), .is_finite()."""


class NoEnclosure(UserWarning):
    """Warned when a ball function returns a non-finite ball because something was not supplied; the text says what."""


@contextmanager
def precision(bits: int | None, *, guard: int = 0) -> Iterator[None]:
    """Work at `bits` + `guard` bits inside the block (None: the present precision, + guard), and restore the old
    precision after it, on an exception as well.

    The precision belongs to the whole process, so balls are for one thread at a time (use processes beside it).

    Raises: TypeError when `bits` is not an int; ValueError outside 2 ... 1000000.

    >>> with precision(200):
    ...     ball("1/3").rel_accuracy_bits() >= 195
    True
    """
    before = ctx.prec
    wanted = before if bits is None else bits
    if isinstance(wanted, bool) or not isinstance(wanted, (int, np.integer)):
        raise TypeError(f"bits is a {type(bits).__name__}; expected an int, the working precision in bits")
    if not 2 <= wanted <= 1_000_000:
        raise ValueError(f"bits is {bits}; expected 2 to 1000000 (64 is a little over double precision)")
    ctx.prec = int(wanted) + guard
    try:
        yield
    finally:
        ctx.prec = before


def working_precision() -> int:
    """The working precision in bits."""
    return ctx.prec


def ball(x: Constant | arb, argument: str = "x") -> arb:
    """The number `x` as a ball at the working precision; a ball passes unchanged.

    Contains: the exact number. Tight: relative radius 2^-bits for ints, fractions and decimal strings.
    Raises: TypeError for a float or another type; ValueError for a string that is not understood.

    >>> ball("0.1").contains(ball(Fraction(1, 10)))
    True
    >>> ball(0.1)
    Traceback (most recent call last):
    TypeError: x is the float 0.1; pass the decimal string '0.1', or Fraction(x) for the double itself
    """
    if isinstance(x, arb):
        return x
    if isinstance(x, Fraction):
        return arb(fmpq(x.numerator, x.denominator))
    if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
        return arb(fmpz(int(x)))
    if isinstance(x, (fmpz, fmpq)):
        return arb(x)
    if isinstance(x, str):
        try:
            exact = Fraction(x)
        except (ValueError, ZeroDivisionError):
            return evaluate_constant(BALLS, x)
        return arb(fmpq(exact.numerator, exact.denominator))
    if isinstance(x, (float, np.floating)):
        shown = repr(float(x))
        raise TypeError(
            f"{argument} is the float {shown}; pass the decimal string '{shown}', or Fraction(x) for the double itself"
        )
    raise TypeError(f"{argument} is a {type(x).__name__}; expected an int, a Fraction, a string or a ball")


def interval(a: Constant | arb, b: Constant | arb) -> arb:
    """The ball hull of the interval [a, b].

    Contains: [a, b]. Tight: the ends move out by at most 2^-28 of the width.
    Raises: ValueError when a > b; TypeError as `ball`.

    >>> interval(0, 1).contains(ball("0.999"))
    True
    """
    low, high = ball(a, "a"), ball(b, "b")
    if low > high:
        raise ValueError(f"a is {a} and b is {b}; expected a <= b")
    return low.union(high)


def square(x: Any) -> Any:
    """x^2, without the loss of x*x on wide balls (and without x**2, which python-flint makes nan around 0).

    Contains: the squares of all points. Tight: on a real ball, the range up to 2^-28 of its width.

    >>> float(square(interval(-1, 2)).lower()) > -1e-6
    True
    """
    if not isinstance(x, arb) or x.is_exact() or not x.is_finite():
        return x * x
    least, largest = x.abs_lower(), x.abs_upper()
    return (least * least).union(largest * largest)


def _endpoints(function: Callable[[arb], arb], x: arb) -> arb:
    # The library's error bound for a wide ball is a global one (tanh of 0.3 +- 0.6 reaches 1.26); the ends are sharp.
    return function(x.lower()).union(function(x.upper())) if x.is_finite() and x.rad() > 1e-3 else function(x)


def _even_decreasing(function: Callable[[arb], arb], x: arb) -> arb:
    if not x.is_finite() or not x.rad() > 1e-3:
        return function(x)
    far = function(x.abs_upper())
    return far.union(function(x.abs_lower()))


def _sqrt_of_nonnegative(x: arb) -> arb:
    if not x.is_finite() or x.lower() > 0:
        return x.sqrt()
    if x.upper() < 0:
        return arb.nan()
    return arb(0).union(x.upper().sqrt())


def _exp_remainder(u: Any) -> Any:
    if u.abs_lower() > 1:
        return u.exp() - 1 - u
    return u * u / 2 * u.hypgeom_1f1(1, 3)  # the Taylor series of e^u - 1 - u with u^2/2 taken out: nothing cancels


def _real_exp_remainder(u: arb) -> arb:
    if u.is_finite() and u.rad() > 1e-3:  # convex, with its minimum 0 at 0
        ends = _exp_remainder(u.lower()).union(_exp_remainder(u.upper()))
        return ends.union(arb(0)) if u.contains(0) else ends
    return _exp_remainder(u)


def _logistic(z: Any) -> Any:
    if z.real.mid() > 0:
        return 1 / (1 + (-z).exp())
    e = z.exp()  # small: 1/(1 + e^-z) would divide by a huge and wide ball
    return e / (1 + e)


def _softplus(z: Any) -> Any:
    return (1 + z.exp()).log()


def _off_cut(name: str, safe: Callable[[acb], bool]) -> Callable[[acb], acb]:
    """`name` where it is analytic on the whole ball; non-finite where the ball may meet a branch cut."""
    return lambda z: getattr(z, name)() if safe(z) else acb(arb.nan(), arb.nan())


def _lifted(real: Callable, complex_: Callable, analytic: Callable | None = None) -> Callable[[Any, Any], Any]:
    """One method of BALLS out of its versions for a real ball, for a complex one, and for an analytic argument."""

    def method(self: Balls, x: Any) -> Any:
        if isinstance(x, Analytic):
            return Analytic((analytic if analytic and x.required else complex_)(x.ball), x.required)
        if isinstance(x, acb):
            return complex_(x)
        return real(ball(x))

    return method


def _named(name: str, real: Callable[[Callable, arb], arb] | None = None, analytic: Callable | None = None) -> Callable:
    plain = lambda z: getattr(z, name)()  # noqa: E731
    return _lifted((lambda x: real(plain, x)) if real else plain, plain, analytic)


class Balls:
    """Real balls, and complex ones where a complex ball is given; every value at the working precision.

    Contains: f(x) for every x in the argument. Outside the domain (log of a ball that reaches 0): non-finite.
    """

    exp, expm1, erf, tanh = (_named(name, _endpoints) for name in ("exp", "expm1", "erf", "tanh"))
    sin, cos, sech = _named("sin"), _named("cos"), _named("sech", _even_decreasing)
    sqrt = _named("sqrt", analytic=lambda z: z.sqrt(analytic=True))
    log = _named("log", analytic=lambda z: z.log(analytic=True))
    asin = _named("asin", analytic=_off_cut("asin", lambda z: not z.imag.contains(0) or abs(z.real) < 1))
    acos = _named("acos", analytic=_off_cut("acos", lambda z: not z.imag.contains(0) or abs(z.real) < 1))
    atan = _named("atan", _endpoints, _off_cut("atan", lambda z: not z.real.contains(0) or abs(z.imag) < 1))
    logistic = _lifted(lambda x: _endpoints(_logistic, x), _logistic)
    exp_remainder = _lifted(_real_exp_remainder, _exp_remainder)
    softplus = _lifted(lambda x: _endpoints(_softplus, x), _softplus, lambda z: (1 + z.exp()).log(analytic=True))
    square = _lifted(square, square)

    @property
    def pi(self) -> arb:
        return arb.pi()

    @staticmethod
    def rational(x: Fraction) -> arb:
        return ball(x)

    @staticmethod
    def number(x: Constant) -> arb:
        return ball(x)

    @staticmethod
    def atan2(y: Any, x: Any) -> arb:
        return arb.atan2(ball(y, "y"), ball(x, "x"))

    @staticmethod
    def sqrt_nonnegative(x: Any) -> arb:
        """sqrt(x) of a number that the mathematics guarantees to be >= 0: the part of the ball below 0 is cut off."""
        return _sqrt_of_nonnegative(ball(x))


BALLS = Balls()
