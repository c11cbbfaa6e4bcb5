"""Pictures and tables of the certified minima: their units, and their numbers against k.

Chapter: spurious-minima."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from onenn import figures
from onenn.landscape import OneOddUnitPoint, certify_one_odd_unit
from onenn.proportion import wilson

from .activation_tables import Table, shown

if TYPE_CHECKING:
    import xarray


def share(count: int, runs: int) -> str:
    """A share in percent, with Wilson's interval of 95 %.

    >>> share(5, 100)
    '5.0 (2.2 to 11.2)'
    """
    low, high = wilson(count, runs)
    return f"{100 * count / runs:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def certified(widths: Iterable[int]) -> tuple[dict[int, OneOddUnitPoint], dict[int, float]]:
    """The certified points, and the seconds of one core that each took."""
    points, seconds = {}, {}
    for k in widths:
        started = time.process_time()
        points[k] = certify_one_odd_unit(k)
        seconds[k] = time.process_time() - started
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
            ax.plot(widths, y, marker=figures.MARKERS[place], markersize=3, label=name)
        ax.set(xscale="log", yscale="log", xlabel="number of units $k$")
        ax.legend(loc="lower left")
        return figures.show(
            fig,
            alt=f"The loss and the least eigenvalue of the certified minima, k from {widths[0]} to {widths[-1]}. The "
            "loss falls, the least eigenvalue rises and levels off below one tenth.",
        )


def table_of_full_size(result: xarray.Dataset) -> Table:
    """Of the stored certificates with one odd unit and all k^2 unknowns: loss, least eigenvalue, radius, seconds."""
    rows = []
    for k in result["k"].values:
        at = {
            name: float(result[name].sel(k=k, odd=1, extra=0, seed=0)) for name in result.data_vars if name != "failure"
        }
        kind = "minimum" if at["minimum"] else "not proved"
        numbers = f"{at['loss']:.12f}", f"{at['least']:.9f}", f"{at['radius']:.1e}", f"{at['seconds']:.1f}", kind
        rows.append([str(k), str(k * k), *numbers])
    return Table(["k", "unknowns", "loss", "least eigenvalue", "radius", "seconds", "proved"], rows)


def table_of_searches(result: xarray.Dataset) -> Table:
    """Of the stored searches: starts, how many ended at the teacher, at other minima (with 95 %), at none."""
    rows = []
    for phi in result["activation"].values:
        for k in result["k"].values:
            at = result.sel(activation=phi, k=k, seed=0)
            recovered, minima, lost = (int(at[name].sum()) for name in ("recovered", "minima", "lost"))
            starts = recovered + minima + lost
            found = sorted(
                {f"{x:.5f}" for x, proved in zip(at["loss"].values, at["certified"].values, strict=True) if proved}
            )
            ends = str(starts), str(recovered), share(minima, starts), str(lost)
            rows.append([shown(str(phi)), str(k), *ends, ", ".join(found) or "none"])
    return Table(["activation", "k", "starts", "teacher", "other minima, % (95 %)", "none", "certified losses"], rows)
