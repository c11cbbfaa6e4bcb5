"""What recover decides and doubts: each threshold from both sides, the counts by hand."""

import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation, random_teacher
from onenn.recovery import Stop, input_moments, jacobian, standard_errors
from onenn.recovery.doubts import data_doubts, distinct_rows, error_doubts, network_doubts
from onenn.recovery.normal_form import flippable, normal_form
from onenn.recovery.record import Attempt
from onenn.recovery.recover import _refined, _with_weights
from onenn.recovery.search import Search

RNG = np.random.default_rng(0)
GOOD = input_moments(np.random.default_rng(1).standard_normal((100, 2)))


def search(*, n=100, noise=None, phi="relu", zero=1e-10):
    """Of two units in three dimensions: p = 6 for ReLU, 8 for tanh; the network found is whatever fits."""
    rng = np.random.default_rng(2)
    teacher = random_teacher(2, 3, phi, rng=rng)
    X = rng.standard_normal((n, 3))
    y = teacher.predict(X) + 0.1 * rng.standard_normal(n)
    made = Search(activation(phi), 2, X, y, zero=zero, noise=noise, rng=rng)
    made.W, made.v, made.route = teacher.W, teacher.v, "given"
    return made


def test_a_residual_counts_as_zero_up_to_the_bound_itself():
    """`zero` is a root mean square: at it and not above it."""
    for factor, stop in ((1 - 1e-9, Stop.ZERO_RESIDUAL), (1 + 1e-9, Stop.EXHAUSTED)):
        made = search(noise=0.0)
        made.mean_square = (factor * made.zero) ** 2
        assert made._judge(False) == (stop, pytest.approx(math.nan, nan_ok=True))


@pytest.mark.parametrize(("phi", "p"), [("relu", 6), ("tanh", 8)])
def test_known_noise_allows_four_deviations_of_chi_square(phi, p):
    """|r|^2/sigma^2 has the mean n - p and the standard deviation sqrt(2 (n - p)); n <= p says nothing."""
    allowed = (100 - p) + 4 * math.sqrt(2 * (100 - p))
    for factor, stop in ((1 - 1e-6, Stop.NOISE_FLOOR), (1 + 1e-6, Stop.EXHAUSTED)):
        made = search(noise=0.3, phi=phi)
        made.mean_square = factor * 0.3**2 * allowed / 100
        assert made._judge(False)[0] is stop
    for n, stop in ((p, Stop.EXHAUSTED), (p + 1, Stop.NOISE_FLOOR)):
        made = search(n=n, noise=10.0, phi=phi)
        made.mean_square = 1.0
        assert made._judge(False)[0] is stop


@pytest.mark.parametrize(
    ("counts", "stop"),
    [
        ((60, 2, False, 1), Stop.NOISE_FLOOR),  # ten samples for each of six parameters, two starts
        ((60, 1, False, 1), Stop.EXHAUSTED),
        ((59, 2, False, 1), Stop.EXHAUSTED),
        ((59, 2, False, 20), Stop.EXHAUSTED),  # there are starts left to try
        ((59, 2, True, 19), Stop.EXHAUSTED),
        ((59, 2, True, 20), Stop.NOISE_FLOOR),  # or twenty starts
        ((59, 1, True, 20), Stop.EXHAUSTED),
        ((12, 2, True, 20), Stop.NOISE_FLOOR),  # two samples a parameter at least
        ((11, 2, True, 20), Stop.EXHAUSTED),
        ((60, 2, True, 1), Stop.NOISE_FLOOR),
    ],
)
def test_noise_of_unknown_size_needs_samples_starts_and_agreement(counts, stop, monkeypatch):
    """The residuals pass the test of structure here (p = 1/2): what is left are the counts, each from both sides."""
    monkeypatch.setattr("onenn.recovery.search.lack_of_fit", lambda *_, **__: 0.5)
    n, hits, last, tried = counts
    made = search(n=n)
    made.mean_square, made.hits = 0.01, hits
    made.history = [Attempt(route="given", starts=tried, steps=1, residual=0.1)]
    assert made._judge(last)[0] is stop


def test_structure_in_the_residuals_is_refused_at_one_in_a_thousand(monkeypatch):
    """p = 1e-3 passes, less does not; the p-value is kept for the reason that is given."""
    for p_value, stop in ((1e-3, Stop.NOISE_FLOOR), (0.999e-3, Stop.EXHAUSTED)):
        monkeypatch.setattr("onenn.recovery.search.lack_of_fit", lambda *_, p=p_value, **__: p)
        made = search()
        made.mean_square, made.hits = 0.01, 2
        assert made._judge(False) == (stop, p_value)
        made.p_value = p_value
        assert ("depends on x" in made.why_not(0.1, 1.0)) == (stop is Stop.EXHAUSTED)


