"""Descents: against plain loops and formulas, why they stop, what they note, and what they refuse."""

import numpy as np
import pytest

from onenn import OneHiddenLayer, random_teacher
from onenn.landscape import (
    EmpiricalRisk,
    FreshSamples,
    PopulationRisk,
    empirical_gradient,
    empirical_risk,
    gauss_newton,
    gauss_newton_matrix,
    gaussian_samples,
    gradient,
    gradient_descent,
    hessian_at_teacher,
    in_parts,
    lbfgs,
    risk,
    safe_step,
)

RNG = np.random.default_rng(0)
TEACHER = random_teacher(2, 3, "erf", rng=1)
X = RNG.standard_normal((300, 3))
SAMPLE = EmpiricalRisk(X, TEACHER.predict(X))
DIRECTION = RNG.standard_normal((2, 3))
METHODS = [gradient_descent, gauss_newton, lbfgs]


def near(teacher=TEACHER, distance=0.1, seed=0):
    A = np.random.default_rng(seed).standard_normal(teacher.W.shape)
    return OneHiddenLayer(teacher.W + distance * A / np.linalg.norm(A), teacher.v, teacher.phi)


def test_gradient_descent_is_the_plain_loop():
    """Independent code: twenty steps written out, on a sample and on the population."""
    for objective, g in (
        (SAMPLE, lambda s: empirical_gradient(s, X, TEACHER.predict(X))),
        (PopulationRisk(TEACHER), lambda s: gradient(s, TEACHER)),
    ):
        student = near()
        run = gradient_descent(student, objective, step=0.3, max_steps=20, teacher=TEACHER)
        distances = [np.linalg.norm(student.W - TEACHER.W)]
        for _ in range(20):
            student = OneHiddenLayer(student.W - 0.3 * g(student), student.v, student.phi)
            distances.append(np.linalg.norm(student.W - TEACHER.W))
        assert np.array_equal(run.network.W, student.W) and run.steps == 20
        assert np.allclose(run.history.distance, distances, rtol=1e-14)


def test_the_error_of_a_linear_unit_is_a_power():
    """phi(z) = z, k = 1: H = I, so A_t = (1 - eta)^t A_0 exactly, and the risk its square over two."""
    teacher, student = (OneHiddenLayer([row], [1.0], "linear") for row in ([1.0, 2.0], [4.0, 6.0]))
    h = gradient_descent(student, PopulationRisk(teacher), step=0.25, max_steps=30, teacher=teacher).history
    powers = 0.75 ** np.arange(31)
    assert np.allclose(h.distance, 5 * powers, rtol=1e-10)
    assert np.allclose(h.gradient_norm, 5 * powers, rtol=1e-10)
    assert np.allclose(h.risk[:15], 12.5 * powers[:15] ** 2, rtol=1e-10)  # a difference: rounded later


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_teacher_and_says_so(method):
    """From 0.1 away, to 1e-9; the history starts at the start and ends at the network."""
    run = method(near(), SAMPLE, teacher=TEACHER, tolerance=1e-11)
    h = run.history
    assert run.reason == "converged" and run.converged and run.advice == ""
    assert h.distance[0] == pytest.approx(0.1) and h.distance[-1] < 1e-8 and h.gradient_norm[-1] <= 1e-11
    assert len(h.risk) == len(h.gradient_norm) == len(h.seconds) == run.steps + 1
    assert (np.diff(h.seconds) >= 0).all() and (np.diff(h.risk) <= 1e-25).all()
    assert h.risk[-1] == pytest.approx(empirical_risk(run.network, X, TEACHER.predict(X)), rel=1e-12)
    assert "converged after" in repr(run)


@pytest.mark.parametrize("method", METHODS)
def test_the_start_may_be_the_end(method):
    """At the teacher the gradient vanishes: no step. And without a teacher there are no distances."""
    run = method(TEACHER, SAMPLE)
    assert (run.reason, run.steps, run.history.distance) == ("converged", 0, None)
    assert run.network is TEACHER
    budget = method(near(), SAMPLE, max_steps=0)
    assert (budget.reason, budget.steps) == ("step budget", 0) and "max_steps" in budget.advice


def test_a_step_too_long_is_divergence_and_the_advice_is_a_shorter_one():
    """Squared ReLU grows beyond all numbers; the best network so far is returned, the start included."""
    teacher = random_teacher(2, 3, "squared_relu", rng=0)
    inputs = np.random.default_rng(1).standard_normal((200, 3))
    for objective in (PopulationRisk(teacher), EmpiricalRisk(inputs, teacher.predict(inputs))):
        run = gradient_descent(near(teacher), objective, step=3.0, max_steps=500)
        assert run.reason == "diverged" and run.advice == "lower the step" and run.steps < 500
        assert np.isfinite(run.network.W).all()
        assert objective.risk_and_gradient(run.network)[0] == min(run.history.risk)


