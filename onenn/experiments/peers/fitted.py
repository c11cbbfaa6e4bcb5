"""What every peer of `onenn.recover` returns, where it starts, when it may stop.   Chapter: recovery-in-practice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer

_ZERO = 1e-7


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """What a peer found: the network, its predictions (with biases, where the peer has them), the starts it took.

    passes: how often it read the samples, a value with its gradient or Jacobian being one; nan where nobody counts.
    """

    network: OneHiddenLayer
    predict: Callable[[np.ndarray], np.ndarray]
    starts: int
    passes: float

    @classmethod
    def of(cls, network: OneHiddenLayer, starts: int, passes: float) -> Fitted:
        """A peer that predicts with the network alone."""
        return cls(network=network, predict=network.predict, starts=starts, passes=passes)


def goal(y: np.ndarray) -> float:
    """The mean squared residual that counts as zero, (1e-7 std(y))^2: a peer that is there ends its search."""
    return (_ZERO * float(np.std(y))) ** 2


def common_starts(
    X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: np.random.Generator, starts: int
) -> tuple[np.ndarray, np.ndarray]:
    """W (starts, k, d) and v (starts, k): the random starts, the same ones for every peer that takes some."""
    from onenn.recovery import random_starts

    return random_starts(phi, X, y, k, starts, rng=rng)
