"""How often descents end at minima that are not global: the stored experiment of spurious-minima."""

from __future__ import annotations

from typing import Any

from .registry import Experiment

RUNS = 100
STEPS = 1000


def ends_of_descents(*, d: int, extra: int, rng: Any) -> dict[str, float]:
    """Of 100 descents of d + extra ReLU units at the teacher e_1, ..., e_d: recovered, trapped, not finished."""
    from onenn.landscape import relu_descents

    ends = relu_descents(d, RUNS, rng=rng, k=d + extra, steps=STEPS)
    return {"recovered": ends.recovered, "trapped": ends.trapped, "unfinished": ends.unfinished}


EXPERIMENTS = (
    Experiment(
        name="ends-of-descents",
        chapter="spurious-minima",
        description="of 100 descents with k = d, d + 1, d + 2 units at an orthonormal ReLU teacher: where they end",
        function=ends_of_descents,
        grid={"d": list(range(6, 14)), "extra": [0, 1, 2]},
        seeds=3,
        small={"d": [6, 8], "extra": [0, 1]},
    ),
)
