"""The descent of the paper's experiments, full-batch gradient steps, v fixed or trained and projected to signs; and
the measure of success.

W <- W - eta grad_W f_S(W),   v <- sign(v - eta grad_v f_S)   (start II),   eta = 0.02.   Chapter: global-recovery.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from onenn.arrays import evaluate
from onenn.network import OneHiddenLayer

from .initialize import algorithm_1

STEP, STEPS, WITHIN = 0.02, 2500, 0.01
"""eta, the steps at most, and the column error that counts as recovered, as in the authors' experiments."""

OVERFLOW = 1e100
"""A residual from which descent does not come back."""


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
        if not 1e-12 * n < residuals[-1] < OVERFLOW:
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


def watched_descent(
    teacher: OneHiddenLayer, X: np.ndarray, *, rng: np.random.Generator, steps: int = STEPS
) -> tuple[OneHiddenLayer, int]:
    """Algorithm 2 on the teacher's values: Algorithm 1 and descent in W, all samples in both; the network, and steps.

    Ends when every row is within 1 %, which is looked at every 25 steps; at once where v is wrong, for descent in W
    cannot mend it, or where the numbers have overflowed.  *Shapes*: X (n, d).

    >>> teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, -1.0], "squared_relu")
    >>> X = np.random.default_rng(0).standard_normal((5000, 2))
    >>> network, _ = watched_descent(teacher, X, rng=np.random.default_rng(1))
    >>> column_error(network, teacher) <= 0.01
    True
    """
    y, done = teacher.predict(X), 0
    network = algorithm_1(X, y, teacher.k, teacher.phi, rng=rng, split=False)
    while done < steps and WITHIN < column_error(network, teacher) < math.inf:
        some = min(25, steps - done)
        run = descend(network, X, y, step=STEP, steps=some)
        network, done = run.network, done + some
        if not run.residuals[-1] < OVERFLOW:
            break
    return network, done


def column_error(student: OneHiddenLayer, teacher: OneHiddenLayer) -> float:
    """max_i |w_i - w_i*|/|w_i*| in the best order with equal v, inf where the v do not agree: the paper's measure.

    >>> teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, -1.0], "relu")
    >>> column_error(OneHiddenLayer([[0.0, 2.2], [1.0, 0.0]], [-1.0, 1.0], "relu"), teacher)
    0.10000000000000009
    """
    from scipy.optimize import linear_sum_assignment

    distances = np.linalg.norm(student.W[:, None] - teacher.W[None], axis=2) / np.linalg.norm(teacher.W, axis=1)
    distances[(student.v[:, None] != teacher.v[None]) | ~np.isfinite(distances)] = np.inf
    for bound in np.unique(distances[np.isfinite(distances)]):  # the least one within which all rows find a partner
        rows, columns = linear_sum_assignment(distances > bound)
        if not (distances > bound)[rows, columns].any():
            return float(bound)
    return math.inf