def test_the_reason_of_a_failed_search_is_the_one_that_holds():
    """Noise that was given; one start alone; too few samples; nothing known."""
    made = search(noise=0.25)
    assert "where the noise is 0.5;" in made.why_not(1.0, 2.0) and "0.5 of the spread" in made.why_not(1.0, 2.0)
    made = search()
    assert "it may be noise" not in made.why_not(1.0, 2.0)
    made.p_value = 0.5
    for hits, words in ((1, "one start alone"), (2, "too few samples or starts")):
        made.hits = hits
        assert words in made.why_not(1.0, 2.0)


def test_starts_that_end_at_one_minimum_agree_within_two_percent(monkeypatch):
    """`hits` counts them within a call and over calls; a lower minimum counts from one again."""
    ends = iter([[1.0, 1.0199, 1.0201], [0.99, 1.5], [1.005, 1.009], [0.5, 0.6], [0.52, 0.7]])

    def fits(phi, X, y, W, v, *, target):
        squares = np.array(next(ends))
        return SimpleNamespace(W=np.full((len(squares), 2, 3), squares[0]), v=W[:, :, 0], mean_square=squares, steps=7)

    monkeypatch.setattr("onenn.recovery.search.levenberg_marquardt", fits)
    made = search()
    made.W = None
    seen = []
    for count in (3, 2, 2, 2, 2):
        made._try("route", np.zeros((count, 2, 3)), np.zeros((count, 2)), 5, "")
        seen.append((made.hits, made.mean_square, float(made.W[0, 0])))
    assert seen == [(2, 1.0, 1.0), (3, 0.99, 0.99), (5, 0.99, 0.99), (1, 0.5, 0.5), (1, 0.5, 0.5)]
    assert [(a.starts, a.steps) for a in made.history] == [(3, 12), (2, 12), (2, 12), (2, 12), (2, 12)]
    assert made.history[3].residual == pytest.approx(math.sqrt(0.5))


def test_starts_come_in_batches_until_they_are_used_up(monkeypatch):
    """Forty-five random ones: twenty, twenty and five, the last of them last; the best of the subspace goes alone."""
    monkeypatch.setattr(Search, "_tensor_start", lambda *_: (np.ones((1, 2, 3)), np.ones((1, 2)), 0))
    monkeypatch.setattr(Search, "_subspace_starts", lambda _, n: (np.ones((n - 2, 2, 3)), np.ones((n - 2, 2)), 9))

    def routes(starts, restarts):
        return [(name, len(W), steps, last) for name, W, _, steps, _, last in search()._routes(starts, restarts)]

    tensor, first, rest = ("tensor", 1, 0, False), ("subspace", 1, 9, False), ("subspace", 3, 0, False)
    random = [("random", 20, 0, False), ("random", 20, 0, False), ("random", 5, 0, True)]
    assert routes(6, 45) == [tensor, first, rest, *random]
    assert routes(3, 40) == [tensor, first, ("random", 20, 0, False), ("random", 20, 0, True)]
    assert routes(0, 1) == [tensor, ("random", 1, 0, True)]
    assert routes(6, 0) == [tensor, first, rest]


def test_doubts_about_the_data_start_where_they_should():
    """n = k(d + 1) is enough, one less is not; rank d, one less."""
    assert not data_doubts(6, 2, 2, GOOD, 2)
    assert "limit k(d + 1) = 6" in data_doubts(5, 2, 2, GOOD, 2)[0]
    assert "rank 1 < d = 2" in data_doubts(6, 2, 2, GOOD, 1)[0]


def test_doubts_about_units_start_at_a_millionth():
    """Zero: |v| |w|^q below 1e-6 of the largest; parallel: 1 - |cosine| below 1e-6, on either side."""
    X = RNG.standard_normal((200, 2))

    def words(W, v, phi):
        return " ".join(network_doubts(OneHiddenLayer(W, v, phi), X, train_v=False))

    for size, doubted in ((0.99e-6, True), (1.01e-6, False)):
        assert ("zero" in words([[1.0, 2.0], [size * 5**0.5, 0.0]], [1.0, 1.0], "relu")) == doubted
        assert ("zero" in words([[1.0, 2.0], [math.sqrt(size * 5), 0.0]], [1.0, 1.0], "squared_relu")) == doubted
        assert ("zero" in words([[1.0, 2.0], [5**0.5, 0.0]], [1.0, size], "relu")) == doubted
    for gap, doubted in ((0.99e-6, True), (1.01e-6, False)):
        c = 1 - gap
        for sign in (1, -1):
            found = words([[1.0, 0.0], [2 * sign * c, 2 * math.sqrt(1 - c * c)]], [1.0, 1.0], "relu")
            assert ("units 0 and 1 are parallel" in found) == doubted


