"""Students with n odd units at an orthonormal ReLU teacher, and with one unit more: where to look for their minima.

Units 1, ..., n are odd: D in the own coordinate, F in those of the other odd units, E in the rest; the others have A in
the own coordinate, C in those of the odd units, B in the rest; a further unit has G in those of the odd units, H in the
rest. Relabelling 1, ..., n and n + 1, ..., k is a symmetry of the risk, so descent stays among such students.
Chapter: spurious-minima-descent.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.verdict import Verdict, conjunction

from .critical import CriticalPoint, certify_critical_point
from .descents import BLOCK, DONE, Ends, descend_step, relu_risk_and_gradient

START = (-0.75, 0.12, 0.1, 1.0, 0.1, -0.01, 0.43, -0.05)
"""(D, F, E, A, C, B, G, H) from which descent starts: near those of many k and n."""

UNEQUAL = (-0.53, 0.0, 0.06, 1.0, 0.1, -0.01, -0.18, 0.1)
"""Where the odd unit of n = 1 is split into two of different lengths: from START descent ends at the teacher."""


def odd_unit_orbits(k: int, n: int, *, extra: int = 0) -> np.ndarray:
    """Which of the numbers (D, F, E, A, C, B, G, H) each weight is.  *Shapes*: int (k + extra, k), extra 0 or 1.

    Raises: ValueError outside 1 <= n <= k, or for another extra.

    >>> odd_unit_orbits(3, 1, extra=1).tolist()
    [[0, 2, 2], [4, 3, 5], [4, 5, 3], [6, 7, 7]]
    """
    if not 1 <= n <= k or extra not in (0, 1):
        raise ValueError(f"n is {n}, k is {k} and extra is {extra}; expected 1 <= n <= k and extra 0 or 1")
    orbits = np.empty((k + extra, k), dtype=int)
    orbits[:n, :n], orbits[:n, n:] = 1, 2
    orbits[n:k, :n], orbits[n:k, n:] = 4, 5
    orbits[k:, :n], orbits[k:, n:] = 6, 7
    own = np.arange(k)
    orbits[own, own] = np.where(own < n, 0, 3)
    return orbits


def descend_odd_units(k: int, n: int, *, extra: int = 0, steps: int = 4000) -> Ends:
    """One descent with momentum among the students of this form.  *Shapes*: those of one run.

    >>> ends = descend_odd_units(12, 3)
    >>> ends.trapped, ends.odd.tolist(), round(float(ends.risk[0]), 4)
    (1, [3], 0.0455)
    """
    orbits = odd_unit_orbits(k, n, extra=extra)
    sizes = np.maximum(np.bincount(orbits.ravel(), minlength=8), 1)
    W = np.array(UNEQUAL if n == extra == 1 else START)[orbits][None]
    velocity = np.zeros_like(W)
    for step in range(steps):
        W, velocity = descend_step(W, velocity)
        # roundings would grow along the directions that break the symmetry
        W = (np.bincount(orbits.ravel(), W.ravel(), minlength=8) / sizes)[orbits][None]
        if step % BLOCK == 0 and np.abs(velocity).max() < DONE:
            break
    risk, g = relu_risk_and_gradient(W)
    return Ends(W=W, risk=risk, slope=np.linalg.norm(g, axis=(1, 2)))


def certify_odd_units(k: int, n: int, *, extra: int = 0) -> CriticalPoint | None:
    """The critical point with n odd units where that descent ends, proved with all (k + extra) k unknowns.

    None when the descent ends at the teacher, or at no critical point.
    Raises: ValueError as `odd_unit_orbits`.

    >>> point = certify_odd_units(8, 2)
    >>> point.kind, point.loss.str(5, radius=False), {verdict.value for verdict in point.opens}
    ('local minimum', '0.039793', {'PROVED'})
    """
    ends = descend_odd_units(k, n, extra=extra)
    if ends.risk[0] < 1e-3 or ends.slope[0] > 1e-3:
        return None
    teacher = OneHiddenLayer(np.eye(k), np.ones(k), "relu")
    return certify_critical_point(OneHiddenLayer(ends.W[0], np.ones(k + extra), "relu"), teacher)


def has_odd_units(point: CriticalPoint, n: int) -> Verdict:
    """The critical point is exactly of this form: all weights in an orbit agree.

    Relabelling takes it to a critical point whose weights lie in the boxes of its orbit, so in the domain, where there
    is only one.  Source: prp-minima-several.

    >>> point = certify_odd_units(8, 2)
    >>> has_odd_units(point, 2) == Verdict.PROVED, has_odd_units(point, 3) == Verdict.REFUTED
    (True, True)
    """
    orbits = odd_unit_orbits(point.teacher.k, n, extra=point.student.k - point.teacher.k)
    answers = [point.verdict]
    for orbit in np.unique(orbits):
        boxes, domains = point.box[orbits == orbit], point.domain[orbits == orbit]
        hull = reduce(lambda x, y: x.union(y), boxes)
        same = all(x.contains(hull) for x in domains)
        apart = any(not x.overlaps(boxes[0]) for x in boxes)
        answers.append(Verdict.PROVED if same else Verdict.REFUTED if apart else Verdict.UNDECIDED)
    return conjunction(answers)
