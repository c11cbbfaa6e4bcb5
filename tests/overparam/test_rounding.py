"""Rounded steps: their errors enclosed and below the bound, runs on a grid; and sign flips counted in balls."""

import sys
from fractions import Fraction

import numpy as np
import pytest
from source_mutants import mutated

from onenn import OneHiddenLayer, activation
from onenn.overparam import (
    certificate,
    certificate_ball,
    exact_inputs,
    exact_run,
    flip_count,
    flips_within,
    paired_units,
    random_signs,
    rounded_step_error,
    rounding_allowance,
    stays_inside,
    train,
    unit_inputs,
)
from onenn.overparam.certificate_ball import on_balls
from onenn.overparam.flips_ball import flips_within_ball
from onenn.rigorous import ball, less, precision
from onenn.verdict import Verdict

SMOOTH = ("softplus", "tanh", "erf", "gelu", "sigmoid")


def certified(name, *, form="half", gap=0.01, seed=4):
    """A start, inputs and labels near f(W_0), with a certificate whose step is that of the run."""
    start = random_signs(30, 9, name, scale=0.4, rng=seed)
    X = unit_inputs(3, 9, rng=seed + 1)
    y = start.predict(X) + gap
    return start, X, y, certificate(start, X, y, form=form)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("form", ["half", "sharp"])
def test_every_computed_step_is_off_by_no_more_than_its_bound(name, form):
    """Steps 0, 1 and 40 of runs in float64, against the exact step from the same weights, in balls."""
    start, X, y, c = certified(name, form=form)
    assert c.verdict == Verdict.PROVED
    bound = rounding_allowance(start, X, c)
    for t in (0, 1, 40):
        before, after = (
            train(start, X, y, step=c.step, max_iterations=t + i, tolerance=0).network if t + i else start
            for i in (0, 1)
        )
        error = rounded_step_error(before, after, X, y, step=Fraction(c.step))
        assert less(error, Fraction(bound.step)) == Verdict.PROVED
        assert float(error.mid()) > 1e-6 * bound.step


@pytest.mark.parametrize("name", SMOOTH)
def test_activations_are_computed_as_well_as_is_assumed(name):
    """|phi~ - phi| <= 8u (|phi| + B), |phi~' - phi'| <= 8u B at 600 floats, against balls at 120 bits."""
    phi, u = activation(name), 2.0**-53
    z = np.concatenate([np.random.default_rng(0).standard_normal(500) * 3, np.linspace(-30, 30, 100)])
    with precision(120):
        exact = [ball(Fraction(t)) for t in z.tolist()]
        for kind, computed in (("value", phi(z)), ("derivative", phi.derivative(z))):
            for true, found in zip(on_balls(phi, kind, exact), np.asarray(computed).tolist(), strict=True):
                size = 1.13 if name in ("erf", "gelu") else 1.0
                allowed = 8 * u * (size + (abs(float(true.mid())) if kind == "value" else 0))
                assert abs(float((true - ball(Fraction(found))).mid())) <= allowed


def test_the_bound_scales_with_the_unit_roundoff():
    """Single precision: with u = 2^-24 the same formulas bound the error of a float32 step; with 2^-34 they do not."""
    start, X, y, _ = certified("softplus", gap=0.05)
    single = OneHiddenLayer(start.W.astype(np.float32), start.v.astype(np.float32), "softplus")
    X32, y32 = X.astype(np.float32), y.astype(np.float32)
    eta = Fraction(1, 8)
    c = certificate_ball(single, X32.astype(float), y32.astype(float), step=eta)
    after = train(single, X32, y32, step=float(eta), max_iterations=1, tolerance=0).network
    error = float(rounded_step_error(single, after, X32.astype(float), y32.astype(float), step=eta).mid())
    for bits, enough in ((24, True), (34, False)):
        module = mutated(rounding(), {"_U = 2.0**-53": f"_U = 2.0**-{bits}"})
        assert (error <= module._one_step(single, X32.astype(float), floats_of(c), 8.0)[0]) == enough


def floats_of(c):
    return {name: float(getattr(c, name).mid()) for name in ("misfit", "radius", "beta", "step", "rate", "norm")}


def rounding():
    return sys.modules["onenn.overparam.rounding"]


def test_a_run_with_little_room_has_no_allowance():
    """A ratio of 1 + 1e-12 is certified for exact steps, and not for rounded ones."""
    start = OneHiddenLayer([[1]], [1], "quadratic")
    c = certificate_ball(start, [[1]], [Fraction(3, 4) + Fraction(1, 10**15)])
    assert c.verdict == Verdict.PROVED
    with pytest.raises(ValueError, match="too near to 1"):
        rounding_allowance(start, [[1.0]], c)
    with pytest.raises(ValueError, match="there is no corridor"):
        rounding_allowance(start, [[1.0]], certificate(start, [[1.0]], [0.0]))


def test_an_allowance_is_for_as_many_steps_as_it_says():
    """And it grows with them; a longer run is not decided."""
    start, X, y, c = certified("softplus")
    run = train(start, X, y, step=c.step)
    short, long = (rounding_allowance(start, X, c, steps=n) for n in (3, 10**5))
    assert short.misfit < long.misfit and short.step == long.step
    assert stays_inside(run, c, short) == Verdict.UNDECIDED
    assert stays_inside(run, c, rounding_allowance(start, X, c, steps=run.iterations)) == Verdict.PROVED


