"""Remainders, radii, rates and sample sizes of descent around the teacher: exact cases, quadrature and mutants."""

import dataclasses
from fractions import Fraction
from math import comb, exp, factorial, log, sqrt
from types import SimpleNamespace

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation, random_teacher
from onenn.activations.half_line import double_factorial
from onenn.landscape import (
    LinearRate,
    convergence_radius,
    count_steps,
    descent_in_balls,
    empirical_gradient,
    escape_probability,
    failures,
    first_failure,
    fixed_sample_radius,
    fresh_batch,
    gauss_newton_holds,
    gauss_newton_matrix,
    gradient,
    gradient_descent,
    gradient_is_linear,
    gradient_variance,
    hessian_at_teacher,
    hessian_deviation_bound,
    linear_rate,
    linearization_constant,
    linearization_constant_ball,
    linearization_holds,
    linearization_holds_on,
    rate_checks,
    rational_student,
    sample_moment,
    sample_serves,
    samples_for_all_steps,
    samples_per_step,
    sign_radius,
    step_contracts,
)
from onenn.landscape.objectives import EmpiricalRisk, PopulationRisk
from onenn.landscape.rates import BERNSTEIN

NAMES = ["erf", "tanh", "sigmoid", "softplus", "squared_relu"]
RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))


def moved(teacher, size, rng=RNG):
    A = rng.standard_normal(teacher.W.shape)
    return OneHiddenLayer(teacher.W + size * A / np.linalg.norm(A), teacher.v, teacher.phi)


@pytest.mark.parametrize("name", NAMES)
def test_the_remainder_of_the_gradient_is_below_its_bound(name):
    """On the population and on a sample, at five distances, for teachers with unlike v; and it is not far below."""
    quick = activation(name).closed_forms.pair is not None  # the others cost a quadrature for each pair of units
    k = 2 if quick else 1
    teacher = OneHiddenLayer(random_teacher(k, 3, name, rng=1).W, [1.0, -2.0][:k], name)
    H, H_S = hessian_at_teacher(teacher), gauss_newton_matrix(teacher, X)
    tau, shares = sample_moment(X, 4 if name == "squared_relu" else 3), []
    for size in (1e-3, 0.1, 0.5, 2.0, 10.0):
        student = moved(teacher, size)
        a = (student.W - teacher.W).ravel()
        rest = empirical_gradient(student, X, teacher.predict(X)).ravel() - H_S @ a
        shares.append(np.linalg.norm(rest) / (linearization_constant(teacher, size, moment=tau) * size**2))
        if quick or size == 0.5:
            rest = gradient(student, teacher).ravel() - H @ a
            shares.append(np.linalg.norm(rest) / (linearization_constant(teacher, size) * size**2))
    assert 0.005 < max(shares) < 1


def test_one_squared_relu_unit_attains_half_of_the_bound():
    """Stretched by 1 + s: the gradient is 6 s + 9 s^2 + 3 s^3 and H = 6, the bound 18 s^2 + 6 s^3."""
    for s in ("1/10", 1, 3):
        teacher, student = (OneHiddenLayer([[x]], [1], "squared_relu") for x in (1, 1 + Fraction(s)))
        assert linearization_holds(student, teacher, factor="0.501") == Verdict.PROVED
        assert linearization_holds(student, teacher, factor="0.499") == Verdict.REFUTED


