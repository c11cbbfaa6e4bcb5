"""The descent of the paper's third experiment: full-batch gradient steps, v fixed or trained and projected to signs.

W <- W - eta grad_W f_S(W),   v <- sign(v - eta grad_v f_S)   (start II),   eta = 0.02.   Chapter: global-recovery.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.arrays import evaluate
from onenn.network import OneHiddenLayer

from .initialize import algorithm_1


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """Where a start led: the network, and the sum of squared residuals before each step, as the authors record it."""

    network: OneHiddenLayer
    residuals: np.ndarray


def descend(
    student: OneHiddenLayer, X: np.ndarray, y: np.ndarray, *, step: float, steps: int, train_v: bool = False
) -> Run:
    """Gradient descent on f_S = sum r^2/(2n) in W; with train_v, v follows its gradient and is set to its signs.

    *Shapes*: X (n, d), y (n,).  Ends early at a residual of 1e-12 a sample, or when numbers overflow.

    >>> start = OneHiddenLayer([[1.0]], [1.0], "relu")
    >>> descend(start, np.ones((4, 1)), np.full(4, 2.0), step=0.5, steps=3).residuals.tolist()
    [4.0, 1.0, 0.25]
    """
    W, v, phi, n = student.W.copy(), student.v.copy(), student.phi, len(y)
    residuals = []
    for _ in range(steps):
        Z = X @ W.T
        F = np.broadcast_to(np.asarray(evaluate(phi, "value", Z)), Z.shape)
        r = F @ v - y
        residuals.append(float(r @ r))
        if not 1e-12 * n < residuals[-1] < 1e100:
            break
        gradient_v = F.T @ r / n
        W = W - step * ((r[:, None] * evaluate(phi, "derivative", Z)) * v).T @ X / n
        if train_v:
            v = np.where(v - step * gradient_v < 0, -1.0, 1.0)
    return Run(network=OneHiddenLayer(W, v, phi), residuals=np.array(residuals))


def paper_starts(
    teacher: OneHiddenLayer, X: np.ndarray, *, rng: np.random.Generator
) -> dict[str, tuple[OneHiddenLayer, bool]]:
    """The paper's starts: (I) Algorithm 1, v fixed; (II) random v and W, both trained; (III) v = v*, W random.

    The networks, and whether v is trained. (I) uses all samples in each step, as the authors' released code does, and
    the random W is the same in (II) and (III).  *Shapes*: X (n, d).

    >>> teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, -1.0], "squared_relu")
    >>> X = np.random.default_rng(0).standard_normal((500, 2))
    >>> {name: train_v for name, (_, train_v) in paper_starts(teacher, X, rng=np.random.default_rng(1)).items()}
    {'(I) Algorithm 1': False, '(II) random v and W': True, '(III) true v, random W': False}
    """
    k, phi = teacher.k, teacher.phi
    start = algorithm_1(X, teacher.predict(X), k, phi, rng=rng, split=False)
    W = rng.standard_normal(teacher.W.shape)
    signs = np.where(rng.standard_normal(k) < 0, -1.0, 1.0)
    return {
        "(I) Algorithm 1": (start, False),
        "(II) random v and W": (OneHiddenLayer(W, signs, phi), True),
        "(III) true v, random W": (OneHiddenLayer(W, teacher.v, phi), False),
    }
