"""The phase transition of fitting random labels: success over the width k and the number n of labels, d = 10.

Chapter: overparameterization-relu-sgd.
"""

from __future__ import annotations

import numpy as np

from .registry import Experiment

D, DRAWS = 10, 10


def success(*, activation: str, method: str, k: int, n: int, rng: np.random.Generator) -> float:
    """The share of DRAWS random draws that are fitted: at once, as gradient descent is quicker on many networks."""
    from onenn.overparam import fitted

    return fitted(n, k, D, activation, method, trials=DRAWS, rng=rng) / DRAWS


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
        seeds=2,
        small_seeds=1,
        small={"k": [4], "n": [20, 40]},
        paired=["method"],
    ),
)
