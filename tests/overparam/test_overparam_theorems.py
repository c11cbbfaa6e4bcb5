"""The constants of the theorems, the enclosed runs, and the lemmas on exact instances, with their mutants."""

from fractions import Fraction
from itertools import product
from math import ceil, inf, log, sqrt

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.overparam import (
    chernoff_failure,
    exact_inputs,
    exact_run,
    expected_kernel,
    flip_count,
    gram_identity_holds,
    hermite_bound_holds,
    jacobian,
    kappa,
    kernel_ball,
    khatri_rao_rank,
    least_eigenvalue,
    lipschitz_bound_holds,
    mean_square_after,
    most_flips_is,
    norm,
    polynomial_jacobian,
    printed_constant_suffices,
    printed_width,
    promised_rate,
    relu_width,
    series_bound_holds,
    smooth_theorem_kept,
    smooth_width,
    spectral_bound_holds,
    step_contracts,
    train,
    unit_inputs,
    width_suffices,
)
from onenn.verdict import Verdict

X = exact_inputs(5, 4, rng=3)
FLOATS = np.array([[float(t) for t in x] for x in X])
W = np.random.default_rng(0).standard_normal((2, 6, 4))
V = [Fraction(1, 2)] * 3 + [Fraction(-1, 2)] * 3


def test_exact_inputs_are_on_the_sphere_and_everywhere_on_it():
    """Fractions whose squares sum to 1, with both signs in every coordinate."""
    points = exact_inputs(60, 3, rng=0)
    assert all(sum(t * t for t in x) == 1 for x in points)
    for column in zip(*points, strict=True):
        assert 15 < sum(t > 0 for t in column) < 45


@pytest.mark.parametrize("name", ["softplus", "tanh", "erf"])
@pytest.mark.parametrize("form", ["half", "sharp"])
def test_enclosed_runs_hold_the_runs_in_floats(name, form):
    """The balls contain misfit and path of train(), step by step, up to the rounding of train()."""
    net = OneHiddenLayer(W[0], V, name)
    y = net.predict(FLOATS) + 0.0005
    enclosed = exact_run(net, FLOATS, y, form=form, steps=12)
    run = train(net, FLOATS, y, step=float(enclosed.certificate.step.mid()), max_iterations=12, tolerance=0)
    for ours, balls in ((run.misfit, enclosed.misfit), (run.path, enclosed.path)):
        assert np.allclose(ours, [float(b.mid()) for b in balls], rtol=1e-10, atol=1e-14)
        assert max(float(b.rad()) for b in balls) < 1e-60
    assert enclosed.falls() == enclosed.inside() == enclosed.near() == Verdict.PROVED
    assert enclosed.falls(factor=1000) == Verdict.REFUTED


def test_lemmas_hold_on_instances_and_their_mutants_do_not():
    """Gram identity in Fractions, bounds in balls, ranks, the series: each with what breaks it."""
    integers, rows = OneHiddenLayer([[1, 2], [-3, 1]], [2, -1], "quadratic"), [[1, 0], [2, 1]]
    assert gram_identity_holds(integers, rows) == Verdict.PROVED
    assert gram_identity_holds(integers, rows, power_of_v=1) == Verdict.REFUTED
    assert gram_identity_holds(integers, rows, inputs=False) == Verdict.REFUTED
    for name in ("softplus", "gelu", "tanh"):
        one, two = (OneHiddenLayer(w, V, name) for w in W)
        assert spectral_bound_holds(one, X) == lipschitz_bound_holds(one, two, X) == Verdict.PROVED
    assert spectral_bound_holds(one, [X[0]] * 5, longest_input=True) == Verdict.REFUTED
    assert khatri_rao_rank([[*x[:2], sum(x[:2])] for x in X]) == 3
    for name, square, power in (("relu", "1/(2*pi)", 2), ("relu", "1/4", 1), ("erf", "8/(27*pi)", 3)):
        assert hermite_bound_holds(X, name, square, power) == Verdict.PROVED
    assert hermite_bound_holds(X, "relu", 9, 2) == Verdict.REFUTED
    assert width_suffices(16) == Verdict.PROVED and width_suffices(15) == Verdict.REFUTED


def test_the_truncated_series_misses_no_more_than_its_bound():
    """ReLU to 1, 2 and 4 terms (c_1^2 = 1/(2 pi), c_3^2 = 1/(12 pi)), erf to one; a wrong square, a power more."""
    relu = ["1/4", "1/(2*pi)", 0, "1/(12*pi)"]
    for terms in (1, 2, 4):
        assert series_bound_holds(X, "relu", relu[:terms], "1/2") == Verdict.PROVED
    assert series_bound_holds(X, "erf", ["4/(3*pi)"], "4/(sqrt(5)*pi)") == Verdict.PROVED
    assert series_bound_holds(X, "relu", ["1/4", "1/(3*pi)"], "1/2") == Verdict.REFUTED
    assert series_bound_holds(X, "relu", relu[:3], "1/2", power=6) == Verdict.REFUTED


def test_the_constant_of_the_form_with_kappa_is_the_least():
    """32 and more for all B >= 1; below 32 it fails at B = 1, delta = 0; beside a grid in Fractions."""
    assert printed_constant_suffices() == printed_constant_suffices(33) == Verdict.PROVED
    assert printed_constant_suffices(31) == Verdict.REFUTED
    for B, more in product((1, Fraction(5, 4), 7), (1, Fraction(3, 2), 9)):
        assert 16 * B * (1 + more * B) <= 32 * more * B * B


