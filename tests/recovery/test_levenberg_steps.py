"""Levenberg-Marquardt step by step beside augmented least squares, and Gauss-Newton's parts beside the Jacobian."""

from itertools import pairwise

import numpy as np
import pytest

from onenn import OneHiddenLayer, random_teacher
from onenn.recovery import gauss_newton, jacobian, levenberg_marquardt
from onenn.recovery.gauss_newton import _conjugate_gradients, _Problem


def problem(name, k=2, d=4, *, n=60, seed=0, noise=0.3):
    """Noisy values of a teacher with weights of different sizes, and a start far away."""
    rng = np.random.default_rng(seed)
    teacher = OneHiddenLayer(random_teacher(k, d, name, rng=rng).W, rng.uniform(0.5, 2, k), name)
    X = rng.standard_normal((n, d))
    y = teacher.predict(X) + noise * rng.standard_normal(n)
    return X, y, OneHiddenLayer(rng.standard_normal((k, d)), rng.choice([-1.0, 1.0], k), name)


def damped_descent(start, X, y, train_v, steps):
    """The mean squares before each step and the damping, by least squares on (J, sqrt(n lambda D)) with QR.

    No normal equations: what is written here is the problem |J s + r|^2/n + lambda s^T D s and the rule for lambda.
    """
    k, d, n, phi = start.k, start.d, len(y), start.phi
    theta, damping = np.concatenate([start.W.ravel(), start.v]), 1e-2
    free = k * d + k * train_v

    def network(t):
        return OneHiddenLayer(t[: k * d].reshape(k, d), t[k * d :], phi)

    def cost(t):
        return float(np.mean((network(t).predict(X) - y) ** 2))

    costs, dampings = [cost(theta)], [damping]
    for _ in range(steps):
        J, r = jacobian(network(theta), X, train_v=train_v), network(theta).predict(X) - y
        D = np.sum(J * J, axis=0) / n
        A = np.vstack([J / np.sqrt(n), np.diag(np.sqrt(damping * D))])
        moved = theta.copy()
        moved[:free] += np.linalg.lstsq(A, np.concatenate([-r / np.sqrt(n), np.zeros(free)]), rcond=None)[0]
        better = cost(moved) < costs[-1]
        theta, damping = (moved, damping / 5) if better else (theta, 4 * damping)
        costs.append(cost(theta))
        dampings.append(damping)
    return np.array(costs), np.array(dampings)


@pytest.mark.parametrize("train_v", [True, False])
@pytest.mark.parametrize("name", ["tanh", "squared_relu"])
def test_each_step_is_that_of_augmented_least_squares(name, train_v):
    """Twelve steps of three starts, some refused: the damping goes down five times, or up four times."""
    refused = 0
    for seed in range(3):
        X, y, start = problem(name, seed=seed)
        costs, dampings = damped_descent(start, X, y, train_v, 12)
        refused += int(np.sum(np.diff(dampings) > 0))
        for steps in (1, 2, 5, 12):
            fits = levenberg_marquardt(
                start.phi, X, y, start.W[None], start.v[None], steps=steps, target=0.0, train_v=train_v
            )
            assert fits.mean_square[0] == pytest.approx(costs[steps], rel=1e-6)
            assert fits.steps == steps
    assert refused > 0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_start_is_given_up_after_fifteen_steps_of_less_than_a_percent(seed):
    """The first t >= 15 with cost_t >= 0.99 cost_(t - 15), from the costs of the other route."""
    X, y, start = problem("tanh", seed=seed)
    costs, _ = damped_descent(start, X, y, True, 60)
    last = next(t for t in range(15, 61) if costs[t] >= 0.99 * costs[t - 15])
    assert levenberg_marquardt(start.phi, X, y, start.W[None], start.v[None]).steps == last


def test_starts_beyond_the_stack_are_not_tried_when_the_target_is_met(monkeypatch):
    """Stacks of one start: the second is read only where the first has not arrived."""
    from onenn.recovery import levenberg

    X, y, _ = problem("relu", noise=0.0)
    teacher = random_teacher(2, 4, "relu", rng=0)
    y = teacher.predict(X)
    monkeypatch.setattr(levenberg, "_STACK", 1)
    near, far = teacher.W, -teacher.W
    for tried, order in ((1, (near, far, far)), (2, (far, near, far)), (3, (far, far, near)), (3, (far, far, far))):
        W, v = np.array(order), np.array([teacher.v] * 3)
        assert len(levenberg_marquardt(teacher.phi, X, y, W, v, target=1e-20, steps=2).W) == tried


@pytest.mark.parametrize("train_v", [True, False])
def test_the_step_of_gauss_newton_is_that_of_least_squares(train_v):
    """Conjugate gradients to the end: J s = -r in the least-squares sense, and the decrement is |J s|^2/n."""
    X, y, start = problem("tanh")
    parts = _Problem(start, X, y, train_v)
    point = parts.at(parts.W, parts.v)
    J, r = jacobian(start, X, train_v=train_v), start.predict(X) - y
    a = np.random.default_rng(1).standard_normal(J.shape[1])
    assert np.allclose(parts.gradient(point), J.T @ r / 60, rtol=1e-12)
    assert np.allclose(parts.product(point, a), J.T @ (J @ a) / 60, rtol=1e-12)
    step = np.linalg.lstsq(J, -r, rcond=None)[0]
    found, decrement, products = _conjugate_gradients(
        point=point, problem=parts, inverse=np.eye(len(a)), tolerance=1e-13
    )
    assert np.allclose(found, step, rtol=1e-8, atol=1e-10)
    assert decrement == pytest.approx(float(np.sum((J @ step) ** 2)) / 60, rel=1e-10)
    assert 2 < products <= 60
    exact = np.linalg.inv(J.T @ J / 60)
    assert _conjugate_gradients(parts, point, exact)[2] == 1
    moved = parts.moved(point, found, 0.25)
    k, d = start.k, start.d
    there = OneHiddenLayer(
        start.W + 0.25 * step[: k * d].reshape(k, d), start.v + (0.25 * step[k * d :] if train_v else 0), "tanh"
    )
    assert moved.mean_square == pytest.approx(np.mean((there.predict(X) - y) ** 2), rel=1e-9)


