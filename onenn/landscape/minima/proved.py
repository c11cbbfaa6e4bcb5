"""What the inertia of the Hessian says of a critical point: strict local minimum, saddle, spurious or not.

All eigenvalues > 0 is a strict local minimum; with a loss > 0 it is a spurious one, as the teacher has the loss 0.
Chapter: spurious-minima."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onenn.rigorous import Ball
from onenn.verdict import Verdict, conjunction

Spectrum = tuple[tuple[Ball, int], ...]
"""Eigenvalues and how often each occurs."""

Inertia = tuple[int, int, int]
"""Numbers of eigenvalues proved < 0, not decided, proved > 0."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ProvedPoint:
    """A critical point and what was proved of it.

    verdict: it exists, and is the only one in the domain that was asked about. loss, levels: balls that hold its risk
    and all eigenvalues of the Hessian there, with their multiplicities.
    """

    verdict: Verdict
    loss: Ball
    levels: Spectrum

    @property
    def min_eigenvalue(self) -> Ball:
        """The least eigenvalue of the Hessian."""
        return least_of(self.levels)

    @property
    def inertia(self) -> Inertia:
        """How many of the eigenvalues are proved < 0, not decided, proved > 0."""
        return inertia_of(self.levels)

    @property
    def kind(self) -> str:
        """ "local minimum" (strict), "local maximum" (strict), "saddle", or "undecided"."""
        return kind_of(self.verdict, self.inertia)

    @property
    def is_local_minimum(self) -> Verdict:
        """The critical point exists, and its Hessian is positive definite."""
        negative, unknown, _ = self.inertia
        definite = Verdict.REFUTED if negative else Verdict.UNDECIDED if unknown else Verdict.PROVED
        return conjunction([self.verdict, definite.because(f"lambda_min(H) = {self.min_eigenvalue.str(5)}")])

    @property
    def is_spurious_minimum(self) -> Verdict:
        """It is a strict local minimum whose risk is not the least one, 0, that the teacher has."""
        if self.loss > 0:
            above = Verdict.PROVED
        elif self.loss.is_finite() and self.loss.is_zero():
            above = Verdict.REFUTED
        else:
            above = Verdict.UNDECIDED
        return conjunction([self.is_local_minimum, above.because(f"the risk is {self.loss.str(5)}")])

    def opens_of(self, splits: Sequence[Spectrum]) -> tuple[Verdict, ...]:
        """Does each unit, of which the eigenvalues of v E[r phi''(w.x) x x^T] are given, open a way down when split?"""
        answers = []
        for levels in splits:
            found = Verdict.PROVED if inertia_of(levels)[0] else Verdict.UNDECIDED
            answers.append(conjunction([self.verdict, found.because(f"least eigenvalue {least_of(levels).str(5)}")]))
        return tuple(answers)


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


def inertia_of(levels: Spectrum) -> Inertia:
    """How many eigenvalues are proved < 0, not decided, proved > 0."""
    negative = sum(n for value, n in levels if value < 0)
    positive = sum(n for value, n in levels if value > 0)
    return negative, sum(n for _, n in levels) - negative - positive, positive


def least_of(levels: Spectrum) -> Ball:
    """The least eigenvalue."""
    least, *others = (value for value, _ in levels)
    for value in others:
        least = least.min(value)
    return least
