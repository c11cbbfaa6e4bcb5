"""Pictures of signs that flip, of stochastic runs and their bound, and of the phase transition of fitting.

Chapter: overparameterization-relu-sgd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from onenn import figures
from onenn.experiments.phase_transition import DRAWS
from onenn.overparam import (
    Run,
    first_width,
    fitted,
    later_results,
    random_signs,
    relu_width,
    singular_values,
    smooth_width,
    threshold,
)
from onenn.proportion import wilson

from .activation_tables import Table, shown

AUTHORS = {
    "nguyen2020": "Nguyen, Mondelli",
    "montanari2022": "Montanari, Zhong",
    "song2019": "Song, Yang",
    "nguyen2021tight": "Nguyen, Mondelli, Montúfar",
    "karhadkar2024": "Karhadkar, Murray, Montúfar",
}
SIGNS = {"value": "", "at most": "≤ ", "order": "~ "}
METHODS = {"gd": "gradient descent", "gauss_newton": "Gauss-Newton"}


def signs(k: int = 400, *, moved: float = 1.5, seed: int = 0) -> figures.Picture:
    """w_l.x before and after a step of length `moved`, chosen to flip as many signs as it can."""
    from matplotlib import pyplot

    z = np.random.default_rng(seed).standard_normal(k)
    order = np.argsort(np.abs(z))
    flips = int(np.sum(np.cumsum(z[order] ** 2) <= moved**2))
    chosen = np.isin(np.arange(k), order[:flips])
    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 3.0))
        bins = np.linspace(-3, 3, 61).tolist()
        ax.hist([z[chosen], z[~chosen]], bins=bins, stacked=True, color=[figures.COLOURS[4], figures.GRID])
        ax.set_ylim(0, 1.25 * ax.get_ylim()[1])
        ax.annotate(f"{flips} units that can flip", (0, ax.get_ylim()[1] * 0.92), ha="center")
        ax.set(xlabel="$w_l \\cdot x$ at the start", ylabel="units")
        return figures.show(
            fig,
            alt=f"A histogram of the {k} numbers w.x at the start, standard normal. The {flips} units nearest to zero "
            f"are marked: with a step of length {moved} no more than these can change sign.",
        )


def stochastic(runs: Sequence[Run], X: np.ndarray) -> figures.Picture:
    """The mean square misfit of several stochastic runs, each run, and the bound."""
    from matplotlib import pyplot

    at = runs[0].at
    squares = np.array([run.misfit**2 for run in runs]) / runs[0].misfit[0] ** 2
    with figures.style():
        fig, ax = pyplot.subplots()
        for row in squares:
            ax.semilogy(at, row, color=figures.GRID, linewidth=0.9, linestyle="-")
        ax.semilogy(at, squares.mean(axis=0), color=figures.COLOURS[0], linestyle="-", label="mean of the runs")
        bound = runs[0].predicted_rate(X) ** (2 * at)
        ax.semilogy(at, bound, color=figures.COLOURS[1], linestyle=figures.LINES[1], label="bound")
        ax.set(xlabel="step $t$", ylabel="$|r_t|^2 / |r_0|^2$")
        ax.legend(loc="lower left")
        ratio = float(np.log(squares.mean(axis=0)[-1]) / np.log(bound[-1]))
        return figures.show(
            fig,
            alt=f"The squared misfit of {len(runs)} stochastic runs against the step, logarithmic. All fall along "
            f"nearly straight lines; their mean lies below the bound and falls about {ratio:.1f} times as fast.",
        )


def transition(result: Any) -> figures.Picture:
    """The stored success table: probability over k and n for all activations and methods, with the line k d = n."""
    from matplotlib import pyplot

    success = result["value"].mean("seed")
    k, n = success["k"].values, success["n"].values
    with figures.style():
        rows = success.sizes["activation"]
        fig, axes = pyplot.subplots(rows, 2, figsize=(5.8, 2.9 * rows), sharex=True, sharey=True)
        for row, name in enumerate(success["activation"].values):
            for column, method in enumerate(success["method"].values):
                ax = axes[row, column]
                table = success.sel({"activation": name, "method": method}).transpose("n", "k").values
                ax.pcolormesh(np.arange(len(k) + 1), np.arange(len(n) + 1), table, cmap="cividis", vmin=0, vmax=1)
                line = np.interp(10 * k, n, np.arange(len(n)) + 0.5, right=np.nan)
                ax.plot(np.arange(len(k)) + 0.5, line, "o--", color="#c1133f", markersize=4)
                ax.set_title(f"{shown(str(name))}, {METHODS[str(method)]}", fontsize=10)
                ax.set_xticks(np.arange(len(k)) + 0.5, [str(x) for x in k])
                ax.set_yticks(np.arange(len(n))[1::2] + 0.5, [str(x) for x in n[1::2]])
                ax.grid(visible=False)
        for ax in axes[-1]:
            ax.set_xlabel("units $k$")
        for ax in axes[:, 0]:
            ax.set_ylabel("labels $n$")
        return figures.show(
            fig,
            alt="Six tables of the probability of fitting n random labels with k units in R^10, dark for 0 and light "
            "for 1, for softplus, tanh and ReLU, gradient descent and Gauss-Newton. In each the light region is below "
            "the line k d = n; for Gauss-Newton with softplus it reaches up to it, for gradient descent and ReLU less "
            "far, for tanh about half way.",
        )


def thresholds(result: Any) -> Table:
    """The estimated end of success, n / (k d), with 95 % intervals, for each k of the stored table."""
    counts, trials = (DRAWS * result["value"]).round().sum("seed"), DRAWS * result.sizes["seed"]
    n, rows = [float(x) for x in result["n"].values], []
    for name in counts["activation"].values:
        for method in counts["method"].values:
            cells = [f"{shown(str(name))}, {METHODS[str(method)]}"]
            for k in counts["k"].values:
                found = [int(x) for x in counts.sel({"activation": name, "method": method, "k": k}).values]
                middle, error = threshold(n, found, trials)
                inside = f"{middle / (10 * k):.2f} ± {error / (10 * k):.2f}"
                cells.append("beyond the grid" if found[-1] else inside if found[0] else f"< {n[0] / (10 * k):.2f}")
            rows.append(cells)
    return Table(["threshold of n / (k d)", *(f"k = {k}" for k in counts["k"].values)], rows)


def live_transition(k: int = 6, d: int = 10, *, trials: int = 6, seed: int = 0) -> figures.Picture:
    """A small part of the table, computed now: success against n / (k d), with Wilson's intervals."""
    from matplotlib import pyplot

    ratios = (0.3, 0.6, 0.8, 0.9, 1.0, 1.15)
    with figures.style():
        fig, ax = pyplot.subplots()
        place, words, last = 0, [], 0
        for name in ("softplus", "relu"):
            for method, words_of in METHODS.items():
                rng = np.random.default_rng(seed)
                found = [fitted(round(r * k * d), k, d, name, method, trials=trials, rng=rng) for r in ratios]
                last += found[-1]
                share = [x / trials for x in found]
                bars = np.abs(np.array([wilson(x, trials) for x in found]).T - share)
                ax.errorbar(
                    np.array(ratios) + 0.006 * place,
                    share,
                    yerr=bars,
                    color=figures.COLOURS[place],
                    linestyle=figures.LINES[place],
                    marker=figures.MARKERS[place],
                    elinewidth=0.8,
                    label=f"{shown(name)}, {words_of}",
                )
                words.append(f"{shown(name)} by {words_of} {', '.join(str(x) for x in found)}")
                place += 1
        ax.axvline(1, color=figures.INK, linewidth=1, linestyle="-")
        ax.set(xlabel="$n / (k d)$", ylabel="share of draws that are fitted", ylim=(-0.03, 1.28))
        ax.legend(loc="upper center", ncols=2, fontsize=9)
        return figures.show(
            fig,
            alt=f"The share of {trials} draws that are fitted, against n over k d at {ratios}: {'; '.join(words)}. "
            f"At {ratios[-1]} {last} of all {place * trials} are.",
        )


