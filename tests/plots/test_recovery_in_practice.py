"""Pictures and tables of recovery in practice: each number is one of the data, and stands where it belongs."""

import numpy as np
import pytest
import xarray

from onenn.experiments import stored
from onenn.plots import recovery_in_practice as plots
from onenn.plots.stored import origin

RATES = "recovery-rate", "initial-rate"
PEERS = "peers", "peers-restarts", "peers-ill-conditioned", "first-order"


def starts(**rates):
    """Made results of initial-rate: four trials, of which each refiner finds so many at n/P = 2, 4, 8."""
    kept = {
        key: (("method", "activation", "d", "ratio", "seed"), [[[[[i < n for i in range(4)] for n in row]]]])
        for key, row in rates.items()
    }
    return xarray.Dataset(
        {key: (dims, np.array(values, dtype=float)) for key, (dims, values) in kept.items()},
        coords={"method": ["algorithm 1"], "activation": ["relu"], "d": [20], "ratio": [2, 4, 8], "seed": range(4)},
    )


def recovered(*wins):
    """Made results of recovery-rate at n/P = 1.2, 1.5."""
    values = [[[[i < n for i in range(4)] for n in wins]]]
    return xarray.Dataset(
        {"recovered": (("activation", "d", "ratio", "seed"), np.array(values, dtype=float))},
        coords={"activation": ["relu"], "d": [20], "ratio": [1.2, 1.5], "seed": range(4)},
    )


def test_one_half_is_reached_for_good():
    """A rate that falls below one half again has not reached it; what never does is above the largest n/P."""
    data = starts(v_fixed=[2, 1, 3], recovered=[1, 1, 1])
    table = plots.one_half(data, recovered(1, 2))
    assert plots.one_half(starts(v_fixed=[2, 2, 2], recovered=[3, 3, 3]), recovered(2, 2)).rows[0][2] == "2 P or less"
    assert [row[1:] for row in table.rows] == [
        ["Levenberg-Marquardt, v fixed", "8 P"],
        ["Levenberg-Marquardt, v free", "above 8 P"],
        ["its own", "1.5 P"],
    ]


def test_the_stored_starts_are_drawn_with_every_start_and_recover():
    """The words tell from where on each finds one half, as the table, and the chance of right signs: 252 of 1024."""
    picture = plots.refined_starts(stored("initial-rate"), stored("recovery-rate"))
    table = plots.one_half(stored("initial-rate"), stored("recovery-rate"))
    assert "the line of chance, 0.25," in picture.alt and len(table.rows) == 7
    place = table.head.index("squared ReLU, d = 20")
    ends = [f"{row[place]} by {row[0]}" for row in (*table.rows[:3], table.rows[-1])]
    assert f"squared ReLU from {', '.join(ends)}." in picture.alt


@pytest.mark.parametrize(
    ("theirs", "ours", "times"),
    [
        ([2, 1, 3], (1, 2), "5"),  # 8 P over 1.5 P
        ([2, 1, 3], (2, 2), "at least 7"),  # recover needs 1.2 P or less
        ([2, 1, 1], (1, 2), "at least 5"),
        ([2, 2, 2], (1, 2), "at most 1"),
        ([2, 2, 2], (2, 2), "unknown"),
        ([2, 2, 2], (1, 1), "at most 1"),
    ],
)
def test_the_factor_says_what_it_knows(theirs, ours, times):
    """Of crossings outside their grids only a bound is known."""
    table = plots.split_rates(starts(v_fixed=theirs), recovered(*ours))
    assert table.rows == [["ReLU, d = 20", *(f"{n}/4" for n in theirs), times]]
    assert table.head == ["", "2 P", "4 P", "8 P", "times recover's"]


def test_the_stored_factor_is_that_of_the_stored_table():
    """Both tables read the same crossings."""
    first, second = (f(stored("initial-rate"), stored("recovery-rate")) for f in (plots.one_half, plots.split_rates))
    for place, row in enumerate(second.rows, start=2):
        theirs, ours = (
            float(cells[place].split(" P")[0].removeprefix("above ")) for cells in (first.rows[0], first.rows[-1])
        )
        assert row[-1].split()[-1] == f"{theirs / ours:.0f}" and len(row) == len(second.head)


def test_stored_results_become_rates():
    """Wins, trials and samples as they are stored, and silent errors counted: there are none."""
    data = stored("recovery-rate")
    curves = plots.stored_success(data)
    for (k, d, row), label in zip(curves.values(), curves, strict=True):
        assert f"k = {k}, d = {d}" in label and {rate.trials for rate in row} == {data.seed.size}
        assert sum(rate.silent for rate in row) == 0 and [rate.n for rate in row] == sorted(rate.n for rate in row)
    assert sum(rate.wins for _, _, row in curves.values() for rate in row) == int(data.recovered.sum())
    assert "n = kd and n = P" in plots.success(curves, data).alt


def test_peers_are_judged_by_what_they_can_have():
    """Wide students by the cosines of their units; MLPRegressor does not apply to squared ReLU."""
    data = stored("peers")
    table = plots.peers_table(data)
    assert len(table.rows) == data.peer.size
    columns = 1 + data.activation.size * data.ratio.size
    assert len(table.head) == columns + data.activation.size
    assert len(plots.peers_table(data.drop_vars("passes")).head) == columns
    first = data.sel(peer="recover", activation="relu").isel(ratio=0).recovered
    assert table.rows[0][1].startswith(f"{int(first.sum())}/{first.size}")
    rows = {row[0]: row for row in table.rows}
    assert rows["MLPRegressor, 10 starts"][4] == "does not apply" and "/" in rows["4k units, L-BFGS"][4]


def test_the_passes_are_those_of_the_largest_sample():
    """In the median; recover does not count its own."""
    data = stored("peers-restarts")
    rows = {row[0]: row for row in plots.peers_table(data).rows}
    last = data.passes.sel(peer="tensor, one shot", activation="relu").isel(ratio=-1)
    assert rows["tensor, one shot"][5] == f"{float(last.median()):.0f}"
    assert rows["recover"][5] == "" and len(rows["recover"]) == 7


def test_axes_of_one_value_are_no_columns():
    """A condition that varies is a column, a ratio that does not is none."""
    table = plots.peers_table(stored("peers-ill-conditioned"))
    assert table.head[1:3] == ["ReLU, κ = 10", "ReLU, κ = 100"]
    one = plots.peers_table(stored("peers-ill-conditioned").sel(activation=["relu"], condition=[10]))
    assert one.head == ["", "ReLU", "passes, ReLU"]


def test_steps_are_those_of_the_runs_that_arrived():
    """In the median; where none arrived there is no number."""
    table = plots.steps_table(stored("first-order"))
    assert [row[0] for row in table.rows][:2] == [
        "gradient descent, tensor start",
        "gradient descent, one random start",
    ]
    data = stored("first-order").sel(rule="Adam", start="tensor", activation="relu")
    words = f"{int(data.reached.sum())}/{data.seed.size}, {float(data.steps.median()):.0f}\u00a0steps"
    assert table.rows[2][1] == words


@pytest.mark.parametrize("name", [*RATES, *PEERS])
def test_every_stored_result_names_its_seeds_and_its_command(name):
    """The line under a table or picture."""
    data = stored(name)
    assert origin(data) == f"Stored: seeds 0 to {data.seed.size - 1}, python -m onenn.experiments {name}"
