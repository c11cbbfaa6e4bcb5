"""The stored experiments of recovery in small, and the peers of `recover`: all fit the same data."""

import itertools
import math

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation, random_teacher
from onenn.experiments import comparison, paper, recovery
from onenn.experiments.peers import (
    PEERS,
    adam,
    descended,
    fitted,
    gradient_descent,
    lbfgs,
    mlp_regressor,
    second_order,
    tensor,
    wide_student,
)
from onenn.recovery import column_error


@pytest.fixture(autouse=True)
def one_thread():
    """As in a sweep; two threads on matrices this small wait for each other."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def data(phi="relu", d=4, k=2, n=200, seed=0):
    """A teacher, inputs, values."""
    rng = np.random.default_rng(seed)
    teacher = random_teacher(k, d, phi, rng=rng)
    X = rng.standard_normal((n, d))
    return teacher, X, teacher.predict(X)


@pytest.mark.slow
@pytest.mark.parametrize("fit", dict.fromkeys(fit for fit, _ in PEERS.values()), ids=lambda fit: fit.__name__)
def test_each_peer_fits_an_easy_problem(fit):
    """Twenty samples for each parameter, no noise, ten starts: a zero residual is the teacher, also on new inputs."""
    teacher, X, y = data()
    starts = 10
    found = fit(X, y, 2, teacher.phi, rng=np.random.default_rng(1), starts=starts)
    new = np.random.default_rng(2).standard_normal((500, 4))
    assert np.std(found.predict(new) - teacher.predict(new)) < 1e-3 * np.std(y)
    assert found.network.k == (8 if fit is wide_student else 2)
    assert 1 <= found.starts <= starts


def test_the_gradient_of_the_peers_is_the_derivative_of_their_risk():
    """Central differences, in W and in v; for L-BFGS a wrong one would look like a bad method."""
    _, X, y = data("squared_relu")
    x = np.random.default_rng(3).standard_normal(10)
    gradient = second_order._risk(x, X, y, activation("squared_relu"))[1]
    for i in range(10):
        step = np.zeros(10)
        step[i] = 1e-5
        ends = [second_order._risk(x + s * step, X, y, activation("squared_relu"))[0] for s in (1, -1)]
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(gradient[i], rel=1e-6, abs=1e-8)


def test_the_search_ends_at_a_zero_residual_and_not_before():
    """A start that fits ends it; noise never is a zero."""
    teacher, X, y = data()
    noisy = y + 0.1 * np.random.default_rng(4).standard_normal(len(y))
    assert lbfgs(X, y, 2, teacher.phi, rng=np.random.default_rng(1), starts=10).starts < 10
    assert lbfgs(X, noisy, 2, teacher.phi, rng=np.random.default_rng(1), starts=3).starts == 3
    assert fitted.goal(y) == pytest.approx(1e-14 * np.var(y))


def test_passes_are_counted():
    """Eight of the moments and one for each step after them; every evaluation of a search; every step of a descent."""
    teacher, X, y = data(n=60)
    rng = np.random.default_rng(1)
    one = tensor(X, y, 2, teacher.phi, rng=np.random.default_rng(2), starts=1)
    assert 9 < one.passes < 60
    few, more = (lbfgs(X, y + rng.standard_normal(60), 2, teacher.phi, rng=rng, starts=n).passes for n in (1, 4))
    assert 1 < few < more
    W, v = fitted.common_starts(X, y, 2, teacher.phi, rng=rng, starts=3)
    far = descended(X, y, teacher.phi, W, v, rule="Adam", target=0.5 * float(np.var(y)))
    assert 1 < far.passes < 3000
    assert np.mean((far.predict(X) - y) ** 2) <= 0.5 * np.var(y)


def test_a_descent_ends_where_it_starts_when_that_is_the_goal():
    """From the teacher itself by both rules; another rule is refused."""
    teacher, X, y = data()
    for rule in ("gradient descent", "Adam"):
        found = descended(X, y, teacher.phi, teacher.W[None], teacher.v[None], rule=rule, target=1e-20)
        assert found.passes == 1
        assert np.array_equal(found.network.W, teacher.W)
    with pytest.raises(ValueError, match="rule is 'SGD'; expected"):
        descended(X, y, teacher.phi, teacher.W[None], teacher.v[None], rule="SGD", target=0.0)


@pytest.mark.parametrize("fit", [adam, gradient_descent])
def test_first_order_peers_lower_the_residual(fit, monkeypatch):
    """Three hundred steps from three starts leave less than a tenth of the variance."""
    from onenn.experiments.peers import first_order

    monkeypatch.setattr(first_order, "STEPS", 300)
    teacher, X, y = data()
    found = fit(X, y, 2, teacher.phi, rng=np.random.default_rng(1), starts=3)
    assert np.mean((found.predict(X) - y) ** 2) < 0.1 * np.var(y)


def test_first_order_methods_arrive_from_the_tensor_start():
    """Adam, in fewer steps than the budget; what has not arrived has no number of steps."""
    row = comparison.refine(start="tensor", rule="Adam", activation="squared_relu", rng=np.random.default_rng(0))
    assert row["reached"]
    assert 10 < row["steps"] < 1000
    assert row["error"] < 0.02


def test_scikit_learn_has_no_squared_relu():
    """It says so, and the comparison leaves a gap."""
    teacher, X, y = data("squared_relu")
    with pytest.raises(ValueError, match="expected relu"):
        mlp_regressor(X, y, 2, teacher.phi, rng=np.random.default_rng(0), starts=1)
    row = comparison.compare(
        peer="MLPRegressor, 10 starts", activation="squared_relu", ratio=4, rng=np.random.default_rng(0)
    )
    assert all(math.isnan(value) for value in row.values())


def test_the_names_of_the_comparison_are_the_peers():
    """They stand in two places, so that listing imports no mathematics."""
    assert list(comparison.NAMES) == list(PEERS)


def test_the_comparison_judges_by_parameters_cosines_and_new_inputs():
    """Of the same teacher and data for each peer."""
    rows = {
        peer: comparison.compare(peer=peer, activation="relu", ratio=3, rng=np.random.default_rng(7), d=8, k=3)
        for peer in ("recover", "4k units, L-BFGS")
    }
    assert rows["recover"]["recovered"] == rows["recover"]["covered"] == 1
    assert rows["recover"]["test_error"] < 1e-10
    assert math.isnan(rows["4k units, L-BFGS"]["recovered"])
    assert math.isnan(rows["recover"]["passes"]) and rows["4k units, L-BFGS"]["passes"] > 10


def test_the_condition_is_that_of_the_teacher(monkeypatch):
    """What compare draws has the singular values 1, ..., condition."""
    drawn = []

    def spy(k, d, phi, *, condition, rng):
        drawn.append(random_teacher(k, d, phi, condition=condition, rng=rng))
        return drawn[-1]

    monkeypatch.setattr("onenn.network.random_teacher", spy)
    comparison.compare(
        peer="tensor, one shot", activation="relu", ratio=4, d=6, k=2, condition=10.0, rng=np.random.default_rng(1)
    )
    values = np.linalg.svd(drawn[0].W, compute_uv=False)
    assert values[0] / values[-1] == pytest.approx(10)


def test_the_column_error_is_that_of_the_best_order_with_the_same_signs():
    """By hand: the second unit is off by a tenth, the order is free, a wrong sign is infinitely far."""
    teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, -1.0], "relu")
    swapped = OneHiddenLayer([[0.0, 2.2], [1.0, 0.0]], [-1.0, 1.0], "relu")
    assert column_error(swapped, teacher) == pytest.approx(0.1)
    flipped = OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], "relu")
    assert column_error(flipped, teacher) == math.inf
    # the nearest teacher unit of both rows is the first: one row cannot stand for two
    twice = OneHiddenLayer([[1.0, 0.0], [1.0, 0.1]], [1.0, 1.0], "relu")
    both = OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], "relu")
    assert column_error(twice, both) == pytest.approx(math.hypot(1, 1.9) / 2)


def test_the_rate_of_recover_is_one_at_four_samples_a_parameter():
    """And it is certain of it; the experiment counts both."""
    row = recovery.recovery_rate(activation="squared_relu", d=10, ratio=4, rng=np.random.default_rng(0))
    assert row["recovered"] == row["certain"] == 1
    assert row["error"] < 1e-8


@pytest.mark.parametrize("method", recovery.METHODS)
def test_the_starts_are_refined_and_judged(method):
    """From many samples each method's start leads Levenberg-Marquardt to the teacher."""
    row = recovery.initial_rate(
        method=method, activation="squared_relu", d=10, ratio=1024, rng=np.random.default_rng(1)
    )
    assert row["recovered"] == row["v_fixed"] == row["signs"] == 1
    assert 1e-6 < row["initial_error"] < 0.5