@pytest.mark.parametrize("form", ["half", "sharp"])
def test_runs_on_a_grid_keep_the_promise_with_errors_and_break_the_one_without(form):
    """Weights rounded to multiples of 2^-12 after each step: the misfit stalls; the sharp rate alone fails."""
    points = exact_inputs(4, 5, rng=0)
    draws = np.random.default_rng(2).standard_normal((12, 5))
    net = OneHiddenLayer(draws, [Fraction(1, 2)] * 6 + [Fraction(-1, 2)] * 6, "softplus")
    y = net.predict([[float(p) for p in x] for x in points]) + 0.01 * np.array([1, -1, 1, 1])
    run = exact_run(net, points, y, form=form, steps=30, grid="1/4096")
    assert run.certificate.verdict == Verdict.PROVED
    assert run.falls() == run.inside() == run.near() == Verdict.PROVED
    assert (run.falls(rounding=0) == Verdict.REFUTED) == (form == "sharp")
    exact = exact_run(net, points, y, form=form, steps=30)
    assert less(exact.certificate.misfit, run.certificate.misfit) == Verdict.PROVED
    assert float(exact.misfit[-1].mid()) < float(run.misfit[-1].mid())


def test_a_grid_finer_than_doubles_still_has_its_error():
    """One unit, phi linear, one input 1: W+ = W - eta (W - y) is 1/3 at W = 0, y = 2/3, eta = 1/2; the nearest multiple
    of 2^-80 is taken, which a midpoint read as a double misses by 2^-54. A grid beyond the enclosure is refused."""
    net, grid = OneHiddenLayer([[0]], [1], "linear"), Fraction(1, 2**80)
    run = exact_run(net, [[1]], [Fraction(2, 3)], step="1/2", steps=1, grid=grid)
    nearest = round(Fraction(1, 3) / grid) * grid
    assert run.path[1].overlaps(ball(nearest)) and run.path[1].rad() < 1e-70
    assert less(ball(abs(nearest - Fraction(1, 3))), run.error) == Verdict.PROVED
    with pytest.raises(ValueError, match="raise bits"):
        exact_run(net, [[1]], [Fraction(2, 3)], step="1/3", steps=1, grid=Fraction(1, 2**300))


def test_flips_in_balls_are_those_in_fractions():
    """Exact numbers: the same count at every radius that is no cost; balls that reach zero count as flipped."""
    z = [Fraction(t, 4) for t in (-7, -3, -1, 1, 2, 5)]
    for radius in (Fraction(2 * r + 1, 17) for r in range(30)):
        assert flips_within_ball([ball(t) for t in z], ball(1), ball(radius)) == flip_count(z, radius)
    wide = [ball(0) + ball("1/100").union(ball("-1/100")), ball(2)]
    assert flips_within_ball(wide, ball(1), ball(0)) == 1
    assert flips_within_ball(wide, ball(1), ball(1) / ball(0)) == 2


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_certificates_of_kinks_in_balls_contain_those_in_floats(name):
    """Every number of the record; PROVED near f(W_0), UNDECIDED with the missing factor far from it."""
    start, X = random_signs(1000, 10, name, scale=1000**-0.5, rng=7), unit_inputs(4, 10, rng=6)
    for size, answer in ((1e-4, "PROVED"), (0.5, "UNDECIDED")):
        y = start.predict(X) + size * np.array([1.0, -1, 1, 1])
        plain, enclosed = certificate(start, X, y), certificate_ball(start, X, y)
        assert plain.verdict.value == enclosed.verdict.value == answer
        assert int(flips_within(start, X, plain.radius).max()) > 0
        for field in ("ratio", "least", "norm", "misfit", "alpha", "radius", "beta", "step", "rate", "slope"):
            x, b = getattr(plain, field), getattr(enclosed, field)
            assert abs(x - float(b.mid())) <= 1e-9 * abs(x) + float(b.rad()), field
    assert "a factor" in enclosed.verdict.reason and "times the width" in enclosed.verdict.reason
    far = certificate_ball(start, X, start.predict(X) + 1e-7, step=10)
    assert far.verdict == Verdict.UNDECIDED and "expected at most" in far.verdict.reason


def test_labels_of_any_size_are_certified_with_a_large_output():
    """Paired units, v 3000 times as large: the hypothesis holds for labels 1 and -1, and the run keeps it."""
    X, y = unit_inputs(4, 10, rng=6), np.array([1.0, -1, 1, 1])
    start = paired_units(400, 10, "relu", scale=6000 * 400**-0.5, rng=1)
    run = exact_run(start, X, y, steps=3, bits=128)
    assert run.certificate.verdict == Verdict.PROVED
    assert run.falls() == run.inside() == run.near() == Verdict.PROVED
    weak = paired_units(400, 10, "relu", scale=400**-0.5, rng=1)
    assert certificate_ball(weak, X, y).verdict == Verdict.UNDECIDED


def test_equal_inputs_have_no_certificate():
    """sigma_min(J_0) = 0 is not known to be positive, and no number is divided by it."""
    start = random_signs(6, 3, "relu", scale=1.0, rng=0)
    c = certificate_ball(start, [[1, 0, 0], [1, 0, 0]], [1, 2])
    assert c.verdict == Verdict.UNDECIDED
