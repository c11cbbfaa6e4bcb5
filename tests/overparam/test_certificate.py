"""Certificates: never one for a run that leaves its corridor; sharp on one unit; balls around floats; sign flips."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from source_mutants import mutated

from onenn import OneHiddenLayer
from onenn.overparam import (
    certificate,
    certificate_ball,
    flip_deviation,
    flips_within,
    jacobian,
    output_scale,
    paired_units,
    random_signs,
    rounding_allowance,
    signed_halves,
    stays_inside,
    train,
    train_many,
    unit_inputs,
)
from onenn.verdict import Verdict

SMOOTH = ("softplus", "tanh", "erf", "gelu", "sigmoid", "quadratic")
SIGNS = {"signed": signed_halves, "random": random_signs, "paired": paired_units}


def draws(count, seed, target):
    """Networks, inputs and labels with certificate ratios spread over `target`: labels are scaled until it fits."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        n, d, k = int(rng.integers(1, 7)), int(rng.integers(8, 25)), 2 * int(rng.integers(1, 40))
        start = list(SIGNS.values())[i % 3](k, d, SMOOTH[i % 6], scale=rng.uniform(0.2, 3) / k**0.5, rng=rng)
        X = unit_inputs(n, d, rng=rng) * (1 if i % 2 else rng.uniform(0.5, 1.5, (n, 1)))
        direction, wanted = rng.standard_normal(n), rng.uniform(*target)
        probe = certificate(start, X, start.predict(X) + direction)
        yield start, X, start.predict(X) + direction * probe.ratio / wanted


@pytest.mark.slow
@pytest.mark.parametrize("form", ["half", "sharp"])
def test_no_accepted_run_leaves_its_corridor(form):
    """200 draws, six activations, three initialisations, ratios from 0.8 to 2: at least 100 accepted, many within 10 %
    of the threshold, on both sides of it; every recorded step is checked until the misfit is 1e-10 of the first."""
    accepted, near, finished = 0, 0, 0
    for start, X, y in draws(200, 12, (0.8, 2.0) if form == "half" else (0.2, 0.6)):
        c = certificate(start, X, y, form=form)
        near += abs(c.ratio - 1) < 0.1
        assert (c.verdict == Verdict.PROVED) == (c.ratio > 1 + 1e-9)
        if c.verdict != Verdict.PROVED:
            continue
        accepted += 1
        run = train(start, X, y, step=c.step, max_iterations=10_000)
        inside = stays_inside(run, c, rounding_allowance(start, X, c))
        assert inside == Verdict.PROVED, inside
        finished += run.reason == "converged"
    assert accepted >= 100 and near >= 15 and finished >= 95


def test_the_sharp_form_is_attained():
    """phi = z^2, one unit, one input, z = 1: the outputs are the numbers >= 0, and the certificate accepts exactly
    these, as the step goes to 0: s^2 = 4, L = 2, |r_0| = 1 - y, so the ratio is 1/(1 - y) up to the step."""
    start = OneHiddenLayer([[1.0]], [1.0], "quadratic")
    for y, reachable in ((1e-3, True), (-1e-3, False)):
        c = certificate(start, [[1.0]], [y], form="sharp", step=1e-6)
        assert (c.verdict == Verdict.PROVED) == reachable
        assert c.ratio == pytest.approx(1 / (1 - y), rel=2e-5)
    run = train(start, [[1.0]], [-1e-3], step=0.02, max_iterations=2000)
    assert run.reason == "budget" and run.misfit[-1] >= 1e-3
    assert train(start, [[1.0]], [0.05], step=0.02, max_iterations=10_000).reason == "converged"


def test_the_corridor_is_tight_to_second_order():
    """On that unit the path of small steps follows the upper edge of the sharp corridor, and both edges meet."""
    start = OneHiddenLayer([[1.0]], [1.0], "quadratic")
    c = certificate(start, [[1.0]], [0.2], form="sharp", step=1e-3)
    run = train(start, [[1.0]], [0.2], step=1e-3, max_iterations=5000)
    assert stays_inside(run, c, 1e-10) == Verdict.PROVED
    assert np.abs(run.misfit - c.corridor(run.path)).max() < 0.01
    assert np.all(run.misfit <= c.corridor(run.path) + 1e-12)


