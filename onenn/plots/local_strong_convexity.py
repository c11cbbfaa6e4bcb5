"""Pictures of the Hessian at the teacher: all its eigenvalues as the network widens, and the slack of the bound.

Chapter: local-strong-convexity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onenn import figures
from onenn.landscape.bounds import conditioning
from onenn.landscape.spectrum import orthonormal_spectrum
from onenn.landscape.tightness import bound_ratio, scattered_teacher

from .activation_tables import shown

ORIGINS = ("T1", "T1 + 2 alpha_1^2", "block A", "block B")
"""In the order of the legend; blocks A and B are the representations that occur more than once."""


def levels(name: str, widths: Sequence[int] = range(1, 13)) -> figures.Picture:
    """The eigenvalues at orthonormal teachers, k = d, v = 1, against k; marker areas grow with the multiplicity."""
    from matplotlib import pyplot
    from matplotlib.collections import PathCollection

    with figures.style():
        fig, ax = pyplot.subplots()
        for place, origin in enumerate(ORIGINS):
            found = [(k, x) for k in widths for x in orthonormal_spectrum(name, k, k) if x.origin == origin]
            ax.scatter(
                [k for k, _ in found],
                [x.value for _, x in found],
                s=[14 + 5 * x.multiplicity for _, x in found],
                color=figures.COLOURS[place],
                marker=figures.MARKERS[place],
                edgecolors=figures.PAPER,
                linewidths=0.8,
                label=("$T_1$", "$T_1 + 2 \\alpha_1^2$", "block $A$", "block $B$")[place],
                zorder=3,
            )
        floor = min(x.value for x in orthonormal_spectrum(name, 3, 3))
        ax.axhline(floor, color=figures.INK, linewidth=1.2, linestyle="--")
        ax.set(yscale="log", xlabel="number of units $k$", ylabel="eigenvalues of $H$")
        legend = ax.legend(loc="upper left", ncols=2)
        for handle in legend.legend_handles:
            if isinstance(handle, PathCollection):
                handle.set_sizes([40])
        return figures.show(
            fig,
            alt=f"The eigenvalues of the Hessian at orthonormal {shown(name)} teachers for k from {min(widths)} to "
            f"{max(widths)}, on a logarithmic scale. Those of block A and one of block B grow with k; the others stay "
            f"almost where they are, and from k = 2 on the least one is {floor:.4f}, a dashed line.",
        )


def slack(names: Sequence[str], *, seed: int = 0, each: int = 60) -> figures.Picture:
    """lambda_min over its bound, against kappa^2 lambda, for scattered teachers with k = 2 ... 4 and d = k + 1."""
    from matplotlib import pyplot

    rng = np.random.default_rng(seed)
    with figures.style():
        fig, ax = pyplot.subplots()
        least = np.inf
        for place, name in enumerate(names):
            teachers = [scattered_teacher(k, k + 1, name, rng=rng) for _ in range(each // 3) for k in (2, 3, 4)]
            shapes = [conditioning(teacher) for teacher in teachers]
            ratios = [bound_ratio(teacher) for teacher in teachers]
            least = min(least, *ratios)
            ax.scatter(
                [c.kappa**2 * c.lam for c in shapes],
                ratios,
                s=22,
                color=figures.COLOURS[place],
                marker=figures.MARKERS[place],
                label=shown(name),
                alpha=0.8,
            )
        ax.axhline(1, color=figures.INK, linewidth=1.2, linestyle="--")
        ax.set(xscale="log", yscale="log", xlabel="$\\kappa^2 \\lambda$", ylabel="$\\lambda_{\\min}(H)$ / bound")
        ax.legend(loc="upper left")
        return figures.show(
            fig,
            alt=f"The least eigenvalue over its bound for {len(names) * (each // 3) * 3} random teachers, against "
            "kappa squared times lambda, both logarithmic. All points lie above 1, a dashed line; the lowest is at "
            f"{least:.2f}, on the left, and the ratio grows about like kappa squared times lambda.",
        )
