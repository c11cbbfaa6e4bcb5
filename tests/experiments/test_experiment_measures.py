"""What the stored experiments measure: training by differences, judgments by hand on outcomes that are known."""

import math
import warnings
from itertools import count, pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, random_teacher
from onenn.diversity import mean_squared_discrepancy, regularizer
from onenn.experiments import diverse_units, estimates, minima, paper, phase_transition, recovery
from onenn.recovery import RecoveryWarning, descend, jacobian

RNG = np.random.default_rng(0)


def slopes(f, x, h=1e-6):
    """Central differences of f at the array x."""
    found = np.empty(x.size)
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = h
        found[i] = (f(x + step.reshape(x.shape)) - f(x - step.reshape(x.shape))) / (2 * h)
    return found.reshape(x.shape)


@pytest.mark.parametrize("coefficient", [0.0, 0.7])
def test_the_classifier_follows_its_loss_with_momentum(coefficient):
    """Full batches of 40: W and V after each epoch, by differences of the mean cross-entropy plus c R."""
    X, labels = RNG.standard_normal((40, 3)), RNG.integers(0, 4, 40)
    labels[0] = 3

    def loss(W, V):
        scores = np.maximum(X @ W.T, 0) @ V.T
        fit = np.mean(np.log(np.sum(np.exp(scores), axis=1)) - scores[np.arange(40), labels])
        return fit + coefficient * float(regularizer(W).value)

    def after(epochs, rate=0.1):
        return diverse_units.classify(
            X, labels, k=5, coefficient=coefficient, epochs=epochs, rng=np.random.default_rng(1), rate=rate, batch=40
        )

    before, (W, V) = (0.0, 0.0), after(0)
    assert W.shape == (5, 3) and V.shape == (4, 5)
    for epoch in range(1, 4):
        steps = (slopes(lambda A, V=V: loss(A, V), W), slopes(lambda A, W=W: loss(W, A), V))
        before = tuple(0.9 * speed - 0.1 * step for speed, step in zip(before, steps, strict=True))
        W, V = W + before[0], V + before[1]
        found = after(epoch)
        assert np.allclose(found[0], W, rtol=0, atol=1e-7) and np.allclose(found[1], V, rtol=0, atol=1e-7)
        W, V = found


def test_a_batch_has_about_the_rows_it_says(monkeypatch):
    """100 samples in batches of 30: three steps an epoch, of 34, 33 and 33 rows, each sample once."""
    seen = []
    split = np.array_split
    monkeypatch.setattr(diverse_units.np, "array_split", lambda a, n: seen.append(split(a, n)) or split(a, n))
    X, labels = RNG.standard_normal((100, 2)), RNG.integers(0, 2, 100)
    diverse_units.classify(X, labels, k=2, coefficient=0.0, epochs=2, rng=np.random.default_rng(0), batch=30)
    assert [[len(rows) for rows in parts] for parts in seen] == [[34, 33, 33]] * 2
    assert all(sorted(np.concatenate(parts)) == list(range(100)) for parts in seen)


@pytest.mark.parametrize("coefficient", [0.0, 2.0])
def test_training_has_momentum_and_the_regulariser(coefficient):
    """One sample drawn again and again: W_(t+1) - W_t = m (W_t - W_(t-1)) - rate grad, by differences."""
    X, y = RNG.standard_normal((1, 3)), np.array([5.0])
    W, v = RNG.standard_normal((4, 3)), np.array([1.0, -1.0, 1.0, 1.0])

    def loss(A):
        return float((np.maximum(X @ A.T, 0) @ v - y)[0] ** 2) / 2 + coefficient * float(regularizer(A).value)

    def after(steps):
        options = {"rate": 0.05, "momentum": 0.8, "batch": 6, "coefficient": coefficient}
        return diverse_units.train_units(X, y, W, v, steps=steps, **options, rng=np.random.default_rng(0))

    path = [W, *(after(steps) for steps in (1, 2, 3))]
    speed = np.zeros_like(W)
    for here, there in pairwise(path):
        speed = 0.8 * speed - 0.05 * slopes(loss, here)
        assert np.allclose(there - here, speed, rtol=0, atol=1e-7)


def test_losses_are_halves_of_means_and_errors_are_percents():
    """By hand: residuals 1 and -3; two of three labels right."""
    X, W = np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0]])
    assert diverse_units._loss(X, np.array([0.0, 5.0]), W, np.array([1.0, 7.0])) == pytest.approx((1 + 9) / 4)
    X, W, V = np.array([[1.0], [-1.0], [2.0]]), np.array([[1.0], [-1.0]]), np.eye(2)
    assert diverse_units._errors(X, np.array([0, 1, 1]), W, V) == pytest.approx(100 / 3)