def test_bounded_units_cannot_diverge_but_the_advice_is_the_same():
    """The risk of erf units is bounded: the budget ends above the start, which is said."""
    run = gradient_descent(near(), SAMPLE, step=500.0, max_steps=50)
    assert run.reason == "step budget" and "lower the step" in run.advice


def test_a_safe_step_is_safe():
    """At most 1/lambda_max for any activation; the risk never rises near the teacher."""
    for name in ("erf", "tanh", "softplus", "relu", "squared_relu", "gelu", "exp"):
        teacher = random_teacher(2, 3, name, rng=2)
        assert 0 < safe_step(teacher) <= 1 / np.linalg.eigvalsh(hessian_at_teacher(teacher))[-1]
    run = gradient_descent(near(), SAMPLE, max_steps=50)
    assert (np.diff(run.history.risk) < 0).all()
    first = gradient_descent(near(), SAMPLE, max_steps=1).network.W  # by default it is the step
    assert np.allclose(near().W - first, safe_step(near()) * SAMPLE.risk_and_gradient(near())[1], rtol=1e-12)


def test_gauss_newton_squares_the_error_with_full_steps():
    """Near the teacher no step is damped, and |A_{t+1}| is at most a constant times |A_t|^2."""
    run = gauss_newton(near(), SAMPLE, teacher=TEACHER, tolerance=1e-13)
    d = run.history.distance
    assert run.steps <= 5 and (run.history.damping == 0).all()
    assert (d[1:3] <= 5 * d[:2] ** 2).all()
    G, g = gauss_newton_matrix(near(), X), SAMPLE.risk_and_gradient(near())[1]
    once = gauss_newton(near(), SAMPLE, max_steps=1).network
    assert np.allclose(once.W, near().W - np.linalg.solve(G, g.ravel()).reshape(2, 3), rtol=1e-12)


def test_gauss_newton_is_damped_where_a_full_step_raises_the_risk():
    """From far away; with full steps alone the risk would rise. Each risk is at most the one before."""
    teacher = random_teacher(3, 4, "tanh", condition=3, rng=0)
    inputs = np.random.default_rng(5).standard_normal((60, 4))
    far = near(teacher, 2.0, seed=0)
    run = gauss_newton(far, EmpiricalRisk(inputs, teacher.predict(inputs)), max_steps=60)
    assert (run.history.damping > 0).any() and (np.diff(run.history.risk) <= 0).all()
    at = int(np.argmax(run.history.damping > 0))  # the first damped step, by the formula of Levenberg and Marquardt
    here = gauss_newton(far, EmpiricalRisk(inputs, teacher.predict(inputs)), max_steps=at - 1).network
    G, g = gauss_newton_matrix(here, inputs), EmpiricalRisk(inputs, teacher.predict(inputs)).risk_and_gradient(here)[1]
    for mu, falls in ((0.0, False), (run.history.damping[at], True)):
        W = here.W - np.linalg.solve(G + mu * np.eye(12), g.ravel()).reshape(3, 4)
        after = empirical_risk(OneHiddenLayer(W, far.v, "tanh"), inputs, teacher.predict(inputs))
        assert (after < run.history.risk[at - 1]) == falls
    assert after == pytest.approx(run.history.risk[at], rel=1e-9)


def test_gauss_newton_bears_a_singular_matrix():
    """Two equal units of one output weight: G has a kernel of dimension d, so the first step is damped."""
    teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "erf")
    equal = OneHiddenLayer([[0.4, 0.3], [0.4, 0.3]], [1.0, 1.0], "erf")
    run = gauss_newton(equal, PopulationRisk(teacher), max_steps=30)
    assert run.history.damping[1] > 0 and (np.diff(run.history.risk) <= 1e-15).all()
    assert run.history.risk[-1] < run.history.risk[0] / 2


def test_lbfgs_is_that_of_scipy():
    """The same end as scipy.optimize.minimize on the flat function; its step budget is kept."""
    from scipy.optimize import minimize

    def flat(x):
        value, g = SAMPLE.risk_and_gradient(OneHiddenLayer(x.reshape(2, 3), TEACHER.v, "erf"))
        return value, g.ravel()

    options = {"maxcor": 10, "ftol": 0.0, "gtol": 0.0, "maxls": 20}
    found = minimize(flat, near().W.ravel(), jac=True, method="L-BFGS-B", options={**options, "maxiter": 12})
    run = lbfgs(near(), SAMPLE, max_steps=12, tolerance=0.0)
    assert run.steps == 12 and run.reason == "step budget"
    assert np.allclose(run.network.W.ravel(), found.x, rtol=1e-10)


