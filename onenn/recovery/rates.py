"""How often a teacher is recovered, over seeds: `recover` over n/P, and the paper's first experiment in small.

A rate comes with its 95 % interval (`onenn.proportion.wilson`).
Chapter: global-recovery.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onenn.network import match, random_teacher
from onenn.proportion import wilson

from .fisher import standard_errors
from .normal_form import normal_form
from .paper import WITHIN, column_error, watched_descent
from .record import RecoveryWarning
from .recover import recover


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`wins` of `trials` at `n` samples; `silent` counts the wrong networks that were called certain."""

    n: int
    wins: int
    trials: int
    silent: int = 0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson for the probability.

        >>> [round(p, 3) for p in Rate(n=1, wins=5, trials=10).interval]
        [0.237, 0.763]
        """
        return wilson(self.wins, self.trials)

    def __repr__(self) -> str:
        return f"{self.wins}/{self.trials}"


def recovery_rates(
    name: str, k: int, d: int, samples: Sequence[int], *, trials: int, condition: float = 2.0
) -> list[Rate]:
    """`recover` on noiseless values of random teachers, a relative error below 1e-6 being a win.

    >>> recovery_rates("relu", 2, 4, [40], trials=3)
    [3/3]
    """
    rates = []
    for n in samples:
        wins = silent = 0
        for seed in range(trials):
            rng = np.random.default_rng([seed, n, d, k])
            teacher = random_teacher(k, d, name, condition=condition, rng=rng)
            X = rng.standard_normal((n, d))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RecoveryWarning)
                found = recover(X, teacher.predict(X), k, name, rng=seed)
            won = match(normal_form(found.network), normal_form(teacher)).relative_error < 1e-6
            wins, silent = wins + won, silent + (found.certain and not won)
        rates.append(Rate(n=n, wins=int(wins), trials=trials, silent=int(silent)))
    return rates


def paper_rates(d: int, samples: Sequence[int], *, trials: int, k: int = 5, steps: int = 2500) -> list[Rate]:
    """The paper's first experiment: squared ReLU, Algorithm 1, descent with eta = 0.02, v fixed; every row within 1 %.

    Algorithm 1 and the descent use all samples, as the authors' released code does.
    """
    rates = []
    for n in samples:
        wins = 0
        for seed in range(trials):
            rng = np.random.default_rng([seed, n, d, k])
            teacher = random_teacher(k, d, "squared_relu", rng=rng)
            X = rng.standard_normal((n, d))
            network, _ = watched_descent(teacher, X, rng=rng, steps=steps)
            wins += column_error(network, teacher) <= WITHIN
        rates.append(Rate(n=n, wins=int(wins), trials=trials))
    return rates


def noise_ratios(name: str, k: int, d: int, n: int, sigma: float, *, draws: int) -> np.ndarray:
    """|W - W*|_F over its Cramer-Rao bound for each draw of the noise, teacher and inputs fixed: (draws,).

    *Domain*: phi homogeneous.  *Law*: the mean of the squares is 1 for an efficient estimate.

    >>> bool(0.3 < noise_ratios("squared_relu", 1, 3, 200, 0.1, draws=20).mean() < 1.7)
    True
    """
    rng = np.random.default_rng([n, d, k])
    teacher = random_teacher(k, d, name, rng=rng)
    X = rng.standard_normal((n, d))
    y, size = teacher.predict(X), float(np.linalg.norm(teacher.W))
    bound = standard_errors(teacher, X, sigma).total
    ratios = []
    for draw in range(draws):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RecoveryWarning)
            found = recover(X, y + sigma * rng.standard_normal(n), k, name, rng=draw)
        ratios.append(match(found.network, teacher).relative_error * size / bound)
    return np.array(ratios)


def root_ratio(squares: np.ndarray, bounds: np.ndarray) -> tuple[float, float, float]:
    """sqrt(mean of squared errors / mean of their bounds) over draws, and its 95 % interval.

    The interval is that of the ratio of means R, by the delta method: R +- 1.96 sd(s - R b)/(mean(b) sqrt(N)).
    *Shapes*: squares s and bounds b (N,), N >= 2, of draws that are independent of each other.

    >>> [round(x, 3) for x in root_ratio(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0]))]
    [1.0, 0.659, 1.251]
    """
    ratio = float(np.mean(squares) / np.mean(bounds))
    half = 1.96 * float(np.std(squares - ratio * bounds, ddof=1)) / (float(np.mean(bounds)) * math.sqrt(len(squares)))
    return math.sqrt(ratio), math.sqrt(max(ratio - half, 0.0)), math.sqrt(ratio + half)
