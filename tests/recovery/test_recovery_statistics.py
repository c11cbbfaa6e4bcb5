"""What recover computes of residuals, inputs and errors, beside nested models, SciPy's tests and exact scalings."""

import math

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.recovery import input_moments, lack_of_fit, standard_errors
from onenn.recovery.fisher import _alternatives, _f_test, gram
from onenn.recovery.input_moments import InputMoments
from onenn.recovery.recover import _whitener

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("m", [1, 3])
def test_the_f_test_is_that_of_nested_models(m):
    """(|r_0|^2 - |r_1|^2)/m over |r_1|^2/(n - p - m), by two least-squares fits; idle columns are left out."""
    from scipy.stats import f

    n, p = 40, 5
    J, G, y = RNG.standard_normal((n, p)), RNG.standard_normal((n, m)), RNG.standard_normal(n)

    def rest(A):
        return y - A @ np.linalg.lstsq(A, y, rcond=None)[0]

    small, large = (float(np.sum(rest(A) ** 2)) for A in (J, np.column_stack([J, G])))
    expected = f.sf((small - large) / m / (large / (n - p - m)), m, n - p - m)
    outside = G - J @ np.linalg.lstsq(J, G, rcond=None)[0]
    assert _f_test(rest(J), outside, n - p) == pytest.approx(expected, rel=1e-9)
    more = np.column_stack([outside, outside @ np.ones(m), np.zeros(n), 1e-12 * y])
    assert _f_test(rest(J), more, n - p) == pytest.approx(expected, rel=1e-6)
    assert math.isnan(_f_test(y, np.zeros((n, 2)), n - p))
    assert _f_test(outside[:, 0], outside, n - p) < 1e-12
    assert math.isnan(_f_test(rest(J), outside, m))