@pytest.mark.parametrize("name", ["relu", "erf", "leaky_relu"])
def test_the_enclosed_kernel_is_the_expected_one(name):
    """Balls around the floats, diagonal included."""
    K = kernel_ball(X, name)
    for i, row in enumerate(expected_kernel(FLOATS, name)):
        for j, value in enumerate(row):
            assert abs(float(K[i, j].mid()) - value) < 1e-14 and float(K[i, j].rad()) < 1e-15


def test_widths_are_those_of_the_formulas():
    """The form with kappa against its definition; lambda gives less; ReLU by the identity of its two forms."""
    x = unit_inputs(10, 40, rng=0)
    for delta in (0.0, 1.5):
        mu = 0.2066209641419
        expected = (32 * (1 + delta) / mu**2 * kappa(x) * 10) ** 2 / 40
        assert printed_width(x, "softplus", delta=delta) == pytest.approx(expected, rel=1e-9)
        assert smooth_width(x, "softplus", delta=delta) < printed_width(x, "softplus", delta=delta)
    assert printed_width(x, "tanh") == printed_width(unit_inputs(11, 4, rng=0), "softplus") == inf
    n, d, s = 10, 40, np.linalg.eigvalsh((x @ x.T) ** 2)[0]
    assert n**2 / d * kappa(x) ** 3 * s == pytest.approx(sqrt(n * d) * norm(x) ** 3 / s**2, rel=1e-9)
    assert relu_width(x) == pytest.approx((80_000 * sqrt(n) * norm(x) ** 3 / least_eigenvalue(x, "relu") ** 2) ** 2)
    assert promised_rate(x, "softplus") == 1 - least_eigenvalue(x, "softplus") / (32 * norm(x) ** 2)


def test_a_network_of_the_width_of_the_smooth_theorem_keeps_its_promise():
    """One input in R^1 and in R^3, an orthonormal pair; with 100 times the gain the first step breaks it."""
    for x, y, phi in (([[1.0]], [-2.0], "tanh"), ([[0.6, 0.8, 0.0]], [3.0], "softplus"), (np.eye(2), [1, 1], "gelu")):
        kept = smooth_theorem_kept(x, y, phi, delta=0, rng=1, steps=8)
        assert kept == Verdict.PROVED and f"8 steps of {2 * ceil(smooth_width(x, phi) / 2)} units" in kept.reason
        assert "step 1 of" in smooth_theorem_kept(x, y, phi, delta=0, rng=1, steps=8, gain=100).reason


def test_the_chernoff_exponent_is_that_of_half_the_mean():
    """(1/2) log(1/2) + 1/2 = 0.15343; and the width of the theorem makes the failure smaller than 1/n."""
    assert (1 + log(0.5)) / 2 == pytest.approx(0.15343, abs=1e-5)
    x = unit_inputs(10, 40, rng=0)
    assert chernoff_failure(x, "softplus", round(smooth_width(x, "softplus"))) < 0.1
    k = 13.04 * log(10) * norm(x) ** 2 / least_eigenvalue(x, "softplus")
    assert chernoff_failure(x, "softplus", round(k)) == pytest.approx(0.1, rel=0.01)


def test_other_activations_and_inputs_are_refused():
    """No bound of phi'', no unit inputs, no closed form."""
    for call, message in (
        (lambda: smooth_width(FLOATS, "relu"), "relu_width"),
        (lambda: smooth_width(2 * FLOATS, "softplus"), "the smooth theorem needs unit inputs"),
        (lambda: relu_width(2 * FLOATS), "the ReLU theorem needs unit inputs"),
        (lambda: chernoff_failure(FLOATS, "exp", 10), "no known bound"),
        (lambda: kernel_ball(X, "tanh"), "without a closed form"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_the_mean_over_samples_of_a_stochastic_step_is_the_sum_over_samples():
    """Against floats, sample by sample; the bound holds for small and large steps, and needs its second term."""
    net = OneHiddenLayer([[1, 2], [0, 1], [2, -1]], [1, -1, 2], "quadratic")
    rows, r = [[1, 0], [1, 1], [2, -1]], [1, 2, -1]
    J = np.array([[float(t) for t in row] for row in polynomial_jacobian(net, rows)])
    assert np.allclose(J, jacobian(net, rows))
    K = J @ J.T
    for step in (Fraction(1, 1000), Fraction(1, 20)):
        after = [np.array(r) - float(step) * r[i] * K[:, i] for i in range(3)]
        exact = mean_square_after([[Fraction(float(t)) for t in row] for row in K], [Fraction(t) for t in r], step)
        assert float(exact) == pytest.approx(np.mean([a @ a for a in after]), rel=1e-12)
        assert step_contracts(net, rows, r, step) == Verdict.PROVED
        assert step_contracts(net, rows, r, step, second_order=False) == Verdict.REFUTED


def test_flips_counted_in_fractions_are_those_of_all_sets():
    """Every radius between the costs; one more or one less is refuted."""
    z = [Fraction(t, 4) for t in (-7, -3, -1, 1, 2, 5)]
    for radius in (Fraction(r, 8) for r in range(1, 25, 3)):
        m = flip_count(z, radius)
        assert most_flips_is(z, radius, m) == Verdict.PROVED
        assert most_flips_is(z, radius, m + 1) == Verdict.REFUTED
