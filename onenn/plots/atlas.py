"""Maps over n/P and k/k*: the best outcome of each cell, each outcome with its confidence, the six regions, tables.

Every cell of a map carries its numbers as a title; `onenn.plots.atlas_tables` holds them all.   Chapter: atlas."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np

from onenn import figures
from onenn.experiments.atlas import RATIOS, UNITS, WIDTHS
from onenn.experiments.chart.regions import OUTCOMES, Cell, decided, region_of
from onenn.experiments.chart.runs import METHODS
from onenn.experiments.chart.thresholds import lines

TITLES = {"tensor": "tensor start", "random": "random start", "wide": "wide start, v fixed"}
LETTERS = {"recovered": "R", "learned": "L", "interpolated": "I", "nothing": "·"}
NAMES = {"information": "$n = k^* d$", "counting": "$k d = n$", "units": "$k = k^*$", "moments": "$k = d$"}
SHADES = dict(zip("ABCDEF", (*figures.COLOURS, figures.INK), strict=True))
CENTRED: Any = {"ha": "center", "va": "center"}
BOX: Any = {"boxstyle": "round,pad=0.15", "facecolor": figures.PAPER, "edgecolor": "none", "linewidth": 0}
FILLS = {"recovered": 0, "learned": 2, "interpolated": 1}


def best_outcomes(found: Sequence[Cell]) -> figures.Picture:
    """One map for each start: the strongest outcome that most runs reach, hatched where a stronger one is undecided."""

    def paint(cell: Cell) -> dict[str, Any]:
        colour = figures.COLOURS[FILLS[cell.best]] if cell.best in FILLS else "none"
        return {"facecolor": colour, "hatch": "////" if cell.open else None, "letter": LETTERS[cell.best]}

    counts = "; ".join(
        f"{TITLES[m]}: " + ", ".join(f"{sum(c.best == b and c.method == m for c in found)} {b}" for b in LETTERS)
        for m in METHODS
    )
    return _maps(
        found,
        paint,
        f"Maps of the best outcome over n/P and k/k*, one for each start. Cells by their best outcome: {counts}. "
        "Lines mark n = k*d and kd = n.",
    )


def outcome_map(found: Sequence[Cell], outcome: str) -> figures.Picture:
    """One map for each start: filled where the outcome is decided to happen, blank where not, hatched where open."""

    def paint(cell: Cell) -> dict[str, Any]:
        sign = decided(cell.counts[outcome], cell.trials)
        colour = figures.COLOURS[FILLS[outcome]] if sign > 0 else "none"
        return {"facecolor": colour, "hatch": "////" if sign == 0 else None, "letter": str(cell.counts[outcome])}

    def filled(method: str, sign: int) -> int:
        return sum(c.method == method and decided(c.counts[outcome], c.trials) == sign for c in found)

    told = "; ".join(f"{TITLES[m]}: {filled(m, 1)} cells filled, {filled(m, 0)} undecided" for m in METHODS)
    return _maps(
        found,
        paint,
        f"Maps of the outcome {outcome} over n/P and k/k*, with the number of successful runs in each cell. {told}. "
        "Lines mark n = k*d and kd = n.",
        tall=True,
    )


def risk_map(found: Sequence[Cell]) -> figures.Picture:
    """One map for each start: the median excess risk, in decades."""
    from matplotlib import colormaps

    colours = colormaps["cividis"]

    def paint(cell: Cell) -> dict[str, Any]:
        decade = min(max(np.log10(max(cell.risk, 1e-16)), -8.0), 0.0)
        shade = colours((decade + 8) / 8)
        letter = f"{min(round(np.log10(max(cell.risk, 1e-16))), 0):d}".replace("-", "−")
        return {"facecolor": shade, "hatch": None, "letter": letter, "ink": "#ffffff" if decade < -3.5 else "#000001"}

    told = "; ".join(f"{TITLES[m]}: {sum(c.risk <= 1e-3 for c in found if c.method == m)} cells" for m in METHODS)
    return _maps(
        found,
        paint,
        "Maps of the median excess risk over n/P and k/k*, as the rounded power of ten, dark for small. Cells with at "
        f"most a thousandth: {told}. Lines mark n = k*d and kd = n.",
        tall=True,
    )


def region_map() -> figures.Picture:
    """The six regions and the four thresholds, on the axes of the atlas."""
    from matplotlib import pyplot
    from matplotlib.patches import Rectangle

    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 4.2))
        for i, k in enumerate(WIDTHS):
            for j, ratio in enumerate(RATIOS):
                name = region_of(k, ratio).name
                tint = SHADES[name]
                ax.add_patch(Rectangle((j, i), 1, 1, facecolor=tint, alpha=0.18, edgecolor="none"))
                ax.text(j + 0.5, i + 0.5, name, fontsize=9, zorder=3, **CENTRED, bbox=BOX)
        for place, key in enumerate(lines()):
            style: dict[str, Any] = {"color": figures.COLOURS[place], "linestyle": figures.LINES[place]}
            _draw(ax, key, label=NAMES[key], **style)
        _axes(ax, WIDTHS, RATIOS)
        ax.set(xlabel="$n / P$", ylabel="$k / k^*$")
        fig.legend(loc="outside upper center", ncols=4, fontsize=9)
        at = lines()["information"].ratios[0]
        return figures.show(
            fig,
            alt="The chart of n/P against k/k* with the letter of its region in each cell, A to F, and four lines: "
            f"n = k*d upright at {at:.2f}, k d = n rising to the upper right, k = k* and k = d level.",
        )


def _maps(
    found: Sequence[Cell], paint: Callable[[Cell], dict[str, Any]], alt: str, *, tall: bool = False
) -> figures.Picture:
    """A panel for each start; `paint` says how a cell looks; a cell's title holds its numbers."""
    from matplotlib import pyplot
    from matplotlib.patches import Rectangle

    widths, ratios = sorted({c.k for c in found}), sorted({c.ratio for c in found})
    titles: dict[str, str] = {}
    with figures.style():
        shape: dict[str, Any] = {"nrows": 3, "figsize": (5.8, 10.2)} if tall else {"ncols": 3, "figsize": (8, 3.6)}
        fig, panels = pyplot.subplots(sharex=True, sharey=True, **shape)
        for ax, method in zip(panels, METHODS, strict=True):
            for cell in (c for c in found if c.method == method):
                i, j, look = widths.index(cell.k), ratios.index(cell.ratio), paint(cell)
                name = f"cell-{method}-{i}-{j}"
                titles[name] = _title(cell)
                filled = Rectangle((j, i), 1, 1, facecolor=look["facecolor"], hatch=look["hatch"], linewidth=0)
                filled.set_gid(name)
                ax.add_patch(filled)
                plain = look["facecolor"] == "none" or look["hatch"]
                ink = look.get("ink", figures.INK if plain else figures.PAPER)
                box = BOX if look["hatch"] else None
                ax.text(j + 0.5, i + 0.45, look["letter"], fontsize=7.5, color=ink, bbox=box, **CENTRED)
            without = [i for i, k in enumerate(widths) if all((c.k, c.method) != (k, method) for c in found)]
            for i in without:
                ax.add_patch(Rectangle((0, i), len(ratios), 1, facecolor=figures.GRID, edgecolor="none", alpha=0.5))
                ax.text(len(ratios) / 2, i + 0.5, "no start", fontsize=7.5, **CENTRED)
            for place, key in ((4, "information"), (3, "counting")):
                style: dict[str, Any] = {"color": figures.COLOURS[place], "linestyle": figures.LINES[place - 3]}
                _draw(ax, key, widths, ratios, linewidth=1.6, **style)
            _axes(ax, widths, ratios)
            ax.set_title(TITLES[method], fontsize=10)
        for ax in [panels[-1]] if tall else panels:
            ax.set_xlabel("$n / P$")
        for ax in panels if tall else [panels[0]]:
            ax.set_ylabel("$k / k^*$")
        return _with_titles(figures.show(fig, alt=alt), titles)


