"""The phase transition of fitting random labels: success over the width k and the number n of labels, d = 10.

Chapter: overparameterization-relu-sgd.
"""

from __future__ import annotations

import numpy as np

from .registry import Experiment

D = 10


def success(*, activation: str, method: str, k: int, n: int, rng: np.random.Generator) -> float:
    """1 when one random draw is fitted, else 0."""
    from onenn.overparam import fitted

    return float(fitted(n, k, D, activation, method, rng=rng))


EXPERIMENTS = (
    Experiment(
        name="phase-transition",
        chapter="overparameterization-relu-sgd",
        description="how often n random labels are fitted by k units in R^10, |v| = 1, over k and n",
        function=success,
        grid={
            "activation": ["softplus", "tanh", "relu"],
            "method": ["gd", "gauss_newton"],
            "k": [2, 4, 6, 8, 12],
            "n": list(range(10, 150, 10)),
        },
        seeds=20,
        small={"k": [4], "n": [20, 40]},
        paired=["method"],
    ),
)
