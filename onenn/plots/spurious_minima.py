"""Pictures and tables of the certified minima: their units, their numbers against k, and how often descent ends there.

Chapter: spurious-minima."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from onenn import figures
from onenn.landscape import Ends, OneOddUnitPoint, certify_one_odd_unit
from onenn.overparam import wilson

from .activation_tables import Table

if TYPE_CHECKING:
    import xarray


def certified(widths: Iterable[int]) -> tuple[dict[int, OneOddUnitPoint], dict[int, float]]:
    """The certified points, and the seconds that each took."""
    points, seconds = {}, {}
    for k in widths:
        started = time.perf_counter()
        points[k] = certify_one_odd_unit(k)
        seconds[k] = time.perf_counter() - started
    return points, seconds


def table_of(points: Mapping[int, OneOddUnitPoint], seconds: Mapping[int, float]) -> Table:
    """k, loss, least eigenvalue, the largest relative radius of the five numbers' domain, seconds."""
    rows = [
        [
            str(k),
            point.loss.str(12, radius=False),
            point.min_eigenvalue.str(8, radius=False),
            f"{max(float(x.rad()) for x in point.domain):.1e}",
            f"{seconds[k]:.2f}",
        ]
        for k, point in points.items()
    ]
    return Table(["k", "loss", "least eigenvalue", "radius", "seconds"], rows)


def units_of(points: Sequence[OneOddUnitPoint]) -> figures.Picture:
    """The weights W of points side by side, one row for each unit."""
    from matplotlib import pyplot

    with figures.style():
        fig, axes = pyplot.subplots(1, len(points), figsize=(6.4, 3.2))
        image = None
        for ax, point in zip(np.atleast_1d(axes), points, strict=True):
            image = ax.imshow(point.student.W, cmap="cividis", vmin=-0.8, vmax=1.05)
            ax.set(xlabel="coordinate", ylabel="unit", xticks=[], yticks=[], title=f"$k = {point.k}$")
            ax.grid(False)
        assert image is not None, "points is not empty"
        fig.colorbar(image, ax=list(np.atleast_1d(axes)), shrink=0.8)
        return figures.show(
            fig,
            alt="The weights of spurious minima as squares of colour. All units but the first point almost along their "
            "own coordinate; the first has a negative entry in its own coordinate and small equal ones elsewhere.",
        )


def numbers_against_k(points: Mapping[int, OneOddUnitPoint]) -> figures.Picture:
    """The loss and the least eigenvalue against k."""
    from matplotlib import pyplot

    widths = list(points)
    with figures.style():
        fig, ax = pyplot.subplots()
        values = ((point.loss, point.min_eigenvalue) for point in points.values())
        loss, least = np.array([[float(x) for x in pair] for pair in values]).T
        for place, (name, y) in enumerate((("loss", loss), ("least eigenvalue", least))):
            look = {"color": figures.COLOURS[place], "marker": figures.MARKERS[place], "markersize": 3}
            ax.plot(widths, y, linestyle=figures.LINES[place], label=name, **look)
        ax.set(xscale="log", yscale="log", xlabel="number of units $k$")
        ax.legend(loc="lower left")
        return figures.show(
            fig,
            alt=f"The loss and the least eigenvalue of the certified minima, k from {widths[0]} to {widths[-1]}. The "
            "loss falls, the least eigenvalue rises and levels off below one tenth.",
        )


def share(ends: Ends) -> str:
    """Trapped runs in percent, with Wilson's interval of 95 %."""
    runs = len(ends.risk)
    low, high = wilson(ends.trapped, runs)
    return f"{100 * ends.trapped / runs:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def table_of_ends(ends: Mapping[int, Ends]) -> Table:
    """Trapped and unfinished runs, and the risks where they are trapped."""
    rows = []
    for k, end in ends.items():
        risks = sorted({f"{x:.4f}" for x, g in zip(end.risk, end.slope, strict=True) if x > 1e-3 and g < 1e-6})
        rows.append([str(k), str(len(end.risk)), share(end), str(end.unfinished), ", ".join(risks)])
    return Table(["k", "runs", "trapped, % (95 %)", "unfinished", "their losses"], rows)


def stored_shares(result: xarray.Dataset) -> figures.Picture:
    """The stored shares of trapped runs against k, for k, k + 1 and k + 2 units, with Wilson's intervals."""
    from matplotlib import pyplot

    d, runs = result["d"].values, 100 * result.sizes["seed"]
    with figures.style():
        fig, ax = pyplot.subplots()
        for place, extra in enumerate(result["extra"].values):
            trapped = result["trapped"].sel(extra=extra).sum("seed").values.astype(int)
            p = trapped / runs
            bars = np.abs(np.array([wilson(int(x), runs) for x in trapped]).T - p)
            ax.errorbar(
                d,
                100 * p,
                yerr=100 * bars,
                color=figures.COLOURS[place],
                marker=figures.MARKERS[place],
                linestyle=figures.LINES[place],
                label=f"$k + {extra}$ units" if extra else "$k$ units",
            )
        ax.set(xlabel="units of the teacher $k$", ylabel="runs trapped, %", ylim=(-2, 102))
        ax.legend(loc="upper left")
        return figures.show(
            fig,
            alt=f"The share of descents trapped at a minimum that is not global, teachers of {d[0]} to {d[-1]} units, "
            f"{runs} runs each. With as many units it rises from near zero to most of the runs; one extra unit leaves "
            "few of them trapped and two almost none.",
        )
