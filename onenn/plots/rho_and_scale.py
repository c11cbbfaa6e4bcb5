"""rho(sigma) of all activations that have P2, from short to long weights.   Chapter: rho-and-scale.

rho = min(T1, T2, T3); its slope on the log-log plot is the exponent of sigma."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onenn import figures, gaussian
from onenn.activations import names

from .activation_tables import shown


def _spread(heights: Sequence[float], gap: float) -> list[float]:
    """The increasing heights, moved up where needed so that neighbours are `gap` apart."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else height)
    return placed


def rho_curves() -> figures.Picture:
    """rho(sigma) of the ten activations that have P2, on one log-log plot with the names at the curves."""
    from matplotlib import pyplot

    curved = [name for name in names() if float(gaussian.rho(name, 1.0)) > 0]
    sigma = np.geomspace(1e-2, 1e2, 81)
    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 5.6))
        ends = []
        for place, name in enumerate(curved):
            s = sigma[sigma <= 5] if name == "exp" else sigma
            rho = gaussian.rho(name, s)
            colour = figures.COLOURS[place % len(figures.COLOURS)]
            ax.loglog(s, rho, color=colour, linestyle=figures.LINES[(place + place // 5) % len(figures.LINES)])
            ends.append((float(np.log10(rho[0])), shown(name), colour))
        ends.sort()
        for y, (_, label, colour) in zip(_spread([end[0] for end in ends], 0.68), ends, strict=True):
            ax.text(0.0085, 10**y, label, color=colour, ha="right", va="center", fontsize=10)
        ax.set(xlim=(7e-4, 1.1e2), ylim=(1e-15, 1e4), xlabel="$\\sigma$", ylabel="$\\rho(\\sigma)$")
        ax.set_xticks([1e-2, 1e-1, 1, 10, 100])
        ax.minorticks_off()
        return figures.show(
            fig,
            alt="rho against sigma from 0.01 to 100, both axes logarithmic. The ReLU and the leaky ReLU are level near "
            "0.09; squared ReLU rises with slope 2. Towards small sigma tanh, erf, sigmoid and exp fall with slope 4, "
            "softplus and GELU with slope 6. Towards large sigma tanh, erf and sigmoid fall with slope -4, softplus "
            "and GELU approach the ReLU, and exp and the quartic ReLU grow.",
        )
