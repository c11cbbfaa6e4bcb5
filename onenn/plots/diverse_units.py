"""Pictures of diverse units: spectra of the kernels, discrepancies of weights, and a local minimum in the plane.

Chapters: diverse-units, diverse-units-random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from onenn import figures
from onenn.diversity import (
    diversify,
    kernel_eigenvalues,
    mean_squared_discrepancy,
    squared_discrepancy,
    squared_discrepancy_bound,
    variance_squared_discrepancy,
)


def spectra(d: int, max_degree: int) -> figures.Picture:
    """The eigenvalues of g, kappa and kappa^2 over the degree, on log-log axes; zeros stand at the lower edge."""
    from matplotlib import pyplot

    rows = {"extended_feature": "$g$", "arcsine": "$\\kappa$", "arcsine_squared": "$\\kappa^2$"}
    with figures.style():
        fig, ax = pyplot.subplots()
        floor = kernel_eigenvalues(d, max_degree, "arcsine_squared")[-1] / 30
        for place, (kernel, name) in enumerate(rows.items()):
            values, degrees = kernel_eigenvalues(d, max_degree, kernel), np.arange(max_degree + 1)
            shown = values > 0
            style: dict[str, Any] = {
                "color": figures.COLOURS[place],
                "marker": figures.MARKERS[place],
                "linestyle": "none",
            }
            ax.plot(degrees[shown], values[shown], label=name, **style)
            ax.plot(degrees[~shown], [floor * 2.2**place] * int(np.sum(~shown)), markerfacecolor="none", **style)
        ax.set(yscale="log", xlabel="degree $l$", ylabel=f"eigenvalue $\\lambda_l$, $d = {d}$")
        ax.legend()
        return figures.show(
            fig,
            alt=f"Eigenvalues of three kernels on the sphere of R^{d} over the degree, with a logarithmic axis. "
            "All fall like the power -d of the degree. The kernel g has none at odd degrees from 3 on, kappa none at "
            "even degrees from 2 on: these are hollow marks at the lower edge. The square of kappa has one at every "
            "degree, on one smooth curve.",
        )


def discrepancies(d: int, units: Sequence[int], *, seed: int = 0) -> figures.Picture:
    """L2^2 over the number of units: the random mean with two standard deviations, descent, and the lower bound."""
    from matplotlib import pyplot

    rng = np.random.default_rng(seed)
    k = np.array(units)
    mean = np.array([mean_squared_discrepancy(int(i), d) for i in k])
    spread = np.array([variance_squared_discrepancy(int(i), d) for i in k]) ** 0.5
    drawn = [rng.standard_normal((int(i), d)) for i in k]
    after = [squared_discrepancy(diversify(W, max_iterations=80)) for W in drawn]
    with figures.style():
        fig, ax = pyplot.subplots()
        ax.fill_between(k, np.maximum(mean - 2 * spread, mean / 20), mean + 2 * spread, color=figures.GRID, alpha=0.6)
        ax.plot(k, mean, color=figures.INK, label="uniform weights: mean, and 2 sd")
        ax.plot(k, [squared_discrepancy(W) for W in drawn], "o", color=figures.COLOURS[0], label="one draw")
        ax.plot(k, after, "s", color=figures.COLOURS[1], label="the same after descent")
        bound = [squared_discrepancy_bound(int(i), d) for i in k]
        ax.plot(k, bound, linestyle=figures.LINES[1], color=figures.COLOURS[2], label="lower bound for all weights")
        ax.set(xscale="log", yscale="log", xlabel="units $k$", ylabel=f"$L_2^2$, $d = {d}$")
        ax.set_xticks(k, [str(i) for i in k])
        ax.minorticks_off()  # 3 x 10^0 and its neighbours would overlap
        ax.legend()
        return figures.show(
            fig,
            alt=f"The squared discrepancy over the number of units in R^{d}, both axes logarithmic. The mean for "
            "uniform weights falls with slope -1, single draws lie in its band, and descent lowers them towards a "
            "lower bound, which they meet for up to d + 1 and for 2 d units.",
        )


def dead_input(instance: Any) -> figures.Picture:
    """The units and inputs of a planar instance, and the half-plane in which no unit is active at the first input."""
    from matplotlib import pyplot

    X, W = instance.X.astype(float), instance.W.astype(float)
    U = W / np.linalg.norm(W, axis=1, keepdims=True)
    with figures.style():
        fig, ax = pyplot.subplots(figsize=(4.6, 4.2))
        angle = np.linspace(0, 2 * np.pi, 181)
        ax.plot(np.cos(angle), np.sin(angle), color=figures.GRID)
        ax.fill_between([-1.3, 1.3], 0, -1.3, color=figures.GRID, alpha=0.35)
        for u, sign in zip(U, instance.v, strict=True):
            colour = figures.COLOURS[0 if sign > 0 else 1]
            ax.annotate("", xy=tuple(u), xytext=(0, 0), arrowprops={"arrowstyle": "-|>", "color": colour})
        for l, (x, y) in enumerate(X):
            ax.plot(x, y, figures.MARKERS[0], color=figures.COLOURS[4] if l == 0 else figures.INK)
            ax.text(1.14 * x, 1.12 * y, f"$x_{l + 1}$", ha="center", va="center")
        ax.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal")
        ax.set_axis_off()
        return figures.show(
            fig,
            alt="Four arrows, the directions of the units, all in the shaded lower half of a circle; one input at the "
            "top of the circle, where no unit is active, and two inputs in the lower half, which are fitted exactly.",
        )
