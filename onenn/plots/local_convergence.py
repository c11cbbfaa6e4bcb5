"""Pictures of descent around the teacher: the error and its rate, steps too long, sides of samples, three methods.

Chapter: local-convergence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from onenn import OneHiddenLayer, figures
from onenn.landscape import Descent, EmpiricalRisk, gradient_descent, orthonormal_eigenvalues

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def error_and_rate(run: Descent, factor: float) -> figures.Picture:
    """The error of a run against its steps, and the line of slope log(factor) through its last point."""
    from matplotlib import pyplot

    error = _distance(run)
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


def sides(
    student: OneHiddenLayer, teacher: OneHiddenLayer, X: np.ndarray, *, step: float, steps: int, every: int = 5
) -> figures.Picture:
    """Descent of a ReLU student on a sample: the error, and the pairs of a unit and a sample on the wrong side."""
    from matplotlib import pyplot

    sample, right = EmpiricalRisk(X, teacher.predict(X)), X @ teacher.W.T > 0
    error, wrong = [], []
    for _ in range(0, steps + 1, every):
        error.append(float(np.linalg.norm(student.W - teacher.W)))
        wrong.append(int(np.sum((X @ student.W.T > 0) != right)))
        student = gradient_descent(student, sample, step=step, max_steps=every, tolerance=0.0).network
    at = np.arange(0, steps + 1, every)
    none = int(at[int(np.argmax(np.array(wrong) == 0))]) if 0 in wrong else None
    with figures.style():
        fig, (top, bottom) = pyplot.subplots(2, 1, sharex=True, figsize=(5.8, 5.4))
        top.plot(at, error, color=figures.COLOURS[0])
        top.set(yscale="log", ylabel="$\\|A_t\\|$")
        bottom.plot(at, wrong, color=figures.COLOURS[1], marker=figures.MARKERS[1], markersize=3)
        bottom.set(yscale="symlog", xlabel="step $t$", ylabel="on the wrong side", ylim=(0, None))
        for ax in (top, bottom) if none is not None else ():
            ax.axvline(none, color=figures.INK, linestyle="--", linewidth=1.2)
        end = f"to {wrong[-1]}" if none is None else f"to zero at step {none}, a dashed line"
        return figures.show(
            fig,
            alt=f"Above the error of gradient descent for a ReLU student on {len(X)} samples, logarithmic: after a few "
            "steps a straight line. Below the number of pairs of a unit and a sample on the wrong side, which falls "
            f"from {wrong[0]} {end}. The error does not change its slope there.",
        )


def batches(runs: Mapping[str, Descent]) -> figures.Picture:
    """The errors of runs with batches of several sizes from one start, against their steps."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots()
        for place, (name, run) in enumerate(runs.items()):
            error = _distance(run)
            ax.plot(
                np.arange(len(error)), error, color=figures.COLOURS[place], linestyle=figures.LINES[place], label=name
            )
        ax.set(yscale="log", xlabel="step $t$", ylabel="$\\|A_t\\|$")
        ax.legend(loc="lower left")
        return figures.show(
            fig,
            alt=f"The errors of gradient descent from one start with {', '.join(runs)}, on a logarithmic scale. The "
            "one sample falls along a straight line, larger batches almost parallel to it; the smallest batch wavers.",
        )


def methods(runs: Mapping[str, Descent]) -> figures.Picture:
    """The errors of several runs from one start: against their steps, and against the seconds they took here."""
    from matplotlib import pyplot

    with figures.style():
        fig, axes = pyplot.subplots(2, 1, figsize=(5.8, 6.4))
        for place, (name, run) in enumerate(runs.items()):
            look = {"color": figures.COLOURS[place], "linestyle": figures.LINES[place], "label": name}
            error = _distance(run)
            axes[0].plot(np.arange(len(error)), error, **look)
            axes[1].plot(run.history.seconds, error, **look)
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


def _distance(run: Descent) -> np.ndarray:
    if run.history.distance is None:
        raise ValueError("run has no distances; pass teacher= to the descent")
    return run.history.distance
