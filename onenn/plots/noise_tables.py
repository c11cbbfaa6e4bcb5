"""Errors under noise beside the Cramer-Rao bound, as tables: ratios with their intervals, and what is lost.

Chapter: recovery-in-practice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from onenn.recovery.rates import root_ratio

from .activation_tables import Table, shown
from .stored import origin

ESTIMATES = {
    "tangent": "least squares, signs known",
    "recover": "recover",
    "lowest": "the lowest of five minima",
    "mean_of_minima": "the mean of five minima",
    "posterior_mean": "the posterior mean",
    "from_truth": "least squares from the truth",
}


def stored_noise(*results: Any) -> Table:
    """Stored errors under noise: root of mean squared error over mean bound, with its 95 % interval, for each n."""
    return _table(results, lambda cell: _ratio(cell.squared_error.values, cell.bound.values))


def stored_excess(*results: Any) -> Table:
    """The same: mean squared error less that of the fit which knows the tangent, over the mean bound, in %."""
    return _table(results, lambda cell: _excess(cell, cell.squared_error.values, cell.tangent_squared_error.values))


def stored_estimates(data: Any) -> Table:
    """The stored experiment noise-estimates: the ratio of each estimate, and its mean squared error less recover's."""
    cell = data.isel(activation=0, sigma=0, n=0)
    rows = []
    for key, title in ESTIMATES.items():
        beside = "" if key == "recover" else _excess(cell, cell[key].values, cell.recover.values)
        rows.append([title, _ratio(cell[key].values, cell.bound.values), beside])
        if key == "posterior_mean":
            chains = 100 * float(cell.sampling_variance.mean() / cell.bound.mean())
            rows.append(["in it the sampling error of its chains", "", f"{chains:+.1f} %"])
    return Table(["", "error / bound", "squares, less recover's"], rows, origin(data))


def _table(results: Sequence[Any], entry: Callable[[Any], str]) -> Table:
    """A row for each activation and noise, a column for each n; empty where a result has no such n."""
    sizes = sorted({int(n) for data in results for n in data.n.values})
    rows = {}
    for data in results:
        for name in map(str, data.activation.values):
            for s in data.sigma.values:
                cells = {int(n): entry(data.sel(activation=name, sigma=s, n=n)) for n in data.n.values}
                rows[name, s] = [f"{shown(name)}, σ = {s:g}", *(cells.get(n, "") for n in sizes)]
    note = "; ".join(filter(None, map(origin, results))).replace("; Stored: ", "; ")
    return Table(["", *(f"n = {n}" for n in sizes)], [rows[key] for key in sorted(rows)], note)


def _ratio(squares: np.ndarray, bounds: np.ndarray) -> str:
    return "{:.3f} [{:.3f}, {:.3f}]".format(*root_ratio(squares, bounds))


def _excess(cell: Any, squares: np.ndarray, others: np.ndarray) -> str:
    """In percent of the mean bound, with the half of the 95 % interval of paired draws."""
    differences = 100 * (squares - others) / float(cell.bound.mean())
    middle = round(float(differences.mean()), 1) + 0.0  # no minus before a zero
    return f"{middle:+.1f} ± {1.96 * differences.std(ddof=1) / np.sqrt(len(differences)):.1f} %"
