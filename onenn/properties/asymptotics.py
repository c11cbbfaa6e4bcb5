"""T1 as sigma -> 0 and T2, T3 as sigma -> oo: the leading powers with their constants, and how far off they are.

Small sigma, f = phi', n >= 2 the least order with a = f^(n)(0) != 0, d = |z^n - its best line|^2 under the normal law:
    T1 ~ a^2 d sigma^(2n) / n!^2,     |sqrt(T1/that) - 1| <= (M/|a|) n!/(n+2)! sqrt((2n+3)!!/d) sigma^2,
where f^(n+1)(0) = 0 and M = sup |f^(n+2)|.
Large sigma, f even, f >= 0, I_q = int f x^q dx, J_q = int f^2 x^q dx:
    T3 ~ I_0 I_2/(2 pi) sigma^-4,     T2 ~ J_2/sqrt(2 pi) sigma^-3,     both from below, since 1 - y <= e^-y <= 1.
Chapter: rho-and-scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from onenn.activations import Activation, activation
from onenn.activations.constants import absolute, power, product
from onenn.activations.half_line import double_factorial, normal_moment
from onenn.contexts import SYMBOLS, Constant
from onenn.gaussian.balls import T_ball
from onenn.rigorous import BALLS, Ball, ball, interval, precision
from onenn.rigorous.symbolic import expression_ball

from .segments import segments

_HIGHEST_ORDER = 12

_POSITIVE_TRANSFORM = {"tanh": 1, "sigmoid": 1, "erf": 1, "softplus": 2, "gelu": 2}
"""The order j for which phi^(j) has a nonnegative Fourier transform, so that |phi^(j+2m)| is largest at 0.

pi t/sinh(pi t/2), pi t/sinh(pi t), 2 e^(-t^2/4), pi t/sinh(pi t) and (1 + t^2) e^(-t^2/2), in this order.
"""

_INTEGRALS: dict[str, tuple[dict[int, str], dict[int, str]]] = {
    "tanh": (
        {0: "2", 2: "pi**2/6", 4: "7*pi**4/120"},
        {2: "(pi**2 - 6)/9", 4: "7*pi**4/180 - pi**2/3"},
    ),
    "sigmoid": (
        {0: "1", 2: "pi**2/3", 4: "7*pi**4/15"},
        {2: "(pi**2 - 6)/18", 4: "7*pi**4/90 - 2*pi**2/3"},
    ),
    "erf": ({0: "2", 2: "1", 4: "3/2"}, {2: "1/sqrt(2*pi)", 4: "3/(4*sqrt(2*pi))"}),
}
"""(I_q) and (J_q) of phi'; for sech^2, 6 sech^4 = 4 sech^2 - (sech^2)'' gives J_q = 2/3 I_q - q(q-1)/6 I_(q-2)."""


@dataclass(frozen=True, kw_only=True)
class Asymptote:
    """T_term(sigma) ~ constant * sigma^exponent; `band(sigma)` contains T_term / asymptote, where a bound is proved.

    `constant` is a SymPy number.
    """

    phi: Activation
    term: int
    exponent: int
    constant: Any
    band: Callable[[Ball], Ball] | None = None

    def ratio(self, sigma: int | str | Fraction) -> Ball:
        """T_term(sigma) / (constant sigma^exponent), at one sigma."""
        with precision(128):
            s, value = ball(sigma, "sigma"), T_ball(self.phi, self.term, sigma)
            scale = math.prod([s] * abs(self.exponent), start=ball(1))
            return value / expression_ball(self.constant) / (scale if self.exponent > 0 else 1 / scale)


