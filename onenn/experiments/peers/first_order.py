"""Gradient descent and Adam from random starts, all starts at once, as peers of `onenn.recover`.

W <- W - eta dL/dW,  v <- v - eta dL/dv,   L = mean (f(x_s) - y_s)^2 / 2.   Chapter: global-recovery.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.arrays import evaluate
from onenn.network import OneHiddenLayer

from .fitted import Fitted, common_starts, goal

STEPS = 4000


def gradient_descent(
    X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: np.random.Generator, starts: int
) -> Fitted:
    """Gradient descent in W and v, 4000 steps at half of 1/lambda_max(J^T J/n) at each start."""
    import torch

    W, v = common_starts(X, y, k, phi, rng=rng, starts=starts)
    # a step of its own for each start is a weight of its loss, and the common step 1
    weights = np.array([_stable_step(OneHiddenLayer(a, b, phi), X) for a, b in zip(W, v, strict=True)])
    return _descend(
        X, y, phi, starts=(W, v), weights=weights,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=1.0),
        rates=lambda optimizer: torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0),
    )  # fmt: skip


def adam(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: np.random.Generator, starts: int) -> Fitted:
    """Adam of torch in W and v, 4000 steps, rate 0.05 falling to 0 along a cosine."""
    import torch

    W, v = common_starts(X, y, k, phi, rng=rng, starts=starts)
    return _descend(
        X, y, phi, starts=(W, v), weights=np.ones(starts),
        optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.05),
        rates=lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS),
    )  # fmt: skip


def _descend(
    X: np.ndarray, y: np.ndarray, phi: Activation,
    *, starts: tuple[np.ndarray, np.ndarray], weights: np.ndarray, optimizer: Any, rates: Any,
) -> Fitted:  # fmt: skip
    """The start of least risk at the end; a start itself where all have diverged."""
    import torch

    W0, v0 = starts
    count, k = v0.shape
    data, targets = torch.from_numpy(X), torch.from_numpy(y)[:, None]
    W = torch.from_numpy(W0.reshape(count * k, -1).copy()).requires_grad_()
    v = torch.from_numpy(v0.copy()).requires_grad_()
    step = optimizer([W, v])
    rate = rates(step)

    def risks() -> Any:
        F: Any = evaluate(phi, "value", data @ W.T)
        return (((F.reshape(len(y), count, k) * v).sum(dim=2) - targets) ** 2).mean(dim=0) / 2

    for _ in range(STEPS):
        step.zero_grad()
        loss = risks()
        if 2 * float(loss.detach().nan_to_num(torch.inf).min()) <= goal(y):
            break
        (loss * torch.from_numpy(weights)).sum().backward()
        step.step()
        rate.step()
    last = risks().detach().nan_to_num(torch.inf).numpy()
    best = int(np.argmin(last))
    if not np.isfinite(last[best]):
        return Fitted.of(OneHiddenLayer(W0[0], v0[0], phi), count)
    return Fitted.of(OneHiddenLayer(W.detach().numpy().reshape(W0.shape)[best], v.detach().numpy()[best], phi), count)


def _stable_step(network: OneHiddenLayer, X: np.ndarray) -> float:
    """Half of 1/lambda_max(J^T J/n) at a start, J in W and v: a quarter of the bound, as curvature grows on the way."""
    from onenn.recovery import gram

    return 0.5 * len(X) / float(np.linalg.eigvalsh(gram(network, X, train_v=True))[-1])
