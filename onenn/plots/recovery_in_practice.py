"""Recovery in practice, in pictures and tables: rates over n/P, peers on the same data.

Chapter: recovery-in-practice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from onenn import figures
from onenn.recovery.rates import Rate

from .activation_tables import Table, shown
from .global_recovery import noise_ratios, stored_noise
from .stored import draw_origin, origin

__all__ = [
    "noise_ratios",
    "peers_table",
    "steps_table",
    "stored_noise",
    "stored_success",
    "success",
]

Curves = Mapping[str, tuple[int, int, Sequence[Rate]]]


def success(curves: Curves, data: Any) -> figures.Picture:
    """Rates over n/P with their intervals, for label: (k, d, rates), and the limits n = k d and n = P = k (d + 1)."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 3.8))
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
        draw_origin(fig, data)
        last = min(row[-1].wins / row[-1].trials for _, _, row in curves.values())
        return figures.show(
            fig,
            alt="Share of teachers recovered against the number of samples over P, with bands for the 95 % intervals "
            "and lines at the information limits n = kd and n = P. All curves rise steeply after the limit, and the "
            f"lowest ends at {last:.2f}; squared ReLU is ahead of ReLU, and ten inputs are ahead of twenty.",
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


def peers_table(data: Any) -> Table:
    """Teachers found of those tried, and the median of the seconds, for each peer and each cell of the other axes.

    In the last columns how often the samples were read at the largest n, in the median. A student of 4k units is judged
    by its units: each of the teacher's has one at a cosine of at least 0.999.
    """
    axes = [name for name in data.dims if name not in ("peer", "seed") and data.sizes[name] > 1]
    columns: list[dict[str, Any]] = [{}]
    for axis in axes:
        columns = [{**place, axis: value} for place in columns for value in data[axis].values.tolist()]
    ends = [place for place in columns if all(place[a] == data[a].values[-1] for a in axes if a != "activation")]
    fixed = {axis: data[axis].values[0] for axis in data.dims if axis not in ("peer", "seed", *axes)}
    rows = []
    for peer in map(str, data.peer.values):
        cells = [_found(data.sel(peer=peer, **place, **fixed), peer) for place in columns]
        read = [data.passes.sel(peer=peer, **place, **fixed).median() for place in ends if "passes" in data]
        rows.append([peer, *cells, *("" if math.isnan(float(n)) else f"{float(n):.0f}" for n in read)])
    head = ["", *map(_title, columns), *(f"passes, {_title(place)}" for place in ends if "passes" in data)]
    return Table(head, rows, origin(data))


def _found(cell: Any, peer: str) -> str:
    won = cell.covered if peer.startswith("4k") else cell.recovered
    if bool(won.isnull().all()):
        return "does not apply"
    return f"{int(won.sum())}/{won.size}, {float(cell.seconds.median()):.2g} s"


def _title(place: Mapping[str, Any]) -> str:
    words = {"activation": shown, "ratio": "{:g} P".format, "condition": "condition {:g}".format}
    return ", ".join(words[axis](value) for axis, value in place.items())


def steps_table(data: Any) -> Table:
    """Runs that arrived of those tried, and the median of the steps of those that did, for each rule and start."""
    names = {"tensor": "tensor start", "random": "one random start"}
    rows = []
    for rule in map(str, data.rule.values):
        for start in map(str, data.start.values):
            cells = [data.sel(start=start, rule=rule, activation=name) for name in data.activation.values]
            rows.append([f"{rule}, {names[start]}", *map(_arrived, cells)])
    return Table(["", *(shown(str(name)) for name in data.activation.values)], rows, origin(data))


def _arrived(cell: Any) -> str:
    won, steps = int(cell.reached.sum()), float(cell.steps.median())
    return f"{won}/{cell.seed.size}" + ("" if math.isnan(steps) else f", {steps:.0f} steps")