def test_the_constant_is_the_printed_one():
    """(3/2) sqrt(k) L1 L2 v_max^2 2 sqrt(2/pi) and (1/2) L1 L2 v_max^2 3 (3 |W| + s), in doubles and balls."""
    rows = [[3, 0], [0, 4]]
    tanh, bent = (OneHiddenLayer(rows, [1, -2], name) for name in ("tanh", "squared_relu"))
    expected = {
        tanh: 1.5 * sqrt(2) * 4 / (3 * sqrt(3)) * 4 * 2 * sqrt(2 / np.pi),
        bent: 0.5 * 4 * 4 * 3 * (15 + 0.25),
    }
    for teacher, value in expected.items():
        assert linearization_constant(teacher, 0.25) == pytest.approx(value, rel=1e-13)
        assert float(linearization_constant_ball(teacher, "1/4").mid()) == pytest.approx(value, rel=1e-13)
    assert linearization_constant(tanh, moment=1.0) == pytest.approx(expected[tanh] / (2 * sqrt(2 / np.pi)))
    cubic = activation("quartic_relu")
    with pytest.raises(ValueError, match="carries no L1"):
        linearization_constant(OneHiddenLayer(rows, [1, 1], cubic))
    with pytest.raises(ValueError, match="distance is -1"):
        linearization_constant(tanh, -1.0)


def test_the_moment_of_a_sample_bounds_all_directions():
    """sup_u mean |u.x|^q by ten thousand directions; equality for points on one axis."""
    u = RNG.standard_normal((10_000, 3))
    u /= np.linalg.norm(u, axis=1)[:, None]
    for q in (3, 4):
        assert np.mean(np.abs(X @ u.T) ** q, axis=0).max() <= sample_moment(X, q)
        assert sample_moment(np.array([[2.0, 0.0], [-2.0, 0.0]]), q) == 2.0**q


@pytest.mark.parametrize("name", NAMES)
def test_the_radius_solves_its_equation_and_descent_contracts_in_it(name):
    """2 R Gamma(R) = m; from the rim each step shrinks the error by 1 - eta m/2, in the long run by 1 - eta m.

    On the population risk where it is quick, and on a sample with its own eigenvalues and moment.
    """
    teacher = random_teacher(2, 3, name, rng=3)
    tau = sample_moment(X, 4 if name == "squared_relu" else 3)
    laws = [(EmpiricalRisk(X, teacher.predict(X)), gauss_newton_matrix(teacher, X), tau)]
    if activation(name).closed_forms.pair is not None:
        laws.append((PopulationRisk(teacher), hessian_at_teacher(teacher), None))
    for objective, H, moment in laws:
        spectrum = np.linalg.eigvalsh(H)
        rate = linear_rate(teacher, least=spectrum[0], largest=spectrum[-1], moment=moment)
        R = rate.radius
        assert 2 * R * linearization_constant(teacher, R, moment=moment) == pytest.approx(spectrum[0], rel=1e-12)
        rim = moved(teacher, 0.999 * R)
        run = gradient_descent(rim, objective, step=rate.step, teacher=teacher, max_steps=25, tolerance=0)
        d, f, t = run.history.distance, run.history.risk, np.arange(26)
        assert (d[1:] <= rate.first_factor * d[:-1]).all()
        assert (d <= rate.constant * rate.factor**t * d[0]).all()
        slack = 2 * spectrum[-1] / spectrum[0] * rate.constant**2
        assert (f <= slack * rate.factor ** (2 * t) * f[0] + 1e-15).all()


def test_the_number_of_steps_is_enough_and_not_much_more():
    """Both bounds of the error after T steps are compared; one step fewer satisfies neither."""
    for m, eta, accuracy in ((1.0, 0.5, 1e-6), (0.01, 1.0, 1e-3), (0.9, 1.0, 1e-9)):
        rate = LinearRate(least=m, largest=1 / eta, radius=1.0, step=eta)
        T = rate.steps(accuracy)
        reached = lambda t, r=rate: min(r.first_factor**t, r.constant * r.factor**t)  # noqa: E731
        assert reached(T) <= accuracy * (1 + 1e-12) < reached(T - 1)
        assert T <= np.ceil((log(1 / accuracy) + 1 / rate.factor) / (eta * m))
    with pytest.raises(ValueError, match=r"accuracy is 1\.5"):
        rate.steps(1.5)


