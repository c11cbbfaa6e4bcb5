"""Runs: against plain loops, in batches, killed and resumed, diverging, stochastic, in torch; bad input."""

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation
from onenn.overparam import (
    certificate,
    default_step,
    fitted,
    gauss_newton,
    jacobian,
    output_scale,
    signed_halves,
    singular_values,
    threshold,
    train,
    train_many,
    unit_inputs,
)
from onenn.overparam import checkpoint as checkpoints
from onenn.overparam.batch import Batch
from onenn.overparam.certificate_ball import on_balls
from onenn.overparam.descend import Descent
from onenn.rigorous import ball, precision

NAMES = ["relu", "tanh", "softplus", "erf", "gelu", "sigmoid", "leaky_relu", "squared_relu", "linear"]


def task(seed=0, n=5, d=6, k=8, name="softplus"):
    rng = np.random.default_rng(seed)
    X, y = unit_inputs(n, d, rng=rng), rng.standard_normal(n)
    return signed_halves(k, d, name, scale=output_scale(y, k), rng=rng), X, y


def plain(net, X, y, step, iterations):
    """W after so many steps, and the three histories, sample by sample."""
    W, path, history = net.W.copy(), 0.0, []
    for t in range(iterations + 1):
        now = OneHiddenLayer(W, net.v, net.phi)
        r = now.predict(X) - y
        history.append((np.linalg.norm(r), np.linalg.norm(W - net.W), path))
        if t < iterations:
            G = step * (jacobian(now, X).T @ r).reshape(W.shape)
            W, path = W - G, path + np.linalg.norm(G)
    return W, np.array(history)


@pytest.mark.parametrize("name", NAMES)
def test_runs_are_those_of_a_plain_loop(name):
    """The same weights and histories, for every activation: with the shared work of ReLU, tanh and softplus too."""
    net, X, y = task(name=name)
    run = train(net, X, y, step=0.05, max_iterations=40)
    W, history = plain(net, X, y, 0.05, 40)
    assert np.allclose(run.network.W, W, rtol=0, atol=1e-12)
    assert np.allclose(np.stack([run.misfit, run.distance, run.path], axis=1), history, rtol=0, atol=1e-12)
    assert (run.reason, run.iterations, run.step) == ("budget", 40, 0.05) and run.at.tolist() == list(range(41))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_one_weight_one_input_gives_the_activation_and_its_slope(name, dtype):
    """r = phi(w) - y and the step phi'(w) r at the input 1: far out, at kinks and beside them, there from the right."""
    w = np.array([-700.0, -40, -3, -1e-3, 0, 1e-9, 0.5, 2, 40, 80], dtype=dtype)
    phi, one = activation(name), np.ones((len(w), 1), dtype)
    y = (phi(w.astype(float)) - np.linspace(0.5, 2, len(w)))[:, None].astype(dtype)
    r, steps = Batch(phi, one, one[:, None], y, one[:, 0]).residuals_and_steps(w[:, None, None])
    rounding = 8 * np.finfo(dtype).eps
    value, slope = phi(w.astype(float)), phi.derivative(w.astype(float))
    assert np.allclose(r[:, 0], value - y[:, 0], rtol=rounding, atol=rounding * np.max(1 + np.abs(value)))
    assert np.allclose(steps[:, 0, 0] / r[:, 0], slope, rtol=rounding, atol=rounding)
    assert r.dtype == steps.dtype == dtype


@pytest.mark.parametrize("name", ["relu", "tanh", "erf"])
@pytest.mark.parametrize("shared", [True, False])
def test_networks_together_run_as_each_alone(name, shared):
    """In several groups, with networks that stop earlier than others and one that diverges."""
    tasks = [task(seed=s, n=60, d=9, k=40, name=name) for s in range(30)]
    nets = [net for net, *_ in tasks]
    X = tasks[0][1] if shared else np.stack([x for _, x, _ in tasks])
    y = tasks[0][2] if shared else np.stack([t for *_, t in tasks])
    steps = np.full(30, 0.02)
    steps[3] = 50.0
    with pytest.warns(UserWarning, match="above the stable limit"):
        runs = train_many(nets, X, y, step=steps, max_iterations=30, tolerance=0.75)
    assert runs[3].reason == "diverged" if name == "relu" else runs[3].reason != "converged"
    assert len({run.iterations for run in runs}) > 1
    for b in (0, 7, 29):
        alone = train(
            nets[b], X if shared else X[b], y if shared else y[b], step=0.02, max_iterations=30, tolerance=0.75
        )
        assert np.array_equal(alone.misfit, runs[b].misfit) and np.array_equal(alone.network.W, runs[b].network.W)
        assert alone.reason == runs[b].reason