def test_the_coefficient_is_chosen_on_data_of_its_own(monkeypatch):
    """Errors that are known: train, choice and test are three parts, and the least choice error decides."""
    parts, errors = [], {0.0: (1, 50, 9), 1.0: (2, 30, 8), 0.1: (3, 20, 7), 0.01: (4, 25, 1), 0.001: (5, 40, 2)}
    X = np.arange(10.0)[:, None]

    def trained(A, labels, *, k, coefficient, epochs, rng):
        parts.append((A.ravel().tolist(), rng.integers(2**40)))
        return coefficient, None

    monkeypatch.setattr(diverse_units, "classify", trained)
    sizes = {5: 0, 3: 1, 2: 2}
    monkeypatch.setattr(diverse_units, "_errors", lambda A, labels, W, V: errors[W][sizes[len(A)]])
    found = diverse_units._compare(X, np.arange(10), (5, 8), k=3, epochs=1, rng=np.random.default_rng(0))
    assert found == {"train_plain": 1, "test_plain": 9, "train_spread": 3, "test_spread": 7, "chosen": 0.1}
    assert [rows for rows, _ in parts] == [[0, 1, 2, 3, 4]] * 5 and len({draw for _, draw in parts}) == 1
    for seed in range(1, 6):
        diverse_units._compare(X, np.arange(10), (5, 8), k=3, epochs=1, rng=np.random.default_rng(seed))
    assert len({draw for _, draw in parts}) == 6


def test_digits_are_centred_and_split(monkeypatch):
    """1797 images of 64 pixels: mean 0, mean square 1/64 of a pixel; 897 train, 300 choose, 600 test."""
    seen = {}

    def compare(X, labels, parts, *, k, epochs, rng):
        seen.update(X=X, labels=labels, parts=parts, epochs=epochs)
        return {}

    monkeypatch.setattr(diverse_units, "_compare", compare)
    diverse_units.digits_generalisation(k=10, rng=np.random.default_rng(0))
    assert seen["X"].shape == (1797, 64) and abs(seen["X"].mean()) < 1e-12
    assert np.mean(seen["X"] ** 2) == pytest.approx(1 / 64)
    assert (seen["parts"], seen["epochs"], np.bincount(seen["labels"]).tolist()[0]) == ((897, 1197), 60, 178)


def test_the_teacher_of_the_regulariser_is_the_goal(monkeypatch):
    """Training that only scales its start by 1 + c: the loss of each coefficient on each part is then known to differ.

    The chosen one has the least loss on the part for choosing, among four; the plain one is the start itself.
    """
    losses = {}
    loss = diverse_units._loss

    def watched(X, y, W, v):
        losses.setdefault(len(X), []).append(loss(X, y, W, v))
        return losses[len(X)][-1]

    monkeypatch.setattr(diverse_units, "_loss", watched)
    options = []

    def scaled(X, y, W, v, *, coefficient, **others):
        options.append((len(X), others["steps"], others["rate"], others["momentum"], others["batch"]))
        return W * (1 + coefficient)

    monkeypatch.setattr(diverse_units, "train_units", scaled)
    found = diverse_units.teacher_generalisation(k=20, rng=np.random.default_rng(0))
    assert set(options) == {(500, 6000, 0.1, 0.9, 100)} and len(options) == 5
    chosen = 1 + int(np.argmin(losses[2000][1:]))
    assert found["chosen"] == (0.0, *diverse_units.COEFFICIENTS)[chosen]
    assert (found["train_plain"], found["test_plain"]) == (losses[500][0], losses[10_000][0])
    assert (found["train_spread"], found["test_spread"]) == (losses[500][chosen], losses[10_000][chosen])


def test_the_discrepancy_is_that_of_the_units_before_and_after(monkeypatch):
    """Training that turns all units into the first: the discrepancy is that of one unit, the losses are of both."""
    losses = []

    def trained(X, y, W, v, **options):
        assert options["steps"] == 5000 and options["momentum"] == options["coefficient"] == 0.0
        ends = W, np.repeat(W[:1], len(W), axis=0)
        losses.extend(np.mean((np.asarray(OneHiddenLayer(A, v, "relu").predict(X)) - y) ** 2) / 2 for A in ends)
        return ends[1]

    monkeypatch.setattr(diverse_units, "train_units", trained)
    found = diverse_units.discrepancy_after_training(k=20, rng=np.random.default_rng(0))
    assert found["ratio"] == pytest.approx(found["after"] / mean_squared_discrepancy(20, 50))
    assert found["after"] > 5 * found["before"]
    assert found["loss"] == pytest.approx(losses[1]) and found["loss_before"] == pytest.approx(losses[0])