def test_the_sharp_form_accepts_at_an_eighth():
    """s^2 >= 8 L |r_0| against s^2 >= 4 L |r_0|/m with m near 2: the ratio of the ratios tends to 4."""
    start = random_signs(40, 12, "softplus", scale=1.0, rng=0)
    X = unit_inputs(3, 12, rng=1)
    y = start.predict(X) + 0.1
    half, sharp = (certificate(start, X, y, form=form, step=1e-9) for form in ("half", "sharp"))
    assert sharp.ratio / half.ratio == pytest.approx(4, rel=1e-6)
    assert sharp.radius < half.radius and sharp.rate < half.rate


@pytest.mark.parametrize("form", ["half", "sharp"])
@pytest.mark.parametrize("name", ["softplus", "tanh", "erf", "gelu"])
def test_balls_contain_what_floats_find(name, form):
    """All numbers of the record, from the same doubles; and they are narrow."""
    start = random_signs(30, 9, name, scale=0.4, rng=4)
    X = unit_inputs(3, 9, rng=5)
    y = start.predict(X) + 0.02
    plain, enclosed = certificate(start, X, y, form=form), certificate_ball(start, X, y, form=form)
    for field in (
        "ratio",
        "least",
        "norm",
        "lipschitz",
        "misfit",
        "alpha",
        "radius",
        "beta",
        "step",
        "rate",
        "slope",
        "bend",
    ):
        x, b = getattr(plain, field), getattr(enclosed, field)
        assert abs(x - float(b.mid())) <= 1e-9 * abs(x) + float(b.rad()), field
        assert float(b.rad()) <= 1e-12 * max(abs(x), 1e-300) or x == 0, field
    assert enclosed.verdict == plain.verdict == Verdict.PROVED


@pytest.mark.parametrize("y", [-1e6, -20.0, 27.0, 1e3, 1e9])
def test_labels_out_of_reach_are_never_certified(y):
    """The unit has positive outputs, so no run ends at a negative label. Far labels have m = 2 - eta (beta^2 + L |r_0|)
    below 0, and divided by that the sharp condition would hold."""
    start = OneHiddenLayer([[0.0, 1.0]], [1.0], "softplus")
    for form in ("half", "sharp"):
        plain, enclosed = (make(start, [[1.0, 0.0]], [y], form=form) for make in (certificate, certificate_ball))
        assert plain.verdict == enclosed.verdict == Verdict.UNDECIDED
        assert 0 <= plain.ratio < 1 and not enclosed.ratio > 1
    assert "not known to be positive" in plain.verdict.reason and plain.radius == np.inf and plain.rate == 1


def test_the_sign_of_m_decides_at_a_large_step():
    """A step allowed, misfits on both sides of m = 0: beta = 1, eta = 1/2, L = 1/4, so |r_0| = 12 at m = 0."""
    start = OneHiddenLayer([[0.0, 1.0]], [1.0], "softplus")
    for misfit, zero in ((11.9, False), (12.1, True)):
        c = certificate(start, [[1.0, 0.0]], [np.log(2) + misfit], form="sharp")
        assert (c.step, c.lipschitz) == (0.5, 0.25) and c.verdict == Verdict.UNDECIDED
        assert (c.ratio == 0) == zero and c.slope == pytest.approx(max(1.5 - misfit / 8, 0) / 4)


def test_balls_are_exact_about_the_threshold():
    """Two sides of alpha^2 = 2 L |r_0| that floats cannot tell apart: alpha = 1, L = 2, |r_0| = 1/4 -+ 1e-15."""
    start = OneHiddenLayer([[1]], [1], "quadratic")
    tiny = Fraction(1, 10**15)
    for y, answer in ((Fraction(3, 4) + tiny, "PROVED"), (Fraction(3, 4) - tiny, "UNDECIDED")):
        assert certificate_ball(start, [[1]], [y]).verdict.value == answer
        assert certificate(start, [[1.0]], [float(y)]).verdict == Verdict.UNDECIDED


