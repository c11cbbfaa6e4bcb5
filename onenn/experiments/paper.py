"""The third experiment of the paper: from which starts descent converges.

Squared ReLU, k = 5, condition 2, v = +-1, eta = 0.02, no fresh samples.   Chapter: global-recovery.
"""

from __future__ import annotations

import numpy as np

from .recovery import PAPER_UNITS, problem
from .registry import Experiment

EVERY = 100
"""Steps between the residuals that are stored."""


def three_starts(*, start: str, rng: np.random.Generator) -> dict[str, float]:
    """The sum of squared residuals on the way down from one of the paper's starts, d = 10, n = 10 000.

    "step_0000", "step_0100", ... in 2500 steps; a run that has ended stays where it is. "found": rows within 1 %.
    """
    from onenn.recovery import column_error, descend, paper_starts
    from onenn.recovery.paper import STEP, STEPS, WITHIN

    teacher, X, y = problem("squared_relu", 10, PAPER_UNITS, 10_000, rng)
    first, train_v = paper_starts(teacher, X, rng=rng)[start]
    run = descend(first, X, y, step=STEP, steps=STEPS + 1, train_v=train_v)
    last = len(run.residuals) - 1
    kept = {f"step_{t:04d}": float(run.residuals[min(t, last)]) for t in range(0, STEPS + 1, EVERY)}
    return {"found": column_error(run.network, teacher) <= WITHIN, **kept}


EXPERIMENTS = (
    Experiment(
        name="three-starts",
        chapter="global-recovery",
        description="residuals of gradient descent from the paper's three starts: its third experiment",
        function=three_starts,
        grid={"start": ["(I) Algorithm 1", "(II) random v and W", "(III) true v, random W"]},
        seeds=12,
        paired=["start"],
    ),
)
