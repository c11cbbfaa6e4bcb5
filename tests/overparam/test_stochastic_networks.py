"""Single samples on a network: the certificate, the mean after one step, and runs that stay in their ball."""

import sys
from fractions import Fraction

import numpy as np
import pytest
from source_mutants import mutated

from onenn import OneHiddenLayer
from onenn.overparam import (
    certificate,
    exact_inputs,
    jacobian,
    network_step_contracts,
    norm,
    paired_units,
    relu_constant_suffices,
    relu_forms_agree,
    stochastic_certificate,
    train,
    unit_inputs,
)
from onenn.verdict import Verdict

V = [Fraction(1, 2), Fraction(-1, 2)] * 3
W = np.random.default_rng(2).standard_normal((6, 4))
POINTS = exact_inputs(3, 4, rng=0)
X = np.array([[float(t) for t in x] for x in POINTS])


def mean_after(net, y, step):
    """The mean of |r+|^2 over the samples, in floats."""
    r, J = net.predict(X) - y, jacobian(net, X)
    moved = (OneHiddenLayer(net.W - step * r[i] * J[i].reshape(net.W.shape), net.v, net.phi) for i in range(len(y)))
    return np.mean([np.sum((other.predict(X) - y) ** 2) for other in moved])


@pytest.mark.parametrize("name", ["softplus", "tanh", "erf"])
def test_the_mean_after_one_step_is_below_its_bound(name):
    """Enclosed for small and large steps; beside the mean in floats, which the reason tells."""
    net, y = OneHiddenLayer(W, V, name), [1, -1, 1]
    for step in ("1/100", "1/2", "3"):
        answer = network_step_contracts(net, POINTS, y, step)
        assert answer == Verdict.PROVED
        told = float(str(answer.reason).split("[")[1].split(" ")[0])
        assert told == pytest.approx(mean_after(net, np.array(y), float(Fraction(step))), rel=1e-9)
    assert network_step_contracts(net, POINTS, y, 8, second_order=False) == Verdict.REFUTED


@pytest.mark.parametrize(("name", "steepest"), [("softplus", 1.0), ("erf", 2 / np.sqrt(np.pi))])
def test_the_bound_of_one_step_is_that_of_the_formula(name, steepest):
    """1 - 2 eta alpha^2/n + eta^2 b^2 (beta^2 + L |r|)/n times |r|^2, each letter from floats, inputs of length
    1, 1/2 and 2; the reason tells it."""
    scales = (1, Fraction(1, 2), 2)
    points = [[s * t for t in x] for s, x in zip(scales, POINTS, strict=True)]
    X, y, eta, v = np.array(points, dtype=float), np.array([3.0, -1, 1]), 0.25, [3 * t for t in V]
    net = OneHiddenLayer(W, v, name)
    r, s = net.predict(X) - y, np.linalg.svd(jacobian(net, X))[1]
    b, beta = 2 * steepest * net.v @ net.v / np.linalg.norm(net.v), steepest * np.linalg.norm(net.v) * norm(X)
    L = {"softplus": 0.25, "erf": np.sqrt(8 / (np.pi * np.e))}[name] * abs(net.v).max() * norm(X) * 2
    factor = 1 - 2 * eta * s[-1] ** 2 / 3 + eta**2 * b**2 * (beta**2 + L * np.linalg.norm(r)) / 3
    answer = network_step_contracts(net, points, [3, -1, 1], "1/4")
    assert answer == Verdict.PROVED
    told = float(str(answer.reason).split("< [")[1].split(" ")[0])
    assert told == pytest.approx(factor * r @ r, rel=1e-9)


