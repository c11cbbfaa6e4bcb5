"""Property P2:  rho(sigma) > 0 for every sigma > 0, decided by the structure of phi (thm-rho-residual, thm-p2-affine).

Two terms, min(T1, T2):  P2 holds  iff  phi is not a polynomial of degree <= 2  iff  phi' is not affine.
Three terms, min(T1, T2, T3):  then T3 > 0 is needed as well; it follows when phi' keeps one sign.
Chapter: activation-properties.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from onenn.activations import Activation, activation
from onenn.rigorous import Ball, ball, strictly_positive
from onenn.verdict import Verdict

from .segments import Segment, segments, symbol
from .suprema import nonnegative


@dataclass(frozen=True, kw_only=True)
class P2:
    """The decision for min(T1, T2) (`terms` = 2) or min(T1, T2, T3) (`terms` = 3); `witness` says what breaks it."""

    verdict: Verdict
    terms: int
    witness: str = ""

    @property
    def evidence(self) -> str:
        """The decision in words."""
        return self.verdict.reason


def p2(phi: str | Activation, terms: int = 2) -> P2:
    """P2 decided for an activation, for every sigma > 0 at once.

    UNDECIDED, with what to supply in the reason, when phi' does not run on symbols and balls, or (three terms) when
    phi' changes sign and T3 has no closed form.
    Raises: ValueError when terms is not 2 or 3.
    Source: def-p2, thm-rho-residual, thm-p2-affine; zhong2017slides, slide 13.

    >>> p2("tanh").verdict == Verdict.PROVED, p2("quadratic", terms=3).witness
    (True, 'T1 = 0 and T3 = -4*sigma**2')
    """
    if terms not in (2, 3):
        raise ValueError(f"terms is {terms!r}; expected 3 (the definition as printed) or 2 (what the proofs need)")
    phi = activation(phi)
    try:
        parts = segments(phi)
    except ValueError as error:
        return P2(verdict=Verdict.UNDECIDED.because(str(error)), terms=terms)
    bent = three_points_off_a_line(parts)
    if bent is None:
        return _affine(phi, parts, terms)
    reason = f"phi' is not affine: {bent}"
    if terms == 2:
        return P2(verdict=Verdict.PROVED.because(reason), terms=2)
    third = third_term_positive(phi)
    if third == Verdict.REFUTED:
        return P2(verdict=third, terms=3, witness=third.reason)
    return P2(verdict=Verdict(third.value, f"{reason}; {third.reason}"), terms=3)


def three_points_off_a_line(parts: list[Segment]) -> str | None:
    """Three points inside segments at which the values of phi' are not on one line, proved in balls; None if not found.

    phi' is continuous there, so it differs from every affine function on a set of positive measure.
    """
    points = {part.side * t: part for part in parts for t in part.sample()[:4]}
    values = {z: part.on_balls("derivative")(ball(abs(z))) for z, part in points.items()}
    for x, y, z in combinations(sorted(points, key=lambda z: (z.denominator, abs(z), z)), 3):
        bend = _bend((x, values[x]), (y, values[y]), (z, values[z]))
        if bend > 0 or bend < 0:
            shown = ", ".join(f"phi'({p}) = {values[p].str(4, radius=False)}" for p in sorted((x, y, z)))
            return f"{shown} are not on one line"
    return None


def _bend(*points: tuple[Fraction, Ball]) -> Ball:
    (x, f), (y, g), (z, h) = points
    return ball(z - y) * f + ball(x - z) * g + ball(y - x) * h


def _affine(phi: Activation, parts: list[Segment], terms: int) -> P2:
    """No bend was seen: phi' is affine when it is one affine expression on all segments."""
    import sympy

    z = sympy.Symbol("z")
    forms = {sympy.simplify(part.slope.subs(symbol(), part.side * z)) for part in parts}
    if len(forms) > 1 or any(sympy.diff(form, z, 2) != 0 for form in forms):
        reason = "phi' was neither proved affine nor seen to bend"
        return P2(verdict=Verdict.UNDECIDED.because(reason), terms=terms)
    from onenn.gaussian import closed_form

    witness = "T1 = 0"
    if terms == 3 and phi.closed_forms.residual is not None:
        witness += f" and T3 = {closed_form(phi).T3}"
    return P2(
        verdict=Verdict.REFUTED.because(f"phi' = {forms.pop()} is affine, so {witness}"), terms=terms, witness=witness
    )


def third_term_positive(phi: str | Activation) -> Verdict:
    """T3(sigma) > 0 for every sigma > 0, for a phi' that is not 0 almost everywhere.

    By the Cauchy-Schwarz inequality where phi' keeps one sign (thm-p2-affine), otherwise from the closed form of T3.
    """
    phi = activation(phi)
    for signed, relation in ((phi, ">="), (phi.scaled(output=-1), "<=")):
        if nonnegative(signed) == Verdict.PROVED:
            return Verdict.PROVED.because(f"phi' {relation} 0, so T3 > 0")
    from onenn.gaussian import closed_form

    T3 = closed_form(phi).T3
    if T3 is None:
        return Verdict.UNDECIDED.because("phi' changes sign and T3 has no closed form")
    return _positive_for_every_sigma(T3)


def _positive_for_every_sigma(T3: Any) -> Verdict:
    import sympy

    T3 = sympy.factor(sympy.expand(T3))
    numerator, denominator = sympy.fraction(T3)
    sigmas = sorted(T3.free_symbols, key=str)
    if denominator.is_positive and len(sigmas) == 1 and numerator.is_polynomial(*sigmas):
        coefficients = [c for c in sympy.Poly(numerator, *sigmas).all_coeffs() if c != 0]
        if all(strictly_positive(c) == Verdict.PROVED for c in coefficients):
            return Verdict.PROVED.because(f"T3 = {T3}, with positive coefficients")
    verdict = strictly_positive(T3)
    return verdict.because(f"T3 = {T3}: {verdict.reason}")
