"""The figures and tables of global-recovery: every curve is drawn, and says what it shows."""

import re

import numpy as np

from onenn.experiments import stored
from onenn.plots import global_recovery as plots
from onenn.recovery import Rate, Run


def rates(*wins):
    return [Rate(n=10 * (i + 1), wins=w, trials=4) for i, w in enumerate(wins)]


def text(picture):
    return picture._repr_mimebundle_()["text/html"]


def test_rates_are_drawn_with_both_limits():
    """n = kd and n = P, and one curve for each activation."""
    svg = text(plots.success({"ReLU": (2, 4, rates(0, 2, 4)), "squared ReLU": (2, 9, rates(0, 4, 4))}))
    assert "<svg" in svg and "Share of teachers recovered" in svg


def test_starts_and_noise_are_drawn():
    """A run is its residuals; ratios are drawn as root mean squares."""
    runs = {label: Run(network=None, residuals=np.geomspace(10, 1, 5)) for label in ("a", "b", "c")}
    assert "Sum of squared residuals" in text(plots.three_starts(runs))
    rows = [(name, sigma, np.array([0.9, 1.0, 1.1])) for name in ("relu", "squared_relu") for sigma in (0.1, 1.0)]
    assert "Root mean square error" in text(plots.noise_ratios(rows))


def test_tables_hold_wins_of_trials():
    """Methods in rows; what an activation cannot have is said."""
    table = plots.rates_table({"recover": rates(1, 4)})
    assert repr(table).split("\n")[1].split() == ["recover", "|", "1/4", "|", "4/4"]
    peers = plots.peers_table({"relu": {"a": rates(4), "b": rates(2)}, "squared_relu": {"a": rates(3)}})
    assert repr(peers).split("\n")[2].split() == ["b", "|", "2/4", "|", "does", "not", "apply"]


def test_stored_results_become_rates():
    """Wins, trials and samples as they are stored, and silent errors counted: there are none."""
    curves = plots.stored_success(stored("recovery-rate"))
    data = stored("recovery-rate")
    for (k, d, row), label in zip(curves.values(), curves, strict=True):
        assert f"k = {k}, d = {d}" in label and {rate.trials for rate in row} == {data.seed.size}
        assert sum(rate.silent for rate in row) == 0 and [rate.n for rate in row] == sorted(rate.n for rate in row)
    total = sum(rate.wins for _, _, row in curves.values() for rate in row)
    assert total == int(data.recovered.sum())
    table = plots.stored_paper(stored("paper-recovery"))
    assert len(table.rows) == 2 * stored("paper-recovery").d.size


def test_stored_peers_are_judged_by_what_they_can_have():
    """Wide students by the cosines of their units; MLPRegressor does not apply to squared ReLU."""
    data = stored("peers")
    table = plots.stored_peers(data)
    assert len(table.rows) == data.peer.size and len(table.head) == 1 + data.activation.size * data.ratio.size
    first = data.sel(peer="recover", activation="relu").isel(ratio=0).recovered
    assert table.rows[0][1].startswith(f"{int(first.sum())}/{first.size}")
    rows = {row[0]: row for row in table.rows}
    assert rows["MLPRegressor, 10 starts"][-1] == "does not apply" and "/" in rows["4k units, L-BFGS"][-1]


def test_stored_noise_is_the_root_mean_square_with_its_interval():
    """sqrt(mean of squared error over bound): the interval is that of the mean, to first order."""
    data = stored("noise")
    table = plots.stored_noise(data)
    assert [len(row) for row in table.rows] == [1 + data.sigma.size] * data.activation.size
    squares = (data.squared_error / data.bound).sel(activation="relu", sigma=1.0, n=5000).values
    middle, low, high = map(float, re.findall(r"\d\.\d{3}", table.rows[0][2]))
    half = 1.96 * squares.std(ddof=1) / np.sqrt(squares.size)
    assert abs(middle - np.sqrt(squares.mean())) < 6e-4
    assert abs(high - np.sqrt(squares.mean() + half)) < 3e-3 and abs(low - np.sqrt(squares.mean() - half)) < 3e-3
