"""Initial errors over random teachers, and the slopes of straight lines through them on logarithmic axes.

log error = a + b log n per teacher;  the slope is the mean of the b's, its interval Student's.
Chapter: tensor-initialization.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onenn.activations import activation
from onenn.network import OneHiddenLayer, match, random_teacher
from onenn.verdict import Verdict

from .data import samples
from .moments import projected_moment
from .population import network_moment
from .recipe import Recipe, initialize


@dataclass(frozen=True, kw_only=True)
class Slope:
    """An exponent with the ends of its 95 % confidence interval; `line` is the mean intercept."""

    value: float
    low: float
    high: float
    line: float

    def meets(self, value: float) -> Verdict:
        """Whether the interval holds the value.

        >>> Slope(value=0.5, low=0.4, high=0.6, line=0.0).meets(1)
        REFUTED (0.500 [0.400, 0.600])
        """
        return Verdict.decided(self.low <= value <= self.high, repr(self))

    def at_most(self, value: float) -> Verdict:
        """Whether the whole interval is at most the value."""
        return Verdict.decided(self.high <= value, repr(self))

    def __repr__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def initial_errors(
    name: str,
    k: int,
    d: int,
    n: int | Sequence[int],
    recipe: Recipe,
    *,
    trials: int,
    seed: int = 0,
    stretch: float = 1.0,
) -> np.ndarray:
    """match(...).relative_error for `trials` random teachers of condition 2, each with its own samples: (trials,).

    With several n, (len(n), trials), where the samples of a smaller n are the first of the larger: only then do the
    lines of single teachers have little noise. stretch: a factor on the rows found, for a start that gets their lengths
    wrong. *Law*: trial i is the same for any number of trials.

    >>> from onenn.recovery import IMPROVED
    >>> initial_errors("relu", 2, 4, [500, 2000], IMPROVED, trials=3).shape
    (2, 3)
    """
    sizes = [n] if isinstance(n, int) else list(n)
    phi = activation(name)
    errors = np.empty((len(sizes), trials))
    for i in range(trials):
        rng = np.random.default_rng([seed, d, k, i])
        teacher = random_teacher(k, d, phi, rng=rng)
        X = rng.standard_normal((max(sizes), d))
        y = teacher.predict(X)
        for row, size in enumerate(sizes):
            found = initialize(samples(X[:size], y[:size]), k, phi, recipe, rng=np.random.default_rng([seed, i]))
            found = OneHiddenLayer(stretch * found.W, found.v, phi)
            errors[row, i] = match(found, teacher).relative_error
    return errors[0] if isinstance(n, int) else errors


def contraction_errors(k: int, d: int, n: int, *, trials: int, seed: int = 0) -> dict[str, np.ndarray]:
    """||T^ - T||/||T|| for M_4 of a ReLU network, V exact: alpha on a "sphere" of R^d, in the "span", or the "whole".

    The units are orthonormal, v = 1; each trial has its own samples and its own alpha. Values: (trials,).

    >>> {name: errors.shape for name, errors in contraction_errors(2, 4, 500, trials=3).items()}
    {'sphere': (3,), 'span': (3,), 'whole': (3,)}
    """
    phi = activation("relu")
    found: dict[str, list[float]] = {"sphere": [], "span": [], "whole": []}
    for i in range(trials):
        rng = np.random.default_rng([seed, d, k, i])
        teacher = OneHiddenLayer(random_teacher(k, d, phi, condition=1.0, rng=rng).W, np.ones(k), phi)
        X = rng.standard_normal((n, d))
        data, V = samples(X, teacher.predict(X)), teacher.W.T
        spread = {"sphere": rng.standard_normal(d), "span": V @ rng.standard_normal(k)}
        B = np.column_stack([V, *(alpha / np.linalg.norm(alpha) for alpha in spread.values())])
        difference = projected_moment(data, 4, B) - network_moment(teacher, 4, B)
        exact, inside = network_moment(teacher, 4, B), (slice(k),) * 3
        for place, name in enumerate(found):
            part = (*inside, slice(k) if name == "whole" else k + place)
            found[name].append(float(np.linalg.norm(difference[part]) / np.linalg.norm(exact[part])))
    return {name: np.array(errors) for name, errors in found.items()}


def slope(x: Sequence[float], y: np.ndarray) -> Slope:
    """The exponent b in y ~ x^b: least squares in logarithms for each column of y (len(x), trials), then their mean.

    Raises: ValueError with fewer than two columns, which give no interval.

    >>> slope([1, 2, 4], np.array([[1.0, 2.0], [0.5, 1.0], [0.25, 0.5]]))
    -1.000 [-1.000, -1.000]
    """
    from scipy.stats import t

    y = np.asarray(y, dtype=float)
    if y.ndim != 2 or y.shape[1] < 2:
        raise ValueError(f"y has shape {y.shape}; expected (len(x), trials) with at least two trials")
    logs = np.log(np.asarray(x, dtype=float))
    centred = logs - logs.mean()
    slopes = centred @ np.log(y) / (centred @ centred)
    half = float(t.ppf(0.975, slopes.size - 1)) * float(np.std(slopes, ddof=1)) / slopes.size**0.5
    value = float(np.mean(slopes))
    return Slope(value=value, low=value - half, high=value + half, line=float(np.log(y).mean() - value * logs.mean()))


def samples_needed(error: float, sizes: Sequence[int], errors: np.ndarray) -> np.ndarray:
    """For each trial the n at which error ~ n^(-1/2) meets `error`: the geometric mean of n (e/error)^2, (trials,).

    A line of free slope through the few points of one trial would be far noisier.

    >>> samples_needed(0.1, [100, 400], np.array([[0.2], [0.1]])).round(6).tolist()
    [400.0]
    """
    logs = np.log(np.asarray(sizes, dtype=float))[:, None] + 2 * np.log(errors / error)
    return np.exp(logs.mean(axis=0))
