"""An activation as a frozen value: phi, phi', phi'' on the pieces between its kinks, and all that is known in closed form.

Every function takes a number context C (onenn.contexts) before its argument, so one formula serves floats, symbols and balls.
Chapter: activation-properties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

ContextFunction = Callable[..., Any]
"""(C, z) -> number, or (C, q, sigma) -> number | None where no closed form exists for that q."""


@dataclass(frozen=True)
class Piece:
    """phi, phi', phi'' on one interval between neighbouring kinks, each an analytic function there."""

    value: ContextFunction
    derivative: ContextFunction
    second_derivative: ContextFunction


@dataclass(frozen=True)
class Growth:
    """|phi'(z)| <= constant * (1 + |z|^power) * exp(rate |z|) for every z."""

    constant: Fraction | str
    power: int = 0
    rate: Fraction | str = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class ClosedForms:
    """What is elementary, for z, g ~ N(0, 1) and (u, v) ~ N(0, [[a, b], [b, c]]); a missing form is None or returns None.

    alpha(C, q, s) = E[phi'(s z) z^q];  beta(C, q, s) = E[phi'(s z)^2 z^q];  gamma(C, j, s) = E[phi(s z) z^j];
    residual(C, i, s) = T_i, i = 1, 2, 3, written so that nothing cancels;  hermite(C, r) = E[phi'(g) He_r(g)]/sqrt(r!);
    dual(C, a, b, c) = E[phi(u) phi(v)];  dual_derivative(C, a, b, c) = E[phi'(u) phi'(v)];
    dual_derivative_gradient(C, a, b, c) = its partial derivatives in (a, b, c), off the degenerate covariances.
    """

    alpha: ContextFunction | None = None
    beta: ContextFunction | None = None
    gamma: ContextFunction | None = None
    residual: ContextFunction | None = None
    hermite: ContextFunction | None = None
    dual: ContextFunction | None = None
    dual_derivative: ContextFunction | None = None
    dual_derivative_gradient: ContextFunction | None = None


@dataclass(frozen=True, kw_only=True)
class Activation:
    """phi with its derivatives and closed forms. Two are equal when name, parameters and scalings agree."""

    name: str
    parameters: tuple[tuple[str, Fraction], ...] = ()
    output: Fraction | str = Fraction(1)
    input: Fraction | str = Fraction(1)
    pieces: tuple[Piece, ...] = field(compare=False)
    kinks: tuple[Fraction, ...] = field(default=(), compare=False)
    homogeneity: int | None = field(default=None, compare=False)
    derivative_symmetry: str | None = field(default=None, compare=False)
    growth: Growth | None = field(default=None, compare=False)
    closed_forms: ClosedForms = field(default=ClosedForms(), compare=False)
    source: str = field(default="", compare=False)
