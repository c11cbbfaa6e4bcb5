"""Gradient descent and Adam from random starts, all starts at once, as peers of `onenn.recover`.

W <- W - eta dL/dW,  v <- v - eta dL/dv,   L = mean (f(x_s) - y_s)^2 / 2.   Chapter: recovery-in-practice.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.arrays import evaluate
from onenn.network import OneHiddenLayer

from .fitted import Fitted, common_starts, goal

STEPS = 3000


def gradient_descent(
    X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: np.random.Generator, starts: int
) -> Fitted:
    """Gradient descent in W and v, 3000 steps at half of 1/lambda_max(J^T J/n) at each start."""
    W, v = common_starts(X, y, k, phi, rng=rng, starts=starts)
    return descended(X, y, phi, W, v, rule="gradient descent", target=goal(y))


def adam(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: np.random.Generator, starts: int) -> Fitted:
    """Adam of torch in W and v, 3000 steps, rate 0.05 falling to 0 along a cosine."""
    W, v = common_starts(X, y, k, phi, rng=rng, starts=starts)
    return descended(X, y, phi, W, v, rule="Adam", target=goal(y))


def descended(
    X: np.ndarray, y: np.ndarray, phi: Activation, W0: np.ndarray, v0: np.ndarray, *, rule: str, target: float
) -> Fitted:
    """The best of the starts W0 (S, k, d), v0 (S, k) after 3000 steps, or when one has a mean square <= target.

    A start itself where all have diverged. The S starts share each pass.
    Raises: ValueError when rule is neither "gradient descent" nor "Adam".
    """
    import torch

    count, k = v0.shape
    if rule not in ("gradient descent", "Adam"):
        raise ValueError(f"rule is {rule!r}; expected 'gradient descent' or 'Adam'")
    plain = rule == "gradient descent"
    # a step of its own for each start is a weight of its loss, and the common step 1
    weights = [_stable_step(OneHiddenLayer(a, b, phi), X) if plain else 1.0 for a, b in zip(W0, v0, strict=True)]
    data, targets = torch.from_numpy(X), torch.from_numpy(y)[:, None]
    W = torch.from_numpy(W0.reshape(count * k, -1).copy()).requires_grad_()
    v = torch.from_numpy(v0.copy()).requires_grad_()
    scale = torch.tensor(weights, dtype=torch.float64)
    step: Any = torch.optim.SGD([W, v], lr=1.0) if plain else torch.optim.Adam([W, v], lr=0.05)

    def risks() -> Any:
        F: Any = evaluate(phi, "value", data @ W.T)
        return (((F.reshape(len(y), count, k) * v).sum(dim=2) - targets) ** 2).mean(dim=0) / 2

    taken = 0
    for taken in range(1, STEPS + 1):
        step.zero_grad()
        loss = risks()
        if 2 * float(loss.detach().nan_to_num(torch.inf).min()) <= target:
            break
        (loss * scale).sum().backward()
        if not plain:
            step.param_groups[0]["lr"] = 0.025 * (1 + math.cos(math.pi * (taken - 1) / STEPS))
        step.step()
    last = risks().detach().nan_to_num(torch.inf).numpy()
    best = int(np.argmin(last))
    if not np.isfinite(last[best]):
        return Fitted.of(OneHiddenLayer(W0[0], v0[0], phi), count, taken)
    end = OneHiddenLayer(W.detach().numpy().reshape(W0.shape)[best], v.detach().numpy()[best], phi)
    return Fitted.of(end, count, taken)


def _stable_step(network: OneHiddenLayer, X: np.ndarray) -> float:
    """Half of 1/lambda_max(J^T J/n) at a start, J in W and v: a quarter of the bound, as curvature grows on the way."""
    from onenn.recovery import gram

    return 0.5 * len(X) / float(np.linalg.eigvalsh(gram(network, X, train_v=True))[-1])