def test_the_explicit_rate_takes_the_bounds_of_the_teacher():
    """And refuses what they do not cover, with a remedy."""
    teacher = random_teacher(3, 4, "squared_relu", rng=0)
    rate = linear_rate(teacher)
    spectrum = np.linalg.eigvalsh(hessian_at_teacher(teacher))
    assert 0 < rate.least < spectrum[0] < spectrum[-1] < rate.largest and rate.step == 1 / rate.largest
    for given, message in (
        ({"least": 0.0}, "expected 0 < least < largest"),
        ({"least": 1e9}, "expected 0 < least < largest"),
        ({"step": 1.0}, "expected 0 < step <= 1/largest"),
        ({"step": 0.0}, "step is 0.0"),
    ):
        with pytest.raises(ValueError, match=message):
            linear_rate(teacher, **given)
    with pytest.raises(ValueError, match="nothing makes descent linear"):
        linear_rate(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0], "tanh"))
    with pytest.raises(ValueError, match="k <= d"):
        linear_rate(OneHiddenLayer([[1.0], [2.0]], [1.0, 1.0], "tanh"))
    with pytest.raises(ValueError, match="rank"):
        linear_rate(OneHiddenLayer([[1.0, 1.0], [2.0, 2.0]], [1.0, 1.0], "tanh"))
    linear = OneHiddenLayer([[1.0, 0.0]], [1.0], "linear")
    assert convergence_radius(linear, 1.0) == np.inf and linearization_constant(linear) == 0
    with pytest.raises(ValueError, match="least is -1"):
        convergence_radius(teacher, -1.0)


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
PLANE = np.stack(np.meshgrid(NODES, NODES), -1).reshape(-1, 2)
MASS = np.outer(WEIGHTS, WEIGHTS).ravel() / (2 * np.pi)


def test_the_rule_for_the_plane_knows_the_moments_of_the_proofs():
    """E (u.x)^2 |x|^2 = d + 2 and E (u.x)^6 |x|^2 = 15 (d + 6), here d = 2: the numbers in B."""
    square = np.sum(PLANE**2, axis=1)
    assert MASS @ (PLANE[:, 0] ** 2 * square) == pytest.approx(4)
    assert MASS @ (PLANE[:, 0] ** 6 * square) == pytest.approx(120)


@pytest.mark.parametrize("name", NAMES)
def test_the_variance_of_the_gradient_is_below_its_bound(name):
    """E |r J|^2 by Gauss-Hermite on the plane (60 x 60 nodes; 1e-3 is enough here) against B |A|^2."""
    teacher = OneHiddenLayer([[1.0, 0.2], [-0.3, 0.8]], [1.0, -1.5], name)
    for size in (0.01, 0.3):
        student = moved(teacher, size)
        r = student.predict(PLANE) - teacher.predict(PLANE)
        slopes = student.phi.derivative(PLANE @ student.W.T) * student.v
        variance = MASS @ (r**2 * np.sum(slopes**2, axis=1) * np.sum(PLANE**2, axis=1))
        assert 0 < variance < gradient_variance(teacher, size) * size**2
    assert fresh_batch(teacher, LinearRate(least=1.0, largest=2.0, radius=0.3, step=0.25)) == np.ceil(
        gradient_variance(teacher, 0.3)
    )


def test_the_constants_of_the_tail_bound():
    """(2q-1)!! <= (3/8) 2^q q!, with equality at 2; theta = mu^2/26 makes the bracket at most mu/2 up to mu = 1/4."""
    for q in range(2, 60):
        assert 8 * double_factorial(2 * q - 1) <= 3 * 2**q * factorial(q)
    assert 8 * double_factorial(3) == 3 * 4 * 2
    for mu in (1e-6, 0.01, 0.25):
        theta = mu**2 / 26
        assert sqrt(6 * theta) + 2 * theta <= mu / 2
        assert sqrt(6 * 1.01 * theta) + 2 * 1.01 * theta > 0.48 * mu
    assert BERNSTEIN == 26 * 4**2