@pytest.mark.parametrize(("name", "steepest"), [("softplus", 1.0), ("erf", 2 / np.sqrt(np.pi))])
def test_the_certificate_is_that_of_the_formulas(name, steepest):
    """R = 8 sqrt n b |r_0|/(nu s^2), step and ratio from the floats of the certificate of descent."""
    points, y, nu = unit_inputs(3, 20, rng=1) * [[1], [0.5], [1.5]], np.array([1.0, -1, 1]), 0.125
    net = paired_units(40, 20, name, scale=3.0, rng=1)
    c, found = certificate(net, points, y), stochastic_certificate(net, points, y, failure="1/8")
    b = 1.5 * steepest * float(np.linalg.norm(net.v))
    radius = 8 * 3**0.5 * b * c.misfit / (nu * c.least**2)
    step = (c.least / 2) ** 2 / (b * b * (c.beta**2 + c.lipschitz * (c.misfit + c.beta * radius)))
    assert float(found.radius.mid()) == pytest.approx(radius, rel=1e-9)
    assert float(found.step.mid()) == pytest.approx(step, rel=1e-9)
    assert float(found.ratio.mid()) == pytest.approx(
        c.least**3 * nu / (16 * c.lipschitz * 3**0.5 * b * c.misfit), rel=1e-9
    )
    assert float(found.rate.mid()) == pytest.approx(1 - step * c.least**2 / 12, rel=1e-9)


def test_certified_runs_stay_in_their_ball_and_their_mean_falls_as_promised():
    """Twelve runs with nu = 1/1000: none leaves; the mean of |r_t|^2 is below rate^t |r_0|^2 at every record."""
    points, y = unit_inputs(3, 20, rng=1), np.array([1.0, -1, 1])
    net = paired_units(100, 20, "softplus", scale=4e4, rng=1)
    c = stochastic_certificate(net, points, y, failure="1/1000")
    assert c.verdict == Verdict.PROVED
    eta, rate = float(c.step.lower()), float(c.rate.upper())
    options = {"step": eta, "max_iterations": 400, "record_every": 40, "tolerance": 0}
    runs = [train(net, points, y, "sgd", rng=seed, **options) for seed in range(12)]
    assert all(run.path[-1] <= float(c.radius.lower()) for run in runs)
    squares = np.mean([run.misfit**2 for run in runs], axis=0)
    assert np.all(squares <= rate ** runs[0].at * squares[0] * (1 + 1e-9))


def test_far_labels_and_unfit_arguments_are_not_certified():
    """UNDECIDED with the missing factor; a failure of 0, a kink, an unbounded slope are named."""
    points, y = unit_inputs(3, 20, rng=1), np.array([1.0, -1, 1])
    weak = paired_units(100, 20, "softplus", scale=0.1, rng=1)
    c = stochastic_certificate(weak, points, y, failure="1/10")
    assert c.verdict == Verdict.UNDECIDED and "a factor" in c.verdict.reason
    with pytest.raises(ValueError, match="failure is 0"):
        stochastic_certificate(weak, points, y, failure=0)
    for name in ("relu", "quadratic"):
        with pytest.raises(ValueError, match="expected bounded"):
            stochastic_certificate(paired_units(4, 20, name, scale=1.0, rng=1), points, y, failure=1)


@pytest.mark.parametrize(
    "change",
    [{"square(eta * b) * (square(beta)": "square(eta) * (0 * square(beta)"}, {"1 - 2 * eta *": "1 - 40 * eta *"}],
)
def test_wrong_bounds_of_one_step_are_noticed(change):
    """Without beta^2 b^2, and with twenty times the gain."""
    wrong = mutated(sys.modules["onenn.overparam.stochastic_ball"], change)
    net, y = OneHiddenLayer(W, V, "softplus"), [1, -1, 1]
    answers = {wrong.network_step_contracts(net, POINTS, y, step).value for step in ("1/10", "8", "40")}
    assert "REFUTED" in answers


def test_the_two_forms_of_the_relu_width_and_its_constant():
    """As symbols; and the norm in them is the largest singular value."""
    assert relu_forms_agree() == relu_constant_suffices() == Verdict.PROVED
    assert relu_forms_agree(2) == relu_constant_suffices(39_999) == Verdict.REFUTED
    assert norm(X) == pytest.approx(np.linalg.svd(X)[1][0])
