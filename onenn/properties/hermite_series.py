"""T1 as a sum of squares of Hermite coefficients: nothing is subtracted, and the tail is bounded.

    T1(sigma) = sum_{n >= 2} t_n,   t_n = c_n^2/n!,   c_n = E[phi'(sigma z) He_n(z)]

Chapter: activation-properties (prp-spectrum)."""

from __future__ import annotations

from fractions import Fraction

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS, Constant, as_constant
from onenn.gaussian import hermite
from onenn.rigorous import BALLS, Ball, ball, precision, square


def hermite_sum(phi: Activation | str, sigma: int | float | Fraction | str, last: int) -> float:
    """sum of t_n over 2 <= n <= last, in floats: a lower bound of T1, up to rounding.

    Raises: ValueError for last < 2.

    >>> round(hermite_sum("tanh", 1, 200), 12)
    0.097523738086
    """
    if last < 2:
        raise ValueError(f"last is {last}; expected at least 2, the first term of the sum")
    s = as_constant(sigma, "sigma")
    phi = activation(phi).scaled(input=s)  # its derivative at z is sigma phi'(sigma z)
    return sum(hermite(phi, n) ** 2 for n in range(2, last + 1)) / FLOATS.number(s) ** 2


def hermite_sum_ball(
    phi: Activation | str, sigma: Constant, last: int, *, ratio: Constant | Ball, bits: int = 128
) -> Ball:
    """T1(sigma) as a ball: the sum up to `last`, and the tail between 0 and (t_(last-1) + t_last) ratio/(1 - ratio).

    Contains: T1, provided t_(n+2) <= ratio t_n for every n >= last - 1, which the caller knows.
    Raises: ValueError where there is none, for last < 3, or unless 0 <= ratio < 1.

    >>> hermite_sum_ball("exp", 1, 40, ratio="1/1000").overlaps(ball("e*(e - 2)"))
    True
    """
    phi, form = activation(phi), activation(phi).closed_forms.hermite
    if form is None:
        raise ValueError(f"{phi.name} has no closed form of its Hermite coefficients; use hermite_sum")
    if last < 3:
        raise ValueError(f"last is {last}; expected at least 3: the tail is bounded by the last two terms")
    with precision(bits):
        q, s = ball(ratio, "ratio"), ball(sigma, "sigma")
        if not (q >= 0 and q < 1):
            raise ValueError(f"ratio is {ratio}; expected a number in [0, 1)")
        terms = [square(form(BALLS, n, s)) for n in range(2, last + 1)]
        tail = (terms[-1] + terms[-2]) * q / (1 - q)
        return sum(terms, ball(0)) + ball(0).union(tail.upper())