@pytest.mark.parametrize("name", ["relu", "softplus", "tanh", "erf", "gelu", "sigmoid"])
def test_runs_compute_phi_and_its_slope_as_well_as_their_allowance_assumes(name):
    """|phi~ - phi| <= 8u (|phi| + B), |phi~' - phi'| <= 8u B in the products that runs are made of, one sample z for
    each of 600 networks w = v = 1, against balls: r = phi(z) for y = 0, the step phi'(z) r z, with three roundings."""
    u, size = 2.0**-53, 1.13 if name in ("erf", "gelu") else 1.0
    z = np.concatenate([np.random.default_rng(0).standard_normal(500) * 3, np.linspace(-30, 30, 100)])
    one, X = np.ones((600, 1)), z[:, None, None]
    values = Batch(activation(name), one, X, 0 * one, np.ones(600)).residuals_and_steps(one[:, :, None])[0][:, 0]
    r, G = Batch(activation(name), one, X, -2 * one, np.ones(600)).residuals_and_steps(one[:, :, None])
    slopes = G[:, 0, 0] / (r[:, 0] * z)
    with precision(120):
        exact = [ball(Fraction(t)) for t in z.tolist()]
        for kind, computed, allowed in (("value", values, 8), ("derivative", slopes, 8 + 3)):
            for true, found in zip(on_balls(activation(name), kind, exact), computed.tolist(), strict=True):
                most = allowed * u * (size + (abs(float(true.mid())) if kind == "value" else 0))
                assert abs(float((true - ball(Fraction(found))).mid())) <= most


def test_records_may_be_rare():
    """Every tenth iteration, the same numbers."""
    net, X, y = task()
    often, rarely = (train(net, X, y, max_iterations=200, record_every=e, tolerance=0) for e in (1, 10))
    assert np.array_equal(often.misfit[::10], rarely.misfit)
    assert np.allclose(often.path[::10], rarely.path, rtol=1e-13)


def test_measured_rates_approach_the_predicted_ones():
    """The misfit falls by 1 - eta lambda_min(J J^T) a step in the end, to four digits of the difference from 1."""
    net, X, y = task(n=4, d=10, k=200)
    run = train(net, X, y, max_iterations=100_000, tolerance=1e-11)
    assert run.reason == "converged"
    measured, predicted = run.measured_rate, run.predicted_rate(X, at="end")
    assert (1 - measured) / (1 - predicted) == pytest.approx(1, rel=1e-4)
    assert predicted == pytest.approx(1 - run.step * singular_values(run.network, X).least ** 2, rel=1e-12)


def test_unstable_steps_are_announced_and_stopped():
    """Above 2/||J||^2 with a warning; the run ends before it overflows, and says so."""
    net, X, y = task()
    limit = 2 / singular_values(net, X).largest ** 2
    with pytest.warns(UserWarning, match="above the stable limit"):
        run = train(OneHiddenLayer(net.W, net.v, "linear"), X, y, step=100 * limit)
    assert run.reason == "diverged" and run.iterations < 1000 and run.misfit[-1] > 1e4 * run.misfit[0]
    assert train(net, X, y, step=0.5 * limit, max_iterations=50).reason == "budget"


def test_stochastic_steps_take_one_sample_each():
    """The same weights as a plain loop over the same draws; and the mean square falls at least as promised."""
    net, X, y = task(n=4, d=10, k=60)
    step = default_step(net, X, "sgd")
    run = train(net, X, y, "sgd", rng=7, max_iterations=24, record_every=8)
    W, rng = net.W.copy(), np.random.default_rng(7)
    for block in [rng.integers(4, size=(8, 1)) for _ in range(3)]:
        for i in block[:, 0]:
            z = W @ X[i]
            W -= step * (net.v @ net.phi(z) - y[i]) * np.outer(net.v * net.phi.derivative(z), X[i])
    assert np.allclose(run.network.W, W, rtol=0, atol=1e-13)
    assert run.at.tolist() == [0, 8, 16, 24] and run.step == step
    runs = train_many([net] * 12, X, y, "sgd", rng=0, max_iterations=3000, record_every=300, tolerance=0)
    mean = np.mean([r.misfit**2 for r in runs], axis=0)
    assert np.all(mean <= run.predicted_rate(X) ** (2 * runs[0].at) * mean[0] + 1e-24)