def small_sigma(phi: str | Activation) -> Asymptote:
    """T1 as sigma -> 0 for a phi that is analytic at 0; with a band for tanh, sigmoid, erf, softplus, gelu and exp.

    Raises: ValueError when 0 is a kink, phi' is NumPy only, or phi' is affine up to order 12 at 0.

    >>> small_sigma("softplus").constant, small_sigma("softplus").exponent
    (1/384, 6)
    """
    phi = activation(phi)
    parts = [part for part in segments(phi) if part.low == 0]
    if len({id(part.piece) for part in parts}) != 1:
        raise ValueError(f"phi is {phi}, with a kink at 0; expected a phi that is analytic there")
    x = SYMBOLS.Symbol("x", real=True)
    slope = SYMBOLS.sympify(parts[0].piece.derivative(SYMBOLS, x))
    n, a = _first_bend(slope, x)
    if n > _HIGHEST_ORDER:
        raise ValueError(f"phi is {phi}, whose slope is affine at 0 up to the order {_HIGHEST_ORDER}; expected a bend")
    d = double_factorial(2 * n - 1) - normal_moment(n) ** 2 - normal_moment(n + 1) ** 2
    constant = SYMBOLS.simplify(a**2 * d / SYMBOLS.Integer(math.factorial(n) ** 2))
    band = None
    if _is_own(phi) and phi.name in _POSITIVE_TRANSFORM:
        if (n + 3 - _POSITIVE_TRANSFORM[phi.name]) % 2 == 0:
            M = SYMBOLS.diff(slope, x, n + 2).subs(x, 0)
            band = _square_band(SYMBOLS.Abs(M / a) * _taylor_factor(n, d))
    elif _is_own(phi) and phi.name == "exp":  # with u = (b s)^2:  1 <= 2 e^u (e^u - 1 - u)/u^2 <= e^(2u)
        stretch = power(phi.input, 2)
        band = lambda s: ball(1).union(BALLS.exp(2 * ball(stretch) * s.upper() * s.upper()))  # noqa: E731
    return Asymptote(phi=phi, term=1, exponent=2 * n, constant=constant, band=band)


def _first_bend(slope: Any, x: Any) -> tuple[int, Any]:
    """The least n >= 2 with phi^(n+1)(0) != 0, and that derivative."""
    derivative = SYMBOLS.diff(slope, x)
    for n in range(2, _HIGHEST_ORDER + 1):
        derivative = SYMBOLS.diff(derivative, x)
        a = SYMBOLS.simplify(derivative.subs(x, 0))
        if a != 0:
            return n, a
    return _HIGHEST_ORDER + 1, 0


def _is_own(phi: Activation) -> bool:
    """Whether phi comes with the package: a user may register another function under one of its names."""
    return (phi.base or phi).pieces[0].derivative.__module__.startswith("onenn.activations")


def _taylor_factor(n: int, d: int) -> Any:
    return SYMBOLS.sqrt(SYMBOLS.Rational(double_factorial(2 * n + 3), d)) / ((n + 1) * (n + 2))


def _square_band(factor: Any) -> Callable[[Ball], Ball]:
    def band(s: Ball) -> Ball:
        error = (expression_ball(factor) * s * s).upper()
        low = ball(0) if error > 1 else 1 - error
        return interval(low * low, (1 + error) * (1 + error))

    return band


def large_sigma(phi: str | Activation, term: int) -> Asymptote:
    """T2 or T3 as sigma -> oo for tanh, sigmoid, erf and their scalings, with the band.

    Raises: ValueError for another activation or term.

    >>> large_sigma("tanh", 3).constant, large_sigma("sigmoid", 3).constant
    (pi/6, pi/6)
    """
    phi = activation(phi)
    if phi.name not in _INTEGRALS or not _is_own(phi) or term not in (2, 3):
        raise ValueError(f"phi is {phi} and term is {term}; expected {', '.join(_INTEGRALS)} and term 2 or 3")
    I, J = (_scaled(table, phi, m) for m, table in enumerate(_INTEGRALS[phi.name], start=1))
    if term == 3:
        constant = SYMBOLS.simplify(SYMBOLS.number(I[0]) * SYMBOLS.number(I[2]) / (2 * SYMBOLS.pi))
        first, second = product(I[2], power(I[0], -1)), product(I[4], power(I[2], -1))

        def low(s: Ball) -> Ball:
            x, y = ((1 - ball(ratio) / (2 * s * s)).lower() for ratio in (first, second))
            return x * y if x > 0 and y > 0 else ball(0)  # neither alpha_0 nor alpha_2 is negative
    else:
        constant = SYMBOLS.simplify(SYMBOLS.number(J[2]) / SYMBOLS.sqrt(2 * SYMBOLS.pi))
        first, second = product(J[4], power(J[2], -1)), product(power(I[2], 2), power(J[2], -1))

        def low(s: Ball) -> Ball:
            return 1 - ball(first) / (2 * s * s) - ball(second) / ((2 * BALLS.pi).sqrt() * s * s * s)

    return Asymptote(
        phi=phi,
        term=term,
        exponent=-4 if term == 3 else -3,
        constant=constant,
        band=lambda s: ball(1).union(low(s.lower()).lower()),
    )


def _scaled(table: dict[int, str], phi: Activation, m: int) -> dict[int, Constant]:
    """The integrals of (phi')^m x^q for phi = a base(b .): (a b)^m |b|^(-q-1) times those of the base."""
    slope, b = power(product(phi.output, phi.input), m), absolute(phi.input)
    return {q: product(slope, power(b, -q - 1), value) for q, value in table.items()}
