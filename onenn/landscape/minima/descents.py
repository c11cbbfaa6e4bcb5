"""Many descents at once on the population risk of ReLU students at the teacher e_1, ..., e_d, v = 1.

grad_j = (1/2 pi) sum_u c_u (sin t |u| w_j/|w_j| + (pi - t) u),   t the angle between w_j and u, over all units u.
Chapter: spurious-minima.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOMENTUM = 0.9
FLAT = 1e-6
"""The norm of the gradient below which a run has ended."""

DONE = 1e-10
"""The norm of the gradient, or the risk, below which a run is not continued: looked at every BLOCK steps."""

BLOCK = 50

NEAR = 0.9
"""The cosine with a unit of the teacher above which a unit follows it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ends:
    """Where descents ended.  *Shapes*: W (runs, k, d); risk, slope (runs,), slope the norm of the gradient there."""

    W: np.ndarray
    risk: np.ndarray
    slope: np.ndarray

    @property
    def recovered(self) -> int:
        """Runs with a risk below 1e-5: at the teacher."""
        return int(np.sum(self.risk < 1e-5))

    @property
    def at_minima(self) -> np.ndarray:
        """Which runs are trapped: a gradient below 1e-6 and a risk above 1e-3.  *Shapes*: bool (runs,)."""
        return (self.risk > 1e-3) & (self.slope < FLAT)

    @property
    def trapped(self) -> int:
        """Runs at a gradient below 1e-6 with a risk above 1e-3."""
        return int(np.sum(self.at_minima))

    @property
    def odd(self) -> np.ndarray:
        """How many units of each run have a cosine below 0.9 with every unit of the teacher.  *Shapes*: int (runs,)."""
        cosines = self.W.max(axis=2) / np.linalg.norm(self.W, axis=2)
        return np.sum(cosines < NEAR, axis=1)

    @property
    def unfinished(self) -> int:
        """The other runs."""
        return len(self.risk) - self.recovered - self.trapped


def relu_descents(
    d: int, runs: int, *, rng: np.random.Generator | int, k: int | None = None, steps: int = 1500
) -> Ends:
    """Ends of `runs` descents with momentum from W ~ N(0, 1/d) entries, k student units (d when not given).

    The step is 1/(d/4 + 1), the momentum 0.9. Raises: ValueError for d < 2, runs < 1 or k < 1.

    >>> ends = relu_descents(3, 5, rng=0, steps=400)
    >>> ends.recovered, ends.trapped, ends.W.shape
    (5, 0, (5, 3, 3))
    """
    k = d if k is None else k
    if d < 2 or runs < 1 or k < 1:
        raise ValueError(f"d is {d}, runs is {runs} and k is {k}; expected d >= 2, runs >= 1 and k >= 1")
    rng = np.random.default_rng(rng)
    return descend(rng.normal(size=(runs, k, d)) / np.sqrt(d), steps=steps)


def descend(W: np.ndarray, *, steps: int) -> Ends:
    """Descents with momentum from the weights W (runs, k, d), all at once; one at a gradient or risk below 1e-10 stops.

    >>> ends = descend(np.array([[[0.6, 0.1], [0.2, 0.9]]]), steps=200)
    >>> ends.recovered, ends.odd.tolist()
    (1, [0])
    """
    W = np.array(W, dtype=float)
    going, velocity = np.arange(len(W)), np.zeros_like(W)
    for done in range(0, steps, BLOCK):
        V = W[going]
        for _ in range(min(BLOCK, steps - done)):
            V, velocity = descend_step(V, velocity)
        W[going] = V
        risk, g = relu_risk_and_gradient(V)
        goes_on = (risk >= DONE) & (np.linalg.norm(g, axis=(1, 2)) >= DONE)
        going, velocity = going[goes_on], velocity[goes_on]
        if not len(going):
            break
    risk, g = relu_risk_and_gradient(W)
    return Ends(W=W, risk=risk, slope=np.linalg.norm(g, axis=(1, 2)))


def descend_step(W: np.ndarray, velocity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights and the velocity after a step of 1/(d/4 + 1) with momentum 0.9.  *Shapes*: (runs, k, d)."""
    velocity = MOMENTUM * velocity - relu_risk_and_gradient(W)[1] / (W.shape[-1] / 4 + 1)
    return W + velocity, velocity


def relu_risk_and_gradient(W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The population risks (runs,) and gradients (runs, k, d) at W (runs, k, d), rows not zero.

    *Accuracy*: about 1e-8 at units that are nearly parallel, where the angle comes from its cosine.

    >>> risk, g = relu_risk_and_gradient(np.array([[[1.0, 0.0], [0.0, 2.0]]]))
    >>> bool(abs(risk[0] - 0.25) < 1e-12), g.round(12).tolist()
    (True, [[[0.159154943092, 0.25], [0.0, 0.5]]])
    """
    d, lengths = W.shape[-1], np.linalg.norm(W, axis=2)
    own, mixed = W @ W.transpose(0, 2, 1), W
    lengths_of_pairs = lengths[:, :, None] * lengths[:, None, :]
    t, s = (np.arccos(np.clip(x, -1, 1)) for x in (own / lengths_of_pairs, mixed / lengths[:, :, None]))
    sines = (np.sin(t) * lengths[:, None, :]).sum(axis=2) - np.sin(s).sum(axis=2)
    g = (sines / lengths)[:, :, None] * W + (np.pi - t) @ W - (np.pi - s)
    within = np.sum(lengths_of_pairs * np.sin(t) + (np.pi - t) * own, axis=(1, 2))
    across = np.sum(lengths[:, :, None] * np.sin(s) + (np.pi - s) * mixed, axis=(1, 2))
    teacher = d * np.pi + d * (d - 1)
    return (within - 2 * across + teacher) / (4 * np.pi), g / (2 * np.pi)
