"""Tables and pictures of random units: predicted and measured s_min, and what training and spreading do.

Intervals are mean +- t_{0.975} sd/sqrt(seeds).   Chapter: diverse-units-random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student

from onenn import figures
from onenn.diversity import (
    expected_gram,
    least_eigenvalue,
    mean_squared_discrepancy,
    random_data_bound,
    random_weights_bound,
    schur_bound,
    smallest_singular_value,
    squared_discrepancy_bound,
    uniform_inputs,
)

from .activation_tables import Table


def interval(values: Any, digits: int = 3) -> str:
    """Mean and half-width of the 95 % interval of the mean, of independent values.

    >>> interval([1.0, 2.0, 3.0])
    '2 +- 2.48'
    """
    x = np.asarray(values, dtype=float)
    half = float(student.ppf(0.975, x.size - 1) * np.std(x, ddof=1) / x.size**0.5)
    return f"{round(float(x.mean()), 12):.{digits}g} +- {half:.3g}"


def predicted_and_measured(dimensions: Sequence[int], *, units: int, seed: int = 0) -> Table:
    """For n = 2 d uniform inputs: the bound on s_min with its failure probability, and one measured s_min."""
    rng = np.random.default_rng(seed)
    head = ["d", "n", "lambda", "lambda_min(G)", "s_min at least", "fails with probability", "measured s_min"]
    rows = []
    for d in dimensions:
        X = uniform_inputs(2 * d, d, rng)
        bound = random_weights_bound(X, units)
        least = least_eigenvalue(expected_gram(X))
        measured = smallest_singular_value(X, rng.standard_normal((units, d)))
        numbers = [f"{schur_bound(X):.4f}", f"{least:.4f}", f"{bound.value**0.5:.2f}"]
        rows.append([f"{d}", f"{2 * d}", *numbers, f"{bound.failure_probability:.1e}", f"{measured:.2f}"])
    return Table(head, rows)


def before_the_data(sizes: Sequence[tuple[int, int, int]]) -> Table:
    """The bound that needs no data, for (n, d, k)."""
    rows = []
    for n, d, k in sizes:
        bound = random_data_bound(n, d, k)
        rows.append([f"{n}", f"{d}", f"{k}", f"{bound.value**0.5:.2f}", f"{bound.failure_probability:.1e}"])
    return Table(["n", "d", "k", "s_min at least", "fails with probability"], rows)


def printed_probabilities(sizes: Sequence[tuple[int, int]]) -> Table:
    """n exp(-n gamma_n/8) for (d, n)."""
    from onenn.diversity import printed_failure_probability

    rows = [[f"{d}", f"{n}", f"{float(printed_failure_probability(n, d)):.1f}"] for d, n in sizes]
    return Table(["d", "n", "printed failure probability, first term"], rows)


def discrepancy_after_training(data: Any, printed: Mapping[int, float]) -> figures.Picture:
    """L2^2 before and after training over the number of units, with the paper's readings and the random mean."""
    from matplotlib import pyplot

    k = np.asarray(data["k"])
    mean = np.array([mean_squared_discrepancy(int(i), 50) for i in k])
    with figures.style():
        fig, ax = pyplot.subplots()
        ax.plot(k, mean, color=figures.INK, label="mean of uniform weights")
        bound = [squared_discrepancy_bound(int(i), 50) for i in k]
        ax.plot(k, bound, color=figures.COLOURS[2], linestyle=figures.LINES[2], label="least possible (bound)")
        after = np.asarray(data["after"].transpose("k", ...)).reshape(len(k), -1)
        half = student.ppf(0.975, after.shape[1] - 1) * after.std(axis=1, ddof=1) / after.shape[1] ** 0.5
        ax.errorbar(k, after.mean(axis=1), yerr=half, fmt="o", color=figures.COLOURS[0], label="after training")
        ax.plot(list(printed), list(printed.values()), "s", color=figures.COLOURS[1], label="the paper's Fig. 3, read")
        ax.set(xscale="log", yscale="log", xlabel="units $k$", ylabel="$L_2^2$, $d = 50$")
        ax.set_xticks(k, [str(i) for i in k])
        ax.set_ylim(bottom=float(after.mean(axis=1).min()) / 30)
        ax.minorticks_off()
        ax.legend()
        return figures.show(
            fig,
            alt="The squared discrepancy after training over the number of units, both axes logarithmic. The values "
            "after training are within an eighth of the mean of uniform weights, and the readings from the paper's "
            "figure lie close to the same line of slope -1; the lower bound for all weights is below.",
        )


def pairs_table(data: Any, plain: str, spread: str, *, unit: float = 1.0, name: str = "k") -> Table:
    """For each k: the means without and with the regulariser, and of their difference over the same seeds."""
    rows = []
    for k in np.asarray(data[name]):
        a, b = (np.asarray(data[key].sel({name: k})).ravel() / unit for key in (plain, spread))
        rows.append([f"{k}", interval(a), interval(b), interval(b - a)])
    return Table([name, "without R", "with R", "difference"], rows)
