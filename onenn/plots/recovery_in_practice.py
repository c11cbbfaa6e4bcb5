"""Recovery in practice, in pictures and tables: rates over n/P, refiners of a start, peers on the same data.

Chapter: recovery-in-practice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from onenn import figures
from onenn.recovery.rates import Rate

from .activation_tables import Table, shown
from .global_recovery import noise_ratios
from .noise_tables import stored_estimates, stored_excess, stored_noise
from .stored import draw_origin, origin

__all__ = [
    "noise_ratios",
    "one_half",
    "peers_table",
    "refined_starts",
    "split_rates",
    "steps_table",
    "stored_estimates",
    "stored_excess",
    "stored_noise",
    "stored_success",
    "success",
]

METHODS = {
    "algorithm 1": "Algorithm 1, three-way split",
    "algorithm 1, all data": "Algorithm 1, all samples",
    "improved": "tensor_initialize",
}
REFINERS = {
    "v_fixed": "Levenberg-Marquardt, v fixed",
    "recovered": "Levenberg-Marquardt, v free",
}

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


def refined_starts(starts: Any, recover: Any, *, d: int = 20) -> figures.Picture:
    """Share of teachers found from each start by least squares in W, and by `recover`, over n/P, logarithmic.

    The line of chance is the probability that k random signs are the teacher's in some order, (2k choose k)/4^k.
    """
    from matplotlib import pyplot

    from onenn.experiments.recovery import UNITS

    k, refiner = UNITS[d], "v_fixed"
    chance = math.comb(2 * k, k) / 4**k

    with figures.style():
        names = list(map(str, starts.activation.values))
        fig, axes = pyplot.subplots(len(names), 1, figsize=(5.8, 6.2), sharex=True, sharey=True)
        words = []
        for ax, name in zip(axes, names, strict=True):
            rows = {
                METHODS[key]: (starts, {"method": key, "activation": name, "d": d}, refiner)
                for key in map(str, starts["method"].values)
            }
            rows["recover"] = (recover, {"activation": name, "d": d}, "recovered")
            for i, (label, (data, place, key)) in enumerate(rows.items()):
                found = data[key].sel(place).mean("seed")
                style: dict[str, Any] = {"color": figures.COLOURS[i], "linestyle": figures.LINES[i % 4]}
                ax.plot(found.ratio, found, marker=figures.MARKERS[i], markersize=4, label=label, **style)
            ax.axhline(chance, color=figures.INK, linewidth=1, linestyle=":", label="random signs are right")
            ax.set(xscale="log", ylabel="teachers found", ylim=(-0.03, 1.03), title=shown(name))
            ends = (
                f"{_crossing(data[key].sel(at).mean('seed'))} by {label}" for label, (data, at, key) in rows.items()
            )
            words.append(f"{shown(name)} from {', '.join(ends)}")
        ticks = [2.0**i for i in range(0, 11, 2)]
        axes[-1].set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes[-1].set_xticks([], minor=True)
        axes[-1].set_xlabel("samples over $P = k(d + 1)$")
        axes[-1].legend(fontsize=8, loc="lower right", bbox_to_anchor=(1, 0.26))
        draw_origin(fig, starts, recover)
        return figures.show(
            fig,
            alt=f"Share of teachers found by {REFINERS[refiner]}, from three starts, and by recover, against n/P on a "
            f"logarithmic axis, d = {d}, with the line of chance, {chance:.2f}, for random signs. At least half are "
            f"found, for {'; for '.join(words)}.",
        )


def one_half(starts: Any, recover: Any) -> Table:
    """From which n/P on at least half of the teachers are found, for each start and refiner, and for `recover`."""
    places = [(str(name), int(d)) for name in starts.activation.values for d in starts.d.values]
    rows = []
    for refiner, after in REFINERS.items():
        for method in map(str, starts["method"].values):
            cells = [_last_crossing(starts, method, name, d, refiner) for name, d in places]
            rows.append([METHODS[method], after, *cells])
    ours = (recover.recovered.sel(activation=name, d=d).mean("seed") for name, d in places)
    rows.append(["recover", "its own", *map(_crossing, ours)])
    head = ["start", "refiner", *(f"{shown(name)}, d = {d}" for name, d in places)]
    return Table(head, rows, f"{origin(starts)}; for recover {origin(recover).lower()}")


def split_rates(starts: Any, recover: Any) -> Table:
    """Teachers found of those tried by Algorithm 1 with its three-way split, v fixed, and its samples over recover's.

    The quotient is that of the least n/P of the grids from which on at least half are found.
    """
    rows = []
    for name in map(str, starts.activation.values):
        for d in map(int, starts.d.values):
            found = starts.v_fixed.sel({"method": "algorithm 1", "activation": name, "d": d})
            won = [f"{int(cell.sum())}/{cell.size}" for cell in found.transpose("ratio", "seed")]
            ours = recover.recovered.sel(activation=name, d=d).mean("seed")
            rows.append([f"{shown(name)}, d = {d}", *won, _times(_reached(found.mean("seed")), _reached(ours))])
    head = ["", *(f"{ratio:g} P" for ratio in starts.ratio.values.tolist()), "times recover's"]
    return Table(head, rows, f"{origin(starts)}; for recover {origin(recover).lower()}")


def _times(theirs: tuple[float, int], ours: tuple[float, int]) -> str:
    """The quotient of two crossings, with what is known of it where one is only bounded by the end of its grid."""
    side = theirs[1] - ours[1]
    if not side and theirs[1]:
        return "unknown"
    return f"{('at most ', '', 'at least ')[(side > 0) - (side < 0) + 1]}{theirs[0] / ours[0]:.0f}"


def _last_crossing(data: Any, method: str, name: str, d: int, refiner: str) -> str:
    return _crossing(data[refiner].sel({"method": method, "activation": name, "d": d}).mean("seed"))


def _crossing(rates: Any) -> str:
    """The least n/P of the grid from which on every rate is at least one half."""
    ratio, side = _reached(rates)
    return {-1: f"{ratio:g} P or less", 0: f"{ratio:g} P", 1: f"above {ratio:g} P"}[side]


def _reached(rates: Any) -> tuple[float, int]:
    """That n/P, and whether the true one may be below the grid, -1, lies inside, 0, or is above it, 1."""
    ratios, below = rates.ratio.values.tolist(), np.flatnonzero(rates.values < 0.5)
    if not below.size:
        return ratios[0], -1
    return (ratios[below[-1] + 1], 0) if below[-1] + 1 < len(ratios) else (ratios[-1], 1)


def peers_table(data: Any) -> Table:
    """Teachers found of those tried, and the median of the seconds, for each peer and each cell of the other axes.

    In the last columns how often the samples were read at the largest n, in the median. A student of 4k units is judged
    by its units: each of the teacher's has one at a cosine of at least 0.999.
    """
    axes = ["activation", *(name for name in data.dims if name not in ("activation", "peer", "seed"))]
    axes = [name for name in axes if name == "activation" or data.sizes[name] > 1]
    columns: list[dict[str, Any]] = [{}]
    for axis in axes:
        columns = [{**place, axis: value} for place in columns for value in data[axis].values.tolist()]
    ends = [place for place in columns if all(place[a] == data[a].values[-1] for a in axes if a != "activation")]
    ends = ends if "passes" in data else []
    fixed = {axis: data[axis].values[0] for axis in data.dims if axis not in ("peer", "seed", *axes)}
    rows = []
    for peer in map(str, data.peer.values):
        cells = [_found(data.sel(peer=peer, **place, **fixed), peer) for place in columns]
        read = [data.passes.sel(peer=peer, **place, **fixed).median() for place in ends]
        rows.append([peer, *cells, *("" if math.isnan(float(n)) else f"{float(n):.0f}" for n in read)])
    head = ["", *map(_title, columns), *(f"passes, {_title(place)}" for place in ends)]
    return Table(head, rows, origin(data))


def _found(cell: Any, peer: str) -> str:
    won = cell.covered if peer.startswith("4k") else cell.recovered
    if bool(won.isnull().all()):
        return "does not apply"
    return f"{int(won.sum())}/{won.size}, {float(cell.seconds.median()):.2g}\u00a0s"


def _title(place: Mapping[str, Any]) -> str:
    words = {"activation": shown, "ratio": "{:g} P".format, "condition": "κ = {:g}".format}
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
    return f"{won}/{cell.seed.size}" + ("" if math.isnan(steps) else f", {steps:.0f}\u00a0steps")