def test_lbfgs_on_a_population_risk_says_that_it_stalls():
    """The risk is a difference there: its line search cannot see below 1e-16."""
    run = lbfgs(near(), PopulationRisk(TEACHER), tolerance=0.0, teacher=TEACHER)
    assert run.reason == "stalled" and "tolerance" in run.advice and run.history.distance[-1] < 1e-5


def test_fresh_samples_are_used_once_and_in_order():
    """Steps on the parts, written out; when they end, so does the descent, and says why."""
    parts = list(in_parts(X, TEACHER.predict(X), 7))
    assert sum(len(part) for part, _ in parts) == 300 and {len(part) for part, _ in parts} == {42, 43}
    assert np.array_equal(np.concatenate([part for part, _ in parts]), X)
    run = gradient_descent(near(), FreshSamples(parts), step=0.3)
    student = near()
    for part, y in parts[:6]:
        student = OneHiddenLayer(student.W - 0.3 * empirical_gradient(student, part, y), student.v, "erf")
    assert np.array_equal(run.network.W, student.W)
    assert (run.steps, run.reason) == (6, "step budget") and "used up" in run.advice


def test_gaussian_samples_are_reproducible_and_differ():
    """One stream of random numbers; the labels are the teacher's."""
    first, second = (gaussian_samples(TEACHER, 5, rng=3) for _ in range(2))
    a, b = next(first), next(first)
    assert np.array_equal(a[0], next(second)[0]) and not np.array_equal(a[0], b[0])
    assert np.array_equal(b[1], TEACHER.predict(b[0]))
    run = gradient_descent(near(), FreshSamples(gaussian_samples(TEACHER, 100, rng=0)), step=0.5, max_steps=5000)
    assert run.converged


def test_the_population_objective_is_risk_gradient_and_hessian():
    """By the functions of the same names; the Gauss-Newton matrix is the Hessian of a student that is the teacher."""
    objective, student = PopulationRisk(TEACHER), near()
    value, g = objective.risk_and_gradient(student)
    assert value == risk(student, TEACHER) and np.array_equal(g, gradient(student, TEACHER))
    many = np.random.default_rng(6).standard_normal((200_000, 3))
    assert np.abs(objective.gauss_newton(student) - gauss_newton_matrix(student, many)).max() < 0.02
    assert 0 < objective.resolution < 1e-13


def test_nothing_is_printed_where_there_is_no_terminal(capfd):
    """The progress bar is for a terminal, after two seconds."""
    gradient_descent(near(), SAMPLE, max_steps=200)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradient_descent(near(), SAMPLE, step=0.0), "step is 0.0; expected a number > 0"),
        (lambda: gradient_descent(near(), SAMPLE, step=np.nan), "step is nan"),
        (lambda: gradient_descent(near(), SAMPLE, max_steps=-1), "max_steps is -1"),
        (lambda: gradient_descent(near(), SAMPLE, max_steps=1.5), "max_steps is 1.5"),
        (lambda: lbfgs(near(), SAMPLE, tolerance=-1.0), "tolerance is -1.0"),
        (lambda: lbfgs(near(), SAMPLE, memory=0), "memory is 0"),
        (lambda: gauss_newton(near(), SAMPLE, teacher=random_teacher(2, 4, "erf", rng=0)), "teacher has W of shape"),
        (lambda: gauss_newton(near(), FreshSamples([])), "FreshSamples"),
        (lambda: lbfgs(near(), FreshSamples([])), "FreshSamples"),
        (lambda: gradient_descent(near(), FreshSamples([])), "empty source"),
        (lambda: FreshSamples([]).gauss_newton(near()), "no sample yet"),
        (lambda: gaussian_samples(TEACHER, 0, rng=0), "samples is 0"),
        (lambda: in_parts(X, TEACHER.predict(X), 301), "parts is 301; expected an int between 1 and 300"),
        (lambda: in_parts(X, TEACHER.predict(X)[1:], 3), "y has 299 entries but X has 300"),
        (lambda: gradient_descent(near(), EmpiricalRisk(X.T, X[:, 0])), "did you mean X.T"),
        (lambda: gradient_descent(near(), PopulationRisk(random_teacher(2, 3, "tanh", rng=0))), "one activation"),
        (lambda: safe_step(OneHiddenLayer([[1.0]], [0.0], "relu")), "v = 0"),
        (lambda: safe_step(OneHiddenLayer([[0.0], [1.0]], [1.0, 1.0], "relu")), "row 0 of W is zero"),
    ],
)
def test_unfit_arguments_are_named(call, message):
    """With what was expected, and a remedy."""
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        call()