def test_the_tail_bound_holds_for_squares_of_normals():
    """Y = z^2 has E Y^q = (2q-1)!!: the mean of 50 beats sqrt(6 t/n) + 2 t/n less often than e^-t (chi square law)."""
    from scipy.stats import chi2

    n = 50
    for t in (0.5, 1.0, 3.0, 10.0):
        excess = sqrt(6 * t / n) + 2 * t / n
        assert chi2.sf(n * (1 + excess), n) <= exp(-t)
    assert chi2.sf(n * (1 + 0.5 * (sqrt(6 / n) + 2 / n)), n) > 0.05 * exp(-1)


def test_sample_sizes_and_radii_are_the_printed_ones():
    """Written out once more for k = 2, d = 3, and their laws."""
    teacher = OneHiddenLayer(np.eye(2, 3), [1.0, -2.0], "tanh")
    contrast = (2 * 4 / 0.05) ** 2
    assert samples_per_step(teacher, 0.05, steps=70) == np.ceil(416 * contrast * (6 * log(5) + log(70e6)))
    n = samples_for_all_steps(teacher, 0.05)
    assert n == np.ceil(416 * contrast * (6 * log(9) + log(6e6)))
    b = sqrt(6 * log(2) + 4 * log(3e6 * n))
    assert fixed_sample_radius(teacher, 0.05, n) == pytest.approx(
        0.05 / (5 * sqrt(2) * 4 / (3 * sqrt(3)) * 4 * b), rel=1e-12
    )
    assert samples_for_all_steps(teacher, 0.05, failure=1e-12) > n > samples_for_all_steps(teacher, 0.1)
    rate = LinearRate(least=1.0, largest=2.0, radius=1.0, step=0.5)
    assert escape_probability(rate, 0.1, 100, 0.1) == pytest.approx(0.01 + 0.75**100 / 0.01)
    wide = dataclasses.replace(rate, radius=4.0)
    assert escape_probability(wide, 0.1, 50, 0.1) == pytest.approx(0.1**2 / 16 + 0.75**50 / 0.01)
    assert escape_probability(rate, 1.0, 1, 1e-9) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t, _: samples_per_step(t, 0.0, steps=3), "least is 0.0"),
        (lambda t, _: samples_for_all_steps(t, 0.1, failure=0.0), "failure is 0.0"),
        (lambda t, _: fixed_sample_radius(t, 0.1, 10), "samples is 10; expected at least"),
        (lambda _, bent: samples_for_all_steps(bent, 0.1), "slope is not bounded"),
        (lambda t, _: sign_radius(t, np.zeros((2, 2))), "zero row 0"),
        (lambda t, _: rational_student(t, 0.0, rng=0), "distance is 0.0"),
        (lambda t, _: first_failure(t, step=0.0, rng=0), "step is 0.0"),
    ],
)
def test_what_the_counts_do_not_cover_is_named(call, message):
    """Unbounded slopes, probabilities that are none, too few samples, points on every border."""
    teachers = [OneHiddenLayer([[1.0, 0.0]], [1.0], name) for name in ("tanh", "squared_relu")]
    with pytest.raises(ValueError, match=message):
        call(*teachers)


def test_no_sample_changes_sides_within_the_sign_radius():
    """Rows moved by less keep all signs, and f_S is quadratic; a move of that length reaches the nearest border."""
    teacher = random_teacher(2, 3, "relu", rng=5)
    r = sign_radius(teacher, X)
    H_S = gauss_newton_matrix(teacher, X)
    for seed in range(20):
        A = np.random.default_rng(seed).standard_normal((2, 3))
        A *= 0.999 * r / np.linalg.norm(A, axis=1).max()
        student = OneHiddenLayer(teacher.W + A, teacher.v, "relu")
        assert np.array_equal(X @ student.W.T > 0, X @ teacher.W.T > 0)
        g = empirical_gradient(student, X, teacher.predict(X)).ravel()
        assert np.allclose(g, H_S @ A.ravel(), rtol=1e-9, atol=1e-15)
    i, j = np.unravel_index(np.argmin(np.abs(X @ teacher.W.T) / np.linalg.norm(X, axis=1)[:, None]), (40, 2))
    W = teacher.W.copy()
    W[j] -= 1.001 * np.sign(X[i] @ W[j]) * r * X[i] / np.linalg.norm(X[i])
    assert not np.array_equal(X @ W.T > 0, X @ teacher.W.T > 0)