def test_stochastic_networks_together_draw_their_own_samples():
    """One table of draws, a column for each network; one that has stopped leaves its column unused."""
    tasks = [task(seed=s, n=4, d=10, k=20) for s in range(3)]
    nets, X, y = [t[0] for t in tasks], np.stack([t[1] for t in tasks]), np.stack([t[2] for t in tasks])
    y[1] = nets[1].predict(X[1])  # converged at once
    runs = train_many(nets, X, y, "sgd", rng=3, step=0.3, max_iterations=12, record_every=4)
    assert [r.reason for r in runs] == ["budget", "converged", "budget"] and runs[1].iterations == 0
    W, rng = nets[2].W.copy(), np.random.default_rng(3)
    for i in np.concatenate([rng.integers(4, size=(4, 3)) for _ in range(3)])[:, 2]:
        z = W @ X[2, i]
        W -= 0.3 * (nets[2].v @ nets[2].phi(z) - y[2, i]) * np.outer(nets[2].v * nets[2].phi.derivative(z), X[2, i])
    assert np.allclose(runs[2].network.W, W, rtol=0, atol=1e-13)


SCRIPT = """
import sys, numpy as np
from onenn.overparam import random_signs, train, unit_inputs
X, y = unit_inputs(30, 8, rng=0), np.random.default_rng(1).standard_normal(30)
net = random_signs(20, 8, "tanh", scale=0.3, rng=2)
run = train(net, X, y, sys.argv[1], step=0.02, rng=np.random.default_rng(5), max_iterations=int(sys.argv[3]),
            tolerance=0, record_every=10, checkpoint=sys.argv[2] or None, checkpoint_every=50, progress=False)
sys.stdout.buffer.write(run.network.W.tobytes() + run.misfit.tobytes() + run.path.tobytes() + run.distance.tobytes())
"""


def start(method, file, iterations):
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-c", SCRIPT, method, str(file), str(iterations)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **threads})


@pytest.mark.slow
@pytest.mark.parametrize(("method", "iterations"), [("gd", 16_000), ("sgd", 16_000)])
def test_a_run_that_is_killed_goes_on_to_the_same_bits(method, iterations, tmp_path):
    """SIGKILL in the middle, then the same call again: weights and histories are those of a run left alone."""
    alone = start(method, "", iterations).communicate()[0]
    file = tmp_path / "run.npz"
    victim = start(method, file, iterations)
    while not file.exists():
        time.sleep(0.005)
        assert victim.poll() is None
    time.sleep(0.05)
    assert victim.poll() is None, "the run was over before it could be killed"
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    with np.load(file) as saved:
        assert 0 < int(saved["iteration"]) < iterations
    assert start(method, file, iterations).communicate()[0] == alone


def test_a_longer_budget_continues_a_finished_run(tmp_path):
    """Half and half again gives the bits of the whole, and nothing is recorded twice."""
    net, X, y = task()
    for method in ("gd", "sgd"):
        file = tmp_path / method
        options = {"rng": 4, "record_every": 5, "tolerance": 0, "step": 0.05}
        train(net, X, y, method, max_iterations=100, checkpoint=file, **options)
        both = train(net, X, y, method, max_iterations=200, checkpoint=file, **options)
        whole = train(net, X, y, method, max_iterations=200, **options)
        assert np.array_equal(both.misfit, whole.misfit) and np.array_equal(both.network.W, whole.network.W)
        again = train(net, X, y, method, max_iterations=200, checkpoint=file, **options)
        assert np.array_equal(again.path, whole.path)
    assert not list(tmp_path.glob("*.part"))


def test_a_converged_run_is_not_run_again(tmp_path):
    """All networks have stopped: the checkpoint is the result."""
    net, X, y = task(n=3, d=10, k=40)
    first, second = (train(net, X, y, tolerance=1e-3, checkpoint=tmp_path / "run") for _ in range(2))
    assert first.reason == second.reason == "converged"
    assert np.array_equal(first.network.W, second.network.W) and np.array_equal(first.at, second.at)


def test_checkpoints_of_other_tasks_are_refused(tmp_path):
    """Other labels, steps, methods, seeds; a file that is none."""
    net, X, y = task()
    file = tmp_path / "run"
    train(net, X, y, "sgd", rng=1, max_iterations=10, checkpoint=file)
    for change in ({"y": y + 1}, {"step": 0.01}, {"rng": 2}, {"method": "gd"}, {"X": X[:, ::-1]}):
        call = {"X": X, "y": y, "method": "sgd", "rng": 1} | change
        with pytest.raises(ValueError, match="belongs to other networks"):
            train(net, call.pop("X"), call.pop("y"), max_iterations=10, checkpoint=file, **call)
    file.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="no checkpoint of a run"):
        train(net, X, y, "sgd", rng=1, max_iterations=10, checkpoint=file)


