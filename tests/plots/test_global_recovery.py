"""The paper's experiments in pictures and tables, and noise beside the bound: what they show follows the data."""

import numpy as np
import xarray

from onenn.experiments import stored
from onenn.plots import global_recovery as plots
from onenn.recovery import Rate


def rates(*wins):
    return [Rate(n=10 * (i + 1), wins=w, trials=4) for i, w in enumerate(wins)]


def text(picture):
    return picture._repr_mimebundle_()["text/html"]


def test_ratios_under_noise_are_drawn():
    """As root mean squares."""
    rows = [(name, sigma, np.array([0.9, 1.0, 1.1])) for name in ("relu", "squared_relu") for sigma in (0.1, 1.0)]
    assert "Root mean square error" in text(plots.noise_ratios(rows))


def test_a_table_of_rates_holds_wins_of_trials():
    """Methods in rows, numbers of samples in columns."""
    table = plots.rates_table({"recover": rates(1, 4)})
    assert repr(table).split("\n")[1].split() == ["recover", "|", "1/4", "|", "4/4"]


def test_the_first_experiment_counts_wins_and_names_its_seeds():
    """Those that are stored, in a row for each method and dimension."""
    data = stored("paper-recovery")
    table = plots.stored_paper(data)
    assert len(table.rows) == 2 * data.d.size
    won = data.recovered.sel({"method": "paper", "d": data.d[0], "n": data.n[0]})
    assert table.rows[0][1] == f"{int(won.sum())}/{data.seed.size}"
    assert table.note == f"Stored: seeds 0 to {data.seed.size - 1}, python -m onenn.experiments paper-recovery"


def test_losses_by_signs_are_those_without_a_step():
    """A win, wrong signs, a descent that left the numbers, and one that came to rest elsewhere: one of three."""
    values = {"recovered": [1, 0, 0, 0], "column_error": [0, np.inf, np.inf, 0.3], "steps": [50, 0, 75, 2500]}
    data = xarray.Dataset(
        {key: (("method", "seed"), np.array([row, row], dtype=float)) for key, row in values.items()},
        coords={"method": ["paper", "recover"], "seed": range(4)},
    )
    assert plots.lost_by_signs(data) == "1 of 3"


def test_the_second_experiment_shows_medians_and_right_signs():
    """The lengths as released are worse than the others on the same samples, where n is large."""
    data = stored("initial-error")
    rows = {row[0]: row[1:] for row in plots.stored_errors(data).rows}
    cell = data.column_error.sel({"method": "improved", "activation": "squared_relu", "d": 10, "n": 10_000})
    size = data.seed.size
    assert rows["tensor_initialize, d = 10"][0] == f"{float(cell.median()):.2f}, {size}/{size}"
    released, mended = (
        float(rows[f"{label}, d = 10"][-1].split(",")[0])
        for label in ("the same, as released", "Algorithm 1, all samples")
    )
    assert released > mended


def test_the_third_experiment_says_how_many_arrived():
    """In words, for each start, as stored."""
    data = stored("three-starts")
    picture = plots.stored_starts(data)
    for start in data.start.values:
        assert f"{start}, {int(data.found.sel(start=start).sum())} of {data.seed.size} found" in picture.alt