def test_a_wrong_sign_is_mended_only_where_v_is_trained(monkeypatch):
    """The start is the teacher with one sign turned: with v fixed no W gives its values."""

    def turned(method, X, y, k, *, activation, rng):
        teacher = random_teacher(k, X.shape[1], activation, rng=5)
        return OneHiddenLayer(teacher.W, teacher.v * [-1, 1, 1], activation)

    monkeypatch.setattr(recovery, "start_by", turned)
    row = recovery.initial_rate(method="", activation="squared_relu", d=10, ratio=8, rng=np.random.default_rng(5))
    assert row["initial_error"] > 0.1
    assert not row["signs"]
    assert not row["v_fixed"]


def test_three_starts_are_followed_to_their_ends(monkeypatch):
    """Residuals at every hundredth step; the start of Algorithm 1 arrives within 1 %, and v stays right."""
    monkeypatch.setattr("onenn.recovery.paper.STEPS", 500)
    row = paper.three_starts(start="(I) Algorithm 1", rng=np.random.default_rng(0))
    residuals = [row[f"step_{t:04d}"] for t in range(0, 501, 100)]
    assert row["found"] and len(row) == 7
    assert all(a >= b for a, b in itertools.pairwise(residuals))
    assert residuals[-1] < 1e-3 * residuals[0]


