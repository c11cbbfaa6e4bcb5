"""What later results predict, by another route each, and what is measured."""

from math import inf, log, pi

import numpy as np
import pytest

from onenn import overparam as op
from onenn.activations import activation

LOGISTIC = activation("softplus").derivative


def test_the_limits_are_variances_of_the_slope():
    """sum_{r >= 1} c_r^2 = Var phi'(g): 1/4 for a fair 0-1 slope; elsewhere by Gauss-Hermite sums, without a series."""
    z, w = np.polynomial.hermite_e.hermegauss(120)
    w = w / w.sum()
    for name, digits in (("softplus", 0.0434), ("tanh", 0.0975)):
        slope = activation(name).derivative(z)
        variance = w @ slope**2 - (w @ slope) ** 2
        assert op.limit_eigenvalue(name) == pytest.approx(variance, abs=1e-7)
        assert round(variance, 4) == digits
    assert op.limit_eigenvalue("relu") == pytest.approx(0.25, abs=1e-12)
    assert op.limit_eigenvalue("relu", 2) == pytest.approx(0.25 - 1 / (2 * pi), abs=1e-12)  # c_1 = density at 0


def test_the_width_of_the_chernoff_bound_is_the_least_that_it_grants():
    """One unit fewer, and the bound of the failure is above what is allowed; also by the formula."""
    X = op.unit_inputs(12, 6, rng=0)
    for phi, B in (("relu", 1), ("softplus", 1)):
        k = op.half_mean_width(X, phi, failure=0.01)
        assert op.chernoff_failure(X, phi, k) <= 0.01 < op.chernoff_failure(X, phi, k - 1)
        per_unit = (1 - log(2)) / 2 * op.least_eigenvalue(X, phi) / (B * np.linalg.norm(X, 2)) ** 2
        assert k == np.ceil(log(12 / 0.01) / per_unit)


def test_separation_is_up_to_sign():
    """Against a double loop; opposite inputs count as equal, one input has no other."""
    X = op.unit_inputs(9, 3, rng=1)
    pairs = [min(np.linalg.norm(a - b), np.linalg.norm(a + b)) for i, a in enumerate(X) for b in X[:i]]
    assert op.separation(X) == pytest.approx(min(pairs), rel=1e-12)
    assert op.separation(np.vstack([X, -X[:1]])) == 0 and op.separation(X[:1]) == inf


def test_the_measured_quantities_are_those_of_arrays_built_by_hand():
    """Features, the Jacobian and its Gram matrix of the first k units, written out; nothing smaller will do."""
    n, d = 12, 5
    X = op.unit_inputs(n, d, rng=2)
    features, slopes, half, crowd, apart = op.later_results(X, rng=3)
    W = np.random.default_rng(3).standard_normal((half.predicted, d))

    def rank(k):
        return np.linalg.matrix_rank(np.logaddexp(0, X @ W[:k].T))

    def rows(k):
        return np.linalg.matrix_rank(np.einsum("ik,id->ikd", LOGISTIC(X @ W[:k].T), X).reshape(n, -1))

    assert features.predicted == features.measured == n and rank(n) == n > rank(n - 1)
    assert slopes.predicted == slopes.measured == 3 and rows(3) == n > rows(2)

    def least(k):
        active = (X @ W[:k].T > 0).astype(float)
        return np.linalg.eigvalsh((active @ active.T) * (X @ X.T))[0] / k

    goal = op.least_eigenvalue(X, "relu") / 2
    assert least(half.measured) >= goal > max(least(k) for k in range(1, half.measured))
    assert half.measured <= half.predicted == op.half_mean_width(X, "relu", failure=1 / n)
    assert 0 < crowd.measured < crowd.predicted < 0.1 and crowd.quantity.startswith("λ of 25 inputs")
    assert apart.predicted == pytest.approx(op.separation(X) ** 2 / 125) and apart.measured == pytest.approx(2 * goal)


def test_what_cannot_be_compared_is_refused():
    """Inputs off the sphere, failure probabilities that are none."""
    with pytest.raises(ValueError, match="later results needs unit inputs"):
        op.later_results(2 * np.eye(3), rng=0)
    with pytest.raises(ValueError, match="failure is 1"):
        op.half_mean_width(np.eye(3), "relu", failure=1)
    with pytest.raises(ValueError, match="no width is enough"):
        op.half_mean_width([[1.0, 0.0], [1.0, 0.0]], "softplus", failure=0.1)
