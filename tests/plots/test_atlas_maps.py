"""The maps and tables of the atlas: every cell is drawn, says its numbers, and can be looked up."""

import re

import numpy as np
import pytest

from onenn.experiments.atlas import RATIOS, UNITS, WIDTHS
from onenn.experiments.chart.regions import OUTCOMES, Cell, Confronted
from onenn.experiments.chart.thresholds import OffChart
from onenn.plots import atlas as plots
from onenn.plots import atlas_tables as tables


def cell(method, k, ratio, counts, risk):
    return Cell(method=method, k=k, ratio=ratio, trials=20, counts=dict(zip(OUTCOMES, counts, strict=True)), risk=risk)


@pytest.fixture(scope="module")
def found():
    """Tensor starts up to k = d; success grows with n."""
    grid = [(m, k, r) for m in ("tensor", "random", "wide") for k in WIDTHS for r in RATIOS if m != "tensor" or k <= 10]
    return [cell(m, k, r, (20 if r > 5 else 0, 20 if r > 3 else 10, 20), 10.0 ** -(r + 1)) for m, k, r in grid]


@pytest.mark.parametrize(
    "draw", [plots.best_outcomes, plots.risk_map, lambda cells: plots.outcome_map(cells, "learned")]
)
def test_every_cell_is_drawn_and_named(draw, found):
    """A title for each cell, with its place, its shares, their intervals and its risk; rows without a start say so."""
    picture = draw(found)
    titles = re.findall("<title>([^<]*)</title>", picture.svg)
    assert len(titles) == len(set(titles)) == len(found)
    assert "tensor start, k/k* = 0.6, n/P = 0.5: recovered 0 of 20 (0.00 to 0.16), learned 10 of 20" in titles[0]
    assert "median excess risk" in titles[0] and picture.alt.startswith("Maps of")


def test_best_outcomes_are_counted_in_words(found):
    """For those who cannot see the picture: cells by outcome, for each start."""
    rows = {m: sum(c.method == m for c in found) for m in ("tensor", "random", "wide")}
    alt = plots.best_outcomes(found).alt
    decided = {m: sum(c.method == m and c.ratio > 5 for c in found) for m in rows}
    assert (
        f"tensor start: {decided['tensor']} recovered" in alt and f"random start: {decided['random']} recovered" in alt
    )


def test_places_are_logarithmic_between_the_middles_of_cells():
    """The middle of a cell is its place; half of the way in the logarithm is half of the way."""
    np.testing.assert_allclose(plots._places(RATIOS, RATIOS), np.arange(len(RATIOS)) + 0.5)
    middle = plots._places([0.9, np.sqrt(RATIOS[0] * RATIOS[1]), 0.9], RATIOS)[1]
    assert middle == pytest.approx(1.0)
    ends = plots._places([RATIOS[0], RATIOS[-1]], RATIOS)
    assert (ends[0], ends[-1]) == pytest.approx((0.5, len(RATIOS) - 0.5)) and np.all(np.diff(ends) > 0)


def test_the_regions_are_drawn_with_four_lines():
    """The alt text has the place of the upright line."""
    picture = plots.region_map()
    assert "n = k*d upright at 0.91" in picture.alt


def test_a_cell_can_be_looked_up(found):
    """All three starts where there are three; what is not on the chart is refused."""
    table = tables.look_up(found, 5, RATIOS[0])
    assert [row[0] for row in table.rows] == list(plots.TITLES.values())
    assert table.rows[0][1] == "0/20 [0.00, 0.16]"
    assert len(tables.look_up(found, WIDTHS[-1], RATIOS[0]).rows) == 2
    with pytest.raises(ValueError, match="no cell at k = 7"):
        tables.look_up(found, 7, 1)


def test_all_cells_are_in_the_folded_tables(found):
    """A table for each start, a row for each width, in text and in HTML."""
    folded = tables.cells_table(found)
    assert {name: len(table.rows) for name, table in folded.tables.items()} == {
        "tensor start": sum(k <= 10 for k in WIDTHS),
        "random start": len(WIDTHS),
        "wide start, v fixed": len(WIDTHS),
    }
    html = folded._repr_html_()
    assert html.count("<details>") == html.count("</details>") == 3 and html.count("<td>0/10/20") > 10
    assert f"{WIDTHS[-1] / UNITS:g}" in repr(folded)


def test_regions_and_theorems_are_counted(found):
    """Shares of all runs of a region; exceptions and what is seen elsewhere."""
    rows = tables.regions_table(found).rows
    assert {row[0] for row in rows} == set("ABCDEF") and rows[0][3:] == [
        "0 % [0, 2]",
        "50 % [42, 58]",
        "100 % [98, 100]",
    ]
    confronted = [Confronted(label="thm", excluded="x", runs=9, exceptions=0, others=7, elsewhere=5)]
    assert tables.theorems_table(confronted).rows == [["thm", "x", "9", "0", "5 of 7"]]


def test_large_numbers_are_written_with_powers():
    """Two digits each."""
    table = tables.off_chart_table(
        [OffChart(label="a", axis="n/P", at="b", value=x, factor=y) for x, y in ((1234, 1.53), (3.04e16, 15.2))]
    )
    assert [row[2:] for row in table.rows] == [["n/P = 1 200", "1.5"], ["n/P = 3.0 · 10¹⁶", "15"]]
