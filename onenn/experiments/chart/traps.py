"""Where a descent from a random start ends when it does not find the teacher: carried on with infinitely many samples.

The end of a run of the atlas (k = k*, n = ratio P) starts L-BFGS on the population risk; its limit can be certified.
Chapter: atlas (prp-atlas-trap).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.experiments.atlas import DIMENSION, FOUND, PHI, UNITS, samples
from onenn.landscape import PopulationRisk, lbfgs
from onenn.network import OneHiddenLayer, random_teacher
from onenn.recovery import normal_form

from .runs import descend, excess_risk, start, unit_error


@dataclass(frozen=True, kw_only=True, eq=False)
class Ending:
    """A teacher, the student at the end on the population risk, and whether the run had found the teacher.

    excess: the student's risk in shares of the risk of the answer zero; positive: how many v_i > 0, of student and
    teacher.
    """

    teacher: OneHiddenLayer
    student: OneHiddenLayer
    found: bool
    excess: float
    positive: tuple[int, int]


def ending(seed: int, *, ratio: float = 20) -> Ending:
    """The run with this seed: teacher, samples, one random start, the descent, and its continuation.

    >>> end = ending(0)
    >>> end.found, end.excess < 1e-12
    (True, True)
    """
    rng = np.random.default_rng(seed)
    teacher = random_teacher(UNITS, DIMENSION, PHI, rng=rng)
    X = rng.standard_normal((samples(ratio), DIMENSION))
    y = teacher.predict(X)
    end = descend(start("random", X, y, UNITS, PHI, rng=rng), X, y, train_v=True)
    student = lbfgs(normal_form(end.network), PopulationRisk(teacher), max_steps=500).network
    return Ending(
        teacher=teacher,
        student=student,
        found=unit_error(end.network, teacher) <= FOUND,
        excess=excess_risk(student, teacher),
        positive=(int(np.sum(student.v > 0)), int(np.sum(teacher.v > 0))),
    )
