"""Peers on the same data: which of them finds the teacher, from how many samples, in what time, from what start.

Chapter: recovery-in-practice. The peers themselves are in onenn.experiments.peers.
"""

from __future__ import annotations

import math
import time
import warnings
from functools import partial

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


def compare(
    *,
    peer: str,
    activation: str,
    ratio: float,
    rng: np.random.Generator,
    d: int = 20,
    k: int = 5,
    condition: float = 2.0,
) -> dict[str, float]:
    """One peer on one teacher, n = ratio k(d + 1); nan where the peer does not apply.

    "recovered": relative error below 1e-3, for students of k units; "covered": each unit of the teacher has a unit of
    the student at a cosine of at least 0.999; "test_error": on 2000 new inputs, over the spread of the values;
    "passes": how often the samples were read. "seconds": of one thread, on whatever machine it was.
    """
    from onenn.network import match, random_teacher

    from .peers import PEERS, mlp_regressor

    teacher = random_teacher(k, d, activation, condition=condition, rng=rng)
    X = rng.standard_normal((math.ceil(ratio * k * (d + 1)), d))
    new = rng.standard_normal((2000, d))
    fit, starts = PEERS[peer]
    if fit is mlp_regressor and activation != "relu":
        return dict.fromkeys(("recovered", "covered", "test_error", "starts", "passes", "seconds"), math.nan)
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
        "passes": found.passes,
        "seconds": seconds,
    }


def refine(*, start: str, rule: str, activation: str, rng: np.random.Generator) -> dict[str, float]:
    """A first-order method in W and v from the "tensor" start or one "random" start, (d, k) = (20, 5), n = 8 k(d + 1).

    "reached": the residual is 1e-3 of the spread of the values within 3000 steps; "steps": how many, nan if not.
    """
    from onenn.network import match, random_teacher
    from onenn.recovery import random_starts, tensor_initialize

    from .peers import descended

    d, k = 20, 5
    teacher = random_teacher(k, d, activation, rng=rng)
    X = rng.standard_normal((8 * k * (d + 1), d))
    y = teacher.predict(X)
    if start == "tensor":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first = tensor_initialize(X, y, k, activation, rng=rng)
        W, v = first.W[None], first.v[None]
    else:
        W, v = random_starts(teacher.phi, X, y, k, 1, rng=rng)
    found = descended(X, y, teacher.phi, W, v, rule=rule, target=(1e-3 * float(np.std(y))) ** 2)
    reached = bool(np.std(found.predict(X) - y) <= 1.01e-3 * np.std(y))
    return {
        "reached": reached,
        "steps": found.passes if reached else math.nan,
        "error": match(found.network, teacher).relative_error,
    }


BOTH = ("relu", "squared_relu")

compared = partial(
    Experiment, chapter="recovery-in-practice", function=compare, paired=["peer"], unsteady=["seconds", "passes"]
)

EXPERIMENTS = (
    compared(
        name="peers",
        description="recover and nine peers on the same data, (d, k) = (20, 5)",
        grid={"peer": NAMES, "activation": BOTH, "ratio": [1.5, 2, 4]},
        seeds=20,
        small={"ratio": [4]},
    ),
    compared(
        name="peers-restarts",
        description="recover, one shot and second-order methods from one and ten starts, (d, k) = (20, 5)",
        grid={"peer": NAMES[:6], "activation": BOTH, "ratio": [1.5, 3]},
        seeds=20,
        small={"ratio": [3]},
    ),
    compared(
        name="peers-ill-conditioned",
        description="four of the peers on teachers of condition 10 and 100, (d, k) = (20, 5)",
        grid={
            "peer": [*NAMES[:2], "L-BFGS, 10 starts", "Levenberg-Marquardt, 10 starts"],
            "activation": BOTH,
            "condition": [10, 100],
            "ratio": [4],
        },
        seeds=10,
        small={"condition": [10]},
    ),
    Experiment(
        name="first-order",
        chapter="recovery-in-practice",
        description="steps of gradient descent and Adam from the tensor start and from a random one",
        function=refine,
        grid={"start": ["tensor", "random"], "rule": ["gradient descent", "Adam"], "activation": BOTH},
        seeds=10,
        small={"rule": ["Adam"]},
        paired=["start", "rule"],
    ),
)