def test_steps_in_balls_contain_the_steps_in_doubles():
    """Ten steps of both; the factor is after over before."""
    for name in ("erf", "squared_relu", "relu"):
        teacher = OneHiddenLayer([[1, 0], ["1/2", 1]], [1, -1], name)
        start = rational_student(teacher, 0.2, rng=1)
        enclosed = descent_in_balls(start, teacher, step="1/8", steps=10)
        run = gradient_descent(start, PopulationRisk(teacher), step=0.125, max_steps=10, tolerance=0, teacher=teacher)
        assert np.allclose([float(s.before.mid()) for s in enclosed], run.history.distance[:-1], rtol=1e-12)
        assert np.allclose([float(s.after.mid()) for s in enclosed], run.history.distance[1:], rtol=1e-12)
        assert np.allclose([float(s.risk.mid()) for s in enclosed], run.history.risk[:-1], rtol=0, atol=1e-14)
        assert max(float(s.after.rad()) for s in enclosed) < 1e-30
        factor = run.history.distance[1] / run.history.distance[0]
        assert step_contracts(start, teacher, step="1/8", factor=str(factor + 1e-9)) == Verdict.PROVED
        assert step_contracts(start, teacher, step="1/8", factor=str(factor - 1e-9)) == Verdict.REFUTED


def test_exact_linearity_agrees_with_doubles_and_sees_one_point_change_sides():
    """Leaky ReLU with three rational points, one of them beyond the border of one unit for a large move."""
    teacher = OneHiddenLayer([[1, 2], [3, -1]], [1, "1/2"], "leaky_relu")
    points = [[1, 1], [-2, 1], ["1/3", -1]]
    for shift, linear in (("1/50", True), (-4, False)):
        student = OneHiddenLayer(
            teacher.exact_W + np.array([[0, Fraction(shift)], [0, 0]]), teacher.exact_v, teacher.phi
        )
        assert (gradient_is_linear(student, teacher, points) == Verdict.PROVED) == linear
        floats = np.array([[float(Fraction(x)) for x in row] for row in points])
        g = EmpiricalRisk(floats, teacher.predict(floats)).risk_and_gradient(student)[1].ravel()
        a = (student.W - teacher.W).ravel()
        assert np.allclose(g, gauss_newton_matrix(teacher, floats) @ a, rtol=0, atol=1e-14) == linear


def test_the_remainder_on_a_sample_is_the_same_as_in_doubles():
    """The share of the bound that balls refute or prove is that of the formulas in doubles, with the trace moment."""
    for name in ("erf", "squared_relu"):
        teacher = OneHiddenLayer([[1, -1], [2, 1]], [1, -1], name)
        student = rational_student(teacher, 0.3, rng=2)
        points = [[1, 2], [-1, 1], [3, -2], [0, 1]]
        P = np.array(points, dtype=float)
        q = 3 if name == "erf" else 4
        moment = np.mean(np.linalg.norm(P, axis=1) ** q)
        A = student.W - teacher.W
        size = np.linalg.norm(A)
        rest = empirical_gradient(student, P, teacher.predict(P)).ravel() - gauss_newton_matrix(teacher, P) @ A.ravel()
        share = np.linalg.norm(rest) / (linearization_constant(teacher, size, moment=moment) * size**2)
        for factor, verdict in ((share * 1.0001, Verdict.PROVED), (share * 0.9999, Verdict.REFUTED)):
            assert linearization_holds_on(student, teacher, points, factor=str(factor)) == verdict


