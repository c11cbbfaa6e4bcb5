"""Pictures of the risk around a teacher: the valleys of z and z^2, the bowl of the ReLU, and how it flattens.

Chapter: lsc-counterexamples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from onenn import figures
from onenn.landscape import hessian_at_teacher
from onenn.landscape.risk import risk_of_weights
from onenn.network import OneHiddenLayer

LEVELS = (0.0, 0.01, 0.05, 0.2, 0.6, 1.5, 4.0)
"""Values of the risk between the shades, darkest first."""

Valley = Callable[[], list[tuple[np.ndarray, np.ndarray]]]
"""The curves (s, t) on which the risk is exactly 0."""


def _plane(teacher: OneHiddenLayer, A: np.ndarray, B: np.ndarray, s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The risk at W + s A + t B for all s (columns) and t (rows)."""
    W = teacher.W + s[None, :, None, None] * A + t[:, None, None, None] * B
    return risk_of_weights(W, teacher.v, teacher)


def _straight() -> list[tuple[np.ndarray, np.ndarray]]:
    s = np.linspace(-1.7, 1.7, 2)
    return [(s, 0 * s)]


def _circle() -> list[tuple[np.ndarray, np.ndarray]]:
    u = np.linspace(0, 2 * np.pi, 121)
    return [(np.sin(u), np.cos(u) - 1)]


def _hyperbola() -> list[tuple[np.ndarray, np.ndarray]]:
    s = np.linspace(-1.7, 1.7, 61)
    return [(s, sign * np.sqrt(1 + s * s) - 1) for sign in (1, -1)]


def valleys() -> figures.Picture:
    """The population risk around the teacher W = I, k = d = 2, in four planes W + s A + t B."""
    from matplotlib import pyplot

    flat, rotation, boost = ([[1, 0], [-1, 0]], [[0, 1], [-1, 0]], [[0, 1], [1, 0]])
    panels: list[tuple[str, str, list[int], Any, Any, Valley]] = [
        ("linear", "$z$: a straight valley", [1, 1], flat, [[1, 0], [1, 0]], _straight),
        ("quadratic", "$z^2$, $v = (1, 1)$: a circle", [1, 1], rotation, np.eye(2), _circle),
        ("quadratic", "$z^2$, $v = (1, -1)$: a hyperbola", [1, -1], boost, np.eye(2), _hyperbola),
        ("relu", "ReLU: a bowl", [1, 1], rotation, np.eye(2), list),
    ]
    s, t = np.linspace(-1.7, 1.7, 45), np.linspace(-2.5, 0.9, 45)
    with figures.style():
        fig, axes = pyplot.subplots(2, 2, figsize=(5.8, 6.0), sharex=True, sharey=True)
        for ax, (phi, title, v, A, B, valley) in zip(axes.flat, panels, strict=True):
            teacher = OneHiddenLayer(np.eye(2), v, phi)
            _shade(ax, s, t, _plane(teacher, np.array(A), np.array(B), s, t))
            for curve in valley():
                ax.plot(*curve, color=figures.COLOURS[4], linestyle="-", linewidth=2.4)
            ax.plot(0, 0, "o", color=figures.INK, markersize=7)
            ax.set(xlim=(s[0], s[-1]), ylim=(t[0], t[-1]))
            ax.set_title(title, fontsize=10)
            ax.grid(False)
        for ax in axes[1]:
            ax.set_xlabel("$s$, along the kernel")
        for ax in axes[:, 0]:
            ax.set_ylabel("$t$, across it")
        return figures.show(
            fig,
            alt="Four maps of the risk around the teacher, a dot. For the linear activation the risk is zero on a "
            "straight line through the dot, for the square with equal signs on a circle, with opposite signs on a "
            "hyperbola; for the ReLU the dot is the only zero near it, at the bottom of a bowl.",
        )


def _shade(ax: Any, s: np.ndarray, t: np.ndarray, values: np.ndarray) -> None:
    shades = np.linspace(0.75, 0.1, len(LEVELS) - 1)
    for low, high, alpha in zip(LEVELS[:-1], LEVELS[1:], shades, strict=True):
        # one colour in several strengths, so that the map follows the page into the dark
        ax.contourf(s, t, values, levels=[low - (low == 0), high], colors=[figures.COLOURS[0]], alpha=alpha)


def two_units() -> figures.Picture:
    """lambda_min of two ReLU units at the angle theta, computed and by the formula (theta - sin theta)/(2 pi)."""
    from matplotlib import pyplot

    angles = np.geomspace(0.03, np.pi, 13)
    least = [_least_eigenvalue(theta) for theta in angles]
    fine = np.geomspace(0.02, np.pi, 200)
    with figures.style():
        fig, ax = pyplot.subplots()
        ax.loglog(fine, (fine - np.sin(fine)) / (2 * np.pi), label="$(\\theta - \\sin\\theta) / 2\\pi$")
        ax.loglog(fine, fine**3 / (12 * np.pi), label="$\\theta^3 / 12\\pi$")
        ax.loglog(angles, least, "o", color=figures.INK, label="$\\lambda_{\\min}$ of the matrix")
        ax.set(xlabel="angle $\\theta$ between the two units", ylabel="$\\lambda_{\\min}$")
        ax.legend()
        return figures.show(
            fig,
            alt="The least eigenvalue of two ReLU units against their angle, on logarithmic axes: the computed points "
            "lie on the curve of the formula, which falls with the cube of the angle.",
        )


def _least_eigenvalue(theta: float) -> float:
    rows = np.array([[1.0, 0.0, 0.0], [np.cos(theta), np.sin(theta), 0.0]])
    return float(np.linalg.eigvalsh(hessian_at_teacher(OneHiddenLayer(rows, [1.0, 1.0], "relu")))[0])
