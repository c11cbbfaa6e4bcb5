"""Pictures of certified gradient descent: the corridor of a run, its rates, and widths in theory and practice.

Chapters: moderate-overparameterization, overparameterization-kernel."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt
from typing import Any

import numpy as np

from onenn import figures
from onenn.overparam import (
    Certificate,
    Run,
    certificate,
    kappa,
    khatri_rao_singular_value,
    norm,
    output_scale,
    printed_width,
    promised_inputs,
    promised_rate,
    random_inputs_law,
    signed_halves,
    smooth_width,
    spectral_bound,
    train_many,
    unit_inputs,
)

from .activation_tables import Table, shown

MARKS = (
    "theorem, with $\\kappa(X)$",
    "theorem, with $\\lambda(X)$",
    "certificate, half",
    "certificate, sharp",
    "descent fits",
)


def corridor(run: Run, promise: Certificate) -> figures.Picture:
    """Misfit against path: the upper edge of the certificate, the lower edge, and the run between them."""
    from matplotlib import pyplot

    c = {name: _float(getattr(promise, name)) for name in ("misfit", "slope", "bend", "radius", "norm", "lipschitz")}
    path = np.linspace(0, c["radius"], 200)
    upper = c["misfit"] - c["slope"] * path + c["bend"] * path**2
    lower = np.maximum(c["misfit"] - c["norm"] * path - c["lipschitz"] * path**2 / 2, 0)
    with figures.style():
        fig, ax = pyplot.subplots()
        ax.fill_between(path, lower, upper, color=figures.GRID, alpha=0.6, linewidth=0)
        ax.plot(path, upper, color=figures.COLOURS[1], linestyle=figures.LINES[1])
        ax.plot(path, lower, color=figures.COLOURS[2], linestyle=figures.LINES[2])
        ax.plot(run.path, run.misfit, color=figures.COLOURS[0], linestyle="-", marker="o", markersize=3.5)
        ax.annotate("upper edge", (0.55 * c["radius"], upper[110]), (6, 6), textcoords="offset points")
        ax.annotate(
            "the run",
            (run.path[len(run.path) // 5], run.misfit[len(run.path) // 5]),
            (8, 6),
            textcoords="offset points",
        )
        ax.annotate(
            "lower edge", (path[int(np.argmin(lower > 0)) // 2], 0), (0, 5), textcoords="offset points", fontsize=9
        )
        ax.set(xlabel="path $\\sum |W_{t+1} - W_t|$", ylabel="misfit $|f(W_t) - y|$", ylim=(0, None), xlim=(0, None))
        return figures.show(
            fig,
            alt=f"Misfit against the length of the path. The corridor starts at the first misfit {c['misfit']:.2f}; "
            f"its upper edge falls to zero at the path {c['radius']:.1f}, bending upwards, its lower edge steeply. "
            f"The {len(run.at)} points of the run lie between them and reach zero at the path {run.path[-1]:.1f}.",
        )


def rates(run: Run, promise: Certificate, X: np.ndarray) -> figures.Picture:
    """The misfit per step: measured, linearised at the start, certified, and of the theorem for its largest step."""
    from matplotlib import pyplot

    t, first = run.at, run.misfit[0]
    fraction = min(1.0, 2 * run.step * spectral_bound(run.start, X) ** 2)  # it promises nothing for larger steps
    lines = {
        "the run": run.misfit / first,
        "linearised at the start": run.predicted_rate(X) ** t,
        "certificate": _float(promise.rate) ** t,
        "theorem": promised_rate(X, run.start.phi, fraction=fraction) ** t,
    }
    slopes = {label: np.log(curve[-1]) / np.log(lines["linearised at the start"][-1]) for label, curve in lines.items()}
    with figures.style():
        fig, ax = pyplot.subplots()
        for label, curve in lines.items():
            ax.semilogy(t, curve, label=label)
        ax.set(xlabel="step $t$", ylabel="$|r_t| / |r_0|$", ylim=(3e-11, 2))
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 0.02))
        return figures.show(
            fig,
            alt="The relative misfit against the step, on a logarithmic scale. The run falls to "
            f"{run.relative_misfit:.0e} along the line that the Jacobian at the start predicts, after a quicker "
            f"beginning; the certificate's line has {slopes['certificate']:.2f} of that slope, and the theorem's line "
            f"{slopes['theorem']:.3f} of it.",
        )


def widths(tasks: Sequence[tuple[int, int]], name: str = "softplus", *, seed: int = 0) -> figures.Picture:
    """For each (n, d): the width each result asks, the width at which descent fits, and k d = n."""
    from matplotlib import pyplot

    found = [_widths(n, d, name, seed) for n, d in tasks]
    with figures.style():
        fig, ax = pyplot.subplots(figsize=(5.8, 3.9))
        for row, (n, d) in enumerate(tasks):
            for place, k in enumerate(found[row]):
                label = MARKS[place] if row == 0 else None
                ax.plot(k, -row, figures.MARKERS[place], color=figures.COLOURS[place], markersize=8, label=label)
            ax.plot([n / d] * 2, [-row - 0.25, -row + 0.25], color=figures.INK, linewidth=2, linestyle="-")
            ax.annotate("$kd = n$", (n / d, -row + 0.27), ha="center", fontsize=9)
        ax.set(xscale="log", xlabel="width $k$", ylim=(-len(tasks) + 0.4, 1.35), xlim=(0.1, None))
        ax.set_yticks([-row for row in range(len(tasks))], [f"$n = {n}$\n$d = {d}$" for n, d in tasks])
        ax.grid(axis="y", visible=False)
        ax.legend(loc="upper center", ncols=2, fontsize=9, handlelength=1.2)
        words = "; ".join(
            f"for n = {n} and d = {d}, " + ", ".join(f"{k:.2g}" for k in ks)
            for (n, d), ks in zip(tasks, found, strict=True)
        )
        return figures.show(
            fig,
            alt=f"Widths for {shown(name)} on a logarithmic axis, in the order of the legend: {words}. The theorems "
            "are far to the right, the certificates in the middle, the width at which descent fits is next to kd = n.",
        )


def _widths(n: int, d: int, name: str, seed: int) -> list[float]:
    """As `MARKS`; those of the certificates from the ratio at one width, which grows like sqrt(k)."""
    rng = np.random.default_rng(seed)
    X, y = unit_inputs(n, d, rng=rng), rng.standard_normal(n)
    k = 4000
    start = signed_halves(k, d, name, scale=output_scale(y, k), rng=rng)
    certified = [k / certificate(start, X, y, form=form).ratio ** 2 for form in ("half", "sharp")]
    return [printed_width(X, name), smooth_width(X, name), *certified, float(least_fitting_width(X, y, name, rng=rng))]


def random_inputs(sizes: Sequence[tuple[int, int]], *, failure: float) -> Table:
    """For n inputs uniform in R^d: what is promised but for the probability `failure`, measured, and suggested."""
    rows = []
    for n, d in sizes:
        X = unit_inputs(n, d, rng=n)
        least, largest = promised_inputs(n, d, failure=failure)
        law = random_inputs_law(n, d)
        measured = khatri_rao_singular_value(X) ** 2, norm(X) ** 2, kappa(X)
        bound = sqrt(d / n) * largest / least**2 if least else inf
        cells = [f"{n}, {d}"]
        for promised, found, guess in zip((least**2, largest**2, bound), measured, law, strict=True):
            cells.append(f"{promised:.3g} | {found:.3g} | {guess:.3g}")
        rows.append(cells)
    return Table(["n, d", "σ²(X*X) ≥ | is | ≈", "‖X‖² ≤ | is | ≈", "κ(X) ≤ | is | ≈"], rows)


def least_fitting_width(
    X: np.ndarray, y: np.ndarray, name: str, *, rng: np.random.Generator, draws: int = 5, budget: int = 4000
) -> int:
    """The least even k for which descent from all of `draws` starts has a relative misfit of 0.1 after `budget` steps.

    Raises: ValueError when no k up to 256 will do.
    """
    for k in range(2, 257, 2):
        starts = [signed_halves(k, X.shape[1], name, scale=output_scale(y, k), rng=rng) for _ in range(draws)]
        steps = [0.9 / np.linalg.norm(start.v) ** 2 / np.linalg.norm(X, 2) ** 2 for start in starts]
        runs = train_many(
            starts, X, y, step=np.array(steps).tolist(), max_iterations=budget, tolerance=0.1, record_every=20
        )
        if all(run.reason == "converged" for run in runs):
            return k
    raise ValueError("no width up to 256 fits within the budget; pass a larger one")


def _float(x: Any) -> float:
    return float(x) if isinstance(x, (int, float)) else float(x.mid())
