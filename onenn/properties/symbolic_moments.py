"""Closed forms against their definition, exactly: SymPy integrates phi'(sigma z)^m z^q over each piece, sigma a symbol.

alpha_q = int phi'(sigma z) z^q g(z) dz,   beta_q = int phi'(sigma z)^2 z^q g(z) dz,   g the normal density.
Chapter: rho-closed-forms (prp-closed-forms)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from onenn.activations import Activation, activation
from onenn.contexts import SYMBOLS
from onenn.gaussian import closed_form
from onenn.verdict import Verdict


def _integral(phi: Activation, sigma: Any, exponent: int, q: int) -> Any:
    """E[phi'(sigma z)^exponent z^q], piece by piece."""
    import sympy

    z = sympy.Symbol("z", real=True)
    density = sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)
    ends = [-sympy.oo, *(SYMBOLS.number(kink) / sigma for kink in phi.kinks), sympy.oo]
    total = sympy.Integer(0)
    for piece, (low, high) in zip(phi.pieces, pairwise(ends), strict=True):
        slope = sympy.sympify(piece.derivative(SYMBOLS, sigma * z))
        total += sympy.integrate(sympy.expand(slope**exponent * z**q) * density, (z, low, high))
    return total


def _vanishes(expression: Any) -> bool:
    import sympy

    return sympy.expand(expression) == 0 or sympy.simplify(expression) == 0  # expanding is enough for polynomials


def integrates_to_closed_form(phi: Activation | str, *, form_of: Activation | str | None = None) -> Verdict:
    """alpha_0, alpha_1, alpha_2, beta_0, beta_2 of `phi`, integrated, are the stored forms, and T1, T2, T3 follow.

    Identities in the positive symbol sigma. `form_of` (None: phi) is the activation whose closed forms are compared:
    with another one the answer must be REFUTED.
    Raises: ValueError where an activation has no closed forms.

    >>> integrates_to_closed_form("squared_relu")
    PROVED (five integrals and three combinations, sigma a symbol)
    >>> integrates_to_closed_form("squared_relu", form_of="quadratic") == Verdict.REFUTED
    True
    """
    phi, form = activation(phi), closed_form(phi if form_of is None else form_of)
    if None in (*form.alpha, form.beta[0], form.beta[2]):
        raise ValueError(f"{activation(form_of or phi).name} has no closed forms of alpha and beta to compare with")
    a, b, sigma = form.alpha, form.beta, form.sigma
    claimed = [(1, 0, a[0]), (1, 1, a[1]), (1, 2, a[2]), (2, 0, b[0]), (2, 2, b[2])]
    for exponent, q, expression in claimed:
        difference = _integral(phi, sigma, exponent, q) - expression
        if not _vanishes(difference):
            return Verdict.REFUTED.because(f"{'alpha' if exponent == 1 else 'beta'}_{q} is off by {difference}")
    combinations = (b[0] - a[0] ** 2 - a[1] ** 2, b[2] - a[1] ** 2 - a[2] ** 2, a[0] * a[2] - a[1] ** 2)
    for i, (T, combination) in enumerate(zip((form.T1, form.T2, form.T3), combinations, strict=True), start=1):
        if not _vanishes(T - combination):
            return Verdict.REFUTED.because(f"T{i} is not its combination of the moments: off by {T - combination}")
    return Verdict.PROVED.because("five integrals and three combinations, sigma a symbol")


def residuals_are_powers(phi: Activation | str, exponent: int) -> Verdict:
    """T_i(sigma) = sigma^exponent T_i(1) for i = 1, 2, 3, sigma a positive symbol: exponent = 2(q - 1) for degree q.

    >>> residuals_are_powers("relu", 0) == Verdict.PROVED, residuals_are_powers("squared_relu", 0) == Verdict.REFUTED
    (True, True)
    """
    form = closed_form(phi)
    for i, T in enumerate((form.T1, form.T2, form.T3), start=1):
        if T is None:
            raise ValueError(f"{activation(phi).name} has no closed form of T{i}")
        if not _vanishes(T - form.sigma**exponent * T.subs(form.sigma, 1)):
            return Verdict.REFUTED.because(f"T{i} = {T} is not sigma^{exponent} times its value at 1")
    return Verdict.PROVED.because("T1, T2 and T3, sigma a symbol")


def residuals_are(phi: Activation | str, T1: str, T2: str, T3: str, **letters: str) -> Verdict:
    """The three residuals of phi equal the formulas given, in `sigma`, pi, sqrt, exp, exact numbers and `letters`.

    Each of the `letters` stands for a formula of its own.

    >>> residuals_are("squared_relu", "(1 - 2/pi)*s", "(5 - 8/pi)*s", "(4/pi - 1)*s", s="sigma**2")
    PROVED (T1, T2 and T3, sigma a symbol)
    >>> residuals_are("quadratic", "0", "8*sigma**2", "0") == Verdict.REFUTED
    True
    """
    import sympy

    form = closed_form(phi)
    known: dict[str, Any] = {"sigma": form.sigma}
    known |= {letter: sympy.parse_expr(formula, local_dict=known) for letter, formula in letters.items()}
    for i, (T, formula) in enumerate(zip((form.T1, form.T2, form.T3), (T1, T2, T3), strict=True), start=1):
        if T is None:
            raise ValueError(f"{activation(phi).name} has no closed form of T{i}")
        if not _vanishes(T - sympy.parse_expr(formula, local_dict=known)):
            return Verdict.REFUTED.because(f"T{i} is {T}, not {formula}")
    return Verdict.PROVED.because("T1, T2 and T3, sigma a symbol")
