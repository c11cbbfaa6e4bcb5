"""The atlas in numbers: every cell, one place of the chart, the six regions, the thresholds beyond the chart.

Chapter: atlas."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from onenn.experiments.atlas import RATIOS, UNITS, WIDTHS
from onenn.experiments.chart.regions import OUTCOMES, REGIONS, Cell, Confronted, runs_where
from onenn.experiments.chart.runs import METHODS
from onenn.experiments.chart.thresholds import OffChart
from onenn.proportion import wilson

from .activation_tables import Table
from .atlas import TITLES


class Folded:
    """Tables that open with a click in a page; text elsewhere."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self.tables = tables

    def _repr_html_(self) -> str:
        return "".join(
            f"<details><summary>{escape(name)}</summary>{table._repr_html_()}</details>"
            for name, table in self.tables.items()
        )

    def __repr__(self) -> str:
        return "\n\n".join(f"{name}\n{table!r}" for name, table in self.tables.items())


def cells_table(found: Sequence[Cell]) -> Folded:
    """All cells: runs recovered / learned / interpolated, and the median excess risk; a table for each start."""
    tables = {}
    for method in METHODS:
        own = {(c.k, c.ratio): c for c in found if c.method == method}
        ratios = sorted({ratio for _, ratio in own})
        rows = [
            [f"{k / UNITS:g}", *(_short(own[k, ratio]) for ratio in ratios if (k, ratio) in own)]
            for k in sorted({k for k, _ in own})
        ]
        tables[TITLES[method]] = Table(["k/k*", *(f"n/P = {r:g}" for r in ratios)], rows)
    return Folded(tables)


def _short(cell: Cell) -> str:
    return "/".join(str(cell.counts[name]) for name in OUTCOMES) + f" {cell.risk:.0e}"


def look_up(found: Sequence[Cell], k: int, ratio: float) -> Table:
    """One place of the chart, each start: shares with their 95 % intervals, and the median excess risk.

    Raises: ValueError when there is no such cell.
    """
    chosen = [c for c in found if (c.k, c.ratio) == (k, ratio)]
    if not chosen:
        raise ValueError(f"there is no cell at k = {k}, n/P = {ratio:g}; k is one of {WIDTHS}, n/P one of {RATIOS}")
    rows = [
        [
            TITLES[c.method],
            *(
                f"{c.counts[name]}/{c.trials} [{low:.2f}, {high:.2f}]"
                for name in OUTCOMES
                for low, high in [c.interval(name)]
            ),
            f"{c.risk:.1e}",
        ]
        for c in chosen
    ]
    return Table([f"k/k* = {k / UNITS:g}, n/P = {ratio:g}", *OUTCOMES, "median excess risk"], rows)


def regions_table(found: Sequence[Cell]) -> Table:
    """For each region and start the shares of all its runs, with 95 % intervals."""
    rows = []
    for region in REGIONS:
        for method in METHODS:
            own = [c for c in found if c.method == method]
            counts = [runs_where(own, name, region.holds) for name in OUTCOMES]
            if counts[0][1]:
                rows.append([region.name, TITLES[method], str(counts[0][1]), *(_percent(*pair) for pair in counts)])
    return Table(["region", "start", "runs", *OUTCOMES], rows)


def _percent(successes: int, trials: int) -> str:
    low, high = wilson(successes, trials)
    return f"{100 * successes / trials:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def theorems_table(confronted: Sequence[Confronted]) -> Table:
    """What a theorem excludes, in how many runs it does, how often it happened there, and how often elsewhere."""
    rows = [[t.label, t.excluded, str(t.runs), str(t.exceptions), f"{t.elsewhere} of {t.others}"] for t in confronted]
    return Table(["theorem", "excludes", "in runs", "seen there", "seen elsewhere"], rows)


def off_chart_table(thresholds: Sequence[OffChart]) -> Table:
    """Thresholds beyond the chart: their value on the axis, and how many times the end of the chart that is."""
    rows = [[t.label, t.at, f"{t.axis} = {_number(t.value)}", _number(t.factor)] for t in thresholds]
    return Table(["statement", "at", "it asks for", "times the chart's end"], rows)


def _number(x: float) -> str:
    """Two digits: 310, or 3.1 · 10^16 with the exponent raised."""
    if x < 1e5:
        return f"{float(f'{x:.2g}'):,.0f}".replace(",", " ") if x >= 10 else f"{x:.2g}"
    mantissa, exponent = f"{x:.1e}".split("e")
    return f"{mantissa} · 10" + str(int(exponent)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
