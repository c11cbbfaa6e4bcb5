"""Does a network with k d parameters fit n labels of random signs? One trial, and what many of them say.

Inputs uniform on the sphere, labels +-1, v = +-1/sqrt(k) in halves, W_0 ~ N(0, 1); fitted: |f(W) - y| <= tolerance |y|.
Units of a bounded phi saturate before |v| = 1 brings them to such labels, and phi' is small there: |v| is a choice.

Chapter: overparameterization-relu-sgd.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .data import count, unit_inputs
from .gauss_newton import gauss_newton
from .initial import signed_halves
from .train import train_many

GD_STEPS, GD_TOLERANCE = 5000, 0.1
NEWTON_STEPS, NEWTON_TOLERANCE = 150, 1e-3


def fitted(
    n: int,
    k: int,
    d: int,
    phi: str,
    method: str,
    *,
    trials: int = 1,
    rng: np.random.Generator | int,
    budget: int | None = None,
    scale: float = 1.0,
) -> int:
    """How many of `trials` draws are fitted, by "gd" (5000 steps, to 0.1 |y|) or "gauss_newton" (150 steps, 0.001 |y|).

    budget: another number of steps. scale: |v|.

    Raises: ValueError on another method, counts or a budget below 1, or a scale that is not positive.

    >>> fitted(4, 4, 5, "softplus", "gauss_newton", trials=2, rng=0)
    2
    """
    if method not in ("gd", "gauss_newton"):
        raise ValueError(f"method is {method!r}; expected 'gd' or 'gauss_newton'")
    if not 0 < scale < np.inf:
        raise ValueError(f"scale is {scale}; expected a positive number, the norm of v")
    steps = {"gd": GD_STEPS, "gauss_newton": NEWTON_STEPS}[method] if budget is None else count(budget, "budget")
    rng = np.random.default_rng(rng)
    nets, X, y = [], [], []
    for _ in range(count(trials, "trials")):
        X.append(unit_inputs(n, d, rng=rng))
        y.append(rng.choice([-1.0, 1.0], size=n))
        nets.append(signed_halves(k, d, phi, scale=scale * k**-0.5, rng=rng))
    first = [np.linalg.norm(net.predict(x) - t) for net, x, t in zip(nets, X, y, strict=True)]
    goal = GD_TOLERANCE if method == "gd" else NEWTON_TOLERANCE
    relative = goal * n**0.5 / np.array(first)
    if method == "gauss_newton":
        data = zip(nets, X, y, relative, strict=True)
        runs = [gauss_newton(a, x, t, max_iterations=steps, tolerance=min(r, 0.999)) for a, x, t, r in data]
    else:
        rates = [float((scale * np.linalg.norm(x, 2)) ** -2) for x in X]  # as |phi'| <= 1, half the stable limit
        least = float(min(relative.min(), 0.999))
        runs = train_many(
            nets,
            np.stack(X),
            np.stack(y),
            step=rates,
            max_iterations=steps,
            tolerance=least,
            record_every=50,
        )
    return sum(bool(run.misfit.min() <= goal * n**0.5) for run in runs)


def threshold(sizes: Sequence[float], successes: Sequence[int], trials: int) -> tuple[float, float]:
    """The size at which success ends, with 1.96 standard errors: the area under the success curve.

    The estimator of Spearman and Karber: the mean of the threshold when the probability falls from 1 below the first
    size to 0 beyond the last.  *Domain*: sizes increasing.
    Raises: ValueError for fewer than two sizes, sizes that do not increase, another number of successes, or some that
    are not in [0, trials].

    >>> threshold([1, 2, 3, 4], [10, 10, 0, 0], 10)
    (2.5, 0.0)
    """
    x, p = np.asarray(sizes, dtype=float), np.asarray(successes, dtype=float) / max(trials, 1)
    if len(x) < 2 or np.any(np.diff(x) <= 0):
        raise ValueError(f"sizes is {list(sizes)}; expected at least two increasing numbers")
    if len(p) != len(x) or trials < 1 or not np.all((p >= 0) & (p <= 1)):
        raise ValueError(
            f"successes is {list(successes)} of {trials} trials; expected a number from 0 to {trials} for each of the "
            f"{len(x)} sizes"
        )
    # each size stands for the interval between the middles of its neighbours
    edges = np.concatenate([[x[0] - (x[1] - x[0]) / 2], (x[1:] + x[:-1]) / 2, [x[-1] + (x[-1] - x[-2]) / 2]])
    widths = np.diff(edges)
    error = 1.96 * float(np.sqrt(np.sum(widths**2 * p * (1 - p) / trials)))
    return float(edges[0] + widths @ p), error