def test_a_step_that_cannot_be_told_from_the_limit_is_not_certified_in_balls():
    """beta = 3 for z^2 at z = 1, so the limit is 1/18, no dyadic number: balls of the two overlap."""
    start = OneHiddenLayer([[1]], [1], "quadratic")
    tiny = Fraction(1, 10**12)
    steps = (Fraction(1, 18) * f for f in (1 - tiny, 1, 1 + tiny))
    answers = [certificate_ball(start, [[1]], ["9/10"], step=step).verdict for step in steps]
    assert answers == [Verdict.PROVED, Verdict.UNDECIDED, Verdict.UNDECIDED]


@pytest.mark.parametrize("step", [None, 0.01])
def test_the_numbers_of_both_forms_are_the_printed_ones(step):
    """From singular values and norms of NumPy, on inputs of three lengths: alpha, R, beta, the rate, slope and bend."""
    start = random_signs(30, 9, "erf", scale=0.4, rng=4)
    X = unit_inputs(3, 9, rng=5) * [[0.5], [1.0], [2.0]]
    y = start.predict(X) + 0.002
    s, r, size = np.linalg.svd(jacobian(start, X))[1], np.linalg.norm(start.predict(X) - y), np.linalg.norm(X, 2)
    L = np.sqrt(8 / (np.pi * np.e)) * np.abs(start.v).max() * size * 2
    for form in ("half", "sharp"):
        c = certificate(start, X, y, form=form, step=step)
        farthest = s[-1] / 2 if form == "half" else s[-1]
        beta = min(s[0] + farthest, 2 / np.sqrt(np.pi) * np.linalg.norm(start.v) * size)
        eta = 1 / (2 * beta**2) if step is None else step
        if form == "half":
            m, alpha, ratio = 1, s[-1] / 2, s[-1] ** 2 / (8 * L * r)
            radius, slope, bend = 2 * r / alpha, alpha / 2, 0.0
        else:
            m = 2 - eta * (beta**2 + L * r)
            alpha, ratio = np.sqrt(s[-1] ** 2 - 4 * L * r / m), s[-1] ** 2 / (4 * L * r / m)
            radius, slope, bend = (s[-1] - alpha) / L, m * s[-1] / 2, m * L / 4
        found = (c.lipschitz, c.misfit, c.alpha, c.beta, c.step, c.ratio, c.radius, c.slope, c.bend, c.rate)
        printed = (L, r, alpha, beta, eta, ratio, radius, slope, bend, np.sqrt(1 - m * eta * alpha**2))
        assert found == pytest.approx(printed, rel=1e-7)
        assert c.verdict == Verdict.PROVED and (c.least, c.norm) == pytest.approx((s[-1], s[0]), rel=1e-9)


def test_a_step_above_the_limit_is_not_certified():
    """Even when the condition holds by far."""
    start = random_signs(30, 9, "softplus", scale=0.4, rng=4)
    X = unit_inputs(3, 9, rng=5)
    y = start.predict(X) + 0.001
    c = certificate(start, X, y)
    assert c.verdict == Verdict.PROVED and c.step == c.step_limit
    wide = certificate(start, X, y, step=1.01 * c.step_limit)
    assert wide.verdict == Verdict.UNDECIDED and "expected at most" in wide.verdict.reason
    assert certificate_ball(start, X, y, step=Fraction(c.step_limit) * 2).verdict == Verdict.UNDECIDED


def test_labels_that_are_met_need_no_steps_and_linear_networks_no_width():
    """|r_0| = 0, and L = 0: the ratio is infinite."""
    start = random_signs(4, 3, "softplus", scale=1.0, rng=0)
    assert certificate(start, np.eye(3), start.predict(np.eye(3))).verdict == Verdict.PROVED
    assert certificate(random_signs(4, 3, "linear", scale=1.0, rng=0), np.eye(3), [1.0, 2, 3]).verdict == Verdict.PROVED


def test_a_singular_jacobian_is_never_certified():
    """Two equal inputs; more samples than parameters."""
    start = random_signs(6, 3, "softplus", scale=1.0, rng=0)
    for X in (np.ones((2, 3)), unit_inputs(19, 3, rng=1)):
        for form in ("half", "sharp"):
            assert certificate(start, X, np.zeros(len(X)) + 1e-3, form=form).verdict == Verdict.UNDECIDED


