"""The atlas: three starts of one descent over the number of samples and the width of the student, ReLU.

Teachers of `random_teacher` (k* = 5 units in R^10, condition 2, v = +-1), x ~ N(0, I), no noise; n = ratio k*(d + 1)
samples and students of k units. Along "method" and "k" the teacher and the samples are the same.   Chapter: atlas.
"""

from __future__ import annotations

import math

import numpy as np

from .registry import Experiment

UNITS, DIMENSION = 5, 10
PARAMETERS = UNITS * (DIMENSION + 1)
PHI = "relu"
WIDTHS = (3, 4, 5, 6, 10, 20, 40, 100)
RATIOS = (0.5, 0.8, 1, 1.3, 2, 3, 5, 10)
FITTED, FOUND = 1e-3, 1e-3
"""Interpolated: misfit at most FITTED; recovered: unit error at most FOUND. Both in shares of what there is to fit."""


def visit(*, method: str, k: int, ratio: float, rng: np.random.Generator) -> dict[str, float]:
    """One run: misfit on the samples, error of the units, excess risk, the floor that no k < k* units go below, steps.

    The first four are relative; all are kept with four significant digits. nan where "tensor" has no start: k > d.
    """
    from onenn.landscape.fewer_units import fewer_units_floor
    from onenn.network import random_teacher

    from .chart.runs import descend, excess_risk, size_of, start, unit_error

    teacher = random_teacher(UNITS, DIMENSION, PHI, rng=rng)
    X = rng.standard_normal((samples(ratio), DIMENSION))
    y = teacher.predict(X)
    if method == "tensor" and k > DIMENSION:
        return dict.fromkeys(("misfit", "units", "risk", "floor", "iterations"), math.nan)
    end = descend(start(method, X, y, k, PHI, rng=rng), X, y, train_v=method != "wide")
    found = {
        "misfit": end.misfit,
        "units": unit_error(end.network, teacher),
        "risk": excess_risk(end.network, teacher),
        "floor": fewer_units_floor(teacher, k) / size_of(teacher),
        "iterations": end.iterations,
    }
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def samples(ratio: float) -> int:
    """n for n/P, rounded up.

    >>> samples(1.3)
    72
    """
    return math.ceil(ratio * PARAMETERS - 1e-9)


EXPERIMENTS = (
    Experiment(
        name="atlas",
        chapter="atlas",
        description="what three starts of one descent find, over n/P and the width of the student; (d, k*) = (10, 5)",
        function=visit,
        grid={"ratio": RATIOS, "k": WIDTHS, "method": ["tensor", "random", "wide"]},
        seeds=20,
        small={"k": [4, 5, 10, 20], "ratio": [0.8, 2, 5]},
        small_seeds=4,
        paired=["method", "k"],
    ),
)