def test_samples_that_alone_determine_a_weight_are_counted_below_six_a_parameter():
    """One unit sees the second coordinate in one sample: leverage 1. With more than 6 p samples nothing is said."""
    net = OneHiddenLayer([[1.0, 1.0]], [1.0], "relu")
    for n, doubted in ((12, True), (13, False)):
        X = np.zeros((n, 2))
        X[:, 0] = 1 + RNG.random(n)
        X[0, 1] = 1.0
        found = network_doubts(net, X, train_v=False)
        assert [text[:24] for text in found] == (["1 samples are all that d"] if doubted else [])
    with_v = network_doubts(OneHiddenLayer([[1.0, 1.0]], [1.0], "squared_relu"), X[:12], train_v=True)
    assert "determine 2 of 3 parameters" in with_v[0]


def test_units_of_four_standard_errors_are_no_noise():
    """The length against four times the root of the summed squares of its entries' errors."""
    X = RNG.standard_normal((400, 2))
    net = OneHiddenLayer([[1.0, 2.0], [0.5, 0.0]], [1.0, 1.0], "relu")
    one = np.linalg.norm(standard_errors(net, X, 1.0).W[1])
    for factor, count in ((0.99, 0), (1.01, 1)):
        assert len(error_doubts(net, standard_errors(net, X, factor * 0.5 / (4 * one)))) == count


@pytest.mark.parametrize("phi", ["tanh", "sigmoid", "relu", "softplus"])
def test_units_can_be_flipped_only_where_the_constant_is_not_zero(phi):
    """sigmoid(z) + sigmoid(-z) = 1: the v must sum to zero, to a millionth; tanh is odd and has its normal form."""
    W = RNG.standard_normal((3, 2))
    for rest, flips in ((0.0, True), (0.99e-6, True), (1.01e-6, False)):
        found = flippable(OneHiddenLayer(W, [1.0, -0.4 + rest, -0.6], phi))
        assert found == ([0, 1, 2] if flips and phi == "sigmoid" else [])


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
def test_given_weights_go_to_the_units_they_fit_best(name):
    """By enumeration of all orders: lengths on the wrong sign for homogeneous phi, differences of v for others."""
    from itertools import permutations

    W, v = RNG.standard_normal((4, 3)), np.array([1.0, -1.0, 1.0, 1.0] if name != "tanh" else [0.3, 1.0, 2.0, 0.7])
    given = np.array([2.0, 0.5, -3.0, -1.0] if name != "tanh" else [0.9, 0.2, 1.5, 0.6])
    net = OneHiddenLayer(W, v, name)
    lengths = np.linalg.norm(W, axis=1)

    def cost(order):  # unit order[i] gets given[i]
        return sum(
            lengths[u] * (v[u] * g < 0) if name != "tanh" else abs(v[u] - g) for u, g in zip(order, given, strict=True)
        )

    best = min(permutations(range(4)), key=cost)
    found = _with_weights(net, given)
    q = net.phi.homogeneity
    rows = found.W * (np.abs(given) ** (1 / q))[:, None] if q else found.W
    units = [int(np.argmin(np.linalg.norm(W - row, axis=1))) for row in rows]
    assert np.allclose(rows, W[units]) and sorted(units) == [0, 1, 2, 3]
    assert cost(units) == pytest.approx(cost(best), abs=1e-12)
    assert np.array_equal(found.v, given)


@pytest.mark.parametrize("known", [True, False])
def test_the_record_counts_the_degrees_of_freedom(known):
    """sigma sqrt((n - p)/n) is what noise leaves; estimated from it otherwise; far below it is doubted."""
    rng = np.random.default_rng(6)
    teacher = random_teacher(2, 3, "relu", rng=rng)
    X = rng.standard_normal((40, 3))
    y = teacher.predict(X) + 0.1 * rng.standard_normal(40)
    spread = 2.0
    for sigma, doubted in ((0.1, False), (0.6, True)):
        made = Search(teacher.phi, 2, X, y / spread, zero=1e-10, noise=sigma / spread if known else None, rng=rng)
        made.stop = Stop.NOISE_FLOOR
        start = normal_form(OneHiddenLayer(teacher.W / spread, teacher.v, "relu"))
        found = _refined(made, start, X, y, spread=spread, doubts=[], weights=None)
        root = math.sqrt(34 / 40)
        assert found.residual == pytest.approx(np.sqrt(np.mean((found.network.predict(X) - y) ** 2)), rel=1e-9)
        assert found.noise == pytest.approx(sigma if known else found.residual / root, rel=1e-9)
        assert found.floor_ratio == pytest.approx(found.residual / (sigma * root) if known else 1.0, rel=1e-9)
        assert any("far below" in doubt for doubt in found.doubts) == (known and doubted)
        assert found.parameters == 6 and found.history[-1].residual == pytest.approx(found.residual / spread)
    J = jacobian(found.network, X)
    assert np.allclose(found.standard_errors.covariance, found.noise**2 * np.linalg.inv(J.T @ J), rtol=1e-8)


