"""How often descents end at minima that are not global, and which minima there are: stored experiments.

Chapters: spurious-minima, spurious-minima-descent."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np

from .registry import Experiment

RUNS = 100
STEPS = 2000
LARGEST = 20
SEARCHES = 50
LANDINGS = 20


def ends_of_descents(*, d: int, extra: int, rng: Any) -> dict[str, float]:
    """Of 100 descents of d + extra ReLU units at the teacher e_1, ..., e_d: recovered, trapped, not finished.

    odd_n: the trapped ones with n units that follow no unit of the teacher (a cosine below 0.9 with each).
    """
    from onenn.landscape.minima.descents import relu_descents

    ends = relu_descents(d, RUNS, rng=rng, k=d + extra, steps=STEPS)
    counts = np.bincount(ends.odd[ends.at_minima], minlength=LARGEST + 3)
    kinds = {f"odd_{n}": float(counts[n]) for n in range(LARGEST + 3)}
    return {"recovered": ends.recovered, "trapped": ends.trapped, "unfinished": ends.unfinished} | kinds


def full_size_minima(*, k: int, odd: int, extra: int) -> dict[str, float]:
    """The critical point of k + extra ReLU units, `odd` of them odd, proved with all (k + extra) k unknowns.

    found: it is proved to exist; minimum, saddle: what it is proved to be, 1 or 0; loss, least (eigenvalue), negative
    (eigenvalues), radius (of the box in which it is the only one), opening (units that open a way down when split in
    two), seconds of one core. All 0 where the descent ends at the teacher, or there are not so many units.
    """
    from onenn import Verdict
    from onenn.landscape import certify_odd_units

    started = time.process_time()
    point = certify_odd_units(k, odd, extra=extra) if odd <= k else None
    seconds = time.process_time() - started
    names = ("found", "minimum", "saddle", "loss", "least", "negative", "radius", "opening", "seconds")
    if point is None or point.verdict != Verdict.PROVED:
        return dict.fromkeys(names, 0.0)
    values = (
        1,
        point.is_spurious_minimum == Verdict.PROVED,
        point.kind == "saddle",
        point.loss,
        point.min_eigenvalue,
        point.inertia[0],
        max(x.rad() for x in point.domain.ravel()),
        sum(opens == Verdict.PROVED for opens in point.opens),
        seconds,
    )
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def minima_of_activation(*, activation: str, k: int, scale: float, rng: Any) -> dict[str, float]:
    """Of 50 searches within trust regions from W ~ N(0, scale^2/k): recovered, at other minima, at none.

    certified: 1 when the lowest of the other minima is proved to be one; loss: its loss, 0 without.
    """
    from onenn import OneHiddenLayer, Verdict
    from onenn.landscape import certify_critical_point, search_minima

    found = search_minima(k, activation, starts=SEARCHES, scale=scale, rng=rng)
    result = {"recovered": found.recovered, "minima": len(found.minima), "lost": found.lost}
    if not len(found.minima):
        return result | {"certified": 0.0, "loss": 0.0}
    lowest = OneHiddenLayer(found.minima[np.argmin(found.losses)], np.ones(k), activation)
    point = certify_critical_point(lowest, OneHiddenLayer(np.eye(k), np.ones(k), activation))
    certified = float(point.is_spurious_minimum == Verdict.PROVED)
    return result | {"certified": certified, "loss": float(point.loss)}


def basins_of_starts(*, k: int, method: str, rng: Any) -> dict[str, float]:
    """Of 20 runs at the teacher e_1, ..., e_k of ReLU units: how many end at it, how many at a spurious minimum.

    method: "tensor", descents on the population risk from the tensor initialisation on 100 k^2 samples; "recover" on
    20 k (k + 1) samples. error: the largest relative error of the start, or of what was recovered.
    """
    from onenn import OneHiddenLayer, match, recover, tensor_initialize
    from onenn.landscape.minima.descents import descend

    teacher, found = OneHiddenLayer(np.eye(k), np.ones(k), "relu"), []
    for _ in range(LANDINGS):
        X = rng.standard_normal((100 * k * k if method == "tensor" else 20 * k * (k + 1), k))
        y = teacher.predict(X)
        found.append(
            tensor_initialize(X, y, k, "relu", rng=rng)
            if method == "tensor"
            else recover(X, y, k, "relu", rng=rng).network
        )
    errors = [match(network, teacher).relative_error for network in found]
    ends = descend(np.array([network.W for network in found]), steps=STEPS)
    return {"recovered": ends.recovered, "trapped": ends.trapped, "error": max(errors)}


certificates = partial(Experiment, function=full_size_minima, seeds=1, small_seeds=1, unsteady=["seconds"])

EXPERIMENTS = (
    certificates(
        name="full-size-minima",
        chapter="spurious-minima",
        description="the minima of k ReLU units with one odd one, proved with all k^2 unknowns",
        grid={"k": list(range(6, LARGEST + 1)), "odd": [1], "extra": [0]},
        small={"k": [6, 8]},
    ),
    certificates(
        name="minima-with-odd-units",
        chapter="spurious-minima-descent",
        description="critical points of k ReLU units with n odd ones, proved with all k^2 unknowns",
        grid={"k": list(range(6, 16)), "odd": list(range(1, 16)), "extra": [0]},
        small={"k": [6], "odd": [1, 6]},
    ),
    certificates(
        name="minima-with-one-unit-more",
        chapter="spurious-minima-descent",
        description="critical points of k + 1 ReLU units at k of the teacher, proved with all unknowns",
        grid={"k": [6, 7, 8, 9, 10], "odd": list(range(1, 15)), "extra": [1]},
        small={"k": [8], "odd": [1, 2]},
    ),
    Experiment(
        name="minima-of-activations",
        chapter="spurious-minima",
        description="of 50 searches within trust regions with other activations: where they end, and certified minima",
        function=minima_of_activation,
        grid={"activation": ["leaky_relu", "squared_relu", "erf"], "k": [4, 8], "scale": [1.0]},
        seeds=1,
        small={"activation": ["leaky_relu"], "k": [6], "scale": [1.0]},
        small_seeds=1,
    ),
    Experiment(
        name="basins-of-starts",
        chapter="spurious-minima-descent",
        description="of 20 tensor initialisations, and of 20 recoveries, of orthonormal ReLU teachers: in which basin",
        function=basins_of_starts,
        grid={"k": [6, 8, 10], "method": ["tensor", "recover"]},
        seeds=7,
        small={"k": [6]},
    ),
    Experiment(
        name="ends-of-descents",
        chapter="spurious-minima-descent",
        description="of 100 descents with k = d, d + 1, d + 2 units at an orthonormal ReLU teacher: where they end",
        function=ends_of_descents,
        grid={"d": list(range(4, 15)), "extra": [0, 1, 2]},
        seeds=3,
        small={"d": [6, 8], "extra": [0, 1]},
    ),
)
