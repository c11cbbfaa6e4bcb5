"""How the samples that a start needs grow with d: the whole start, its subspace, and the tensor inside the subspace.

n(d) with error(n) = level, by error ~ n^(-1/2);   n ~ d^b.   Chapter: tensor-initialization.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .recovery import BOTH, problem
from .registry import Experiment

if TYPE_CHECKING:
    from onenn.network import OneHiddenLayer

UNITS = 3
LEVELS = {"start": 0.15, "subspace": 0.1, "tensor": 0.2}
"""The errors that are to be met: of W, relative; the sine of the angle of the spans; of the tensor, relative."""


def samples_by_dimension(*, activation: str, d: int, rng: np.random.Generator) -> dict[str, float]:
    """The samples that `tensor_initialize` needs for the errors of `LEVELS`, from its errors at 8 P and 32 P samples.

    "tensor": of the residual's moment M_3 or M_4 on the true span, where d should not matter.
    """
    from onenn.recovery.trials import samples_needed

    P = UNITS * (d + 1)
    sizes = [8 * P, 32 * P]
    teacher, X, y = problem(activation, d, UNITS, sizes[-1], rng)
    rows = [_errors(teacher, X[:n], y[:n], rng) for n in sizes]
    return {
        name: float(samples_needed(level, sizes, np.array([[row[name]] for row in rows]))[0])
        for name, level in LEVELS.items()
    }


def _errors(teacher: OneHiddenLayer, X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    from onenn.network import match
    from onenn.recovery import network_moment, projected_moment, route, samples, tensor_initialize
    from onenn.recovery.moments import low_moments
    from onenn.recovery.subspace import quadratic_fit

    found = tensor_initialize(X, y, teacher.k, teacher.phi, rng=rng)
    true, span = (np.linalg.qr(network.W.T)[0] for network in (teacher, found))
    data, order = samples(X, y), route(teacher.phi).tensor
    moment = projected_moment(data, order, true, quadratic_fit(data, true, low_moments(data)))
    exact = network_moment(teacher, order, true)
    return {
        "start": match(found, teacher).relative_error,
        "subspace": float(np.linalg.norm(true - span @ (span.T @ true), 2)),
        "tensor": float(np.linalg.norm(moment - exact) / np.linalg.norm(exact)),
    }


EXPERIMENTS = (
    Experiment(
        name="samples-by-dimension",
        chapter="tensor-initialization",
        description="samples that the improved start, its subspace and its tensor need, over d from 10 to 80",
        function=samples_by_dimension,
        grid={"activation": BOTH, "d": [10, 14, 20, 28, 40, 56, 80]},
        seeds=40,
        small={"d": [10, 20]},
    ),
)