def test_gauss_newton_in_balls_refuses_a_singular_matrix():
    """Within the radius both conditions hold; where G has a kernel the first one fails."""
    teacher = OneHiddenLayer(np.eye(2, dtype=int), [1, 1], "erf")
    least = float(np.linalg.eigvalsh(hessian_at_teacher(teacher))[0])
    inside = rational_student(teacher, convergence_radius(teacher, least / 2), rng=0)
    assert gauss_newton_holds(inside, teacher, least=str(least)) == Verdict.PROVED
    both = OneHiddenLayer([["1/2", "1/2"]] * 2, [1, 1], "erf")
    assert gauss_newton_holds(both, teacher, least="1/100") == Verdict.REFUTED


def test_the_adversary_finds_failures_that_are_failures():
    """Beyond the radius always; and none for the linear unit, which contracts everywhere."""
    teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "erf")
    spectrum = np.linalg.eigvalsh(hessian_at_teacher(teacher))
    rate = linear_rate(teacher, least=spectrum[0])
    found = first_failure(teacher, step=rate.step, factor=rate.first_factor, limit=1.5, rng=1, starts=2)
    assert rate.radius < found.distance < 1.5
    A = found.student.W - teacher.W
    after = A - rate.step * gradient(found.student, teacher)
    assert np.linalg.norm(A) == pytest.approx(found.distance)
    assert np.linalg.norm(after) >= rate.first_factor * np.linalg.norm(A)


def test_the_adversary_finds_the_nearest_failure_on_a_line():
    """One weight: the nearest failure is on one of two rays, and a scan in steps of 1/500 finds the same distance, to
    what eight halvings of an eighth of the limit leave."""
    teacher, step, limit = OneHiddenLayer([[1.0]], [1.0], "erf"), 0.5, 3.0
    scan = np.arange(1, 1501) / 500
    rays = [
        next(t for t in scan if abs(s * t - step * gradient(moved_by(teacher, s * t), teacher)[0, 0]) >= 0.95 * t)
        for s in (1, -1)
    ]
    found = first_failure(teacher, step=step, factor=0.95, limit=limit, rng=0, starts=4, evaluations=4)
    assert found.distance == pytest.approx(min(rays), abs=limit / 2048 + 2e-3)
    assert first_failure(teacher, step=step, factor=0.95, limit=0.99 * min(rays), rng=0, evaluations=4) is None


def moved_by(teacher, shift):
    return OneHiddenLayer(teacher.W + shift, teacher.v, teacher.phi)


def test_the_exact_rate_is_the_least_eigenvalue_for_every_activation():
    """The last ratio of errors and of risks on a sample, to four digits and better."""
    for name in ("erf", "tanh", "squared_relu", "relu", "gelu"):
        teacher = random_teacher(2, 3, name, rng=7)
        inputs = np.random.default_rng(8).standard_normal((500, 3))
        spectrum = np.linalg.eigvalsh(gauss_newton_matrix(teacher, inputs))
        eta = 1 / spectrum[-1]
        run = gradient_descent(
            moved(teacher, 0.01), EmpiricalRisk(inputs, teacher.predict(inputs)), step=eta, teacher=teacher
        )
        q = 1 - eta * spectrum[0]
        h = run.history
        assert run.converged
        assert h.distance[-1] / h.distance[-2] == pytest.approx(q, abs=5e-5)
        assert h.risk[-1] / h.risk[-2] == pytest.approx(q * q, abs=1e-4)