def _draw(ax: Any, key: str, widths: Sequence[int] = WIDTHS, ratios: Sequence[float] = RATIOS, **style: Any) -> None:
    """A threshold, across the whole chart."""
    line = lines()[key]
    x, y = _places(line.ratios, ratios), _places(line.widths, [k / UNITS for k in widths])
    if key == "information":
        ax.axvline(x[0], **style)
    elif key == "counting":
        ax.plot(x, y, **style)
    else:
        ax.axhline(y[0], **style)


def _axes(ax: Any, widths: Sequence[int], ratios: Sequence[float]) -> None:
    ax.set_xlim(0, len(ratios))
    ax.set_ylim(0, len(widths))
    ax.set_xticks(np.arange(len(ratios)) + 0.5, [f"{r:g}" for r in ratios], fontsize=7.5)
    ax.set_yticks(np.arange(len(widths)) + 0.5, [f"{k / UNITS:g}" for k in widths], fontsize=7.5)
    ax.grid(visible=False)


def _places(values: Sequence[float], axis: Sequence[float]) -> np.ndarray:
    """Places on an axis whose cells have equal widths: logarithmic between the middles of neighbours, and beyond."""
    x, at = np.log(np.asarray(values, dtype=float)), np.log(np.asarray(axis, dtype=float))
    if len(values) == 2:
        x = np.linspace(x[0], x[1], 200)
    piece = np.clip(np.searchsorted(at, x) - 1, 0, len(at) - 2)
    return piece + 0.5 + (x - at[piece]) / (at[piece + 1] - at[piece])


def _title(cell: Cell) -> str:
    shares = ", ".join(
        f"{name} {cell.counts[name]} of {cell.trials} ({low:.2f} to {high:.2f})"
        for name in OUTCOMES
        for low, high in [cell.interval(name)]
    )
    return (
        f"{TITLES[cell.method]}, k/k* = {cell.k / UNITS:g}, n/P = {cell.ratio:g}: {shares}; "
        f"median excess risk {cell.risk:.1e}"
    )


def _with_titles(picture: figures.Picture, titles: dict[str, str]) -> figures.Picture:
    """The picture with a <title> in each group whose id ends in a name: what a browser shows at the pointer."""

    def titled(group: re.Match[str]) -> str:
        return f"{group[0]}<title>{escape(titles[group[1]])}</title>"

    names = "|".join(sorted(map(re.escape, titles), key=len, reverse=True))
    return replace(picture, svg=re.sub(rf'<g id="[^"]*?-({names})">', titled, picture.svg))
