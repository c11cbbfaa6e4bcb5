"""The paper's experiments in pictures and tables, and errors under noise beside the bound.

Chapters: global-recovery, recovery-in-practice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from onenn import figures
from onenn.recovery.rates import Rate

from .activation_tables import Table, shown
from .stored import draw_origin, origin


def stored_paper(data: Any) -> Table:
    """The stored experiment paper-recovery as wins of trials: a row for each method and d, a column for each n."""
    names = {"paper": "Algorithm 2", "recover": "recover"}
    rows = {
        f"{names[str(method)]}, d = {int(d)}": [
            Rate(
                n=int(n), wins=int(data.recovered.sel({"method": method, "d": d, "n": n}).sum()), trials=data.seed.size
            )
            for n in data.n.values
        ]
        for method in data["method"].values
        for d in data.d.values
    }
    return Table(rates_table(rows).head, rates_table(rows).rows, origin(data))


def lost_by_signs(data: Any) -> str:
    """Of the trials of paper-recovery that Algorithm 2 lost, those with wrong signs: inf is their error at step 0.

    Later it is that of a descent that left the numbers.
    """
    cells = data.sel({"method": "paper"})
    lost = cells.recovered.values < 0.5
    wrong = lost & np.isinf(cells.column_error.values) & (cells.steps.values == 0)
    return f"{int(wrong.sum())} of {int(lost.sum())}"


def stored_errors(data: Any, name: str = "squared_relu") -> Table:
    """The stored experiment initial-error: medians of the largest relative error of a row, and the starts with right v.

    "as released": with the lengths of the authors' released code, sqrt(R/2) too long.
    """
    rows = {
        "Algorithm 1": ("algorithm 1", "column_error"),
        "Algorithm 1, all samples": ("algorithm 1, all data", "column_error"),
        "the same, as released": ("algorithm 1, all data", "slipped"),
        "tensor_initialize": ("improved", "column_error"),
    }
    body = []
    for label, (method, key) in rows.items():
        for d in data.d.values:
            cells = data.sel({"method": method, "activation": name, "d": d})
            found = (cells.sel(n=n) for n in data.n.values)
            body.append(
                [f"{label}, d = {d}", *(f"{_median(c[key])}, {int(c.signs.sum())}/{c.signs.size}" for c in found)]
            )
    return Table(["", *(f"n = {n}" for n in data.n.values)], body, origin(data))


def _median(errors: Any) -> str:
    middle = float(np.median(errors.values))
    return f"{middle:.2f}" if np.isfinite(middle) else "v wrong"


def stored_starts(data: Any) -> figures.Picture:
    """The stored experiment three-starts: sums of squared residuals of every run, the median of each start in bold."""
    from matplotlib import pyplot

    keys = sorted(key for key in data.data_vars if str(key).startswith("step_"))
    steps = [int(str(key)[5:]) for key in keys]
    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 4.2))
        words = []
        for i, start in enumerate(map(str, data.start.values)):
            cell = data.sel(start=start)
            runs = np.maximum(np.array([cell[key].values for key in keys]), 1e-8)  # where a run ends
            won = f"{int(cell.found.sum())} of {cell.found.size}"
            ax.semilogy(steps, runs, color=figures.COLOURS[i], linestyle="-", linewidth=0.6, alpha=0.5)
            style: dict[str, Any] = {"color": figures.COLOURS[i], "linestyle": figures.LINES[i], "linewidth": 2.2}
            ax.semilogy(steps, np.median(runs, axis=1), label=f"{start}: {won} found", **style)
            words.append(f"{start}, {won} found, median {_power(runs[-1])} at the end")
        ax.set(xlabel="step", ylabel="sum of squared residuals")
        ax.legend(fontsize=9, loc="upper right")
        draw_origin(fig, data)
        return figures.show(
            fig,
            alt="Sum of squared residuals against the step of gradient descent, on a logarithmic axis, for every run "
            f"from three starts: {'; '.join(words)}. The runs that arrive end along straight lines.",
        )


def _power(values: np.ndarray) -> str:
    return f"{float(np.median(values)):.0e}"


def _root_mean(squares: np.ndarray) -> tuple[float, float]:
    """The root of the mean, and half of its 95 % interval by the central limit theorem and the slope of the root."""
    middle = float(np.sqrt(squares.mean()))
    return middle, 1.96 * float(squares.std(ddof=1)) / np.sqrt(len(squares)) / (2 * middle)


def noise_ratios(rows: Sequence[tuple[str, float, np.ndarray]]) -> figures.Picture:
    """Root mean square of error/bound with its 95 % interval, for (name, sigma, ratios of single draws)."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots()
        for i, name in enumerate(dict.fromkeys(row[0] for row in rows)):
            sigmas, middle, half = [], [], []
            for _, sigma, ratios in (row for row in rows if row[0] == name):
                sigmas.append(sigma * (1 + 0.06 * (i - 0.5)))
                for entries, value in zip((middle, half), _root_mean(np.asarray(ratios) ** 2), strict=True):
                    entries.append(value)
            style: dict[str, Any] = {"color": figures.COLOURS[i], "marker": figures.MARKERS[i], "capsize": 4}
            ax.errorbar(sigmas, middle, half, linestyle="none", label=shown(name), **style)
        ax.axhspan(0.95, 1.05, color=figures.GRID, alpha=0.5, linewidth=0)
        ax.axhline(1, color=figures.INK, linewidth=0.8)
        ax.set(xscale="log", xlabel="noise $\\sigma$", ylabel="error / Cramér-Rao bound")
        there = sorted({sigma for _, sigma, _ in rows})
        ax.set_xticks(there, [f"{sigma:g}" for sigma in there])
        ax.set_xticks([], minor=True)
        ax.legend()
        return figures.show(
            fig,
            alt="Root mean square error of recover over the Cramér-Rao bound against the noise, with 95 % intervals, "
            "for two activations: the intervals contain one, or come close to it.",
        )


def rates_table(rows: Mapping[str, Sequence[Rate]], head: str = "n") -> Table:
    """One row for each method, one column for each n: wins of trials."""
    first = next(iter(rows.values()))
    return Table(
        ["", *(f"{head} = {rate.n}" for rate in first)], [[name, *map(repr, row)] for name, row in rows.items()]
    )
