"""Weighted sums of x x^T by symmetric products, against sums in extended precision, for weights of any signs."""

import numpy as np
import pytest

from onenn import random_teacher
from onenn.recovery import low_moments, samples, weighted_sums
from onenn.recovery.weighted_sums import gram_sums

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3001, 7))
WEIGHTS = {
    "both signs": RNG.standard_normal(3001),
    "positive": RNG.random(3001),
    "negative": -1 - RNG.random(3001),
    "mostly zero": np.where(RNG.random(3001) < 0.1, RNG.standard_normal(3001), 0.0),
    "heavy tails": RNG.standard_cauchy(3001) ** 3,
    "one far below": np.where(np.arange(3001) == 1234, -1e9, RNG.standard_normal(3001)),
    "all but the sampled": np.where(np.arange(3001) % 11 == 0, 0.0, -RNG.random(3001)),
}


def exact(x, e):
    """In extended precision, one product after the other."""
    x, e = x.astype(np.longdouble), e.astype(np.longdouble)
    return [x.sum(axis=0), e @ x, x.T @ x, (e[:, None] * x).T @ x]


def size(x, e):
    """What rounding errors are measured by: the sums of the absolute values."""
    return exact(abs(x), abs(e))


def errors(f, x, e):
    """The largest of each sum's errors, relative; where all summands are 0 the sum is."""
    found = list(zip(f(x, e), exact(x, e), size(x, e), strict=True))
    assert all(np.all(a[s == 0] == 0) for a, _, s in found)
    return [float(np.max(abs(a - b) / np.where(s > 0, s, 1))) for a, b, s in found]


@pytest.mark.parametrize("name", WEIGHTS)
def test_gram_sums_are_sums_over_the_samples(name):
    """Relative to the sums of absolute values, c included: the median of |e| is at most twice its mean."""
    e = WEIGHTS[name]
    for x in (X, np.asfortranarray(X), X[:, ::2], X[::-1]):
        assert max(errors(gram_sums, x, e)) < 1e-13
    found = gram_sums(X, e)
    assert all(a.dtype == np.float64 for a in found)
    assert all(np.array_equal(a, a.T) for a in found[2:])


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("b", [1, 2, 703, 704, 705, 3000])
def test_any_number_of_samples_is_summed(name, b, monkeypatch):
    """Less than a part, just one, and a last part that is not full."""
    monkeypatch.setattr(weighted_sums, "_BYTES", 1)
    assert max(errors(gram_sums, X[:b], WEIGHTS[name][:b])) < 1e-13


@pytest.mark.parametrize("name", WEIGHTS)
def test_single_precision_is_that_of_a_part(name):
    """A part is summed in float32; the parts are added in float64."""
    x, e = X.astype(np.float32), WEIGHTS[name].astype(np.float32)
    assert 0 < max(errors(gram_sums, x, e)) < 3e-6


@pytest.mark.parametrize("name", ["relu", "squared_relu", "softplus"])
def test_moments_of_a_network_agree_with_plain_ones_to_ten_digits_and_six(name):
    """M_1, M_2 and the covariance, relative to their norms, in float64 and in float32 blocks."""
    x = np.random.default_rng(1).standard_normal((20_000, 12))
    y = random_teacher(3, 12, name, rng=2).predict(x)
    covariance, M2 = x.T @ x / len(x), (y[:, None] * x).T @ x / len(x) - y.mean() * np.eye(12)
    for dtype, accuracy in (("float64", 1e-13), ("float32", 1e-6)):
        found = low_moments(samples(x, y, dtype=dtype))
        for a, b in ((found.M1, y @ x / len(x)), (found.M2, M2), (found.covariance, covariance)):
            assert np.linalg.norm(a - b) < accuracy * np.linalg.norm(b)


def test_constant_weights_of_zero_give_exact_zeros():
    """By which a constant y is known."""
    _, ex, _, weighted = gram_sums(X, np.zeros(3001))
    assert not ex.any() and not weighted.any()


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_reaches_the_sums(bad):
    """Wherever it stands: the caller looks for it there."""
    for i in (0, 1, 3000):
        e = WEIGHTS["both signs"].copy()
        e[i] = bad
        assert not np.isfinite(gram_sums(X, e)[3]).all()
        x = X.copy()
        x[i, 2] = bad
        assert not np.isfinite(gram_sums(x, WEIGHTS["both signs"])[2]).all()


def without_the_rest(x, e):
    """As if no weight lay below -c."""
    c = weighted_sums._shift(e)
    return [*gram_sums(x, e)[:3], gram_sums(x, np.maximum(e, -c))[3]]


def with_another_shift(x, e):
    """c subtracted a hair too often."""
    *others, total, weighted = gram_sums(x, e)
    return [*others, total, weighted - 1e-9 * weighted_sums._shift(e) * total]


@pytest.mark.parametrize("slip", [without_the_rest, with_another_shift])
def test_a_slip_is_noticed(slip):
    """By the sums in extended precision."""
    assert max(errors(slip, X, WEIGHTS["both signs"])) > 1e-11
