"""The theorems on convergence put to the test in doubles: steps asked and taken, runs that fail, samples that serve.

Chapters: local-convergence, convergence-on-samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.verdict import Verdict

from .descent import gradient_descent
from .descent_balls import rational_student
from .empirical import gauss_newton_matrix
from .linearization import slope_constants
from .objectives import EmpiricalRisk, FreshSamples, PopulationRisk, gaussian_samples
from .rates import LinearRate, linear_rate


@dataclass(frozen=True, kw_only=True)
class StepCount:
    """M/m of the explicit bounds, the steps that the theorem asks for, and those that one run from the rim takes.

    taken is asked + 1 for a run that has not arrived after as many steps as are asked.
    """

    condition: float
    asked: int
    taken: int


def count_steps(teacher: OneHiddenLayer, *, accuracy: float = 1e-6, rng: np.random.Generator | int = 0) -> StepCount:
    """Gradient descent on the population risk with the step 1/M from |A_0| = R, until |A| <= accuracy |A_0|.

    Raises: ValueError as `linear_rate`.  Source: cor-descent-explicit.

    >>> counted = count_steps(OneHiddenLayer([[1.0, 0.0]], [1.0], "erf"))
    >>> counted.taken < counted.asked
    True
    """
    rate = linear_rate(teacher)
    asked, rim = rate.steps(accuracy), rational_student(teacher, rate.radius, rng=rng)
    run = gradient_descent(
        rim, PopulationRisk(teacher), step=rate.step, max_steps=asked, tolerance=0.0, teacher=teacher
    )
    error = _error(run.history.distance)
    arrived = error <= accuracy * error[0]
    return StepCount(
        condition=rate.largest / rate.least,
        asked=asked,
        taken=int(np.argmax(arrived)) if arrived.any() else asked + 1,
    )


def failures(
    teacher: OneHiddenLayer, rate: LinearRate, batch: int, *, start: float, steps: int, accuracy: float, runs: int = 20
) -> int:
    """How many of so many runs with fresh batches, from |A_0| = start, end with |A| > accuracy |A_0|.

    Run i has the seed i for its start and for its samples.  Source: thm-descent-fresh.

    >>> unit = OneHiddenLayer([[1.0, 0.0]], [1.0], "tanh")
    >>> failures(unit, linear_rate(unit), 100, start=0.001, steps=60, accuracy=0.1, runs=3)
    0
    """
    found = 0
    for seed in range(runs):
        fresh = FreshSamples(gaussian_samples(teacher, batch, rng=seed))
        begin = rational_student(teacher, start, rng=seed)
        run = gradient_descent(begin, fresh, step=rate.step, max_steps=steps, tolerance=0.0, teacher=teacher)
        error = _error(run.history.distance)
        found += not error[-1] <= accuracy * error[0]
    return found


def sample_serves(
    teacher: OneHiddenLayer, X: np.ndarray, *, least: float, radius: float, starts: int = 3, steps: int = 20
) -> Verdict:
    """(3/4) m I <= H_S <= (5/4) M0 I on X, and descent from there contracts by 1 - (3/8) eta m, in doubles.

    least: m. radius: the distance of the starts. eta = 4/(5 M0), M0 = k L1^2 v_max^2.  *Shapes*: X (n, d).
    Source: thm-descent-samples.

    >>> unit = OneHiddenLayer([[1.0, 0.0]], [1.0], "tanh")
    >>> X = np.random.default_rng(0).standard_normal((1000, 2))
    >>> [sample_serves(unit, X[:n], least=0.107, radius=0.01).value for n in (1, 1000)]
    ['REFUTED', 'PROVED']
    """
    L1 = float(slope_constants(FLOATS, teacher.phi)[0])
    M0 = teacher.k * L1 * L1 * float(np.max(teacher.v**2))
    spectrum = np.linalg.eigvalsh(gauss_newton_matrix(teacher, X))
    if not 0.75 * least <= spectrum[0] <= spectrum[-1] <= 1.25 * M0:
        return Verdict.REFUTED.because(f"{len(X)} samples: H_S from {spectrum[0]:.3g} to {spectrum[-1]:.3g}")
    eta, risk, worst = 0.8 / M0, EmpiricalRisk(X, teacher.predict(X)), 0.0
    for seed in range(starts):
        begin = rational_student(teacher, radius, rng=seed)
        run = gradient_descent(begin, risk, step=eta, max_steps=steps, tolerance=0.0, teacher=teacher)
        error = _error(run.history.distance)
        worst = float(np.maximum(worst, np.max(error[1:] / error[:-1])))  # nan stays, and is no promise kept
    promised = 1 - 0.375 * eta * least
    return Verdict.decided(worst <= promised, f"{len(X)} samples: factors up to {worst:.4f}, promised {promised:.4f}")


def _error(distance: np.ndarray | None) -> np.ndarray:
    if distance is None:
        raise ValueError("the run has no distances; pass teacher= to the descent")
    return distance
