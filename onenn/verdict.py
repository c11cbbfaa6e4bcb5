"""The answer of a decision: PROVED, REFUTED or UNDECIDED, with its reason. It is not a bool.

UNDECIDED is an answer of its own: it never counts as a success, nor as a refutation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Verdict:
    """One of the three values, compared by value; the reason travels with it and does not enter the comparison.

    >>> Verdict.decided(2 + 2 == 4)
    PROVED
    >>> Verdict.UNDECIDED.because("the ball contains 0") == Verdict.UNDECIDED
    True
    """

    value: str
    reason: str = field(default="", compare=False)

    PROVED: ClassVar[Verdict]
    REFUTED: ClassVar[Verdict]
    UNDECIDED: ClassVar[Verdict]

    def __post_init__(self) -> None:
        if self.value not in ("PROVED", "REFUTED", "UNDECIDED"):
            raise ValueError(f"value is {self.value!r}; a verdict is 'PROVED', 'REFUTED' or 'UNDECIDED'")

    @classmethod
    def decided(cls, truth: bool, reason: str = "") -> Verdict:
        """PROVED when `truth` is True, REFUTED when it is False: for exact (symbolic, integer, rational) comparisons.

        Raises: TypeError when `truth` is not a bool; a ball or an array must go through a comparison of its own.
        """
        if type(truth).__name__ not in ("bool", "bool_", "BooleanTrue", "BooleanFalse"):
            raise TypeError(f"truth is a {type(truth).__name__}; pass a bool, or decide the object with onenn.rigorous")
        return cls("PROVED" if truth else "REFUTED", reason)

    def because(self, reason: str) -> Verdict:
        """The same verdict, carrying `reason`."""
        return Verdict(self.value, reason)

    def __bool__(self) -> bool:
        raise TypeError("a Verdict is not a bool: compare it with Verdict.PROVED, REFUTED or UNDECIDED")

    def __repr__(self) -> str:
        return f"{self.value} ({self.reason})" if self.reason else self.value


Verdict.PROVED = Verdict("PROVED")
Verdict.REFUTED = Verdict("REFUTED")
Verdict.UNDECIDED = Verdict("UNDECIDED")


def conjunction(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on "all of them hold": one refutation refutes, otherwise one doubt leaves it undecided.

    Raises: ValueError on no verdict at all: a check of nothing proves nothing.
    """
    collected = list(verdicts)
    if not collected:
        raise ValueError("verdicts is empty; a conjunction of nothing would be a check that cannot fail")
    for value in (Verdict.REFUTED, Verdict.UNDECIDED):
        for position, verdict in enumerate(collected):
            if verdict == value:
                return value.because(f"case {position + 1} of {len(collected)}: {verdict.reason or verdict.value}")
    return Verdict.PROVED.because(f"all {len(collected)} cases")


def negation(verdict: Verdict) -> Verdict:
    """The verdict on "it does not hold", with the same reason: doubt remains doubt.

    >>> negation(Verdict.REFUTED.because("17 < 16"))
    PROVED (17 < 16)
    >>> negation(Verdict.UNDECIDED)
    UNDECIDED
    """
    opposite = {"PROVED": "REFUTED", "REFUTED": "PROVED", "UNDECIDED": "UNDECIDED"}
    return Verdict(opposite[verdict.value], verdict.reason)
