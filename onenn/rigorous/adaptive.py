"""Relative accuracy on demand: evaluate at 2^j times the starting precision until the ball is small enough."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb

from .context import precision


def adaptive(function: Callable[[], arb], *, relative_bits: int = 53, start: int | None = None, cap: int = 4096) -> arb:
    """The ball function(), at a working precision doubled from `start` until its radius is <= 2^-relative_bits |value|.

    function takes no argument and returns a ball; exact inputs must be made inside it (`ball("0.1")`), where the raised
    precision holds. An exact 0 is accepted.

    Contains: what function() contains. Tight: radius <= 2^-relative_bits |value|, or non-finite when `cap` bits do not
    reach it - which is so when an input has a radius of its own, or the value is 0 and not exactly so.
    Raises: TypeError when function() does not return a real ball; ValueError on cap < relative_bits.

    >>> x = adaptive(lambda: (arb(1) / 3 + 10**30) - 10**30, relative_bits=60)
    >>> x.rel_accuracy_bits() >= 60
    True
    """
    if cap < relative_bits:
        raise ValueError(f"cap is {cap} bits, below relative_bits = {relative_bits}; raise the cap")
    bits = relative_bits + 16 if start is None else start
    while bits <= cap:
        with precision(bits):
            value = function()
        if not isinstance(value, arb):
            raise TypeError(f"function() returned a {type(value).__name__}; expected a real ball (flint.arb)")
        if value.is_finite() and (value.is_zero() or value.rel_accuracy_bits() >= relative_bits):
            return value
        bits *= 2
    return arb.nan()