def test_the_first_residual_at_a_hundredth_ends_the_conjugate_gradients():
    """In the norm of the preconditioner, sqrt(r^T P r): with P = I, the first step whose gradient is 1 % of the first.

    Independent route: conjugate gradients minimise the quadratic over Krylov spaces, found here by projection.
    """
    X, y, start = problem("tanh", k=3, d=6, n=200)
    parts = _Problem(start, X, y, True)
    point = parts.at(parts.W, parts.v)
    J = jacobian(start, X, train_v=True)
    A, g = J.T @ J / 200, J.T @ (start.predict(X) - y) / 200
    basis = g[:, None] / np.linalg.norm(g)
    count = 1
    while True:
        s = -basis @ np.linalg.solve(basis.T @ A @ basis, basis.T @ g)
        rest = g + A @ s
        if np.linalg.norm(rest) <= 1e-2 * np.linalg.norm(g):
            break
        basis = np.linalg.qr(np.column_stack([basis, rest]))[0]
        count += 1
    found, _, products = _conjugate_gradients(parts, point, np.eye(len(g)))
    assert products == count
    assert np.allclose(found, s, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("train_v", [True, False])
def test_the_preconditioner_is_the_inverse_on_some_samples(train_v):
    """(J^T J/m + 1e-8 trace/p)^-1 at a stride; a unit that is zero there leaves the inverse finite."""
    X, y, start = problem("relu", n=100)
    W = start.W.copy()
    W[1] = -1e-3 * np.eye(4)[0]
    X = np.abs(X)
    idle = OneHiddenLayer(W, start.v, "relu")
    for net in (start, idle):
        parts = _Problem(net, X, y, train_v)
        point = parts.at(parts.W, parts.v)
        rows = slice(None, None, 3)
        J = jacobian(net, X[rows], train_v=train_v)
        A = J.T @ J / len(J)
        A = A + 1e-8 * np.trace(A) / len(A) * np.eye(len(A))
        inverse = parts.preconditioner(point, rows)
        assert np.allclose(inverse @ A, np.eye(len(A)), rtol=0, atol=1e-6)
    assert not np.any(J[:, 4:8])
    assert inverse[5, 5] == pytest.approx(1 / A[5, 5], rel=1e-9)


@pytest.mark.parametrize(
    ("n", "k", "d", "stride"), [(8000, 1, 10, 50), (8000, 4, 250, 2), (8000, 2, 80, 12), (9, 1, 5, 1)]
)
def test_the_preconditioner_reads_four_to_sixteen_samples_a_parameter(n, k, d, stride):
    """p = 10: 16 p = 160 of 8000; p = 1000: 4 p; p = 160: 640, more than 10 n/p = 500; few samples: all."""
    net = OneHiddenLayer(np.ones((k, d)), np.ones(k), "relu")
    X = np.zeros((n, d))
    assert _Problem(net, X, np.zeros(n), False).sample() == slice(None, None, stride)


def test_a_step_that_does_not_help_is_halved():
    """From beyond the inflection of tanh the full step goes too far: the mean square falls all the same, each time."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((200, 2))
    y = np.tanh(X @ [1.0, 0.5])
    start = OneHiddenLayer([[6.0, -3.0]], [1.0], "tanh")
    J, r = jacobian(start, X), start.predict(X) - y
    full = OneHiddenLayer(start.W - np.linalg.lstsq(J, r, rcond=None)[0].reshape(1, 2), [1.0], "tanh")
    assert np.mean((full.predict(X) - y) ** 2) > np.mean(r**2)
    costs = [gauss_newton(start, X, y, steps=t).mean_square for t in range(8)]
    assert costs[0] == pytest.approx(np.mean(r**2)) and all(b < a for a, b in pairwise(costs))


def test_refinement_ends_where_the_gain_is_far_below_the_noise():
    """`decrement` is the gain |J s|^2/n of the step that was not taken: at most `relative` mean_square p/n.

    With a stricter `relative` there are more steps, and the last decrement that was too large is among them.
    """
    X, y, _ = problem("tanh", n=400)
    start = OneHiddenLayer(random_teacher(2, 4, "tanh", rng=0).W, np.ones(2), "tanh")
    for relative in (1e-2, 1e-6):
        found = gauss_newton(start, X, y, train_v=True, relative=relative)
        small = relative * found.mean_square * 10 / 400
        J, r = jacobian(found.network, X, train_v=True), found.network.predict(X) - y
        gain = float(np.sum((J @ np.linalg.lstsq(J, r, rcond=None)[0]) ** 2)) / 400
        assert found.decrement == pytest.approx(gain, rel=1e-3)
        assert found.decrement <= small
        before = gauss_newton(start, X, y, train_v=True, relative=relative, steps=found.steps - 1)
        assert before.decrement > relative * before.mean_square * 10 / 400
