"""The picture around the teacher: three radii for every case.

Chapter: around-the-teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onenn import figures

from .activation_tables import shown


class Radii(NamedTuple):
    """For one teacher: by formula, certified, and the distance of a student whose Hessian is not positive definite."""

    name: str
    k: int
    formula: float
    certified: float
    singular: float


def three_radii(cases: Sequence[Radii]) -> figures.Picture:
    """One line per teacher on a logarithmic scale: what is proved by formula, what is certified, what is impossible."""
    from matplotlib import pyplot

    gain = [case.certified / case.formula for case in cases]
    rest = [case.certified / case.singular for case in cases]
    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 3.4))
        for place, case in enumerate(cases):
            y = len(cases) - place
            ax.plot(
                [case.formula, case.certified], [y, y], color=figures.COLOURS[0], linewidth=3, linestyle="-", zorder=2
            )
            ax.plot([case.certified, case.singular], [y, y], color=figures.INK, linewidth=1, linestyle=":", zorder=1)
        columns = ("formula", "certified", "singular student")
        for place, (label, values) in enumerate(zip(columns, list(zip(*cases, strict=True))[2:], strict=True)):
            ax.scatter(
                values,
                range(len(cases), 0, -1),
                s=60,
                color=figures.COLOURS[place],
                marker=figures.MARKERS[place],
                edgecolors=figures.PAPER,
                linewidths=0.8,
                label=label,
                zorder=3,
            )
        ax.set(xscale="log", xlabel="distance $\\|A\\|$ from the teacher", ylim=(0.4, len(cases) + 0.6))
        ticks = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3]
        ax.set_xticks(ticks, [f"{x:g}" for x in ticks])
        ax.minorticks_off()
        ax.set_yticks(range(len(cases), 0, -1), [f"{shown(case.name)}, $k = {case.k}$" for case in cases])
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
        return figures.show(
            fig,
            alt=f"Three radii on a logarithmic scale for {len(cases)} orthonormal teachers. The certified radius is "
            f"{min(gain):.1f} to {max(gain):.1f} times the radius by formula, and {min(rest):.0%} to {max(rest):.0%} "
            "of the distance at which a student with a singular Hessian was found.",
        )
