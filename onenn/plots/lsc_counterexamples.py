"""The risk around a teacher: the valleys of z and z^2 beside the bowl of the ReLU.

f(I + s A + t B), k = d = 2, A flat for z and z^2, B across it.   Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from onenn import figures
from onenn.landscape.risk import risk_of_weights
from onenn.network import OneHiddenLayer

LEVELS = (0.0, 0.01, 0.05, 0.2, 0.6, 1.5, 4.0)
"""Values of the risk between the shades, darkest first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Plane:
    """The plane I + s A + t B around the teacher (I, v), and the curves (s, t) in it on which the risk is exactly 0."""

    phi: str
    title: str
    v: tuple[int, int] = (1, 1)
    A: Any
    B: Any
    zeros: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    def risk(self, s: np.ndarray, t: np.ndarray) -> np.ndarray:
        """The risk at the points (s, t), elementwise."""
        teacher = OneHiddenLayer(np.eye(2), self.v, self.phi)
        s, t = (np.asarray(x, dtype=float)[..., None, None] for x in (s, t))
        return risk_of_weights(teacher.W + s * np.array(self.A) + t * np.array(self.B), teacher.v, teacher)


_S, _ANGLE = np.linspace(-1.7, 1.7, 61), np.linspace(0, 2 * np.pi, 121)
_IDENTITY, _ROTATION = ((1, 0), (0, 1)), ((0, 1), (-1, 0))

PLANES = (
    Plane(phi="linear", title="$z$: a straight valley", A=((1, 0), (-1, 0)), B=((1, 0), (1, 0)), zeros=((_S, 0 * _S),)),
    Plane(
        phi="quadratic",
        title="$z^2$, $v = (1, 1)$: a circle",
        A=_ROTATION,
        B=_IDENTITY,
        zeros=((np.sin(_ANGLE), np.cos(_ANGLE) - 1),),
    ),
    Plane(
        phi="quadratic",
        title="$z^2$, $v = (1, -1)$: a hyperbola",
        v=(1, -1),
        A=((0, 1), (1, 0)),
        B=_IDENTITY,
        zeros=tuple((_S, sign * np.sqrt(1 + _S * _S) - 1) for sign in (1, -1)),
    ),
    Plane(phi="relu", title="ReLU: a bowl", A=_ROTATION, B=_IDENTITY),
)


def valleys() -> figures.Picture:
    """The population risk around the teacher W = I, k = d = 2, in the four planes of PLANES."""
    from matplotlib import pyplot

    s, t = np.linspace(-1.7, 1.7, 45), np.linspace(-2.5, 0.9, 45)
    with figures.style():
        fig, axes = pyplot.subplots(2, 2, figsize=(5.8, 6.0), sharex=True, sharey=True)
        for ax, plane in zip(axes.flat, PLANES, strict=True):
            _shade(ax, s, t, plane.risk(*np.meshgrid(s, t)))
            for curve in plane.zeros:
                ax.plot(*curve, color=figures.COLOURS[4], linestyle="-", linewidth=2.4)
            ax.plot(0, 0, "o", color=figures.INK, markersize=7)
            ax.set(xlim=(s[0], s[-1]), ylim=(t[0], t[-1]))
            ax.set_title(plane.title, fontsize=10)
            ax.grid(False)
        for ax in axes[1]:
            ax.set_xlabel("$s$, along $A$")
        for ax in axes[:, 0]:
            ax.set_ylabel("$t$, along $B$")
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