def test_flips_are_counted_exactly():
    """No choice of units to flip within the radius is larger: all subsets of eight units are tried; and the bound on
    the change of the Jacobian holds for a W that flips as many."""
    rng = np.random.default_rng(3)
    start, x = random_signs(8, 3, "relu", scale=0.5, rng=rng), unit_inputs(1, 3, rng=rng)
    z = (x @ start.W.T)[0]
    for radius in (0.05, 0.4, 1.0, 3.0):
        possible = [
            s for r in range(9) for s in itertools.combinations(range(8), r) if sum(z[list(s)] ** 2) <= radius**2
        ]
        m = flips_within(start, x, radius)[0]
        assert m == max(len(s) for s in possible)
        W = start.W.copy()
        for unit in np.argsort(np.abs(z))[:m]:
            W[unit] -= z[unit] * (1 + 1e-9) * x[0]
        other = OneHiddenLayer(W, start.v, "relu")
        assert np.linalg.norm(W - start.W) <= radius * (1 + 1e-6)
        change = np.linalg.norm(jacobian(other, x) - jacobian(start, x), 2)
        assert change == pytest.approx(flip_deviation(start, x, radius), rel=1e-9)


def test_relu_certificates_tell_the_missing_factor_and_can_be_proved():
    """At usual widths a factor is missing; with labels near f(W_0) no sign can flip, and the run keeps its promise."""
    X = unit_inputs(4, 10, rng=6)
    start = random_signs(60, 10, "relu", scale=0.3, rng=7)
    far = certificate(start, X, np.ones(4))
    assert far.verdict == Verdict.UNDECIDED and far.form == "flips" and far.ratio < 1
    assert "a factor" in far.verdict.reason and "times the width" in far.verdict.reason
    for name, size in itertools.product(("relu", "leaky_relu"), (1e-4, 5e-4, 1e-3)):
        start = random_signs(1000, 10, name, scale=1000**-0.5, rng=7)
        y = start.predict(X) + size * np.array([1.0, -1, 1, 1])
        c = certificate(start, X, y)
        if size == 1e-4:
            assert c.verdict == Verdict.PROVED and flips_within(start, X, c.radius).max() > 0
        if c.verdict == Verdict.PROVED:
            run = train(start, X, y, step=c.step, max_iterations=3000)
            assert stays_inside(run, c, rounding_allowance(start, X, c)) == Verdict.PROVED


def test_runs_outside_are_noticed():
    """The checker itself: a history that is a little too high at one step, too long a path, a wrong step, sgd."""
    start = random_signs(30, 9, "softplus", scale=0.4, rng=4)
    X = unit_inputs(3, 9, rng=5)
    y = start.predict(X) + 0.01
    c = certificate(start, X, y)
    run, allowance = train(start, X, y, step=c.step), 1e-12
    assert stays_inside(run, c, allowance) == Verdict.PROVED
    run.misfit[7] = c.corridor(run.path[7]) + 1e-9
    assert "step 7" in stays_inside(run, c, allowance).reason
    run = train(start, X, y, step=c.step)
    run.path[:] *= 1000
    assert stays_inside(run, c, allowance) == Verdict.REFUTED
    other = train(start, X, y, step=c.step / 2)
    assert stays_inside(other, c, allowance) == Verdict.UNDECIDED
    run = train(start, X, y, step=c.step)
    run.misfit[:] = run.misfit[0] * np.exp(-5.0 * run.at)  # too good to be a network: below the lower edge
    assert "lower edge" in stays_inside(run, c, allowance).reason


WRONG = {
    "alpha without its half": {"alpha = least / 2": "alpha = least"},
    "twice the slope": {"slope, bend = alpha / 2, 0 * alpha": "slope, bend = alpha * 8, 0 * alpha"},
    "a rate of the square": {"factor * eta * alpha * alpha)": "99 * factor * eta * alpha * alpha)"},
    "no bend": {"slope, bend = m * least / 2, m * L / 4": "slope, bend = m * least / 2, 0 * L"},
    "a constant of 1 for 4": {"divided(4 * strength, m), m": "divided(1 * strength, m), m"},
    "a radius too small": {"divided(divided(4 * misfit, m)": "divided(divided(misfit, m)"},
}