def test_the_slip_of_the_released_code_has_its_floor():
    """Rows sqrt(R/2) = 1.1195 times too long: the error of a good start is then near 11.95 %, whatever n."""
    row = recovery.initial_error(
        method="improved", activation="squared_relu", d=10, n=50_000, rng=np.random.default_rng(2)
    )
    assert row["column_error"] < 0.06
    assert row["slipped"] == pytest.approx(0.1195, abs=1.2 * row["column_error"])
    assert (math.pi / 2) ** 0.25 == pytest.approx(1.1195151, abs=1e-7)


@pytest.mark.parametrize("method", ["paper", "recover"])
def test_the_first_experiment_of_the_paper_ends_within_one_percent(method):
    """With many samples in ten dimensions, by gradient descent in hundreds of steps and by recover at once."""
    row = recovery.paper_recovery(method=method, d=10, n=4000, rng=np.random.default_rng(3))
    assert row["recovered"] == 1
    assert (row["column_error"] > 1e-4) == (method == "paper")


def test_the_error_under_noise_is_of_the_size_of_the_bound():
    """One draw of a hundred parameters: the ratio of squares is within four of its standard deviations, sqrt(2/100)."""
    row = recovery.noise(activation="relu", sigma=0.3, n=5000, rng=np.random.default_rng(4))
    assert abs(row["squared_error"] / row["bound"] - 1) < 4 * math.sqrt(2 / 100)
    assert row["noise"] == pytest.approx(0.3, rel=4 / math.sqrt(2 * 4900))
    assert abs(row["tangent_squared_error"] / row["bound"] - 1) < 4 * math.sqrt(2 / 100)
    assert abs(row["squared_error"] - row["tangent_squared_error"]) < 0.2 * row["bound"]
