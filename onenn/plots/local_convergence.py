"""Pictures of descent around the teacher: the error and its rate, steps too long, three methods.

Chapter: local-convergence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from onenn import figures
from onenn.landscape import Descent, orthonormal_eigenvalues

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def error_and_rate(run: Descent, factor: float) -> figures.Picture:
    """The error of a run against its steps, and the line of slope log(factor) through its last point."""
    from matplotlib import pyplot

    error = distances(run)
    steps = np.arange(len(error))
    with figures.style():
        fig, ax = pyplot.subplots()
        ax.plot(steps, error, color=figures.COLOURS[0], label="error $\\|A_t\\|$")
        line = error[-1] * factor ** (steps - steps[-1]).astype(float)
        ax.plot(
            steps, line, color=figures.INK, linestyle="--", linewidth=1.2, label="slope $1 - \\eta \\lambda_{\\min}$"
        )
        ax.set(yscale="log", xlabel="step $t$", ylabel="$\\|A_t\\|$", ylim=(error[-1] / 2, 2 * max(error[0], line[0])))
        ax.legend(loc="upper right")
        return figures.show(
            fig,
            alt=f"The distance to the teacher along {len(error) - 1} steps of gradient descent, logarithmic. "
            "It falls faster at first and then along a dashed straight line whose slope is one minus the step times "
            "the least eigenvalue.",
        )


def long_steps(widths: Sequence[int] = range(1, 15)) -> figures.Picture:
    """eta lambda_max for eta = 1/(k sigma^2) and 1/(12 k sigma^2) at orthonormal squared ReLU teachers, against k."""
    from matplotlib import pyplot

    largest = np.array([orthonormal_eigenvalues("squared_relu", k, k)[-1] for k in widths])
    with figures.style():
        fig, ax = pyplot.subplots()
        for place, (factor, name) in enumerate(
            ((1, "$\\eta = 1/(k \\sigma^2)$"), (12, "$\\eta = 1/(12 k \\sigma^2)$"))
        ):
            ax.plot(
                list(widths),
                largest / (factor * np.array(widths)),
                color=figures.COLOURS[place],
                marker=figures.MARKERS[place],
                linestyle="none",
                label=name,
            )
        ax.axhline(2, color=figures.INK, linewidth=1.2, linestyle="--")
        ax.set(xlabel="number of units $k$", ylabel="$\\eta \\lambda_{\\max}(H)$", ylim=(0, None))
        ax.legend(loc="upper right")
        return figures.show(
            fig,
            alt=f"The step times the largest eigenvalue for k from {min(widths)} to {max(widths)}. For the step 1 over "
            "k sigma squared it starts at 6, falls, and passes below the dashed line at 2 between six and seven units; "
            "for a step twelve times shorter it is at most one half.",
        )


def methods(runs: Mapping[str, Descent]) -> figures.Picture:
    """The errors of several runs from one start: against their steps, and against the seconds they took here."""
    from matplotlib import pyplot

    with figures.style():
        fig, axes = pyplot.subplots(2, 1, figsize=(5.8, 6.4))
        for name, run in runs.items():
            axes[0].plot(distances(run), label=name)
            axes[1].plot(run.history.seconds, distances(run))
        _logarithmic(axes[0], "step")
        _logarithmic(axes[1], "seconds")
        axes[0].legend(loc="lower left", fontsize=9)
        return figures.show(
            fig,
            alt=f"The errors of {', '.join(runs)} from one start on one sample, on logarithmic scales, above against "
            "the steps and below against the time. Both lines of gradient descent bend down late, the one with the "
            "longer step first; L-BFGS needs far fewer steps, and Gauss-Newton a handful, each of which squares the "
            "error.",
        )


def _logarithmic(ax: Axes, name: str) -> None:
    ax.set(xscale="symlog" if name == "step" else "log", yscale="log", xlabel=name, ylabel="$\\|A_t\\|$")


def distances(run: Descent) -> np.ndarray:
    """The error after every step.  Raises: ValueError when the run was not told the teacher."""
    if run.history.distance is None:
        raise ValueError("run has no distances; pass teacher= to the descent")
    return run.history.distance
