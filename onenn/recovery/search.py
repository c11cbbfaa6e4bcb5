"""The search on a part of the samples: starts by three routes, least squares from each, and when to stop.

Stop at a zero residual; or at the noise floor, where the noise is known by  |r|^2/sigma^2 ~ chi^2(n - p),  else when
several starts end there and `lack_of_fit` finds no structure in r.   Chapter: global-recovery.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from onenn.activations import Activation
from onenn.gaussian import gamma as moment
from onenn.network import OneHiddenLayer

from .data import samples
from .fisher import lack_of_fit
from .gauss_newton import gauss_newton
from .initialize import tensor_initialize
from .levenberg import levenberg_marquardt
from .moments import low_moments
from .normal_form import free_parameters
from .record import Attempt, Stop
from .starts import random_starts, subspace_starts
from .subspace import residual_subspace, third_moment_subspace

REFUTED = 1e-3
"""Residuals that noise produces with a smaller probability are not taken for noise."""

ENOUGH = 10
"""Samples per parameter from which `lack_of_fit` refuses every wrong minimum seen (ReLU and squared ReLU); with fewer
all starts are tried before a residual counts as noise: at 2.5 k(d + 1) half of the wrong minima pass."""

_SAME = 1.02
"""Two starts ended at one minimum when their mean squares agree to this factor: starts are given up 1 % from it."""

_BATCH = 20


@dataclass
class Search:
    """Samples on the host, scaled to inputs about N(0, I) and targets of spread 1, and the best fit so far.

    zero: a root mean square residual that counts as 0; noise: sigma in units of the spread, None when unknown.
    """

    phi: Activation
    k: int
    X: np.ndarray
    y: np.ndarray
    zero: float
    noise: float | None
    rng: np.random.Generator
    history: list[Attempt] = field(default_factory=list)
    W: np.ndarray | None = None
    v: np.ndarray | None = None
    mean_square: float = math.inf
    route: str = "none"
    hits: int = 0
    stop: Stop = Stop.EXHAUSTED
    p_value: float = math.nan

    def run(self, starts: int, restarts: int) -> None:
        """Route after route, until the residual is zero or at the noise floor."""
        for name, W, v, steps, remark, last in self._routes(starts, restarts):
            self._try(name, W, v, steps, remark)
            self.stop, self.p_value = self._judge(last)
            if self.stop is not Stop.EXHAUSTED:
                return

    def _routes(self, starts: int, restarts: int) -> Iterator[tuple[str, np.ndarray, np.ndarray, int, str, bool]]:
        """(name, W, v, steps before, remark, whether these are the last starts)."""
        k, d = self.k, self.X.shape[1]
        none = np.empty((0, k, d)), np.empty((0, k))
        for name, count, make in (("tensor", 1, self._tensor_start), ("subspace", starts, self._subspace_starts)):
            if count:
                try:
                    W, v, steps = make(count)
                except ValueError as error:
                    yield name, *none, 0, re.split("[;:]", str(error))[0], False
                    continue
                # the best alone: where it ends at the floor as well, the others need not be tried
                yield name, W[:1], v[:1], steps, "", False
                if len(W) > 1:
                    yield name, W[1:], v[1:], 0, "", False
        while restarts > 0:
            W, v = random_starts(self.phi, self.X, self.y, k, min(_BATCH, restarts), rng=self.rng)
            restarts -= _BATCH
            yield "random", W, v, 0, "", restarts <= 0

    def _tensor_start(self, count: int) -> tuple[np.ndarray, np.ndarray, int]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that n is small is said once, by recover
            start = tensor_initialize(self.X, self.y, self.k, self.phi, rng=self.rng)
        return start.W[None], start.v[None], 0

    def _subspace_starts(self, count: int) -> tuple[np.ndarray, np.ndarray, int]:
        if self.k == self.X.shape[1]:
            raise ValueError("k = d: the subspace is the whole space")
        data = samples(self.X, self.y)
        low = low_moments(data)
        gamma = [float(value) for value in (moment(self.phi, j, 1.0) for j in range(4))]
        if abs(gamma[2] - gamma[0]) > 1e-9 * abs(gamma[1]):  # m_2 = E phi(z) He_2(z) is not 0
            U, _ = residual_subspace(data, self.k, low)
        else:
            U, _ = third_moment_subspace(data, self.k, low, rng=self.rng)
        return subspace_starts(self.phi, self.X, self.y, U, count=count, keep=4, rng=self.rng)

    def _try(self, route: str, W: np.ndarray, v: np.ndarray, steps: int, remark: str) -> None:
        if not len(W):
            self.history.append(Attempt(route=route, starts=0, steps=0, residual=math.nan, remark=remark))
            return
        target = (1e-3 * self.zero) ** 2
        fits = levenberg_marquardt(self.phi, self.X, self.y, W, v, target=target)
        least = float(fits.mean_square[0])
        self.history.append(
            Attempt(route=route, starts=len(W), steps=steps + fits.steps, residual=math.sqrt(least), remark=remark)
        )
        agree = int(np.sum(fits.mean_square <= least * _SAME + target))
        if self.W is None or least < self.mean_square / _SAME:
            self.W, self.v, self.mean_square, self.route, self.hits = fits.W[0], fits.v[0], least, route, agree
        elif least <= self.mean_square * _SAME:
            self.hits += agree
            if least < self.mean_square:
                self.W, self.v, self.mean_square = fits.W[0], fits.v[0], least

    def _judge(self, last: bool) -> tuple[Stop, float]:
        if self.W is None or self.v is None:
            return Stop.EXHAUSTED, math.nan
        if math.sqrt(self.mean_square) <= self.zero:
            return Stop.ZERO_RESIDUAL, math.nan
        n, p = len(self.y), free_parameters(self.k, self.X.shape[1], self.phi)
        if self.noise == 0 or n <= p:
            return Stop.EXHAUSTED, math.nan
        if self.noise is not None:
            excess = n * self.mean_square / self.noise**2 - (n - p)
            return (Stop.NOISE_FLOOR if excess <= 4 * math.sqrt(2 * (n - p)) else Stop.EXHAUSTED), math.nan
        if not last and (n < ENOUGH * p or self.hits < 2):
            return Stop.EXHAUSTED, math.nan
        fit = gauss_newton(OneHiddenLayer(self.W, self.v, self.phi), self.X, self.y, train_v=True).network
        p_value = lack_of_fit(fit, self.X, self.y, train_v=not self.phi.homogeneity, rng=np.random.default_rng(0))
        many = n >= ENOUGH * p or sum(attempt.starts for attempt in self.history) >= _BATCH
        noise = p_value >= REFUTED and self.hits >= 2 and n >= 2 * p and many
        return (Stop.NOISE_FLOOR if noise else Stop.EXHAUSTED), p_value

    def why_not(self, residual: float, spread: float) -> str:
        """The doubt of a search that ended without a zero residual or the noise floor, in a sentence with a remedy."""
        share = f"the residual does not vanish: {residual:.3g}, {residual / spread:.2g} of the spread of y"
        if self.noise:
            return f"{share}, where the noise is {self.noise * spread:.3g}; {Stop.EXHAUSTED.value}"
        if self.p_value < REFUTED:
            return f"{share}, and it depends on x (p = {self.p_value:.1g} for pure noise); {Stop.EXHAUSTED.value}"
        if self.p_value >= REFUTED:
            why = "one start alone ended there" if self.hits < 2 else "there are too few samples or starts to tell"
            return f"{share}; it may be noise (p = {self.p_value:.2g}), but {why}: pass noise= if you know it"
        return f"{share}; {Stop.EXHAUSTED.value}"