def test_the_checks_of_the_chapters_can_fail():
    """Steps taken are those of the run; batches of one fail where the slope grows; a sample serves near, not far."""
    teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "squared_relu")
    counted, rate = count_steps(teacher, accuracy=1e-3, rng=1), linear_rate(teacher)
    rim = rational_student(teacher, rate.radius, rng=1)
    run = gradient_descent(
        rim, PopulationRisk(teacher), step=rate.step, max_steps=counted.taken, tolerance=0, teacher=teacher
    )
    d = run.history.distance
    assert d[-1] <= 1e-3 * d[0] < d[-2] and counted.asked == rate.steps(1e-3)
    assert counted.condition == rate.largest / rate.least
    own = linear_rate(teacher, least=2.0)
    goal = {"start": own.radius / 20, "steps": 60, "accuracy": 0.1, "runs": 3}
    assert failures(teacher, own, 1, **goal) == 3 and failures(teacher, own, 400, **goal) == 0
    bounded, inputs = OneHiddenLayer([[1.0, 0.0]], [1.0], "tanh"), np.random.default_rng(0).standard_normal((2000, 2))
    least = float(np.linalg.eigvalsh(hessian_at_teacher(bounded))[0])
    for radius, m, n, verdict in (
        (0.01, least, 2000, Verdict.PROVED),
        (6.0, least, 2000, Verdict.REFUTED),
        (0.01, 2 * least, 2000, Verdict.REFUTED),
        (0.01, least, 3, Verdict.REFUTED),
    ):
        assert sample_serves(bounded, inputs[:n], least=m, radius=radius) == verdict


def test_a_run_that_does_not_arrive_is_no_run_of_no_steps(monkeypatch):
    """Ten times the curvature promised: the steps that are asked do not suffice, and more are told. A run that ends in
    nan keeps no promise."""
    teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "erf")
    rate = linear_rate(teacher)
    monkeypatch.setattr(rate_checks, "linear_rate", lambda teacher: dataclasses.replace(rate, least=0.9 * rate.largest))
    counted = count_steps(teacher, accuracy=1e-3)
    assert counted.taken == counted.asked + 1
    lost = SimpleNamespace(history=SimpleNamespace(distance=np.array([0.1, np.inf, np.inf])))
    monkeypatch.setattr(rate_checks, "gradient_descent", lambda *_, **__: lost)
    X = np.random.default_rng(0).standard_normal((2000, 2))
    least = float(np.linalg.eigvalsh(hessian_at_teacher(teacher))[0])
    with np.errstate(invalid="ignore"):
        assert sample_serves(teacher, X, least=0.9 * least, radius=0.01) == Verdict.REFUTED
    lost.history.distance[:] = [0.1, 0.05, 0.02]
    assert sample_serves(teacher, X, least=0.9 * least, radius=0.01) == Verdict.PROVED


def test_binomial_tail_of_the_book():
    """P(Bin(20, 0.0027) > 3) < 1e-6: the failure probability of the test in the chapter on samples."""
    p = 0.0027
    assert 1 - sum(comb(20, i) * p**i * (1 - p) ** (20 - i) for i in range(4)) < 1e-6


def test_the_remainder_of_relu_on_the_population_is_below_the_deviation_of_its_hessian():
    """|grad f - H a| <= delta(|A|) |A| for teachers with unlike v; a slope that jumps has no such bound on samples."""
    for name in ("relu", "leaky_relu"):
        teacher = OneHiddenLayer(random_teacher(2, 3, name, rng=6).W, [1.0, -2.0], name)
        H, shares = hessian_at_teacher(teacher), []
        shortest = np.linalg.norm(teacher.W, axis=1).min()
        for size in (1e-3, 0.1, 0.5):
            student = moved(teacher, size * shortest)
            a = (student.W - teacher.W).ravel()
            rest = np.linalg.norm(gradient(student, teacher).ravel() - H @ a)
            shares.append(rest / (hessian_deviation_bound(teacher, np.linalg.norm(a)) * np.linalg.norm(a)))
        assert 0.01 < max(shares) < 0.5  # the mean of delta along the segment is about half of its end
