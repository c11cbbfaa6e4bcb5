"""A finished run of gradient descent: its history, why it stopped, and its rates beside the predicted ones.

|r_{t+1}|/|r_t| -> 1 - eta lambda_min(J J^T) for gradient descent;  for stochastic gradient descent, in the mean square,
1 - 2 eta alpha^2/n + eta^2 beta^2 b^2/n at most, alpha, beta the extreme singular values of J, b its longest row.
Chapter: moderate-overparameterization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer

from .data import host
from .jacobian import jacobian_gram

CONVERGED, DIVERGED, BUDGET = "converged", "diverged", "budget"


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """`network` after `iterations` steps of size `step` from `start`; `reason` says why it stopped.

    reason: "converged" (relative misfit at most the tolerance), "diverged" (the misfit grew beyond what is possible
    with a stable step, or overflowed), "budget" (max_iterations). The histories, arrays (T,), hold at the iterations
    `at`: `misfit` |f(W_t) - y|, `distance` |W_t - W_0|, `path` sum |W_{s+1} - W_s|.
    """

    network: OneHiddenLayer
    start: OneHiddenLayer
    method: str
    step: float
    iterations: int
    reason: str
    at: np.ndarray
    misfit: np.ndarray
    distance: np.ndarray
    path: np.ndarray

    @property
    def relative_misfit(self) -> float:
        """The last misfit over the first; 0 where the first is 0."""
        return float(self.misfit[-1] / self.misfit[0]) if self.misfit[0] else 0.0

    @property
    def measured_rate(self) -> float:
        """The mean factor of the misfit per step over the last tenth of the steps; nan for fewer than two records."""
        if len(self.at) < 2 or not self.misfit[-1] > 0:
            return float("nan")
        middle = int(np.searchsorted(self.at, 0.9 * self.at[-1]))
        middle = min(middle, len(self.at) - 2)
        steps = self.at[-1] - self.at[middle]
        return float((self.misfit[-1] / self.misfit[middle]) ** (1 / steps))

    def predicted_rate(self, X: Any, *, at: str = "start") -> float:
        """The factor of the misfit per step that the Jacobian at "start" or "end" predicts; of its root mean square,
        as an upper bound, for "sgd".

        Raises: ValueError for another `at`; on X as `jacobian`.
        """
        if at not in ("start", "end"):
            raise ValueError(f"at is {at!r}; expected 'start' or 'end'")
        return rate(self.start if at == "start" else self.network, X, self.step, self.method)


def rate(net: OneHiddenLayer, X: Any, step: float, method: str) -> float:
    """The predicted factor of the misfit per step at `net`; see `Run.predicted_rate`."""
    K = host(jacobian_gram(net, X))
    eigenvalues = np.linalg.eigvalsh(K)
    n, least, largest = len(K), max(float(eigenvalues[0]), 0.0), float(eigenvalues[-1])
    if method == "gd":
        return max(abs(1 - step * least), abs(1 - step * largest))
    row = float(np.max(np.diag(K)))
    return float(np.sqrt(max(1 - 2 * step * least / n + step**2 * largest * row / n, 0.0)))
