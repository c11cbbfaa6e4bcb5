"""What the inertia of the Hessian says of a critical point: strict local minimum, saddle, spurious or not.

Chapter: spurious-minima."""

from __future__ import annotations

from onenn.rigorous import Ball
from onenn.verdict import Verdict, conjunction

Inertia = tuple[int, int, int]
"""Numbers of eigenvalues proved < 0, not decided, proved > 0."""


def kind_of(exists: Verdict, inertia: Inertia) -> str:
    """ "local minimum" (strict), "local maximum" (strict), "saddle", or "undecided".

    >>> kind_of(Verdict.PROVED, (1, 1, 2)), kind_of(Verdict.PROVED, (0, 1, 3))
    ('saddle', 'undecided')
    """
    negative, unknown, positive = inertia
    if exists != Verdict.PROVED:
        return "undecided"
    if negative and positive:
        return "saddle"
    if unknown:
        return "undecided"
    return "local minimum" if positive else "local maximum"


def is_local_minimum(exists: Verdict, inertia: Inertia, least: Ball) -> Verdict:
    """The critical point exists, and its Hessian is positive definite."""
    negative, unknown, _ = inertia
    definite = Verdict.REFUTED if negative else Verdict.UNDECIDED if unknown else Verdict.PROVED
    return conjunction([exists, definite.because(f"lambda_min(H) = {least.str(5)}")])


def is_spurious_minimum(minimum: Verdict, risk: Ball) -> Verdict:
    """A strict local minimum whose risk is not the least one, 0, that the teacher has."""
    if risk > 0:
        above = Verdict.PROVED
    elif risk.is_finite() and risk.is_zero():
        above = Verdict.REFUTED
    else:
        above = Verdict.UNDECIDED
    return conjunction([minimum, above.because(f"the risk is {risk.str(5)}")])
