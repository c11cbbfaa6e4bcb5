"""Pictures of P1 and P3, of who has them, and of what rho measures.   Chapter: activation-properties.

T1 = E (phi'(sigma z) - alpha_0 - alpha_1 z)^2 is drawn as the area between phi'(sigma z) and its best straight line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from onenn import figures, gaussian
from onenn.activations import Activation, activation

from .activation_tables import shown

Panel = Sequence[tuple[str | Activation, str]]


def _curves(ax: Any, panel: Panel, title: str, ceiling: float, legend: str) -> None:
    """phi on [-2, 2] for each (activation, label) of the panel, with a legend: the curves cross near 0."""
    z = np.linspace(-2, 2, 401)
    for phi, label in panel:
        ax.plot(z, activation(phi)(z), label=label)
    ax.set(title=title, ylim=(-1.2, ceiling), xlabel="$z$", ylabel="$\\phi(z)$")
    ax.legend(loc=legend)


def _two_panels(good: Panel, bad: Panel, name: str, ceiling: float, alt: str) -> figures.Picture:
    from matplotlib import pyplot

    with figures.style():
        fig, (above, below) = pyplot.subplots(2, 1, figsize=(5.8, 6), sharex=True)
        _curves(above, good, f"{name} holds", ceiling, "upper left")
        _curves(below, bad, f"{name} fails", ceiling, "upper center")
        above.set_xlabel("")
        return figures.show(fig, alt=alt)


def property_one() -> figures.Picture:
    """The activations of slide 12: three with P1, three without."""
    good = [("relu", "max(z, 0)"), ("tanh", "tanh z"), (activation("leaky_relu", slope="0.1"), "max(z, 0.1 z)")]
    bad = [("quadratic", "$z^2$"), ("exp", "$e^z$"), (activation("relu").scaled(input=-1), "max(-z, 0)")]
    return _two_panels(
        good,
        bad,
        "P1",
        4.4,
        "Above, three activations with property P1, all of them non-decreasing: the ReLU, tanh and the leaky ReLU of "
        "slope 0.1. Below, three without: z squared and max(-z, 0), which decrease somewhere, and the exponential, "
        "whose slope is positive at 0 and unbounded.",
    )


def property_three() -> figures.Picture:
    """The activations of slide 14: four with P3, two without."""
    good = [
        ("squared_relu", "max$(z, 0)^2$"),
        ("relu", "max(z, 0)"),
        (activation("leaky_relu", slope="0.1"), "max(z, 0.1 z)"),
        ("tanh", "tanh z"),
    ]
    bad = [("quartic_relu", "$z^4 + 4z$ for $z \\geq 0$, else 0"), ("exp", "$e^z$")]
    return _two_panels(
        good,
        bad,
        "P3",
        6.2,
        "Above, four activations with property P3: the squared ReLU and tanh, whose second derivative is bounded, the "
        "ReLU and the leaky ReLU, which are piecewise linear. Below, two without: the function that is 0 on the left "
        "and z to the fourth plus 4 z on the right, and the exponential.",
    )


def affine_residual(functions: Sequence[str | Activation], *, sigma: float = 1.0) -> figures.Picture:
    """phi'(sigma z) with its best straight line alpha_0 + alpha_1 z; between them, dark where z is likely, T1."""
    from matplotlib import pyplot

    z = np.sort(np.append(np.linspace(-3.2, 3.2, 161), -1e-9))  # a jump at 0 is drawn upright
    density = np.exp(-z * z / 2)
    with figures.style():
        fig, axes = pyplot.subplots(len(functions), 1, figsize=(5.8, 2.3 * len(functions)), sharex=True, squeeze=False)
        sentences = []
        for ax, name in zip(axes[:, 0], functions, strict=True):
            phi = activation(name)
            slope = phi.derivative(sigma * z)
            line = gaussian.alpha(phi, 0, sigma) + gaussian.alpha(phi, 1, sigma) * z
            T1 = float(gaussian.T(phi, 1, sigma))
            for i in range(0, len(z) - 1, 4):  # strips of their own opacity: the error counts where z is likely
                part, shade = slice(i, i + 5), 0.75 * density[i : i + 5].mean()
                ax.fill_between(z[part], slope[part], line[part], color=figures.COLOURS[1], lw=0, alpha=shade)
            ax.plot(z, slope, color=figures.COLOURS[0], linestyle="-")
            ax.plot(z, line, color=figures.INK, linestyle=figures.LINES[1], lw=1.5)
            ax.set_title(f"{shown(phi.name)}:  $T_1$ = {T1:.4g}", loc="left")
            ax.set_ylabel("$\\phi'(\\sigma z)$")
            sentences.append(f"for {shown(phi.name)} the area is {T1:.4g}")
        axes[-1, 0].set_xlabel("$z$")
        alt = (
            f"The derivative of each activation at sigma = {sigma:g} (solid) and its best straight line (dashed), the "
            f"area between them shaded as darkly as the normal density is high: {'; '.join(sentences)}."
        )
        return figures.show(fig, alt=alt)
