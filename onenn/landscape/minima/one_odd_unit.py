"""Students with one odd unit at an orthonormal teacher, k = d = m + 1: five numbers instead of k^2 unknowns.

w_0 = (D, E, ..., E),   w_j = C e_0 + A e_j + B sum_{i != 0, j} e_i   (j = 1, ..., m),   teacher w_i* = e_i, v = 1.

Relabelling 1, ..., m in units and coordinates together is a symmetry of the risk, so its gradient at such a student has
the same form: five numbers again. Everything is computed from the units and coordinates 0, ..., 4, with m as a number,
so the work does not depend on k.   Chapter: spurious-minima.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.contexts import FLOATS
from onenn.rigorous import ball

from ..row import Row, together

ORBITS = ((1, 1), (1, 2), (1, 0), (0, 0), (0, 1))
"""An entry (unit, coordinate) of W for each of A, B, C, D, E."""

_SHOWN = 5
"""The units 0, ..., 4 stand for themselves and one more for the rest; so do the coordinates 0, ..., 5 and one more."""

Entry = tuple[int, int]
Entries = Callable[[Entry, Entry], Any]
"""H[(unit, coordinate), (unit, coordinate)] for indices up to 4; the first unit is 0, 1 or 3."""


Numbers = Sequence[Any] | np.ndarray
"""(A, B, C, D, E), doubles or balls."""


class OneOddUnit:
    """Risk, gradient and Hessian of the risk at the students p = (A, B, C, D, E), in doubles or in balls.

    phi: an activation with a closed form `pair`; k >= 6, any; context: FLOATS or BALLS (then p are balls).
    Raises: ValueError for k < 6, or without the closed form.

    >>> from onenn import activation
    >>> risk = OneOddUnit(activation("relu"), 7, FLOATS).risk([1.0, 0.0, 0.0, 1.0, 0.0])          # at the teacher
    >>> bool(abs(risk) < 1e-15)
    True
    """

    def __init__(self, phi: Activation, k: int, context: Any) -> None:
        if k < _SHOWN + 1:
            raise ValueError(f"k is {k}; expected at least {_SHOWN + 1}: the orbits of the symmetry need five units")
        form = phi.closed_forms.pair
        if form is None:
            raise ValueError(f"{phi.name} has no closed form `pair`; pass closed_forms=ClosedForms(pair=...)")
        self.form, self.k, self.m, self.C = form, k, k - 1, context
        self.copies = self.array([1] * (_SHOWN + 1) + [self.m - _SHOWN])
        signs = [1] * _SHOWN + [self.m - _SHOWN + 1]
        self.weights = self.array([*signs, *(-s for s in signs)])

    def number(self, x: int) -> Any:
        """The integer in the context."""
        return float(x) if self.C is FLOATS else ball(x)

    def array(self, entries: Sequence[Any]) -> np.ndarray:
        """A vector in the context; ints become numbers of it."""
        result = np.empty(len(entries), dtype=object)
        result[:] = [self.number(x) if isinstance(x, int) else x for x in entries]
        return result.astype(float) if self.C is FLOATS else result

    def units(self, p: Numbers) -> np.ndarray:
        """Units 0, ..., 5 of student and teacher in the coordinates 0, ..., 5 and one for the rest: (12, 7)."""
        A, B, C, D, E = p
        student = [[D] + [E] * 6] + [[C] + [A if i == j else B for i in range(1, 7)] for j in range(1, 6)]
        teacher = [[int(i == j) for i in range(7)] for j in range(6)]
        return np.array([self.array(row) for row in student + teacher])

    def row(self, U: np.ndarray, j: int) -> Row:
        """Unit j against all, with the lengths of R^k."""
        C, n, w = self.C, self.copies, U[j]
        a, pairs, across = self._square(w), [], []
        for i, u in enumerate(U):
            if i == j:
                pairs.append(self.form(C, a, a, a, 0 * a))
                across.append(0 * w)
                continue
            b = np.sum(w * u * n)
            # Lagrange's identity for the root, as in the full computation: nothing cancels
            minors = ((w[p] * u[q] - w[q] * u[p], n[p] * n[q]) for p in range(7) for q in range(p))
            root = C.sqrt_nonnegative(sum((C.square(x) * s for x, s in minors), 0 * a))
            pairs.append(self.form(C, a, b, self._square(u), root))
            across.append(u - b / a * w)
        pair = together(pairs, self.array)
        return Row(w=w, U=U, R=np.array(across) if pair.across else U, rays=self._rays, pair=pair)

    def _square(self, w: np.ndarray) -> Any:
        return sum((self.C.square(x) * n for x, n in zip(w, self.copies, strict=True)), self.number(0))

    def _rays(self, x: np.ndarray, R: np.ndarray) -> Any:
        total: Any = 0
        for factor, r in zip(x, R, strict=True):
            if not all(t == 0 for t in r):
                total = total + np.multiply.outer(r, r) * (factor / self.C.sqrt(self._square(r)))
        return total

    def risk(self, p: Numbers) -> Any:
        """The population risk."""
        U, m = self.units(p), self.m
        counts = {(0, 0): 1, (1, 1): m, (0, 1): 2 * m, (1, 2): m * (m - 1)}
        odd, other = self.row(U, 0).pair.K, self.row(U, 1).pair.K
        teacher = {i: self.row(U, 6 + i).pair.K for i in (0, 1)}
        total = 0 * p[0]
        for (i, j), n in counts.items():
            own = (odd if i == 0 else other)[j]
            mixed = odd[6] if j == 0 else (odd[7] + other[6]) / 2 if i == 0 else other[6 + j]
            total = total + self.number(n) * (own + teacher[i][6 + j] - 2 * mixed)
        return total / 2

    def gradient(self, p: Numbers) -> list[Any]:
        """The gradient in W at the entries of ORBITS."""
        U = self.units(p)
        g = [self.row(U, j).gradient(self.weights) for j in (0, 1)]
        return [g[unit][coordinate] for unit, coordinate in ORBITS]

    def hessian(self, p: Numbers) -> Entries:
        """The entries of the Hessian in W, rows of the units 0, 1 and 3."""
        U, H = self.units(p), {}
        for j in (0, 1, 3):
            row = self.row(U, j)
            for i in range(_SHOWN):
                H[j, i] = row.slopes(i) + row.curvature(self.weights) if i == j else row.slopes(i)
        return lambda x, y: H[x[0], y[0]][x[1], y[1]]

    def curvature(self, p: Numbers, unit: int) -> np.ndarray:
        """E[r(x) phi''(w.x) x x^T] for the odd unit (0) or another (1), r the residual: its coordinates 0, ..., 5."""
        return self.row(self.units(p), unit).curvature(self.weights)[:6, :6]

    def jacobian(self, h: Entries) -> list[list[Any]]:
        """The derivatives of `gradient` in A, ..., E."""
        return invariant_matrix(h, self.m)


def invariant_matrix(h: Entries, m: int) -> list[list[Any]]:
    """H summed over the entries of each orbit, in the rows of ORBITS."""
    r, s = m - 2, (m - 2) * (m - 3)
    return [
        [
            h(x, (1, 1)) + h(x, (2, 2)) + r * h(x, (3, 3)),
            h(x, (1, 2))
            + h(x, (2, 1))
            + r * (h(x, (1, 3)) + h(x, (2, 3)) + h(x, (3, 1)) + h(x, (3, 2)))
            + s * h(x, (3, 4)),
            h(x, (1, 0)) + h(x, (2, 0)) + r * h(x, (3, 0)),
            h(x, (0, 0)),
            h(x, (0, 1)) + h(x, (0, 2)) + r * h(x, (0, 3)),
        ]
        for x in ORBITS
    ]


def one_odd_unit_weights(p: Sequence[float], k: int) -> np.ndarray:
    """The weights W (k, k) of p = (A, B, C, D, E).

    >>> one_odd_unit_weights([1, 2, 3, 4, 5], 3).tolist()
    [[4.0, 5.0, 5.0], [3.0, 1.0, 2.0], [3.0, 2.0, 1.0]]
    """
    A, B, C, D, E = p
    W = np.full((k, k), float(B))
    np.fill_diagonal(W, A)
    W[:, 0], W[0] = C, E
    W[0, 0] = D
    return W
