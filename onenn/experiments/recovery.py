"""How often and how well networks are recovered: stored experiments of tensor-initialization and global-recovery.

Teachers of `random_teacher` (condition 2, v = +-1), x ~ N(0, I), P = k(d + 1). Recovered: relative error below 1e-3
after refinement, units matched (`onenn.match`); without noise nothing ends between 1e-3 and 1e-8.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .registry import Experiment

if TYPE_CHECKING:
    from onenn.network import OneHiddenLayer

UNITS = {10: 3, 20: 5, 40: 5, 50: 5, 80: 5}
"""k for each d of the success rates."""

PAPER_UNITS = 5


def problem(
    activation: str, d: int, k: int, n: int, rng: np.random.Generator
) -> tuple[OneHiddenLayer, np.ndarray, np.ndarray]:
    """A teacher, X (n, d) and its values (n,)."""
    from onenn.network import random_teacher

    teacher = random_teacher(k, d, activation, rng=rng)
    X = rng.standard_normal((n, d))
    return teacher, X, teacher.predict(X)


def start_by(method: str, X: np.ndarray, y: np.ndarray, k: int, *, activation: str, rng: Any) -> OneHiddenLayer:
    """The network of a moment method: "algorithm 1" (three-way split), "algorithm 1, all data", "improved"."""
    from onenn.recovery import algorithm_1, tensor_initialize

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer samples than parameters are on the grid on purpose
        if method == "improved":
            return tensor_initialize(X, y, k, activation, rng=rng)
        return algorithm_1(
            X, y, k, activation, rng=rng, split={"algorithm 1": True, "algorithm 1, all data": False}[method]
        )


def recovery_rate(*, activation: str, d: int, ratio: float, rng: np.random.Generator) -> dict[str, float]:
    """Whether `recover` finds the teacher from n = ratio P samples, and what it says of itself."""
    from onenn.network import match
    from onenn.recovery import recover

    k = UNITS[d]
    teacher, X, y = problem(activation, d, k, math.ceil(ratio * k * (d + 1)), rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the doubts are counted
        found = recover(X, y, k, activation, rng=rng)
    error = match(found.network, teacher).relative_error
    return {"recovered": error < 1e-3, "error": error, "certain": found.certain, "converged": found.converged}


def initial_rate(*, method: str, activation: str, d: int, ratio: float, rng: np.random.Generator) -> dict[str, float]:
    """The start of a moment method, and whether Levenberg-Marquardt from there finds the teacher.

    "recovered": with W and v trained, which mends wrong signs and often succeeds from any start; "v_fixed": with W
    alone, as the paper's descent, which cannot.
    """
    from onenn.network import OneHiddenLayer, match
    from onenn.recovery import levenberg_marquardt

    k = UNITS[d]
    P = k * (d + 1)
    teacher, X, y = problem(activation, d, k, math.ceil(ratio * P), rng)
    start = start_by(method, X, y, k, activation=activation, rng=rng)
    few = slice(20 * P)  # without noise more samples change nothing but the time
    options: Any = {"steps": 200, "target": 1e-24 * float(np.mean(y * y))}

    def found(train_v: bool) -> bool:
        W, v = start.W[None], start.v[None]
        fit = levenberg_marquardt(start.phi, X[few], y[few], W, v, train_v=train_v, **options)
        return match(OneHiddenLayer(fit.W[0], fit.v[0], start.phi), teacher).relative_error < 1e-3

    return {
        "recovered": found(True),
        "v_fixed": found(False),
        "initial_error": match(start, teacher).relative_error,
        "signs": sorted(start.v) == sorted(teacher.v),
    }


def initial_error(*, method: str, activation: str, d: int, n: int, rng: np.random.Generator) -> dict[str, float]:
    """The error of the start alone, k = 5; "column_error" is the paper's: the largest relative error of a row.

    "slipped" is the column error with the lengths of the released code, sqrt(R/2) too long (R = sqrt(2 pi)).
    """
    from onenn.network import OneHiddenLayer, match
    from onenn.recovery import column_error

    teacher, X, y = problem(activation, d, PAPER_UNITS, n, rng)
    start = start_by(method, X, y, PAPER_UNITS, activation=activation, rng=rng)
    slipped = OneHiddenLayer(start.W * (math.pi / 2) ** 0.25, start.v, start.phi)
    return {
        "error": match(start, teacher).relative_error,
        "column_error": column_error(start, teacher),
        "slipped": column_error(slipped, teacher),
        "signs": sorted(start.v) == sorted(teacher.v),
    }


def paper_recovery(*, method: str, d: int, n: int, rng: np.random.Generator) -> dict[str, float]:
    """The paper's first experiment: squared ReLU, k = 5; every row within 1 %, the v agree.

    "paper": Algorithm 1 on all data, then at most 2500 steps of gradient descent with eta = 0.02, v fixed, which end
    when the rows are within 1 %; "recover": ours.
    """
    from onenn.recovery import column_error, recover, watched_descent
    from onenn.recovery.paper import WITHIN

    teacher, X, y = problem("squared_relu", d, PAPER_UNITS, n, rng)
    if method == "paper":
        network, steps = watched_descent(teacher, X, rng=rng)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network, steps = recover(X, y, PAPER_UNITS, "squared_relu", rng=rng).network, math.nan
    error = column_error(network, teacher)
    return {"recovered": error <= WITHIN, "column_error": error, "steps": steps}


def noise(*, activation: str, sigma: float, n: int, rng: np.random.Generator) -> dict[str, float]:
    """Squared error of `recover` under noise of unknown size, and its Cramer-Rao bound, (d, k) = (20, 5).

    The bound is sigma^2 trace (J^T J)^-1 at the teacher for the inputs that were drawn, in W, v = +-1.
    "tangent_squared_error" is that of W* + (J^T J)^-1 J^T e, which knows the teacher's J: its mean is the bound, and
    what it has in common with the error of `recover` is the luck of the draw.
    """
    from onenn.network import match
    from onenn.recovery import recover, standard_errors

    d, k = 20, 5
    teacher, X, y = problem(activation, d, k, n, rng)
    e = sigma * rng.standard_normal(n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # doubts are counted
        found = recover(X, y + e, k, activation, rng=rng)
    errors = standard_errors(teacher, X, sigma)
    slopes = np.asarray(teacher.phi.derivative(X @ teacher.W.T)) * teacher.v
    tangent = errors.covariance @ ((slopes * e[:, None]).T @ X).ravel() / sigma**2
    return {
        "squared_error": match(found.network, teacher).relative_error ** 2 * float(np.sum(teacher.W**2)),
        "bound": errors.total**2,
        "tangent_squared_error": float(tangent @ tangent),
        "noise": found.noise,
        "certain": found.certain,
    }


METHODS = ("algorithm 1", "algorithm 1, all data", "improved")
BOTH = ("relu", "squared_relu")

EXPERIMENTS = (
    Experiment(
        name="recovery-rate",
        chapter="recovery-in-practice",
        description="success of recover over n/P",
        function=recovery_rate,
        grid={"activation": BOTH, "d": [10, 20], "ratio": [1.2, 1.4, 1.6, 1.8, 2, 2.5]},
        seeds=100,
        small={"d": [10], "ratio": [1.6, 2.5]},
    ),
    Experiment(
        name="initial-rate",
        chapter="recovery-in-practice",
        description="success of Levenberg-Marquardt from the moment starts over n/P",
        function=initial_rate,
        grid={"method": METHODS, "activation": BOTH, "d": [10, 20], "ratio": [2, 4, 8, 16, 64, 256, 1024]},
        seeds=20,
        small={"d": [10], "ratio": [4, 64]},
        paired=["method"],
    ),
    Experiment(
        name="initial-error",
        chapter="global-recovery",
        description="error of the moment starts over (d, n), k = 5: the paper's second experiment",
        function=initial_error,
        grid={"method": METHODS, "activation": BOTH, "d": [10, 30, 50], "n": [10_000, 20_000, 40_000, 100_000]},
        seeds=10,
        small={"d": [10], "n": [10_000]},
        paired=["method"],
    ),
    Experiment(
        name="paper-recovery",
        chapter="global-recovery",
        description="success over (d, n), squared ReLU, k = 5: the paper's first experiment, and recover",
        function=paper_recovery,
        grid={"method": ["paper", "recover"], "d": [10, 20, 40, 80], "n": [1000, 2000, 4000, 8000]},
        seeds=20,
        small={"d": [10, 20], "n": [1000, 4000]},
        paired=["method"],
    ),
    Experiment(
        name="noise",
        chapter="recovery-in-practice",
        description="squared error of recover under much noise against the Cramer-Rao bound, (d, k) = (20, 5)",
        function=noise,
        grid={"activation": BOTH, "sigma": [1.0], "n": [5000, 20_000, 100_000]},
        seeds=100,
        small={"n": [5000]},
    ),
    Experiment(
        name="noise-low",
        chapter="recovery-in-practice",
        description="squared error of recover under little noise against the bound, (d, k) = (20, 5)",
        function=noise,
        grid={"activation": BOTH, "sigma": [0.05, 0.2], "n": [5000, 20_000, 100_000]},
        seeds=100,
        small={"n": [5000]},
    ),
)