def test_the_share_of_fitted_draws_is_counted_in_order(monkeypatch):
    """n labels and k units, not the other way round; seven of ten are 0.7."""
    calls = []
    monkeypatch.setattr("onenn.overparam.fitted", lambda *a, trials, rng: calls.append((*a, trials)) or 7)
    assert phase_transition.success(activation="tanh", method="gd", k=3, n=40, rng=RNG) == pytest.approx(0.7)
    assert calls == [(40, 3, 10, "tanh", "gd", 10)]


@pytest.mark.parametrize("kind", ["minimum", "saddle", "none"])
def test_a_certified_point_is_told_in_numbers(kind, monkeypatch):
    """Each number has its place; all are 0 where nothing is proved, and where there are fewer units than odd ones."""
    point = SimpleNamespace(
        verdict=Verdict.REFUTED if kind == "none" else Verdict.PROVED,
        is_spurious_minimum=Verdict.PROVED if kind == "minimum" else Verdict.REFUTED,
        kind=kind,
        loss=0.25,
        min_eigenvalue=-0.5,
        inertia=(2, 0, 34),
        domain=np.array([[SimpleNamespace(rad=lambda: 1e-6), SimpleNamespace(rad=lambda: 3e-6)]]),
        opens=[Verdict.PROVED, Verdict.REFUTED, Verdict.PROVED],
    )
    asked = []
    monkeypatch.setattr("onenn.landscape.certify_odd_units", lambda *a, **b: asked.append((a, b)) or point)
    monkeypatch.setattr("time.process_time", count(100.0, 0.25).__next__)
    found = minima.full_size_minima(k=6, odd=6, extra=1)
    assert asked == [((6, 6), {"extra": 1})]
    seconds = found.pop("seconds")
    if kind == "none":
        assert not any(found.values()) and len(found) == 8
    else:
        assert seconds == 0.25
        assert found == {
            **{"found": 1, "minimum": kind == "minimum", "saddle": kind == "saddle", "loss": 0.25, "least": -0.5},
            **{"negative": 2, "radius": 3e-6, "opening": 2},
        }
    assert not any(minima.full_size_minima(k=6, odd=7, extra=0).values()) and len(asked) == 1


def test_descents_are_counted_by_their_ends(monkeypatch):
    """Six runs: those at minima are counted by their odd units, the others are not."""
    ends = SimpleNamespace(
        odd=np.array([0, 1, 1, 2, 5, 1]),
        at_minima=np.array([False, True, True, True, False, False]),
        recovered=1,
        trapped=3,
        unfinished=2,
    )
    asked = []
    monkeypatch.setattr(
        "onenn.landscape.minima.descents.relu_descents", lambda *a, rng, **b: asked.append((a, b)) or ends
    )
    found = minima.ends_of_descents(d=7, extra=2, rng=RNG)
    assert asked == [((7, minima.RUNS), {"k": 9, "steps": minima.STEPS})]
    assert [found[name] for name in ("recovered", "trapped", "unfinished")] == [1, 3, 2]
    assert {name: n for name, n in found.items() if n and name.startswith("odd")} == {"odd_1": 2, "odd_2": 1}


def test_the_lowest_of_the_minima_is_certified(monkeypatch):
    """Two minima: the one with the lesser loss is handed over, with the teacher e_1, ..., e_k."""
    found = SimpleNamespace(minima=np.array([np.eye(3) * 2, np.eye(3) * 3]), losses=[0.5, 0.2], recovered=5, lost=1)
    asked = []
    monkeypatch.setattr("onenn.landscape.search_minima", lambda *a, **b: asked.append(b["scale"]) or found)

    def certified(student, teacher):
        asked.append((student.W.tolist(), teacher.W.tolist(), student.v.tolist()))
        return SimpleNamespace(is_spurious_minimum=Verdict.PROVED, loss=0.2)

    monkeypatch.setattr("onenn.landscape.certify_critical_point", certified)
    row = minima.minima_of_activation(activation="erf", k=3, scale=0.7, rng=RNG)
    assert row == {"recovered": 5, "minima": 2, "lost": 1, "certified": 1.0, "loss": 0.2}
    assert asked == [0.7, ((3 * np.eye(3)).tolist(), np.eye(3).tolist(), [1.0] * 3)]
    found.minima = found.minima[:0]
    assert minima.minima_of_activation(activation="erf", k=3, scale=1.0, rng=RNG)["certified"] == 0


