"""Pictures of the tensor initialisation: directions being found, errors against n, d and the steps of the recipe.

Chapter: tensor-initialization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from onenn import figures
from onenn.activations import activation
from onenn.contexts import SYMBOLS
from onenn.network import OneHiddenLayer, random_teacher
from onenn.recovery import ALL_DATA, IMPROVED, Recipe, initialize, moment_distances, route, samples
from onenn.recovery.trials import Slope, slope

from .activation_tables import Table, shown
from .stored import draw_origin


def moment_table(names: Sequence[str]) -> Table:
    """m_1, ..., m_4 at s = 1, in rational multiples of 1 and 1/R, R = sqrt(2 pi), and the moments that serve."""
    rows = []
    for name in names:
        way = route(name)
        rows.append([shown(name), *map(_multiple, way.m), f"M_{way.subspace}", f"M_{way.tensor}"])
    return Table(["activation", "m_1", "m_2", "m_3", "m_4", "subspace", "directions"], rows)


def _multiple(x: Any) -> str:
    """A rational number, or a rational multiple of 1/sqrt(2 pi), as it is written by hand."""
    if x.is_rational:
        return str(x)
    times = SYMBOLS.simplify(x * SYMBOLS.sqrt(2 * SYMBOLS.pi))
    if not times.is_rational:
        raise ValueError(f"x is {x}; expected a rational multiple of 1 or of 1/sqrt(2 pi)")
    below = "R" if times.q == 1 else f"({times.q}\u00a0R)"  # one word, in a narrow column too
    return f"{times.p}/{below}"


def remainder_table(left: Mapping[str, Sequence[str]]) -> Table:
    """What of the risk is left after the orders 0 to 2, 4, 10, 40."""
    head = ["activation", *(f"after order {j}" for j in (2, 4, 10, 40))]
    return Table(head, [[shown(name), *row] for name, row in left.items()])


def directions_found(
    name: str = "relu", *, sizes: Sequence[int] = (500, 2000, 8000, 32000), draws: int = 12, d: int = 10, seed: int = 1
) -> figures.Picture:
    """The directions of two units, as angles in the teacher's plane, against n: by Algorithm 1 and improved."""
    from matplotlib import pyplot

    teacher = OneHiddenLayer(random_teacher(2, d, name, condition=1.5, rng=seed).W, [1, -1], name)
    plane = np.linalg.svd(teacher.W, full_matrices=False)[2]
    recipes = {"Algorithm 1, all samples": ALL_DATA, "improved": IMPROVED}
    with figures.style():
        fig, axes = pyplot.subplots(2, 1, figsize=(5.8, 6), sharex=True)
        for ax, (title, recipe) in zip(axes, recipes.items(), strict=True):
            for size in sizes:
                angles = np.array([_angles(teacher, plane, recipe, size, draw) for draw in range(draws)])
                for unit in range(2):
                    jitter = np.exp(np.linspace(-0.18, 0.18, draws))
                    ax.plot(
                        size * jitter,
                        angles[:, unit],
                        linestyle="none",
                        marker=figures.MARKERS[unit],
                        color=figures.COLOURS[unit],
                        markersize=4,
                    )
            for angle in _degrees(teacher.W @ plane.T):
                ax.axhline(angle, color=figures.INK, linewidth=1.2, linestyle="--", zorder=0)
            ax.set(xscale="log", ylabel="angle, degrees", ylim=(0, 180), yticks=range(0, 181, 45), title=title)
            _ticks(ax, sizes)
        axes[-1].set(xlabel="number of samples $n$")
        return figures.show(
            fig,
            alt=f"The directions found for two {shown(name)} units in dimension {d}, as angles between 0 and 180 "
            f"degrees, for {draws} draws at each of n = {', '.join(map(str, sizes))}. Above, Algorithm 1: the points "
            "scatter over all angles and begin to gather only at the largest n. Below, the improved recipe: from the "
            "second n on all points lie near two dashed lines, the angles of the teacher's units.",
        )


