"""Verdicts have three values: their negation and their conjunction keep doubt apart from both others."""

import pytest

from onenn.verdict import Verdict, conjunction, negation

ALL = (Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED)


@pytest.mark.parametrize("verdict", ALL, ids=str)
def test_a_negation_swaps_proof_and_refutation_and_keeps_doubt_and_reason(verdict):
    """A negation that left PROVED as it is would make a check that cannot fail."""
    said = negation(verdict.because("why"))
    assert (said == verdict) is (verdict == Verdict.UNDECIDED)
    assert said.reason == "why"
    assert negation(said) == verdict


@pytest.mark.parametrize("first", ALL, ids=str)
@pytest.mark.parametrize("second", ALL, ids=str)
def test_a_conjunction_is_the_worst_of_its_cases(first, second):
    """One refutation refutes; without one, a doubt leaves it undecided."""
    worst = max((first, second), key=[Verdict.PROVED, Verdict.UNDECIDED, Verdict.REFUTED].index)
    assert conjunction([first, second]) == worst