def test_the_alternatives_are_inputs_units_and_products_of_the_span():
    """x itself or m mixtures of it; m units; m/2 products of two and m/2 of three coordinates that the network sees."""
    net = OneHiddenLayer([[1.0, 2.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], [1.0, 1.0], "relu")
    X = RNG.standard_normal((300, 4))
    linear, units, products = _alternatives(net, X, 4, np.random.default_rng(0))
    assert linear is X and units.shape == (300, 4) and products.shape == (300, 4)
    assert _alternatives(net, X, 3, np.random.default_rng(0))[0].shape == (300, 3)
    unseen = X.copy()
    unseen[:, 2:] = RNG.standard_normal((300, 2))
    assert np.allclose(_alternatives(net, unseen, 4, np.random.default_rng(0))[2], products)
    doubled = _alternatives(net, 2 * X, 4, np.random.default_rng(0))
    assert np.allclose(doubled[2], products * [4, 4, 8, 8]) and np.allclose(doubled[1], units)
    lengths = np.linalg.norm(np.linalg.lstsq(X, units - units.mean(axis=0), rcond=None)[0], axis=0) * np.std(X)
    assert np.all((0.5 / 2 < lengths * 1.3) & (lengths < 3))  # max(u . x, 0) has half the slope of u . x


def test_errors_are_invariant_under_the_units_of_the_inputs():
    """Columns of J of very different sizes: the covariance is sigma^2 (J^T J)^-1 by exact scaling, none is lost."""
    net = OneHiddenLayer([[1.0, 0.5], [-0.5, 1.0]], [1.0, -1.0], "relu")
    X = RNG.standard_normal((200, 2))
    plain = standard_errors(net, X, 0.3)
    assert np.allclose(plain.covariance, 0.09 * np.linalg.inv(gram(net, X)), rtol=1e-10, atol=1e-16)
    scales = np.array([1e-5, 1e5])
    scaled = standard_errors(OneHiddenLayer(net.W / scales, net.v, "relu"), X * scales, 0.3)
    assert np.allclose(scaled.W * scales, plain.W, rtol=1e-8) and scaled.rank == 4
    assert plain.total == pytest.approx(math.sqrt(np.trace(plain.covariance)))
    both = standard_errors(OneHiddenLayer(net.W, [1.0, 0.5], "tanh"), X, 0.3)
    assert both.total == pytest.approx(math.sqrt(np.trace(both.covariance))) and both.v.shape == (2,)
    assert np.allclose(np.append(both.W.ravel(), both.v) ** 2, np.diag(both.covariance))


def test_inputs_are_judged_by_the_smallest_p_value_of_each_kind():
    """Bonferroni by hand, statistic by statistic: z, chi-square, Fisher's transform; SciPy's kurtosis and skewness."""
    from scipy import stats

    X = np.random.default_rng(5).standard_normal((150, 3)) * [1.0, 1.05, 0.9] + [0.1, 0.0, -0.05]
    X[:, 1] += 0.3 * X[:, 0]
    found = input_moments(X)
    z = np.abs(X.mean(axis=0)) / (X.std(axis=0) / math.sqrt(150))
    assert found.p_mean == pytest.approx(min(1, 3 * min(2 * stats.norm.sf(z))), rel=1e-9)
    squares = np.sum(X**2, axis=0)
    diagonal = 3 * 2 * min(min(stats.chi2.cdf(s, 150), stats.chi2.sf(s, 150)) for s in squares)
    pairs = [np.corrcoef(X[:, i], X[:, j])[0, 1] for i, j in ((0, 1), (0, 2), (1, 2))]
    off = 9 / 2 * min(2 * stats.norm.sf(abs(np.arctanh(r)) * math.sqrt(147)) for r in pairs)
    assert found.p_covariance == pytest.approx(min(1, diagonal, off), rel=1e-9)
    turned = X / np.sqrt(np.mean(X**2, axis=0))
    pairs = [np.corrcoef(turned[:, i], turned[:, j])[0, 1] for i, j in ((0, 1), (0, 2), (1, 2))]
    off = 9 / 2 * min(2 * stats.norm.sf(abs(np.arctanh(r)) * math.sqrt(147)) for r in pairs)
    assert off < 1 and input_moments(turned).p_covariance == pytest.approx(off, rel=1e-9)
    assert found.p_kurtosis == pytest.approx(min(1, 3 * min(stats.kurtosistest(c).pvalue for c in X.T)), rel=1e-9)
    assert found.p_skewness == pytest.approx(min(1, 3 * min(stats.skewtest(c).pvalue for c in X.T)), rel=1e-9)
    assert found.mean == pytest.approx(np.abs(X.mean(axis=0)).max())
    assert found.covariance == pytest.approx(np.abs(X.T @ X / 150 - np.eye(3)).max())
    kurtoses = stats.kurtosis(X, fisher=False)
    assert found.kurtosis == pytest.approx(kurtoses[np.argmax(np.abs(kurtoses - 3))])
    assert found.skewness == pytest.approx(np.abs(stats.skew(X)).max())


@pytest.mark.parametrize("which", ["p_mean", "p_covariance", "p_kurtosis", "p_skewness"])
def test_an_alarm_is_a_probability_below_a_millionth(which):
    """For each statistic; mean and covariance make inputs not standard, the others not normal."""
    values = dict.fromkeys(("mean", "covariance", "kurtosis", "skewness"), 0.0)
    names = ("p_mean", "p_covariance", "p_kurtosis", "p_skewness")
    for p, alarm in ((1e-6, False), (0.99e-6, True)):
        moments = InputMoments(**values, **{name: p if name == which else 0.5 for name in names})
        assert len(moments.complaints()) == alarm
        assert moments.standard == (not alarm or which in names[2:])
        assert moments.normal == (not alarm or which in names[:2])


def test_the_whitened_inputs_have_second_moments_one():
    """X C^(-1/2), and 0 across the span of the inputs."""
    X = RNG.standard_normal((50, 3)) @ RNG.standard_normal((3, 3)) + 1
    Z = X @ _whitener(X)
    assert np.allclose(Z.T @ Z / 50, np.eye(3), rtol=0, atol=1e-10)
    assert np.allclose(_whitener(X), _whitener(X).T)
    flat = X.copy()
    flat[:, 2] = flat[:, 0] - flat[:, 1]
    P = _whitener(flat)
    Z = flat @ P
    assert np.linalg.matrix_rank(P) == 2 and np.allclose(np.linalg.eigvalsh(Z.T @ Z / 50), [0, 1, 1], atol=1e-8)


def test_few_samples_and_constant_columns_refute_no_moment():
    """Nineteen samples, however odd: the values of the normal law and p-values of 1; twenty are judged.

    A constant column has no shape that could be wrong: its kurtosis and skewness are not tested, and p is 1.
    """
    X = np.full((20, 2), 50.0) + RNG.standard_normal((20, 2))
    few, enough = input_moments(X[:19]), input_moments(X)
    values = (few.mean, few.covariance, few.kurtosis, few.skewness)
    assert values == (0, 0, 3, 0) and not few.complaints()
    assert (few.p_mean, few.p_covariance, few.p_kurtosis, few.p_skewness) == (1, 1, 1, 1)
    assert enough.p_mean < 1e-6 and enough.p_covariance < 1e-6
    constant = input_moments(np.full((40, 1), 2.0))
    assert constant.p_kurtosis == constant.p_skewness == 1.0 and constant.p_mean < 1e-6


@pytest.mark.parametrize(("n", "count"), [(3, None), (4, 1), (42, 20), (63, 30), (400, 30)])
def test_half_of_the_degrees_of_freedom_are_tried_and_at_most_thirty(n, count, monkeypatch):
    """Of n samples and p = 2 weights; with one degree of freedom nothing can be said."""
    asked = []

    def features(network, X, m, rng):
        asked.append(m)
        return [X[:, :1] ** 2]

    monkeypatch.setattr("onenn.recovery.fisher._alternatives", features)
    net = OneHiddenLayer([[1.0, 0.5]], [1.0], "squared_relu")
    X = RNG.standard_normal((n, 2)) * 0.1 + 1
    y = net.predict(X) + RNG.standard_normal(n)
    p_value = lack_of_fit(net, X, y, train_v=False, rng=RNG)
    assert asked == ([] if count is None else [count]) and math.isnan(p_value) == (count is None)
