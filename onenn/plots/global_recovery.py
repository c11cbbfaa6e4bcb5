"""Recovery in pictures: rates over n/P, the paper's three starts, errors under noise beside the bound, peers.

Chapter: global-recovery."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from onenn import figures
from onenn.recovery.rates import Rate

from .activation_tables import Table, shown


def success(curves: Mapping[str, tuple[int, int, Sequence[Rate]]]) -> figures.Picture:
    """Rates over n/P with their intervals, for label: (k, d, rates), and the limits n = k d and n = P = k (d + 1)."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots()
        for i, (label, (k, d, row)) in enumerate(curves.items()):
            x, p = [rate.n / (k * (d + 1)) for rate in row], [rate.wins / rate.trials for rate in row]
            low, high = zip(*(rate.interval for rate in row), strict=True)
            ax.fill_between(x, low, high, color=figures.COLOURS[i], alpha=0.15, linewidth=0)
            style: dict[str, Any] = {"color": figures.COLOURS[i], "linestyle": figures.LINES[i]}
            ax.plot(x, p, marker=figures.MARKERS[i], label=label, **style)
        for limit in {k * d / (k * (d + 1)) for k, d, _ in curves.values()}:
            ax.axvline(limit, color=figures.GRID, linewidth=1.2)
        ax.axvline(1.0, color=figures.INK, linewidth=1.2)
        ax.text(1.01, 0.03, "$n = P$", fontsize=10, rotation=90, color=figures.INK)
        ax.set(xlabel="samples over $P = k(d + 1)$", ylabel="teachers recovered", ylim=(-0.02, 1.02))
        ax.legend(loc="lower right", fontsize=9)
        return figures.show(
            fig,
            alt="Share of teachers recovered against the number of samples over P, with bands for the 95 % intervals "
            "and lines at the information limits n = kd and n = P. All curves rise steeply after the limit and are at "
            "one from 1.8 P on; squared ReLU is ahead of ReLU, and ten inputs are ahead of twenty.",
        )


def stored_success(data: Any) -> dict[str, tuple[int, int, list[Rate]]]:
    """The curves of `success` from the stored experiment recovery-rate: its axes activation, d, ratio, seed."""
    from onenn.experiments.recovery import UNITS

    curves = {}
    for name in data.activation.values:
        for d in map(int, data.d.values):
            k, row = UNITS[d], []
            for c in map(float, data.ratio.values):
                cell = data.sel(activation=name, d=d, ratio=c)
                won, sure = (cell[key].values.astype(bool) for key in ("recovered", "certain"))
                silent = int(np.sum(sure & ~won))
                row.append(Rate(n=math.ceil(c * k * (d + 1)), wins=int(won.sum()), trials=won.size, silent=silent))
            curves[f"{shown(str(name))}, k = {k}, d = {d}"] = k, d, row
    return curves


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
    return rates_table(rows)


def stored_noise(data: Any) -> Table:
    """The stored experiment noise: root mean squares of error/bound with 95 % intervals, a column for each sigma."""
    rows = []
    for name in data.activation.values:
        cells = data.sel({"activation": name}).isel(n=0)
        found = [_root_mean((cells.squared_error / cells.bound).sel(sigma=s).values) for s in data.sigma.values]
        rows.append([shown(str(name)), *(f"{m:.3f} [{m - h:.3f}, {m + h:.3f}]" for m, h in found)])
    return Table(["", *(f"sigma = {s:g}" for s in data.sigma.values)], rows)


def _root_mean(squares: np.ndarray) -> tuple[float, float]:
    """The root of the mean, and half of its 95 % interval by the central limit theorem and the slope of the root."""
    middle = float(np.sqrt(squares.mean()))
    return middle, 1.96 * float(squares.std(ddof=1)) / np.sqrt(len(squares)) / (2 * middle)


def stored_peers(data: Any) -> Table:
    """The stored experiment peers: teachers found of those tried, and the median of the seconds, for each peer and n/P.

    A student of 4k units is judged by its units: each of the teacher's has one at a cosine of at least 0.999.
    """
    columns = [(str(name), float(c)) for name in data.activation.values for c in data.ratio.values]
    rows = []
    for peer in map(str, data.peer.values):
        cells = []
        for name, c in columns:
            cell = data.sel(peer=peer, activation=name, ratio=c)
            won = cell.covered if peer.startswith("4k") else cell.recovered
            if bool(won.isnull().all()):
                cells.append("does not apply")
            else:
                cells.append(f"{int(won.sum())}/{won.size}, {float(cell.seconds.median()):.2g} s")
        rows.append([peer, *cells])
    return Table(["", *(f"{shown(name)}, {c:g} P" for name, c in columns)], rows)


def three_starts(runs: Mapping[str, Any]) -> figures.Picture:
    """Sum of squared residuals over the steps of gradient descent, for the paper's three starts."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots()
        for i, (label, run) in enumerate(runs.items()):
            ax.semilogy(run.residuals, color=figures.COLOURS[i], linestyle=figures.LINES[i], label=label)
        ax.set(xlabel="step", ylabel="sum of squared residuals")
        ax.legend(fontsize=9)
        return figures.show(
            fig,
            alt="Sum of squared residuals against the step of gradient descent on logarithmic axes. The start of "
            "Algorithm 1 begins a hundred times lower than the two random ones and falls along a straight line; with "
            "the true v a random W falls along a line of the same kind later; random v and W stay on a plateau.",
        )


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


def peers_table(results: Mapping[str, Mapping[str, Sequence[Rate]]]) -> Table:
    """One row for each method; for each activation and each n a column: wins of trials."""
    columns = [(name, i, rate.n) for name, rows in results.items() for i, rate in enumerate(next(iter(rows.values())))]
    methods = dict.fromkeys(method for rows in results.values() for method in rows)
    body = []
    for method in methods:
        cells = [
            repr(results[name][method][i]) if method in results[name] else "does not apply" for name, i, _ in columns
        ]
        body.append([method, *cells])
    return Table(["", *(f"{shown(name)}, n = {n}" for name, _, n in columns)], body)