def kernel_limits(names: Sequence[str], n: int, d: int, k: int, *, seed: int = 0) -> Table:
    """lambda_min(J J^T)/|v|^2 at one start beside lambda(X), its finite-size formula and its limit."""
    from onenn.overparam import least_eigenvalue, limit_beyond_wall, limit_eigenvalue, unit_inputs

    rng = np.random.default_rng(seed)
    X, rows = unit_inputs(n, d, rng=rng), []
    for name in names:
        start = random_signs(k, d, name, scale=k**-0.5, rng=rng)
        values = [
            singular_values(start, X).least ** 2,
            least_eigenvalue(X, name),
            limit_beyond_wall(n, d, name),
            limit_eigenvalue(name),
        ]
        rows.append([shown(name), *(f"{x:.4f}" for x in values)])
    return Table(["", f"one start, k = {k}", "λ(X)", "finite-size formula", "limit"], rows)


def later(X: np.ndarray, *, seed: int = 0) -> Table:
    """What later results predict for inputs X, and what is measured there."""
    rows = [
        [AUTHORS[r.source], r.quantity, f"{SIGNS[r.kind]}{r.predicted:.4g}", f"{r.measured:.4g}"]
        for r in later_results(X, rng=seed)
    ]
    return Table(["result", "quantity", "predicted", "measured"], rows)


def orders(X: np.ndarray, *, trials: int = 5, seed: int = 0) -> Table:
    """What each result asks k to exceed for inputs X, ours with constants, the others as orders; and what fits.

    The last rows are the least even k with which gradient descent fits all of `trials` draws of such inputs.
    """
    n, d = X.shape

    def enough(phi: str) -> str:
        return f"{2 * first_width(lambda m: fitted(n, 2 * m, d, phi, 'gd', trials=trials, rng=seed) == trials, n):.0f}"

    rows = [
        ["smooth theorem, softplus", f"{smooth_width(X, 'softplus'):.1e}", "constants proved"],
        ["ReLU theorem", f"{relu_width(X):.1e}", "constants proved"],
        ["k d ~ n², one layer, smooth", f"{n**2 / d:.0f}", "order"],
        ["k d ~ n^(3/2), both layers, smooth", f"{n**1.5 / d:.1f}", "order"],
        ["k d ~ n, up to logarithms", f"{n / d:.1f}", "order"],
        ["k ~ n⁸, deep ReLU", f"{float(n) ** 8:.1e}", "order"],
        ["k ~ n, deep ReLU, its own start", f"{n}", "order"],
        ["gradient descent fits, softplus", enough("softplus"), f"measured, {trials} of {trials} draws"],
        ["gradient descent fits, ReLU", enough("relu"), f"measured, {trials} of {trials} draws"],
    ]
    return Table(["result", "k", ""], rows)
