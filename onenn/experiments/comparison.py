"""Peers on the same data: which of them finds the teacher, from how many samples, in what time.

Chapter: global-recovery. The peers themselves are in onenn.experiments.peers.
"""

from __future__ import annotations

import math
import time

import numpy as np

from .registry import Experiment

NAMES = (
    "recover",
    "tensor, one shot",
    "L-BFGS, 1 start",
    "L-BFGS, 10 starts",
    "Levenberg-Marquardt, 1 start",
    "Levenberg-Marquardt, 10 starts",
    "gradient descent, 10 starts",
    "Adam, 10 starts",
    "MLPRegressor, 10 starts",
    "4k units, L-BFGS",
)


def compare(*, peer: str, activation: str, ratio: float, rng: np.random.Generator) -> dict[str, float]:
    """One peer on a teacher with (d, k) = (20, 5), n = ratio k(d + 1); nan where the peer does not apply.

    "recovered": relative error below 1e-3, for students of k units; "covered": each unit of the teacher has a unit of
    the student at a cosine of at least 0.999; "test_error": on 2000 new inputs, over the spread of the values.
    "seconds": of one thread, on whatever machine it was.
    """
    from onenn.network import match, random_teacher

    from .peers import PEERS, mlp_regressor

    d, k = 20, 5
    teacher = random_teacher(k, d, activation, rng=rng)
    X = rng.standard_normal((math.ceil(ratio * k * (d + 1)), d))
    new = rng.standard_normal((2000, d))
    fit, starts = PEERS[peer]
    if fit is mlp_regressor and activation != "relu":
        return dict.fromkeys(("recovered", "covered", "test_error", "starts", "seconds"), math.nan)
    before = time.process_time()
    found = fit(X, teacher.predict(X), k, teacher.phi, rng=rng, starts=starts)
    seconds = time.process_time() - before
    values = teacher.predict(new)
    W = found.network.W / np.maximum(np.linalg.norm(found.network.W, axis=1, keepdims=True), 1e-300)
    cosines = (W @ (teacher.W / np.linalg.norm(teacher.W, axis=1, keepdims=True)).T).max(axis=0)
    same = found.network.k == k
    return {
        "recovered": match(found.network, teacher).relative_error < 1e-3 if same else math.nan,
        "covered": bool((cosines >= 0.999).all()),
        "test_error": float(np.std(found.predict(new) - values) / np.std(values)),
        "starts": found.starts,
        "seconds": seconds,
    }


EXPERIMENTS = (
    Experiment(
        name="peers",
        chapter="global-recovery",
        description="recover and nine peers on the same data, (d, k) = (20, 5)",
        function=compare,
        grid={"peer": NAMES, "activation": ["relu", "squared_relu"], "ratio": [1.5, 2, 4]},
        seeds=6,
        small={"ratio": [4]},
        paired=["peer"],
    ),
)