@pytest.mark.parametrize(("method", "n"), [("tensor", 1600), ("recover", 400)])
def test_basins_are_those_of_the_starts(method, n, monkeypatch):
    """100 k^2 samples or 20 k (k + 1); the largest error of the starts, and the ends of the descents from all."""
    monkeypatch.setattr(minima, "LANDINGS", 2)
    teacher, sizes = OneHiddenLayer(np.eye(4), np.ones(4), "relu"), []

    def near(X, y, k, phi, *, rng):
        assert np.array_equal(y, teacher.predict(X)) and (k, phi) == (4, "relu")
        sizes.append(X.shape)
        network = OneHiddenLayer(np.eye(4) * (1 + 0.1 * len(sizes)), np.ones(4), "relu")
        return network if method == "tensor" else SimpleNamespace(network=network)

    monkeypatch.setattr("onenn.tensor_initialize" if method == "tensor" else "onenn.recover", near, raising=False)
    found = minima.basins_of_starts(k=4, method=method, rng=np.random.default_rng(0))
    assert sizes == [(n, 4)] * 2
    assert (found["recovered"], found["trapped"]) == (2, 0)
    assert found["error"] == pytest.approx(0.2)


def test_estimates_are_judged_by_their_squared_errors(monkeypatch):
    """Five minima with given W and mean squares: the lowest, their mean; tangent and bound by the pseudoinverse."""
    offsets = {0: 3.0, 1: 1.0, 2: 4.0, 3: -2.0, 4: 1.5}  # of the first entry of W, the minimum of recover first
    squares = [0.30, 0.32, 0.29, 0.31, 0.33]
    drawn = {}

    def problem(activation, d, k, n, rng):
        drawn["teacher"] = random_teacher(k, d, activation, condition=1.0, rng=rng)
        drawn["X"] = rng.standard_normal((n, d))
        return drawn["teacher"], drawn["X"], drawn["teacher"].predict(drawn["X"])

    def moved(i):
        W = drawn["teacher"].W.copy()
        W[0, 0] += 0.01 * offsets[i]
        return OneHiddenLayer(W, drawn["teacher"].v, "relu")

    def recovered(X, y, k, activation, *, rng):
        drawn["y"] = y
        errors = SimpleNamespace(covariance=1e-6 * np.eye(100))
        return SimpleNamespace(network=moved(0), residual=squares[0] ** 0.5, noise=0.5, standard_errors=errors)

    minimum = iter(range(1, 5))

    def refined(start, X, y):
        if np.array_equal(start.W, drawn["teacher"].W):
            return SimpleNamespace(network=OneHiddenLayer(start.W + 0.02, start.v, "relu"), mean_square=0.0)
        assert 0 < np.abs(start.W - moved(0).W).max() < 1e-2
        i = next(minimum)
        return SimpleNamespace(network=moved(i), mean_square=squares[i])

    def sampled(network, X, y, noise, *, rng, chains):
        drawn["noise"] = noise
        return SimpleNamespace(W=moved(4).W, covariance=2 * np.eye(100), spread=0.1)

    monkeypatch.setattr(estimates, "problem", problem)
    for name, fake in (("recover", recovered), ("gauss_newton", refined), ("posterior", sampled)):
        monkeypatch.setattr(f"onenn.recovery.{name}", fake)
    found = estimates.noise_estimates(activation="relu", sigma=0.5, n=400, rng=np.random.default_rng(0))
    J, e = jacobian(drawn["teacher"], drawn["X"]), drawn["y"] - drawn["teacher"].predict(drawn["X"])
    assert np.std(e) == pytest.approx(0.5, rel=0.15) and drawn["noise"] == 0.5
    expected = {
        "bound": 0.25 * np.trace(np.linalg.inv(J.T @ J)),
        "tangent": float(np.sum((np.linalg.pinv(J) @ e) ** 2)),
        "recover": 0.03**2,
        "lowest": 0.04**2,
        "mean_of_minima": (0.01 * np.mean(list(offsets.values()))) ** 2,
        "posterior_mean": 0.015**2,
        "from_truth": 100 * 0.02**2,
        "posterior_variance": 200.0,
        "sampling_variance": 0.01,
    }
    assert found == pytest.approx(expected, rel=1e-8)