def forgets(name):
    """A Descent that loses one thing at a restart."""

    class Forgetful(Descent):
        def _restore(self, arrays):
            if arrays is not None and name == "generator":
                self.generator = np.random.default_rng(4)
            if arrays is not None and name in arrays:
                arrays = arrays | {name: np.zeros_like(arrays[name])}
            super()._restore(arrays)

    return Forgetful


@pytest.mark.parametrize("name", ["generator", "path", "W"])
def test_a_restart_that_forgets_is_noticed(name, tmp_path, monkeypatch):
    """By the comparison of bits."""
    net, X, y = task()
    options = {"rng": 4, "record_every": 5, "tolerance": 0, "step": 0.05, "method": "sgd"}
    whole = train(net, X, y, max_iterations=200, **options)
    train(net, X, y, max_iterations=100, checkpoint=tmp_path / "run", **options)
    monkeypatch.setattr(sys.modules["onenn.overparam.train"], "Descent", forgets(name))
    both = train(net, X, y, max_iterations=200, checkpoint=tmp_path / "run", **options)
    assert not (np.array_equal(both.path, whole.path) and np.array_equal(both.network.W, whole.network.W))


def test_a_kill_while_writing_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    """The new file takes its place only when it is complete."""
    file = tmp_path / "run"
    checkpoints.save(file, "task", {"W": np.zeros(3)}, None)

    def broken(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", broken)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(file, "task", {"W": np.ones(3)}, None)
    assert checkpoints.load(file, "task", None)["W"].tolist() == [0, 0, 0]
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("part", [0.3, 1.0, 1.9])
def test_the_predicted_rate_is_the_norm_of_the_step(part):
    """||I - eta K||, whichever end of the spectrum it is at: for large steps the largest eigenvalue is reversed."""
    net, X = signed_halves(6, 8, "softplus", scale=1.0, rng=0), unit_inputs(3, 8, rng=1)
    K = jacobian(net, X) @ jacobian(net, X).T
    eta = part / np.linalg.eigvalsh(K)[-1]
    run = train(net, X, np.ones(3), step=eta, max_iterations=1)
    assert run.predicted_rate(X, at="start") == pytest.approx(np.linalg.norm(np.eye(3) - eta * K, 2), rel=1e-9)


def test_torch_runs_as_numpy_does():
    """The same numbers in double precision, single precision stays single; gd and sgd, one and many."""
    import torch

    net, X, y = task(n=4, d=6, k=10, name="tanh")
    for method in ("gd", "sgd"):
        options = {"step": 0.05, "rng": 1, "max_iterations": 60, "record_every": 6}
        ours = train(net, X, y, method, **options)
        theirs = train(net, torch.tensor(X), torch.tensor(y), method, **options)
        assert np.allclose(theirs.misfit, ours.misfit, rtol=1e-12)
        assert np.allclose(theirs.network.W, ours.network.W, rtol=0, atol=1e-12)
    single = train(net, torch.tensor(X, dtype=torch.float32), y, step=0.05, max_iterations=60)
    assert np.allclose(
        single.misfit[::6], train(net, X, y, step=0.05, max_iterations=60, record_every=6).misfit, rtol=1e-4
    )
    assert certificate(net, torch.tensor(X), torch.tensor(y)).ratio == pytest.approx(
        certificate(net, X, y).ratio, rel=1e-9
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.ones(4)}, r"y has shape \(4,\) but X has 5 rows"),
        ({"y": np.array([1, 2, np.inf, 4, 5])}, "y has nan or inf in entry 2"),
        ({"X": np.ones((5, 5))}, "X has shape"),
        ({"X": np.full((5, 6), np.nan)}, "X has nan or inf in row 0"),
        ({"method": "adam"}, "method is 'adam'"),
        ({"method": "sgd"}, "rng is None"),
        ({"step": 0.0}, "step is 0"),
        ({"step": np.nan}, "step is nan"),
        ({"tolerance": 1.0}, "tolerance is 1"),
        ({"max_iterations": 0}, "max_iterations is 0"),
        ({"record_every": 2.5}, "record_every is 2.5"),
        ({"checkpoint": "x", "checkpoint_every": 0}, "checkpoint_every is 0"),
    ],
)
def test_unfit_arguments_of_runs_are_named(change, message):
    """Before anything runs."""
    net, X, y = task()
    call = {"X": X, "y": y} | change
    with pytest.raises(ValueError, match=message):
        train(net, call.pop("X"), call.pop("y"), **call)