def _angles(teacher: OneHiddenLayer, plane: np.ndarray, recipe: Recipe, n: int, draw: int) -> np.ndarray:
    rng = np.random.default_rng([draw, n])
    X = rng.standard_normal((n, teacher.d))
    data = samples(X, teacher.predict(X))
    found = _degrees(initialize(data, 2, activation(teacher.phi), recipe, rng=rng).W @ plane.T)
    true = _degrees(teacher.W @ plane.T)
    apart = [min(abs(a - b), 180 - abs(a - b)) for a, b in ((found[0], true[0]), (found[0], true[1]))]
    return found if apart[0] <= apart[1] else found[::-1]


def _degrees(rows: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(rows[:, 1], rows[:, 0])) % 180


def error_against_samples(sizes: Sequence[int], errors: Mapping[str, np.ndarray]) -> figures.Picture:
    """Medians of the initial error, with quartiles, on logarithmic axes; each label tells its slope."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 4.2))
        words = []
        for place, (label, found) in enumerate(errors.items()):
            low, middle, high = np.quantile(found, [0.25, 0.5, 0.75], axis=1)
            exponent = slope(sizes, found)
            ax.plot(sizes, middle, marker=figures.MARKERS[place], label=f"{label}: {_short(exponent)}")
            ax.fill_between(sizes, low, high, color=figures.COLOURS[place], alpha=0.18, linewidth=0)
            words.append(f"{label} from {middle[0]:.2f} to {middle[-1]:.3f} with slope {exponent.value:.2f}")
        ax.set(xscale="log", yscale="log", xlabel="number of samples $n$", ylabel="relative error of the start")
        _ticks(ax, sizes)
        ax.set_ylim(bottom=ax.get_ylim()[0] / 6)  # room for the legend
        ax.legend(loc="lower left", title="slope and its 95 % interval", alignment="left")
        return figures.show(
            fig,
            alt=f"The median relative error of the start against n from {sizes[0]} to {sizes[-1]}, both logarithmic: "
            f"{'; '.join(words)}. The bands are the quartiles.",
        )


PARTS = {
    "subspace": ("span of the units", "d - k"),
    "start": ("the whole start", "d"),
    "tensor": ("tensor on the true span", "d"),
}
"""The parts of samples-by-dimension, and in what their samples are to be linear, if in anything."""


def dimension_slope(data: Any, part: str, activation: str) -> Slope:
    """The exponent of the samples that a part of the start needs, in d, or for the subspace in d - k."""
    from onenn.experiments.dimension import UNITS

    d = data.d.values - (UNITS if PARTS[part][1] == "d - k" else 0)
    return slope(d, data[part].sel(activation=activation).values)


def samples_against_dimension(data: Any) -> figures.Picture:
    """The stored experiment samples-by-dimension: medians and quartiles against d, with the exponents."""
    from matplotlib import pyplot

    names = list(map(str, data.activation.values))
    with figures.style():
        fig, axes = pyplot.subplots(len(names), 1, figsize=(5.8, 6.4), sharex=True, sharey=True)
        words, d = [], data.d.values
        for ax, name in zip(axes, names, strict=True):
            for place, (part, (label, base)) in enumerate(PARTS.items()):
                low, middle, high = np.quantile(data[part].sel(activation=name).values, [0.25, 0.5, 0.75], axis=1)
                exponent = dimension_slope(data, part, name)
                ax.plot(d, middle, marker=figures.MARKERS[place], label=f"{label}: {_short(exponent)} in ${base}$")
                ax.fill_between(d, low, high, color=figures.COLOURS[place], alpha=0.18, linewidth=0)
                words.append(f"{shown(name)}, {label}: {exponent.value:.2f} in {base}")
            ax.set(xscale="log", yscale="log", ylabel="samples needed", title=shown(name))
            ax.set_ylim(top=ax.get_ylim()[1] * 8)  # room for the legend
            ax.legend(loc="upper left", fontsize=9, title="exponent, 95 % interval", alignment="left")
        _ticks(axes[-1], d.tolist())
        axes[-1].set_xlabel("dimension $d$")
        draw_origin(fig, data)
        return figures.show(
            fig,
            alt=f"The samples needed against d from {d[0]} to {d[-1]}, both logarithmic, for three parts of the start. "
            f"The exponents are: {'; '.join(words)}.",
        )


def _short(exponent: Slope) -> str:
    return f"{exponent.value:.2f} [{exponent.low:.2f}, {exponent.high:.2f}]"


def _ticks(ax: Any, places: Sequence[int]) -> None:
    """Ticks of a logarithmic axis at these places and no others: the usual ones run into each other."""
    ax.set_xticks(places, [str(place) for place in places])
    ax.set_xticks([], minor=True)


def steps_of_the_recipe(errors: Mapping[str, np.ndarray], title: str) -> figures.Picture:
    """One row of points per recipe, a point per teacher, on a logarithmic axis; the medians in figures."""
    from matplotlib import pyplot

    labels = list(errors)
    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 0.55 * len(labels) + 1.4))
        for row, label in enumerate(labels):
            found = np.asarray(errors[label])
            height = row + np.linspace(-0.22, 0.22, found.size)
            ax.plot(found, height, linestyle="none", marker="o", markersize=3.5, color=figures.COLOURS[0], alpha=0.6)
            middle = float(np.median(found))
            ax.plot([middle] * 2, [row - 0.35, row + 0.35], color=figures.INK, linestyle="-", linewidth=2)
            ax.annotate(f"{middle:.2f}", (middle, row - 0.37), ha="center", va="bottom", fontsize=9)
        ax.set(xscale="log", xlabel="relative error of the start", title=title)
        ax.set_yticks(range(len(labels)), labels)
        ax.set_ylim(len(labels) - 0.5, -0.75)
        medians = ", ".join(f"{label} {float(np.median(errors[label])):.2f}" for label in labels)
        return figures.show(
            fig, alt=f"{title}: the relative errors of the start, one point per teacher. The medians are: {medians}."
        )


def contraction_tails(found: Mapping[int, Mapping[str, np.ndarray]]) -> figures.Picture:
    """For each dimension, the share of draws whose contracted tensor has a larger error."""
    from matplotlib import pyplot

    words = {"sphere": "$\\alpha$ in $\\mathbb{R}^d$", "span": "$\\alpha$ in the span"}
    with figures.style():
        fig, ax = pyplot.subplots()
        for column, kind in enumerate(words):
            for row, (d, errors) in enumerate(found.items()):
                e = np.sort(errors[kind])
                share = 1 - np.arange(e.size) / e.size
                ax.step(
                    e, share, where="post", color=figures.COLOURS[column], linestyle=figures.LINES[row],
                    label=f"{words[kind]}, $d = {d}$",
                )  # fmt: skip
        ax.set(xscale="log", xlabel="relative error of $M_4(V, V, V, \\alpha)$", ylabel="share of draws above")
        ax.legend(loc="upper right", fontsize=9)
        medians = "; ".join(
            f"d = {d}: {np.median(e['sphere']):.2f} and {np.median(e['span']):.2f}" for d, e in found.items()
        )
        return figures.show(
            fig,
            alt="The share of draws in which the contracted fourth moment has a larger relative error. The medians for "
            f"alpha in R^d and for alpha in the span are, at {medians}. In the span the curves of all dimensions are "
            "alike; in R^d they move to the right and grow a tail.",
        )


def shares_of_the_risk(names: Sequence[str], *, orders: int = 12, seed: int = 3) -> figures.Picture:
    """What each order of moments adds to the risk between two random networks, with 2 units in dimension 4."""
    from matplotlib import pyplot

    with figures.style():
        fig, ax = pyplot.subplots()
        words = []
        for place, name in enumerate(names):
            student, teacher = (random_teacher(2, 4, name, rng=seed + i) for i in range(2))
            shares = moment_distances(student, OneHiddenLayer(teacher.W, student.v, name), orders)
            shares = shares / shares.sum()
            kept = np.flatnonzero(shares > 1e-12)
            ax.plot(kept, shares[kept], marker=figures.MARKERS[place], label=shown(name))
            words.append(f"{shown(name)}: {shares[:3].sum():.3f}")
        ax.set(yscale="log", xlabel="order $j$ of the moments", ylabel="share of the risk")
        ax.legend(loc="upper right")
        return figures.show(
            fig,
            alt=f"The share of each order of moments in the risk between two networks, orders 0 to {orders}, on a "
            f"logarithmic scale. The orders up to two hold most of it: {'; '.join(words)}. Orders whose moment "
            "vanishes are missing.",
        )