def test_a_run_that_has_ended_stays_where_it_is(monkeypatch):
    """After 151 residuals: step_0200 and all later ones show the last of them."""
    monkeypatch.setattr("onenn.recovery.descend", lambda *a, steps, **b: descend(*a, steps=min(steps, 151), **b))
    monkeypatch.setattr(
        "onenn.recovery.paper_starts",
        lambda teacher, X, rng: {"I": (OneHiddenLayer(0.9 * teacher.W, teacher.v, teacher.phi), False)},
    )
    monkeypatch.setattr(paper, "problem", lambda phi, d, k, n, rng: recovery.problem(phi, d, k, n // 50, rng))
    row = paper.three_starts(start="I", rng=np.random.default_rng(0))
    values = [row[f"step_{t:04d}"] for t in range(0, 2501, 100)]
    assert len(row) == 27 and values[0] > values[1] > values[2] and len(set(values[2:])) == 1


@pytest.mark.parametrize(("factor", "found"), [(1.0101, False), (0.99005, True)])
def test_a_percent_is_one_of_the_teachers_rows(factor, found, monkeypatch):
    """1.01 % too long counts as missed and 0.995 % too short as found: of the student's rows it would be 1 % or less,
    and more."""
    monkeypatch.setattr(paper, "problem", lambda phi, d, k, n, rng: recovery.problem(phi, d, k, 20, rng))
    monkeypatch.setattr("onenn.recovery.paper_starts", lambda teacher, X, rng: {"I": (teacher, False)})

    def ended(network, X, y, **_):
        far = OneHiddenLayer(factor * network.W, network.v, network.phi)
        return SimpleNamespace(network=far, residuals=np.array([1.0]))

    monkeypatch.setattr("onenn.recovery.descend", ended)
    assert paper.three_starts(start="I", rng=np.random.default_rng(0))["found"] == found


def test_the_experiments_on_recovery_do_not_warn(monkeypatch):
    """Few samples are on the grid on purpose; doubts are counted, not printed."""
    found = SimpleNamespace(certain=False, converged=True, noise=1.0)

    def doubting(X, y, k, phi, *, rng):
        warnings.warn("a doubt", RecoveryWarning, stacklevel=2)
        found.network = random_teacher(k, X.shape[1], phi, rng=99)
        return found

    monkeypatch.setattr("onenn.recovery.recover", doubting)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = recovery.recovery_rate(activation="relu", d=10, ratio=1, rng=np.random.default_rng(0))
        assert not row["certain"] and row["converged"] and not row["recovered"]
        row = recovery.noise(activation="relu", sigma=0.5, n=200, rng=np.random.default_rng(0))
        assert not row["certain"] and row["squared_error"] > row["bound"]
        row = recovery.paper_recovery(method="recover", d=6, n=100, rng=np.random.default_rng(0))
        assert not row["recovered"] and math.isnan(row["steps"])
        for method in recovery.METHODS:
            _, X, y = recovery.problem("squared_relu", 3, 2, 7, np.random.default_rng(1))
            recovery.start_by(method, X, y, 2, activation="squared_relu", rng=np.random.default_rng(1))


@pytest.mark.parametrize("right", [True, False])
def test_an_initial_error_is_that_of_the_start(right, monkeypatch):
    """Rows 2 % too long in another order: the signs are counted, not their places; one turned is missed by all."""
    kept = {}

    def started(method, X, y, k, *, activation, rng):
        teacher = kept["teacher"]
        v = teacher.v.copy()
        v[0] *= 1 if right else -1
        return OneHiddenLayer(1.02 * teacher.W[::-1], v[::-1], activation)

    def problem(*arguments):
        kept["teacher"], X, y = made(*arguments)
        return kept["teacher"], X, y

    made = recovery.problem
    monkeypatch.setattr(recovery, "problem", problem)
    monkeypatch.setattr(recovery, "start_by", started)
    row = recovery.initial_error(method="", activation="relu", d=6, n=50, rng=np.random.default_rng(0))
    assert row["signs"] is right
    slipped = 1.02 * (math.pi / 2) ** 0.25 - 1
    if right:
        assert [row[name] for name in ("error", "column_error", "slipped")] == pytest.approx([0.02, 0.02, slipped])
    else:
        assert row["error"] > 0.1 and row["column_error"] == row["slipped"] == math.inf
