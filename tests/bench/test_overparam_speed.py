"""Twenty small networks at once beside a loop over them, in NumPy and in torch autograd, measured in one run.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 pytest -m bench -o addopts="" -s tests/bench/test_overparam_speed.py
"""

import os
import time

import numpy as np
import pytest

from onenn.overparam import random_signs, train_many, unit_inputs

pytestmark = pytest.mark.bench

COUNT, D, STEP = 20, 20, 1e-3
SHAPES = [(100, 10, 4.0), (20, 4, 1.0), (400, 4, 1.0), (20, 40, 1.0), (400, 40, 1.0)]


def task(n, k, name):
    """Inputs, labels and networks, all different."""
    rng = np.random.default_rng(0)
    X = np.stack([unit_inputs(n, D, rng=rng) for _ in range(COUNT)])
    nets = [random_signs(k, D, name, scale=k**-0.5, rng=rng) for _ in range(COUNT)]
    return nets, X, rng.standard_normal((COUNT, n))


def numpy_loop(nets, X, y, iterations):
    """What one would write: the same steps and the same three histories, one network after the other, ReLU by hand."""
    for net, x, t in zip(nets, X, y, strict=True):
        W, v, path, history = net.W.copy(), net.v, 0.0, []
        W0 = W.copy()
        for _ in range(iterations):
            Z = x @ W.T
            r = np.maximum(Z, 0) @ v - t
            history.append((np.linalg.norm(r), np.linalg.norm(W - W0), path))
            G = STEP * (((Z > 0) * (r[:, None] * v)).T @ x)
            W -= G
            path += np.linalg.norm(G)


def package_loop(nets, X, y, iterations):
    """The same with the package's phi and phi', for any activation."""
    for net, x, t in zip(nets, X, y, strict=True):
        W, v, phi, path, history = net.W.copy(), net.v, net.phi, 0.0, []
        W0 = W.copy()
        for _ in range(iterations):
            Z = x @ W.T
            r = phi(Z) @ v - t
            history.append((np.linalg.norm(r), np.linalg.norm(W - W0), path))
            G = STEP * ((phi.derivative(Z) * (r[:, None] * v)).T @ x)
            W -= G
            path += np.linalg.norm(G)


def torch_loop(nets, X, y, iterations):
    """Autograd and torch.optim.SGD, one network after the other."""
    import torch

    for net, *data in zip(nets, X, y, strict=True):
        x, t, v = (torch.tensor(a) for a in (*data, net.v))
        W = torch.nn.Parameter(torch.tensor(net.W))
        optimiser = torch.optim.SGD([W], lr=STEP)
        for _ in range(iterations):
            optimiser.zero_grad()
            loss = 0.5 * ((torch.relu(x @ W.T) @ v - t) ** 2).sum()
            loss.backward()
            optimiser.step()


def together(nets, X, y, iterations):
    train_many(nets, X, y, step=STEP, max_iterations=iterations, tolerance=0)


def ratio(slow, quick, rounds, iterations):
    """Time per iteration of the first over that of the second, by turns and as long as each other; the least of the
    rounds of each, which what else runs on the machine disturbs least."""
    times = np.empty((rounds, 2))
    for row in times:
        for i, (f, count) in enumerate(zip((slow, quick), iterations, strict=True)):
            start = time.perf_counter()
            f(count)
            row[i] = (time.perf_counter() - start) / count
    slower, quicker = times.min(axis=0)
    return float(slower / quicker)


@pytest.mark.parametrize(("n", "k", "least"), SHAPES)
def test_networks_at_once_are_quicker_than_a_numpy_loop(n, k, least):
    """Nowhere slower on k <= 40, n <= 400; the loop has its ReLU written by hand."""
    data = task(n, k, "relu")
    together(*data, 5)
    found = ratio(lambda c: numpy_loop(*data, c), lambda c: together(*data, c), 15, (400, 2000))
    print(f"n = {n}, k = {k}: {found:.2f} times a NumPy loop, {os.environ.get('OMP_NUM_THREADS', 'default')} threads")
    assert found >= least


def test_networks_at_once_are_four_times_as_quick_as_a_loop_over_activations():
    """n = 100, k = 10, ReLU, the loop with phi and phi' of the package."""
    data = task(100, 10, "relu")
    together(*data, 5)
    found = ratio(lambda c: package_loop(*data, c), lambda c: together(*data, c), 15, (400, 2000))
    print(f"n = 100, k = 10: {found:.2f} times a NumPy loop with the package's activation")
    assert found >= 4


def test_networks_at_once_are_ten_times_as_quick_as_autograd():
    """n = 200, k = 20."""
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    data = task(200, 20, "relu")
    together(*data, 5)
    torch_loop(*data, 2)
    found = ratio(lambda c: torch_loop(*data, c), lambda c: together(*data, c), 11, (50, 600))
    print(f"n = 200, k = 20: {found:.2f} times torch autograd, {torch.get_num_threads()} threads")
    assert found >= 10
