"""Rounded steps: their errors enclosed and below the bound, runs on a grid; and sign flips counted in balls."""

import dataclasses
import sys
from fractions import Fraction
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from source_mutants import mutated

from onenn import OneHiddenLayer, activation
from onenn.overparam import (
    ExactRun,
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
from onenn.overparam.flips import slope_jump
from onenn.overparam.flips_ball import flip_promise, flips_within_ball
from onenn.rigorous import BALLS, ball, less, precision, square
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


@pytest.mark.parametrize("name", ["softplus", "erf", "squared_relu"])
def test_the_bound_of_a_step_is_that_of_the_lemma(name):
    """eq-float-step term by term, input by input, at the largest weights and misfit: 1.01 times those of the
    certificate, 1.01 for products of errors. squared_relu has no B; there it is the largest slope in the ball."""
    start, X = random_signs(5, 4, name, scale=1.5, rng=3), unit_inputs(2, 4, rng=5) * [[0.5], [2.0]]
    c = certificate(start, X, start.predict(X) + 1e-4)
    r, R, u, v = 1.01 * c.misfit, 1.01 * c.radius, 2.0**-53, start.v
    longest, S = 2.0, {"softplus": 0.25, "erf": np.sqrt(8 / (np.pi * np.e)), "squared_relu": 2.0}[name]
    steepest = max(abs(float(start.phi.derivative(w @ x))) for w in start.W for x in X) + S * R * longest
    B = {"softplus": 1.0, "erf": 2 / np.sqrt(np.pi), "squared_relu": steepest}[name]
    gamma = lambda j: j * u / (1 - j * u)  # noqa: E731
    sizes = sum(abs(t) * np.linalg.norm(w) for t, w in zip(v, start.W, strict=True)) + np.linalg.norm(v) * R
    errors = []
    for x in X:
        length = np.linalg.norm(x)
        P = sum(abs(t * float(start.phi(w @ x))) for t, w in zip(v, start.W, strict=True))
        P += B * np.linalg.norm(v) * length * R
        errors.append(gamma(5) * P + 8 * u * (P + B * abs(v).sum()) + B * gamma(4) * length * sizes + u * r)
    delta, size = 1.01 * np.linalg.norm(errors), np.linalg.norm(start.W) + R
    slopes = B * np.linalg.norm(v) * (gamma(10) + 8 * u) + S * gamma(4) * longest * abs(v).max() * size
    eps = c.step * c.beta * delta + u * size + c.step * np.linalg.norm(X) * (r + delta) * slopes
    found = rounding_allowance(start, X, c, steps=7)
    assert found.residual == pytest.approx(delta, rel=1e-12)
    assert found.step == pytest.approx(1.01 * eps, rel=1e-12)


@pytest.mark.parametrize(("form", "y", "step"), [("half", 0.9, 0.02), ("sharp", 0.5, 0.03), ("sharp", 0.2, 0.02)])
def test_the_allowance_covers_what_a_larger_misfit_does_and_little_more(form, y, step):
    """10^10 steps gain 2 N beta eps; the certificate of labels that much further off has another corridor, radius and
    rate. The unit z^2, where corridor, radius and bend depend on the misfit the most: s is nearly beta."""
    unit, N = OneHiddenLayer([[1.0]], [1.0], "quadratic"), 10**10
    c = certificate(unit, [[1.0]], [y], form=form, step=step)
    found = rounding_allowance(unit, [[1.0]], c, steps=N)
    farther = certificate(unit, [[1.0]], [y - 2 * N * c.beta * found.step], form=form, step=step)
    assert farther.verdict == Verdict.PROVED and found.steps == N
    path = np.linspace(0, farther.radius, 101)
    edge = (farther.corridor(path) - c.corridor(path)).max()
    assert edge <= found.misfit <= 1.3 * edge
    assert farther.radius - c.radius <= found.path <= 1.1 * (farther.radius - c.radius)
    assert farther.rate - c.rate <= found.slower <= 1.02 * (farther.rate - c.rate)
    stalled = c.beta * found.step / (1 - farther.rate)
    assert stalled <= found.rate <= 1.2 * stalled


def test_a_rate_of_one_has_an_allowance_only_for_a_given_number_of_steps():
    """The steps until 1e-10 of the first misfit: log(1e-10)/log(rate), one at once, a million when there is none."""
    count = rounding()._steps
    assert (count(0.5), count(1e-11), count(1.0), count(0.9)) == (34, 1, 10**6, 219)


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
    assert (run.falls(rounding=ball("1/1000")) == Verdict.REFUTED) == (form == "sharp")
    exact = exact_run(net, points, y, form=form, steps=30)
    assert less(exact.certificate.misfit, run.certificate.misfit) == Verdict.PROVED
    assert float(exact.misfit[-1].mid()) < float(run.misfit[-1].mid())
    error = 60**0.5 / 8192 * 1.001
    larger = float(exact.misfit[0].mid()) + 2 * 30 * float(exact.certificate.beta.mid()) * error
    assert float(run.error.mid()) == pytest.approx(error, rel=1e-12)
    assert float(run.certificate.misfit.mid()) == pytest.approx(larger, rel=1e-12)


@pytest.mark.parametrize("error", [Fraction(0), Fraction(1, 100)])
def test_the_promises_of_a_run_are_decided_at_their_edges(error):
    """A record of one step made by hand, rate 1/2, |r_0| = 2, beta = 3, slope 1/3, bend 1/50, radius 5 and path 2: a
    misfit at 1 + 3 error or at the corridor 2 + 6 error - 2/3 + 4/50, and a path at 5, a millionth below or above. The
    certificate is for many steps more and their errors: its |r_0| of 9 is not that of the corridor after one."""
    names = {"rate": "1/2", "beta": 3, "misfit": 9, "slope": "1/3", "bend": "1/50", "radius": 5}
    c = SimpleNamespace(**{name: ball(x) for name, x in names.items()})
    corridor, rate = 2 + 6 * error - Fraction(2, 3) + Fraction(4, 50), 1 + 3 * error
    for off, answer in ((1 - Fraction(1, 10**6), Verdict.PROVED), (1 + Fraction(1, 10**6), Verdict.REFUTED)):

        def run(misfit, path):
            balls = [ball(2), ball(misfit)], [ball(0), ball(path)]
            return ExactRun(certificate=c, misfit=balls[0], path=balls[1], error=ball(error))

        assert run(rate * off, 2).falls() == answer
        assert run(corridor * off, 2).inside() == answer
        assert run(1, 5 * off).near() == answer
        assert run((corridor - Fraction(1, 3)) * off, 2).inside(slope=ball("3/2")) == answer
        assert run((corridor + Fraction(4, 50)) * off, 2).inside(bend=2) == answer
        assert run(1, 4 * off).near("4/5") == answer
        assert run((1 + 6 * error) * off, 2).falls(rounding=2) == answer
        sharper = Fraction(4) * (1 - Fraction(8, 7) * Fraction(3, 4))  # |r_0|^2 (1 - factor (1 - rate^2))
        squared = ball(sharper) if not error else square(BALLS.sqrt(ball(sharper)) + 3 * ball(error))
        assert run(BALLS.sqrt(squared) * ball(off), 2).falls(ball("8/7")) == answer


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
    half = [ball("1/2").union(ball("3/2")), ball("-3/2").union(ball("-1/2")), ball(3)]  # any of [1/2, 3/2]
    for radius, count in (("0.49", 0), ("0.51", 1), ("0.70", 1), ("0.71", 2), ("3.0", 2), ("3.1", 3)):
        assert flips_within_ball(half, ball(1), ball(radius)) == count
        assert flips_within_ball(half, ball(1), ball(0).union(ball(radius))) == count
    nested = [ball("9/10").union(ball("11/10")), half[0]]  # the wider one may be the smaller one
    assert (
        flips_within_ball(nested, ball(1), ball("7/10")) == flips_within_ball(nested[::-1], ball(1), ball("7/10")) == 1
    )
    wide = [ball(0) + ball("1/100").union(ball("-1/100")), ball(2)]
    assert flips_within_ball(wide, ball(1), ball(0)) == 1
    assert flips_within_ball(wide, ball(1), ball(1) / ball(0)) == 2


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_certificates_of_kinks_in_balls_contain_those_in_floats(name):
    """Every number of the record, |r_0| up to the rounding of 1000 terms; PROVED near f(W_0), UNDECIDED far from
    it, with the missing factor."""
    start, X = random_signs(1000, 10, name, scale=1000**-0.5, rng=7), unit_inputs(4, 10, rng=6)
    for size, answer in ((1e-4, "PROVED"), (0.5, "UNDECIDED")):
        y = start.predict(X) + size * np.array([1.0, -1, 1, 1])
        plain, enclosed = certificate(start, X, y), certificate_ball(start, X, y)
        assert plain.verdict.value == enclosed.verdict.value == answer
        assert int(flips_within(start, X, plain.radius).max()) > 0
        assert enclosed.misfit.lower() <= plain.misfit
        for field in ("ratio", "least", "norm", "misfit", "alpha", "radius", "beta", "step", "rate", "slope"):
            x, b = getattr(plain, field), getattr(enclosed, field)
            part = 1e-7 if field in ("misfit", "radius") else 1e-9
            assert abs(x - float(b.mid())) <= part * abs(x) + float(b.rad()), field
    assert "a factor" in enclosed.verdict.reason and "times the width" in enclosed.verdict.reason
    far = certificate_ball(start, X, start.predict(X) + 1e-7, step=10)
    assert far.verdict == Verdict.UNDECIDED and "expected at most" in far.verdict.reason


EDGES = {  # path, distance and misfit of step 1 at each edge
    "the upper edge": (2.0, 1.0, 2 - 2 / 3 + 4 / 50),
    "the rate": (0.1, 1.0, 0.9 * 2),
    "the radius": (5.0, 1.0, 0.1),
    "the lower edge": (2.0, 0.2, 2 - 3 * 0.2 - 4 * 0.2**2 / 2),
}


@pytest.mark.parametrize("edge", EDGES)
def test_the_corridor_of_a_run_ends_at_its_edges(edge):
    """|r_0| = 2, slope 1/3, bend 1/50, rate 9/10, radius 5, ||J_0|| = 3, L = 4, by hand: a billionth inside each edge
    is PROVED, a billionth outside names it; an allowance of that much lets it pass."""
    numbers = {"misfit": 2.0, "slope": 1 / 3, "bend": 1 / 50, "rate": 0.9, "radius": 5.0, "norm": 3.0, "lipschitz": 4.0}
    c = SimpleNamespace(verdict=Verdict.PROVED, form="half", step=0.1, **numbers)
    path, distance, misfit = EDGES[edge]
    for off in (-1e-9, 1e-9):
        p, r = (
            (path + off, misfit) if edge == "the radius" else (path, misfit - off if "lower" in edge else misfit + off)
        )
        kept = {"at": [0, 1], "misfit": [2.0, r], "path": [0.0, p], "distance": [0.0, distance]}
        run = SimpleNamespace(
            step=0.1, method="gd", relative_misfit=r / 2, **{name: np.array(x) for name, x in kept.items()}
        )
        answer = stays_inside(run, c, 1e-12)
        assert answer == (Verdict.PROVED if off < 0 else Verdict.REFUTED)
        assert off < 0 or f"step 1 leaves {edge} by 1e-09" in answer.reason
        assert stays_inside(run, c, 2e-9) == Verdict.PROVED


def flip_record(
    *, weight="1/3", slopes=("1/4", 1), step=None, misfit=2, least=10, z=("1/4", "-1/2", "1/2", "3/4", 2), place=1
):
    """The record of one input of length 3/2 and ||X|| = 4: the radius 5 |r_0|/s is 1, and four signs may flip."""
    return flip_promise(
        Z=[[ball(t) for t in z]],
        v=[*(ball(t) for t in ("-1/5", "1/7")[:place]), ball(weight), *(ball(t) for t in ("-1/5", "1/7")[place:])],
        lengths=[ball("3/2")],
        width=ball(4),
        slopes=[ball(t) for t in slopes],
        least=ball(least),
        norm=ball(20),
        misfit=ball(misfit),
        step=None if step is None else ball(step),
    )


def test_the_certificate_of_kinks_is_decided_at_its_edges():
    """jump |v|_inf ||X|| sqrt m = 3/4 * 1/3 * 4 * 2 = 2 = s/5: a little less is PROVED, a little more is not; sum z^2 =
    9/8 against 9/4, to which the fifth adds 4. And 1/(2 beta^2) for the step, with the steeper side, right or left."""
    tiny = Fraction(1, 10**12)
    assert flip_record(weight=Fraction(1, 3) - tiny).verdict == Verdict.PROVED
    assert flip_record(weight=Fraction(1, 3) + tiny).verdict == Verdict.UNDECIDED
    for place, sign in product(range(3), (1, -1)):
        assert flip_record(weight=sign * (Fraction(1, 3) - tiny), place=place).verdict == Verdict.PROVED
        assert flip_record(weight=sign * (Fraction(1, 3) + tiny), place=place).verdict == Verdict.UNDECIDED
    for slopes in ((1, "1/4"), (-1, "-1/4"), ("-1/4", "1/2")):  # of the same jump
        assert flip_record(weight=Fraction(1, 3) - tiny, slopes=slopes).verdict == Verdict.PROVED
        assert flip_record(weight=Fraction(1, 3) + tiny, slopes=slopes).verdict == Verdict.UNDECIDED
    assert flip_record(weight="1/4", z=("1/4", "-1/2", "1/2", "3/4", 1)).verdict == Verdict.PROVED
    assert flip_record(weight="0.31", z=("1/4", "-1/2", "1/2", "3/4", 1)).verdict == Verdict.UNDECIDED
    c = flip_record()
    squares = Fraction(1, 25) + Fraction(1, 9) + Fraction(1, 49)
    limit, rate = 1 / (2 * squares * 16), 1 - 64 / (2 * squares * 16) / 2
    exact = {"radius": 1, "alpha": 8, "slope": 2, "bend": 0, "ratio": 1, "step": limit, "step_limit": limit}
    for name, x in exact.items():
        assert getattr(c, name).overlaps(ball(x)) and getattr(c, name).rad() < 1e-12, name
    assert square(c.beta).overlaps(ball(16 * squares)) and rate < 0
    mild = flip_record(step="1/1000")
    assert square(mild.rate).overlaps(ball(1 - Fraction(64, 2000)))
    for slopes in (("1/4", 1), (-1, "-1/4"), (1, "1/4")):
        steps = [
            flip_record(
                weight="1/4", slopes=slopes, step=1 / (32 * (Fraction(1, 25) + Fraction(1, 16) + Fraction(1, 49))) * f
            ).verdict
            for f in (1 - tiny, 1 + tiny)
        ]
        assert steps == [Verdict.PROVED, Verdict.UNDECIDED]


def test_the_numbers_of_kinks_in_floats_are_those_in_balls_for_any_output():
    """|v| = 5, not 1: every number of the record again, and a step at its limit, a hair above it, and half of it."""
    start, X = (
        random_signs(50, 12, activation("leaky_relu", slope="-1/2"), scale=5 / 50**0.5, rng=1),
        unit_inputs(3, 12, rng=2),
    )
    y = start.predict(X) + 0.01
    limit = certificate(start, X, y).step_limit
    for step in (None, limit, limit / 2):
        given = None if step is None else Fraction(step)
        plain, enclosed = certificate(start, X, y, step=step), certificate_ball(start, X, y, step=given)
        for field in (
            "ratio",
            "least",
            "norm",
            "misfit",
            "alpha",
            "radius",
            "beta",
            "step",
            "step_limit",
            "rate",
            "slope",
        ):
            x, b = getattr(plain, field), getattr(enclosed, field)
            assert abs(x - float(b.mid())) <= 1e-9 * abs(x) + float(b.rad()), field
        assert "expected at most" not in plain.verdict.reason
    assert "expected at most" in certificate(start, X, y, step=limit * (1 + 1e-9)).verdict.reason
    assert "expected at most" not in certificate(start, X, y, step=float(np.nextafter(limit, 1))).verdict.reason
    assert certificate(start, np.ones((2, 12)), [1.0, 2.0]).verdict == Verdict.UNDECIDED


def test_a_ball_on_a_kink_has_both_sides():
    """The hull of the values of both pieces; a ball beside the kink, or one that only touches it, has those it may."""
    leaky, zero = activation("leaky_relu", slope="1/4"), ball("-1/8").union(ball("1/2"))
    (slope,), (value,) = (on_balls(leaky, kind, [zero]) for kind in ("derivative", "value"))
    assert slope.contains(ball("1/4")) and slope.contains(1) and slope.rad() < 0.376
    assert value.contains(ball("-1/32")) and value.contains(ball("1/2"))
    right, left = on_balls(leaky, "derivative", [ball("1/8").union(ball("1/2")), ball("-1/8").union(ball("-1/2"))])
    assert right.overlaps(ball(1)) and left.overlaps(ball("1/4")) and right.rad() < 1e-9 > left.rad()


def test_other_slopes_have_no_certificate_of_kinks():
    """A kink, but no slopes that are constant on both sides of it."""
    squared = activation("squared_relu")
    for phi in (squared, dataclasses.replace(activation("relu"), homogeneity=None), activation("tanh")):
        with pytest.raises(ValueError, match="constant on both sides"):
            slope_jump(phi)


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
