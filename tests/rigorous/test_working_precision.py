"""Precision is an argument: every public function leaves the working precision as it found it, exceptions included."""

import warnings
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from onenn import rigorous
from onenn.rigorous import BALLS, ball, precision, working_precision


def fails(*_):
    raise RuntimeError("on purpose")


IDENTITY = [[2, 1], [1, 2]]
CALLS = {
    "adaptive": lambda b: rigorous.adaptive(lambda: ball("1/3"), relative_bits=b),
    "adaptive, in vain": lambda b: rigorous.adaptive(lambda: arb(0, 1), relative_bits=b, cap=2 * b),
    "ball": lambda b: ball("sqrt(2)"),
    "ball_matrix": lambda b: rigorous.ball_matrix(IDENTITY),
    "contains": lambda b: rigorous.contains(1, 2),
    "decide_adaptively": lambda b: rigorous.decide_adaptively(lambda: rigorous.is_positive(0), start=b),
    "gaussian_integral": lambda b: rigorous.gaussian_integral([BALLS.tanh], sigma=1, growth=(1, 0), bits=b),
    "gaussian_integral, no growth": lambda b: rigorous.gaussian_integral([BALLS.tanh], sigma=1, growth=None, bits=b),
    "integral": lambda b: rigorous.integral(BALLS.exp, 0, 1, bits=b),
    "interval": lambda b: rigorous.interval(0, "1/3"),
    "is_negative": lambda b: rigorous.is_negative("1/3"),
    "is_positive": lambda b: rigorous.is_positive("1/3"),
    "is_positive_definite": lambda b: rigorous.is_positive_definite(IDENTITY, bits=b),
    "kernel_dimension": lambda b: rigorous.kernel_dimension([[1, 2]]),
    "krawczyk": lambda b: rigorous.krawczyk(lambda X: [X[0]], lambda X: [[1]], [0], 1, bits=b),
    "less": lambda b: rigorous.less("1/3", 1),
    "maximum_on": lambda b: rigorous.maximum_on(lambda x: x, 0, 1, "1/10", bits=b),
    "min_eigenvalue": lambda b: rigorous.min_eigenvalue(IDENTITY, bits=b),
    "minimum_on": lambda b: rigorous.minimum_on(lambda x: x, 0, 1, "1/10", bits=b),
    "positive_on": lambda b: rigorous.positive_on(lambda x: x, "1/3", 1, bits=b),
    "rank": lambda b: rigorous.rank([[1, 2]]),
    "solve": lambda b: rigorous.solve([[1, 2], [0, 1]], [1, 1]),
    "square": lambda b: rigorous.square(ball("1/3")),
    "strictly_positive": lambda b: rigorous.strictly_positive(Fraction(1, 3)),
    "symmetric_eigenvalues": lambda b: rigorous.symmetric_eigenvalues(IDENTITY, bits=b),
    "working_precision": lambda b: working_precision(),
}
FAILING = {
    "adaptive": lambda b: rigorous.adaptive(fails, relative_bits=b),
    "ball": lambda b: ball(0.1),
    "decide_adaptively": lambda b: rigorous.decide_adaptively(fails, start=b),
    "gaussian_integral": lambda b: rigorous.gaussian_integral([fails], sigma=1, growth=(1, 0), bits=b),
    "integral": lambda b: rigorous.integral(fails, 0, 1, bits=b),
    "is_positive_definite": lambda b: rigorous.is_positive_definite([[0.5]], bits=b),
    "krawczyk": lambda b: rigorous.krawczyk(fails, fails, [0], 1, bits=b),
    "maximum_on": lambda b: rigorous.maximum_on(fails, 0, 1, 1, bits=b),
    "minimum_on": lambda b: rigorous.minimum_on(fails, 0, 1, 1, bits=b),
    "positive_on": lambda b: rigorous.positive_on(fails, 0, 1, bits=b),
    "symmetric_eigenvalues": lambda b: rigorous.symmetric_eigenvalues([[1, 2], [3, 4]], bits=b),
}
NOT_FUNCTIONS_OF_BALLS = {"BALLS", "Ball", "NoEnclosure", "Zero", "precision"}


def test_every_public_function_is_called_below():
    """A new function of onenn.rigorous must join the list."""
    assert set(rigorous.__all__) - NOT_FUNCTIONS_OF_BALLS <= {name.split(",")[0] for name in CALLS}


@settings(max_examples=5, deadline=None)
@given(st.integers(16, 500), st.integers(24, 200))
@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_leaves_the_precision_as_it_was(name, before, bits):
    """Whatever the precision outside and the one asked for."""
    with precision(before):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rigorous.NoEnclosure)
            CALLS[name](bits)
        assert ctx.prec == before


@settings(max_examples=5, deadline=None)
@given(st.integers(16, 500), st.integers(24, 200))
@pytest.mark.parametrize("name", sorted(FAILING))
def test_a_call_that_raises_leaves_the_precision_as_it_was(name, before, bits):
    """An exception passes through and undoes the precision on its way."""
    with precision(before):
        with pytest.raises((RuntimeError, TypeError, ValueError)):
            FAILING[name](bits)
        assert ctx.prec == before


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(2, 2000), min_size=1, max_size=6), st.booleans())
def test_precisions_nest_and_unwind(levels, interrupted):
    """Each block restores the precision of the one around it."""
    outside = ctx.prec

    def descend(rest):
        if not rest:
            if interrupted:
                fails()
            return
        with precision(rest[0]):
            assert working_precision() == rest[0]
            try:
                descend(rest[1:])
            finally:
                assert working_precision() == rest[0]

    if interrupted:
        with pytest.raises(RuntimeError):
            descend(levels)
    else:
        descend(levels)
    assert ctx.prec == outside


def test_no_precision_means_the_present_one():
    """precision(None) changes nothing but adds the guard bits it is given."""
    with precision(77):
        with precision(None):
            assert working_precision() == 77
        with precision(None, guard=5):
            assert working_precision() == 82
        assert working_precision() == 77


@pytest.mark.parametrize(
    ("bits", "error"),
    [(1, ValueError), (0, ValueError), (-5, ValueError), (53.0, TypeError), ("64", TypeError), (True, TypeError)],
)
def test_a_precision_that_is_none_is_refused(bits, error):
    """The error says bits, and nothing is changed."""
    before = ctx.prec
    with pytest.raises(error, match="bits is"), precision(bits):
        pass
    assert ctx.prec == before


@pytest.mark.parametrize("name", ["gaussian_integral", "integral", "symmetric_eigenvalues"])
def test_more_bits_give_a_smaller_ball(name):
    """The argument is what decides, not the precision around the call."""
    for outside in (24, 300):
        with precision(outside):
            coarse, fine = CALLS[name](60), CALLS[name](180)
        coarse, fine = (x[0] if isinstance(x, list) else x for x in (coarse, fine))
        assert fine.rad() * 2**90 < coarse.rad() + arb(2) ** -60
