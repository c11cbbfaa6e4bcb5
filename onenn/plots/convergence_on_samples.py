"""Pictures of samples: how many show half of the least eigenvalue, batches of several sizes, sides of samples.

Chapter: convergence-on-samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from onenn import OneHiddenLayer, figures
from onenn.landscape import Descent, EmpiricalRisk, gradient_descent
from onenn.landscape.concentration import HalfPoint

from .activation_tables import shown
from .local_convergence import distances


def samples_for_half(points: Mapping[str, Sequence[HalfPoint]], grid: Sequence[float]) -> figures.Picture:
    """The median of lambda_min(H_n)/lambda_min(H) against n/d, one line for each dimension and activation."""
    from matplotlib import pyplot

    with figures.style():
        fig, axes = pyplot.subplots(len(points), 1, figsize=(5.8, 2.7 * len(points)), sharex=True)
        for ax, (name, found) in zip(axes, points.items(), strict=True):
            for place, point in enumerate(found):
                ax.plot(grid, point.medians, marker=figures.MARKERS[place], label=f"$d = {point.d}$")
            ax.axhline(0.5, color=figures.INK, linewidth=1.2, linestyle="--")
            ax.set(ylabel="$\\lambda_{\\min}(H_n) / \\lambda_{\\min}(H)$", ylim=(0, 1))
            ax.set_title(shown(name), loc="left")
        axes[-1].set_xlabel("samples per dimension, $n / d$")
        axes[0].legend(loc="lower right", ncols=2)
        every = [point.ratio for found in points.values() for point in found if point.ratio is not None]
        return figures.show(
            fig,
            alt="The median of the least eigenvalue of the empirical Hessian over that of the population Hessian, "
            f"against samples per dimension, for several dimensions. The curves of different dimensions lie close to "
            f"each other, and all reach one half between {min(every):g} and {max(every):g} samples per dimension.",
        )


def batches(runs: Mapping[str, Descent]) -> figures.Picture:
    """The errors of runs with batches of several sizes from one start, against their steps."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots()
        for name, run in runs.items():
            ax.plot(distances(run), label=name)
        ax.set(yscale="log", xlabel="step $t$", ylabel="$\\|A_t\\|$")
        ax.legend(loc="lower left")
        return figures.show(
            fig,
            alt=f"The errors of gradient descent from one start with {', '.join(runs)}, on a logarithmic scale. The "
            "one sample falls along a straight line, larger batches almost parallel to it; the smallest batch wavers.",
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
