"""How fast gradient descent converges around the teacher, from m I <= H <= M I and the constant Gamma of its remainder.

|A_{t+1}| <= (1 - eta m/2) |A_t|,   |A_t| <= e^(1/(1 - eta m)) (1 - eta m)^t |A_0|   if 2 Gamma |A_0| <= m, eta <= 1/M.

How many samples show it: fresh ones in every step, in mean square or but for a small probability, or one for all steps.
Chapter: local-convergence.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, log, sqrt

import numpy as np

from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer

from .bounds import smoothness_bound, strong_convexity_bound
from .linearization import convergence_radius, slope_constants

BERNSTEIN = 416
"""26 * 4^2: with n >= 26 t/mu^2, mu = m/(4 M0) <= 1/4, sqrt(6 t/n) + 2 t/n <= mu/2; see thm-descent-samples."""


@dataclass(frozen=True, kw_only=True)
class LinearRate:
    """m, M, the radius R and the step eta of thm-descent-linear, and what follows from them."""

    least: float
    largest: float
    radius: float
    step: float

    @property
    def factor(self) -> float:
        """1 - eta m, by which the error shrinks in each step in the long run."""
        return 1 - self.step * self.least

    @property
    def first_factor(self) -> float:
        """1 - eta m/2, by which it shrinks in each step from the first one on."""
        return 1 - self.step * self.least / 2

    @property
    def constant(self) -> float:
        """C = e^(1/(1 - eta m)) with |A_t| <= C factor^t |A_0|."""
        return exp(1 / self.factor)

    def steps(self, accuracy: float) -> int:
        """A number T of steps with |A_T| <= accuracy |A_0|: the lesser of what the two factors say.

        Raises: ValueError unless 0 < accuracy < 1.

        >>> LinearRate(least=1.0, largest=2.0, radius=1.0, step=0.5).steps(1e-6)
        23
        """
        if not 0 < accuracy < 1:
            raise ValueError(f"accuracy is {accuracy}; expected a number between 0 and 1, the error left over")
        at_once = log(1 / accuracy) / -np.log1p(-self.step * self.least / 2)
        in_the_long_run = (1 / self.factor + log(1 / accuracy)) / -np.log1p(-self.step * self.least)
        return ceil(min(at_once, in_the_long_run))


def linear_rate(
    teacher: OneHiddenLayer,
    *,
    least: float | None = None,
    largest: float | None = None,
    moment: float | None = None,
    step: float | None = None,
) -> LinearRate:
    """The rate at which gradient descent on the risk of this teacher converges, explicit.

    least, largest: bounds m and M on the eigenvalues of the Hessian at the teacher, by default
    `strong_convexity_bound` and `smoothness_bound`; on a sample those of its Hessian, with moment = `sample_moment`.
    step: eta, by default 1/M.
    Raises: ValueError unless 0 < m < M and 0 < eta <= 1/M, and as `convergence_radius`.
    Source: thm-descent-linear, cor-descent-explicit.

    >>> rate = linear_rate(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "squared_relu"))
    >>> rate.largest, 1e-3 < rate.radius < 1e-2, rate.steps(1e-6)
    (24.0, True, 973)
    """
    m = strong_convexity_bound(teacher) if least is None else float(least)
    M = smoothness_bound(teacher) if largest is None else float(largest)
    if not 0 < m < M:
        raise ValueError(
            f"least is {m} and largest is {M}; expected 0 < least < largest: where the bound on the least eigenvalue "
            "is 0 (dependent rows, v_i = 0, polynomials of degree two) nothing makes descent linear"
        )
    eta = 1 / M if step is None else float(step)
    if not 0 < eta <= 1 / M * (1 + 1e-12):
        raise ValueError(f"step is {eta}; expected 0 < step <= 1/largest = {1 / M}")
    return LinearRate(least=m, largest=M, radius=convergence_radius(teacher, m, moment=moment), step=eta)


def gradient_variance(teacher: OneHiddenLayer, distance: float) -> float:
    """B with E |r J|^2 <= B |A|^2 for |A|_F <= distance: r the residual, J its derivatives in W, x ~ N(0, I_d).

    (d + 2)(k L1^2 v_max^2)^2 for |phi'| <= L1, 15 (d + 6)(L1 v_max)^4 (|W*|_F + distance)^4 for |phi'(z)| <= L1 |z|.
    Raises: ValueError as `linearization_constant`.  Source: thm-descent-fresh.

    >>> gradient_variance(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0], "tanh"), 0.1)
    16.0
    """
    L1, _, p = slope_constants(FLOATS, teacher.phi)
    scale = L1 * L1 * float(np.max(teacher.v**2))
    if p == 0:
        return float((teacher.d + 2) * (teacher.k * scale) ** 2)
    return float(15 * (teacher.d + 6) * scale**2 * (np.linalg.norm(teacher.W) + distance) ** 4)


def fresh_batch(teacher: OneHiddenLayer, rate: LinearRate) -> int:
    """n fresh samples in each step, with which E |A_{t+1}|^2 <= (1 - eta m/2) |A_t|^2 inside the radius.

    Source: thm-descent-fresh.

    >>> teacher = OneHiddenLayer([[0.5, 0.0]], [1.0], "tanh")
    >>> fresh_batch(teacher, linear_rate(teacher))
    467
    """
    return ceil(4 * rate.step * gradient_variance(teacher, rate.radius) / rate.least)


def escape_probability(rate: LinearRate, start: float, steps: int, accuracy: float) -> float:
    """A bound on P(|A_T| > accuracy |A_0|) after T steps with batches of `fresh_batch`, |A_0| = start; at most 1.

    Source: thm-descent-fresh.

    >>> escape_probability(LinearRate(least=1.0, largest=2.0, radius=1.0, step=0.5), 1e-4, 200, 1e-6) < 2e-8
    True
    """
    left = (start / rate.radius) ** 2
    return float(min(1.0, left + np.exp(steps * np.log(rate.first_factor) - 2 * np.log(accuracy))))


def samples_per_step(teacher: OneHiddenLayer, least: float, *, steps: int, failure: float = 1e-6) -> int:
    """n fresh samples in each of `steps` steps, which then all contract by 1 - eta m/4 with probability 1 - failure.

    416 (M0/m)^2 (k d log 5 + log(steps/failure)), M0 = k L1^2 v_max^2; least: m > 0, a lower bound on H.
    Raises: ValueError for slopes that are not bounded.  Source: thm-descent-samples.

    >>> samples_per_step(OneHiddenLayer([[0.5, 0.0]], [1.0], "tanh"), 0.5, steps=100)
    36009
    """
    t = teacher.k * teacher.d * log(5) + log(steps / _probability(failure))
    return ceil(BERNSTEIN * _contrast(teacher, least) ** 2 * t)


def samples_for_all_steps(teacher: OneHiddenLayer, least: float, *, failure: float = 1e-6) -> int:
    """n samples, of which one draw serves every start in `fixed_sample_radius` and every step, likewise.

    416 (M0/m)^2 (k d log 9 + log(6/failure)).  Raises: as `samples_per_step`.  Source: thm-descent-samples.

    >>> samples_for_all_steps(OneHiddenLayer([[0.5, 0.0]], [1.0], "tanh"), 0.5)
    33283
    """
    t = teacher.k * teacher.d * log(9) + log(6 / _probability(failure))
    return ceil(BERNSTEIN * _contrast(teacher, least) ** 2 * t)


def fixed_sample_radius(teacher: OneHiddenLayer, least: float, samples: int, *, failure: float = 1e-6) -> float:
    """m/(5 sqrt(k) L1 L2 v_max^2 b), b^2 = 2 d log 2 + 4 log(3 n/failure): the ball around the teacher that it serves.

    Raises: ValueError as `samples_per_step`, or on fewer samples than `samples_for_all_steps`.
    Source: thm-descent-samples.

    >>> round(fixed_sample_radius(OneHiddenLayer([[0.5, 0.0]], [1.0], "tanh"), 0.5, 40_000), 4)
    0.0127
    """
    needed = samples_for_all_steps(teacher, least, failure=failure)
    if samples < needed:
        raise ValueError(f"samples is {samples}; expected at least {needed}, what samples_for_all_steps asks for")
    L1, L2, _ = slope_constants(FLOATS, teacher.phi)
    b = sqrt(2 * teacher.d * log(2) + 4 * log(3 * samples / failure))
    return float(least / (5 * sqrt(teacher.k) * L1 * L2 * np.max(teacher.v**2) * b))


def sign_radius(teacher: OneHiddenLayer, X: np.ndarray) -> float:
    """min_{i,j} |w_j.x_i|/|x_i|: as long as all rows move by less, no sample changes the side of a unit.

    For ReLU and its leaky versions the risk on the sample is exactly quadratic there.
    *Shapes*: X (n, d).  Raises: ValueError when a sample is 0.  Source: prp-descent-relu.

    >>> sign_radius(OneHiddenLayer([[1.0, 0.0]], [1.0], "relu"), np.array([[3.0, 4.0], [-1.0, 0.0]]))
    0.6
    """
    X = np.asarray(X, dtype=float)
    lengths = np.linalg.norm(X, axis=1)
    if not lengths.all():
        raise ValueError(f"X has the zero row {int(np.argmin(lengths))}, which lies on every side; drop it")
    return float(np.min(np.abs(X @ teacher.W.T) / lengths[:, None]))


def _contrast(teacher: OneHiddenLayer, least: float) -> float:
    """M0/m."""
    L1, _, p = slope_constants(FLOATS, teacher.phi)
    if p:
        raise ValueError(
            f"phi is {teacher.phi.name}, whose slope is not bounded; the count is for bounded ones: see fresh_batch, "
            "or samples_for_half with the eigenvalues of a sample's own Hessian"
        )
    if not least > 0:
        raise ValueError(f"least is {least}; expected m > 0, a bound such as strong_convexity_bound(teacher)")
    return float(teacher.k * L1 * L1 * np.max(teacher.v**2) / least)


def _probability(failure: float) -> float:
    if not 0 < failure < 1:
        raise ValueError(f"failure is {failure}; expected a probability between 0 and 1")
    return failure
