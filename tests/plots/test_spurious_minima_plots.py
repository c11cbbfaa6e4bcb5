"""Tables and pictures of the certified minima and of the ends of descents, from small results."""

from __future__ import annotations

import numpy as np
import pytest
import xarray

from onenn.landscape import relu_descents
from onenn.plots import spurious_minima, spurious_minima_descent


def dataset(sizes: dict[str, list], **values: object) -> xarray.Dataset:
    """Every variable has one value everywhere."""
    shape = tuple(len(axis) for axis in sizes.values())
    return xarray.Dataset({n: (tuple(sizes), np.full(shape, v)) for n, v in values.items()}, coords=sizes)


def test_the_table_of_ends_counts_what_the_descents_did():
    """Eight units: the trapped runs have one odd unit each, and one loss."""
    ends = relu_descents(8, 30, rng=1, steps=1000)
    row = spurious_minima_descent.table_of_ends({8: ends}).rows[0]
    assert row[:2] == ["8", "30"]
    assert row[2].startswith(f"{100 * ends.trapped / 30:.1f} (")
    assert row[3:] == ["0", "1", "0.0215"]


def test_shares_and_kinds_are_percentages_of_all_runs():
    """Twenty of two hundred runs with three odd units are ten percent."""
    counts = {f"odd_{n}": float(10 * (n == 3)) for n in range(23)}
    result = dataset({"d": [8], "extra": [0, 1], "seed": [0, 1]}, trapped=10.0, unfinished=0.0, **counts)
    assert spurious_minima_descent.table_of_kinds(result).rows[0] == ["8", "0", "0", "10.0", "0", "0", "0", "0"]
    assert spurious_minima_descent.table_of_shares(result).rows[0][1].startswith("10.0 (")
    assert "svg" in spurious_minima_descent.stored_shares(result).svg


@pytest.mark.parametrize(("opening", "exceptions"), [(6, "0"), (5, "2")])
def test_the_table_of_patterns_lists_minima_and_units_that_open_nothing(opening, exceptions):
    """Two of two n are minima; a point of which one unit opens nothing is counted."""
    sizes = {"k": [6], "odd": [1, 2], "extra": [0], "seed": [0]}
    result = dataset(sizes, minimum=1.0, saddle=0.0, found=1.0, loss=0.025, opening=float(opening))
    row = spurious_minima_descent.table_of_patterns(result).rows[0]
    assert row == ["6", "1-2", "0.0250 to 0.0250", "none", exceptions]
    assert "svg" in spurious_minima_descent.pattern_map(result).svg


def test_the_table_of_full_size_says_when_nothing_was_proved():
    """The last column is read from the result."""
    sizes = {"k": [6], "odd": [1], "extra": [0], "seed": [0]}
    shown = {"loss": 0.025, "least": 0.0047, "radius": 1e-6, "seconds": 0.2}
    for minimum, word in ((1.0, "minimum"), (0.0, "not proved")):
        row = spurious_minima.table_of_full_size(dataset(sizes, minimum=minimum, **shown)).rows[0]
        assert (row[1], row[-1]) == ("36", word)


def test_the_table_of_searches_adds_the_scales():
    """Two scales of fifty starts; a certified loss is shown, an uncertified one is not."""
    sizes = {"activation": ["erf"], "k": [4], "scale": [1.0, 3.0], "seed": [0]}
    for certified, shown in ((1.0, "0.02000"), (0.0, "none")):
        result = dataset(sizes, recovered=45.0, minima=5.0, lost=0.0, certified=certified, loss=0.02)
        row = spurious_minima.table_of_searches(result).rows[0]
        assert row[:4] == ["erf", "4", "100", "90"]
        assert row[-1] == shown