def test_a_subspace_is_one_where_there_is_room_around_it():
    """k = 2 of d = 3: starts in the span that the moments show; k = d has none, which is the remark on that route."""
    W, v, steps = search(n=400)._subspace_starts(6)
    assert 1 <= len(W) <= 4 and W.shape[1:] == (2, 3) and v.shape == W.shape[:2] and steps > 0
    assert np.linalg.matrix_rank(np.concatenate(W), tol=1e-9) == 2
    full = search()
    full.k = 3
    with pytest.raises(ValueError, match="k = d"):
        full._subspace_starts(6)


@pytest.fixture
def refined(monkeypatch):
    """The record of a refinement that stays where it is, with a mean square that is given; spread 2."""
    module = sys.modules["onenn.recovery.recover"]

    def record(made, mean_square, *, phi="relu", weights=None):
        end = {"mean_square": mean_square, "steps": 3}
        monkeypatch.setattr(module, "gauss_newton", lambda start, *_, **__: SimpleNamespace(network=start, **end))
        start = OneHiddenLayer(made.W, made.v if weights is None else weights / 2.0, phi)
        return module._refined(made, start, made.X, 2.0 * made.y, spread=2.0, doubts=[], weights=weights)

    return record


@pytest.mark.parametrize("stop", list(Stop))
def test_the_stop_is_that_of_all_samples(stop, refined):
    """A zero residual there is one whatever the search said; one that was zero on a part alone is none."""
    for factor in (0.99, 1.01):
        made = search(zero=1e-6)
        made.stop = stop
        found = refined(made, (factor * 1e-6) ** 2)
        zero = factor < 1
        expected = Stop.ZERO_RESIDUAL if zero else Stop.EXHAUSTED if stop is Stop.ZERO_RESIDUAL else stop
        assert found.stop is expected and found.converged == (expected is not Stop.EXHAUSTED)
        assert any("does not vanish" in doubt for doubt in found.doubts) == (expected is Stop.EXHAUSTED)
        assert found.residual == pytest.approx(2 * factor * 1e-6) and found.history[-1].steps == 3
        assert (found.standard_errors is None) == zero and (found.noise == 0) == zero
        assert math.isnan(found.floor_ratio) == zero


@pytest.mark.parametrize("n", [6, 7])
def test_no_degree_of_freedom_leaves_no_noise(n, refined):
    """Six weights and six samples: whatever the residual is, it tells no sigma; with one more it does."""
    found = refined(search(n=n), 0.01)
    assert found.noise == pytest.approx(0.0 if n == 6 else 2 * 0.1 * math.sqrt(7))
    assert (found.standard_errors is None) == (n == 6)


@pytest.mark.parametrize(("factor", "doubted"), [(0.999, True), (1.001, False)])
def test_a_residual_four_deviations_below_the_noise_is_doubted(factor, doubted, refined):
    """The residual's relative deviation is 1/sqrt(2 (n - p)): below 1 - 4/sqrt(2 94) of the floor, n - p = 94."""
    made = search(noise=0.1)
    made.stop = Stop.NOISE_FLOOR
    floor = 0.1 * math.sqrt(94 / 100)
    found = refined(made, (factor * (1 - 4 / math.sqrt(188)) * floor) ** 2)
    assert any("far below" in doubt for doubt in found.doubts) == doubted
    assert found.floor_ratio == pytest.approx(factor * (1 - 4 / math.sqrt(188))) and found.noise == pytest.approx(0.2)


def test_weights_that_are_given_are_no_parameters(refined):
    """k d = 6 instead of k (d + 1) = 8 for tanh, and they come back as they were given, W as it was found."""
    made = search(phi="tanh")
    assert refined(made, 0.01, phi="tanh").parameters == 8
    found = refined(made, 0.01, phi="tanh", weights=np.array([-1.0, 3.0]))
    assert found.parameters == 6 and found.network.v.tolist() == [-1.0, 3.0]
    assert np.array_equal(found.network.W, made.W)
    assert not np.any(found.standard_errors.v)


@pytest.mark.parametrize("values", [2, 5, 1000])
def test_distinct_rows_are_those_of_a_set(values):
    """Of integers that repeat in columns and rows, and up to every bound: the set of tuples, or none."""
    rng = np.random.default_rng(values)
    X = rng.integers(values, size=(60, 3)).astype(float)
    rows = {tuple(row) for row in X.tolist()}
    for most in (1, len(rows) - 1, len(rows), 60):
        found = distinct_rows(X, most)
        assert (found is None) == (len(rows) > most)
        assert found is None or (len(found) == len(rows) and {tuple(row) for row in found.tolist()} == rows)