@pytest.mark.slow
@pytest.mark.parametrize("slip", WRONG)
def test_wrong_certificates_are_noticed(slip):
    """On the unit where the sharp form is attained, on its neighbours, or against the draws, some promise is broken."""
    wrong = mutated(certificate_of_module(), WRONG[slip]).certificate
    unit = OneHiddenLayer([[1.0]], [1.0], "quadratic")
    cases = [(unit, np.ones((1, 1)), np.array([y])) for y in (0.2, -0.2, 0.8, 0.95)] + list(draws(12, 5, (1.0, 1.3)))
    broken = []
    for form, (start, X, y) in itertools.product(("half", "sharp"), cases):
        c = wrong(start, X, y, form=form, step=0.01 if start is unit else None)  # small steps hug the edge
        if c.verdict != Verdict.PROVED:
            continue
        run = train(start, X, y, step=c.step, max_iterations=1000)
        broken.append(stays_inside(run, c, 1e-9) != Verdict.PROVED)
    assert any(broken)


def certificate_of_module():
    import sys

    return sys.modules["onenn.overparam.certificate"]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.eye(3), [1.0, 2.0]), {}, r"y has shape \(2,\) but X has 3 rows"),
        ((np.eye(2), [1.0, 2.0]), {}, "X has shape"),
        ((np.eye(3), [1.0, np.nan, 2.0]), {}, "y has nan or inf in entry 1"),
        ((np.eye(3), np.ones(3)), {"form": "third"}, "form is 'third'"),
        ((np.eye(3), np.ones(3)), {"step": -1.0}, "step is -1"),
    ],
)
def test_unfit_arguments_of_certificates_are_named(arguments, options, message):
    """In floats and in balls."""
    start = random_signs(4, 3, "softplus", scale=1.0, rng=0)
    with pytest.raises(ValueError, match=message):
        certificate(start, *arguments, **options)
    if "step" not in options:
        with pytest.raises(ValueError, match=message if "nan" not in message else "nan"):
            certificate_ball(start, *arguments, **options)


def test_activations_without_a_certificate_say_what_would_do():
    """phi'' of exp is unbounded, and its slope does not jump."""
    start = random_signs(4, 3, "exp", scale=1.0, rng=0)
    for form in (certificate, certificate_ball):
        with pytest.raises(ValueError, match="needs a bounded"):
            form(start, np.eye(3), np.ones(3))


def test_signed_halves_need_an_even_width_and_paired_units_start_at_zero():
    """Bad widths are named; the scale is that of the theorem."""
    with pytest.raises(ValueError, match="k is 3; two halves"):
        signed_halves(3, 2, "relu", scale=1.0, rng=0)
    with pytest.raises(ValueError, match="scale is 0"):
        random_signs(3, 2, "relu", scale=0.0, rng=0)
    y = np.array([3.0, 4.0])
    start = paired_units(6, 4, "tanh", scale=output_scale(y, 6), rng=0)
    assert np.linalg.norm(start.v) == pytest.approx(5 / 2**0.5)
    assert np.abs(start.predict(unit_inputs(9, 4, rng=1))).max() < 1e-14
    with pytest.raises(ValueError, match="y is 0"):
        output_scale([0.0, 0.0], 2)


def test_many_runs_keep_their_promises_too():
    """The batched runs against one certificate each."""
    X, rng = unit_inputs(3, 10, rng=1), np.random.default_rng(0)
    starts = [random_signs(40, 10, "softplus", scale=0.5, rng=rng) for _ in range(4)]
    y = np.stack([start.predict(X) + 0.02 for start in starts])
    promises = [certificate(start, X, t) for start, t in zip(starts, y, strict=True)]
    runs = train_many(starts, X, y, step=[c.step for c in promises])
    for start, c, run in zip(starts, promises, runs, strict=True):
        assert stays_inside(run, c, rounding_allowance(start, X, c)) == Verdict.PROVED