def test_unfit_batches_are_named():
    """Different shapes, wrong numbers of data."""
    net, X, y = task()
    with pytest.raises(ValueError, match="share k, d and phi"):
        train_many([net, task(k=10)[0]], X, y)
    with pytest.raises(ValueError, match=r"X has shape \(3, 5, 6\) for 2 networks"):
        train_many([net, net], np.stack([X] * 3), y)
    with pytest.raises(ValueError, match=r"y has shape \(3, 5\) for 2 networks"):
        train_many([net, net], X, np.stack([y] * 3))
    with pytest.raises(ValueError, match="nets is empty"):
        train_many([], X, y)


@pytest.mark.parametrize("name", ["softplus", "tanh", "relu"])
def test_gauss_newton_fits_what_it_can_and_never_climbs(name):
    """Its first step with little damping is that of least squares; the misfit falls at every step."""
    net, X, y = task(n=6, d=6, k=8, name=name)
    run = gauss_newton(net, X, y)
    assert run.reason == "converged" and run.iterations < 40
    assert np.all(np.diff(run.misfit) < 0)
    assert np.linalg.norm(run.network.predict(X) - y) == pytest.approx(run.misfit[-1], abs=1e-12)
    many = unit_inputs(60, 6, rng=0)
    assert gauss_newton(net, many, np.sign(many[:, 0]), max_iterations=30).reason == "budget"


@pytest.mark.parametrize(("n", "d"), [(6, 6), (48, 6), (60, 6)])
def test_the_first_damped_step_is_that_of_the_augmented_least_squares_problem(n, d):
    """argmin |J s - r|^2 + m |s|^2 with fewer samples than parameters, as many, and more: J over sqrt(m) I, by QR."""
    net, X, y = task(n=n, d=d, k=8)
    run = gauss_newton(net, X, y, max_iterations=1)
    J, r = jacobian(net, X), net.predict(X) - y
    assert len(run.at) == 2
    damping = [1e-3 * np.sum(J * J) / n * 4**i for i in range(12)]
    steps = [
        np.linalg.lstsq(np.vstack([J, m**0.5 * np.eye(J.shape[1])]), np.append(r, np.zeros(J.shape[1])))[0]
        for m in damping
    ]
    taken = (net.W - run.network.W).ravel()
    assert min(np.linalg.norm(taken - s) / np.linalg.norm(s) for s in steps) < 1e-9


def test_trials_of_the_phase_transition_are_decided_by_the_number_of_parameters():
    """Far below k d = n all are fitted, far beyond none, by either method."""
    for method in ("gd", "gauss_newton"):
        assert fitted(8, 4, 10, "softplus", method, trials=4, rng=0) == 4
        assert fitted(80, 4, 10, "softplus", method, trials=2, rng=0) == 0
    with pytest.raises(ValueError, match="method is 'adam'"):
        fitted(8, 4, 10, "softplus", "adam", rng=0)


def test_bounded_units_with_small_output_weights_stop_early():
    """Of k d = 40 parameters, 36 labels: with |v| = 1 tanh saturates before it fits, with |v| = 30 it fits."""
    small, large = (fitted(36, 4, 10, "tanh", "gauss_newton", trials=3, rng=0, scale=s) for s in (1, 30))
    assert (small, large) == (0, 3)
    assert fitted(8, 4, 10, "tanh", "gd", trials=3, rng=0, scale=3.0) == 3
    with pytest.raises(ValueError, match="scale is 0"):
        fitted(8, 4, 10, "tanh", "gd", rng=0, scale=0)
    with pytest.raises(ValueError, match="budget is 0"):
        fitted(8, 4, 10, "tanh", "gd", rng=0, budget=0)
    assert fitted(8, 4, 10, "tanh", "gd", rng=0, scale=3.0, budget=1) == 0


def test_the_estimated_threshold_is_that_of_a_step_and_of_a_slope():
    """A step between two sizes; a straight fall, whose mean is its middle; the error shrinks with the trials."""
    assert threshold([10, 20, 30], [5, 5, 0], 5) == (25.0, 0.0)
    middle, error = threshold(list(range(1, 12)), list(range(10, -1, -1)), 10)
    assert middle == pytest.approx(6.0)
    assert threshold(list(range(1, 12)), list(range(40, -1, -4)), 40)[1] == pytest.approx(error / 2)
    with pytest.raises(ValueError, match="increasing"):
        threshold([1, 1], [1, 0], 2)
    for successes, trials in (([1, 3], 2), ([-1, 1], 2), ([1], 2), ([0, 0], 0)):
        with pytest.raises(ValueError, match="expected a number from 0 to"):
            threshold([1, 2], successes, trials)
