"""Where descents end: shares with intervals, the number of odd units there, and which numbers of them make minima.

Chapter: spurious-minima-descent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from onenn import figures
from onenn.landscape import Ends
from onenn.proportion import wilson

from .activation_tables import Table
from .spurious_minima import share

if TYPE_CHECKING:
    import xarray

RUNS = 100
"""Runs in a cell of the stored experiment."""

MOST = 6
"""The tables count this many odd units and more together."""


def table_of_ends(ends: Mapping[int, Ends]) -> Table:
    """Trapped and unfinished runs, and the risks where they are trapped."""
    rows = []
    for k, end in ends.items():
        trapped, runs = end.at_minima, len(end.risk)
        risks = sorted({f"{x:.4f}" for x in end.risk[trapped]})
        odd = sorted(set(end.odd[trapped].tolist()))
        shown = share(end.trapped, runs), str(end.unfinished), ", ".join(map(str, odd)), ", ".join(risks)
        rows.append([str(k), str(runs), *shown])
    return Table(["k", "runs", "trapped, % (95 %)", "unfinished", "odd units", "their losses"], rows)


def table_of_kinds(result: xarray.Dataset) -> Table:
    """The stored descents of k units: the shares in percent that end with 1, 2, ... odd units at a minimum."""
    runs, rows = RUNS * result.sizes["seed"], []
    for d in result["d"].values:
        at = result.sel(d=d, extra=0).sum("seed")
        counts = [int(at[f"odd_{n}"]) for n in range(23)]
        shown = [*counts[1:MOST], sum(counts[MOST:])]
        rows.append([str(d), *(f"{100 * n / runs:.1f}" if n else "0" for n in shown), str(int(at["unfinished"]))])
    return Table(["k", *(f"n = {n}" for n in range(1, MOST)), f"n >= {MOST}", "unfinished"], rows)


def table_of_shares(result: xarray.Dataset) -> Table:
    """The stored shares of trapped runs in percent, with Wilson's intervals of 95 %, for k, k + 1 and k + 2 units."""
    runs, rows = RUNS * result.sizes["seed"], []
    for d in result["d"].values:
        trapped = [int(result["trapped"].sel(d=d, extra=extra).sum()) for extra in result["extra"].values]
        rows.append([str(d), *(share(n, runs) for n in trapped)])
    return Table(["k", *(f"k + {extra} units" if extra else "k units" for extra in result["extra"].values)], rows)


def ranges(numbers: Sequence[int]) -> str:
    """Increasing integers, runs of neighbours joined.

    >>> ranges([1, 2, 3, 7, 9, 10])
    '1-3, 7, 9-10'
    """
    runs: list[list[int]] = []
    for n in numbers:
        if runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def table_of_patterns(result: xarray.Dataset) -> Table:
    """The stored certificates: the numbers n of odd units with a minimum and with a saddle, losses, and what opens."""
    extra, rows = int(result["extra"].values[0]), []
    for k in result["k"].values:
        at = result.sel(k=k, extra=extra, seed=0)
        minimum, saddle = (at[name].values > 0 for name in ("minimum", "saddle"))
        losses, found = at["loss"].values[minimum], at["found"].values > 0
        minima, saddles = (ranges(at["odd"].values[where].tolist()) or "none" for where in (minimum, saddle))
        none = int(np.sum(at["opening"].values[found] < k + extra))
        between = f"{losses.min():.4f} to {losses.max():.4f}" if len(losses) else ""
        rows.append([str(k), minima, between, saddles, str(none)])
    return Table(
        ["k", "minima at n =", "their losses", "saddles at n =", "points with a unit that opens nothing"], rows
    )


def pattern_map(result: xarray.Dataset) -> figures.Picture:
    """For which k and n the student with n odd units is a minimum, and for which a saddle."""
    from matplotlib import pyplot

    kinds = [(name, result[name].isel(extra=0, seed=0).values > 0) for name in ("minimum", "saddle")]
    with figures.style():
        fig, ax = pyplot.subplots()
        for place, (name, where) in enumerate(kinds):
            k, n = np.nonzero(where)
            look = {"marker": figures.MARKERS[place], "color": figures.COLOURS[place], "s": 26 - 14 * place}
            ax.scatter(result["k"].values[k], result["odd"].values[n], label=f"certified {name}", **look)
        ax.set(xlabel="units $k$", ylabel="odd units $n$", xticks=result["k"].values[::2])
        ax.legend(loc="upper left")
        return figures.show(
            fig,
            alt="For each number of units k, which numbers n of odd units give a certified minimum and which a saddle. "
            "Few odd units give minima, at most two fifths of k; then come saddles; and above that, up to "
            "k itself there are minima again.",
        )


def stored_shares(result: xarray.Dataset) -> figures.Picture:
    """The stored shares of trapped runs against k, for k, k + 1 and k + 2 units, with Wilson's intervals."""
    from matplotlib import pyplot

    d, runs = result["d"].values, RUNS * result.sizes["seed"]
    with figures.style():
        fig, ax = pyplot.subplots()
        for place, extra in enumerate(result["extra"].values):
            trapped = result["trapped"].sel(extra=extra).sum("seed").values.astype(int)
            p = trapped / runs
            bars = np.abs(np.array([wilson(int(x), runs) for x in trapped]).T - p)
            label = f"$k + {extra}$ units" if extra else "$k$ units"
            ax.errorbar(d, 100 * p, yerr=100 * bars, marker=figures.MARKERS[place], label=label)
        ax.set(xlabel="units of the teacher $k$", ylabel="runs trapped, %", ylim=(-2, 102))
        ax.legend(loc="upper left")
        return figures.show(
            fig,
            alt=f"The share of descents trapped at a minimum that is not global, teachers of {d[0]} to {d[-1]} units, "
            f"{runs} runs each. With as many units it rises from near zero to most of the runs; one extra unit leaves "
            "few of them trapped and two none.",
        )
