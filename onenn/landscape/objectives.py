"""What a descent minimises: the population risk in closed form, the risk on a sample, or on a fresh sample each time.

f(W) = E (f(x; W, v) - f(x; W*, v*))^2 / 2,   f_n(W) = sum_i (f(x_i; W, v) - y_i)^2/(2n),   v held fixed.
Chapter: local-convergence.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from onenn.arrays import Array
from onenn.network import OneHiddenLayer

from .empirical import empirical_risk_and_gradient, gauss_newton_matrix
from .hessian import hessian_at_teacher
from .population import gradient
from .risk import check_pair, risk


class Objective(Protocol):
    """A function of the student's W: its value, its gradient (k, d), and the Gauss-Newton part of its Hessian."""

    @property
    def resolution(self) -> float:
        """What the risk is known to, absolutely: a smaller change of it is rounding."""
        ...

    def risk_and_gradient(self, student: OneHiddenLayer) -> tuple[float, np.ndarray]:
        """The risk, >= 0, and its gradient in W as a float64 array (k, d)."""
        ...

    def gauss_newton(self, student: OneHiddenLayer) -> np.ndarray:
        """E J J^T, J the derivatives of f(x; W, v) in W, unit by unit: (k d, k d), positive semidefinite."""
        ...


@dataclass(frozen=True)
class PopulationRisk:
    """The population risk of a teacher, x ~ N(0, I): closed forms, or quadrature where phi has none.

    *Accuracy*: the risk is a difference, good to about 1e-15 of that of the zero student; the gradient, which decides
    when a descent stops, is not rounded so.

    >>> teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "linear")
    >>> PopulationRisk(teacher).risk_and_gradient(OneHiddenLayer([[3.0, 0.0]], [1.0], "linear"))[0]
    2.0
    """

    teacher: OneHiddenLayer

    @property
    def resolution(self) -> float:
        """1e-14 of the risk of the zero student."""
        return self._resolution

    @cached_property
    def _resolution(self) -> float:
        nothing = OneHiddenLayer(self.teacher.W, np.zeros(self.teacher.k), self.teacher.phi)
        return 1e-14 * risk(nothing, self.teacher)

    def risk_and_gradient(self, student: OneHiddenLayer) -> tuple[float, np.ndarray]:
        check_pair(student, self.teacher)
        if not np.isfinite(student.W @ student.W.T).all():
            raise OverflowError("student has rows so long that their squares exceed a double; scale W down")
        return max(risk(student, self.teacher), 0.0), gradient(student, self.teacher)

    def gauss_newton(self, student: OneHiddenLayer) -> np.ndarray:
        return hessian_at_teacher(student)  # where all residuals vanish nothing else is left of the Hessian


@dataclass(frozen=True, eq=False)
class EmpiricalRisk:
    """The risk on one sample X (n, d), y (n,): NumPy arrays or torch tensors on any device, blocked over samples.

    Shapes, blocks and errors are those of `empirical_risk`; the sums are taken in the dtype and on the device of X.

    >>> EmpiricalRisk([[1.0, 5.0], [-1.0, 5.0]], [0.0, 2.0]).risk_and_gradient(OneHiddenLayer([[1, 0]], [2], "relu"))
    (2.0, array([[ 2., 10.]]))
    """

    X: Array
    y: Array
    block_size: int | None = None
    resolution: float = field(default=0.0, init=False)  # a sum of squares

    def risk_and_gradient(self, student: OneHiddenLayer) -> tuple[float, np.ndarray]:
        value, g = empirical_risk_and_gradient(student, self.X, self.y, block_size=self.block_size)
        return value, _on_host(g)

    def gauss_newton(self, student: OneHiddenLayer) -> np.ndarray:
        return _on_host(gauss_newton_matrix(student, self.X, block_size=self.block_size))


@dataclass(eq=False)
class FreshSamples:
    """The risk on the next sample of a source, for each step another: a descent that never sees a sample twice.

    source: an iterable of pairs (X, y), such as `gaussian_samples` or `in_parts`; it is used up. When it ends, so does
    the descent, within its step budget.

    >>> fresh = FreshSamples([([[1.0]], [0.0]), ([[2.0]], [0.0])])
    >>> [fresh.risk_and_gradient(OneHiddenLayer([[1.0]], [1.0], "linear"))[0] for _ in range(2)]
    [0.5, 2.0]
    """

    source: Iterable[tuple[Array, Array]]
    resolution: float = field(default=0.0, init=False)
    _iterator: Iterator[tuple[Array, Array]] = field(init=False, repr=False)
    _current: EmpiricalRisk | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self._iterator = iter(self.source)

    def risk_and_gradient(self, student: OneHiddenLayer) -> tuple[float, np.ndarray]:
        """On the next sample.  Raises: StopIteration when there is none."""
        self._current = EmpiricalRisk(*next(self._iterator))
        return self._current.risk_and_gradient(student)

    def gauss_newton(self, student: OneHiddenLayer) -> np.ndarray:
        """On the sample of the last gradient."""
        if self._current is None:
            raise ValueError("the source has given no sample yet; call risk_and_gradient first")
        return self._current.gauss_newton(student)


def gaussian_samples(
    teacher: OneHiddenLayer, samples: int, *, rng: np.random.Generator | int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endlessly many samples (X, y) of the teacher: X (samples, d) standard normal, y = f(X; W*, v*).

    Raises: ValueError when samples < 1.

    >>> X, y = next(gaussian_samples(OneHiddenLayer([[1.0, 0.0]], [1.0], "relu"), 5, rng=0))
    >>> X.shape, bool((y == np.maximum(X[:, 0], 0)).all())
    ((5, 2), True)
    """
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or samples < 1:
        raise ValueError(f"samples is {samples!r}; expected an int >= 1, the inputs in each sample")
    return _gaussian_samples(teacher, int(samples), np.random.default_rng(rng))


def _gaussian_samples(
    teacher: OneHiddenLayer, samples: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    while True:
        X = rng.standard_normal((samples, teacher.d))
        yield X, teacher.predict(X)


def in_parts(X: Array, y: Array, parts: int) -> Iterator[tuple[Array, Array]]:
    """The sample cut into `parts` pieces of n // parts or one more, in the given order: shuffle it first if it has any.

    Raises: ValueError unless 1 <= parts <= n, or when y has another length.

    >>> [len(part) for part, _ in in_parts(np.zeros((7, 2)), np.zeros(7), 3)]
    [3, 2, 2]
    """
    n = len(X)
    if len(y) != n:
        raise ValueError(f"y has {len(y)} entries but X has {n} rows; expected one target for each row")
    if isinstance(parts, bool) or not isinstance(parts, (int, np.integer)) or not 1 <= parts <= n:
        raise ValueError(f"parts is {parts!r}; expected an int between 1 and {n}, the number of samples")
    ends = [(i * n + parts - 1) // parts for i in range(parts + 1)]
    return ((X[a:b], y[a:b]) for a, b in itertools.pairwise(ends))


def _on_host(array: Any) -> np.ndarray:
    return np.asarray(array.detach().cpu() if hasattr(array, "detach") else array, dtype=float)
