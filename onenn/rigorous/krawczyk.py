"""Existence and uniqueness of a zero of f: R^n -> R^n in a box, by the Krawczyk operator.

    K(X) = m - Y f(m) + (I - Y f'(X)) (X - m),     m the midpoint of X, Y an approximate inverse of f'(m).

Every zero in X lies in K(X). K(X) in the interior of X: exactly one zero in X, simple. K(X) and X disjoint: none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat

from onenn.contexts import Constant
from onenn.verdict import Verdict

from .context import ball, precision
from .matrix import ball_matrix, identity, row_sum_norm

Vector = list[arb]
Map = Callable[[Vector], Sequence[arb]]
Jacobian = Callable[[Vector], Any]


@dataclass(frozen=True)
class Zero:
    """What `krawczyk` found in `domain`, the box it was asked about.

    verdict: PROVED (exactly one zero in domain), REFUTED (none), UNDECIDED. box: an enclosure of every zero in domain,
    refined; with PROVED the zero is in it. contraction: an upper bound on ||I - Y f'(X)|| in the maximum norm weighted
    with the radii of domain; below 1 when PROVED.
    """

    verdict: Verdict
    box: list[arb]
    domain: list[arb]
    contraction: arb


def krawczyk(
    f: Map,
    jacobian: Jacobian,
    x: Sequence[Constant | float | arb],
    radius: Constant | float | arb | Sequence[Constant | float | arb],
    *,
    bits: int | None = None,
    steps: int = 20,
    inverse: np.ndarray | None = None,
) -> Zero:
    """Does the box x +- radius hold exactly one zero of f?

    f maps a list of n balls to n balls, jacobian to n rows of n balls (row i: the gradient of f_i), both enclosing the
    values on the whole box. A float in x or radius stands for that double: the centre of a box needs no exactness of
    its own. `.domain` is the box rounded outwards (by 2^-28 of the radius), and the verdict is about it.
    inverse: doubles (n, n) near the inverse of f'(x), to be Y; then f' is evaluated on the box only, not at m. A wrong
    one makes no verdict wrong.

    PROVED: exactly one zero, simple, in the box. REFUTED: no zero. UNDECIDED: f'(m) is singular or nearly so, the box
    is too wide, or a value is not finite; the reason says which, try another radius or more bits.
    Contains: `.box` holds every zero in the box. Tight: on PROVED, `steps` contractions (or until nothing is gained).
    Raises: ValueError when the lengths of x, radius, f, jacobian and inverse do not agree, a radius is not positive,
    steps < 1, or jacobian turns out not to belong to f.

    >>> zero = krawczyk(lambda X: [X[0] * X[0] - 2], lambda X: [[2 * X[0]]], [Fraction(7, 5)], "0.1")
    >>> zero.verdict == Verdict.PROVED, zero.box[0].overlaps(ball("sqrt(2)"))
    (True, True)
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1")
    with precision(bits):
        X, reason = _box(x, radius), ""
        Y = None if inverse is None else _given(inverse, len(X))
        domain, verdict, contraction = X, Verdict.UNDECIDED, arb.pos_inf()
        for _ in range(steps):
            K, norm, reason = _operator(f, jacobian, X, Y)
            if K is None:
                break
            if verdict == Verdict.UNDECIDED:
                contraction = norm
                if any(not k.overlaps(d) for k, d in zip(K, domain, strict=True)):
                    apart = Verdict.REFUTED.because("K(X) and X are disjoint: there is no zero in the box")
                    return Zero(apart, domain, domain, contraction)
                if not _inside(K, domain):
                    reason = f"K(X) is not in the interior of X (||I - Y f'(X)|| <= {norm.str(4)})"
                    break
                verdict = Verdict.PROVED.because(f"K(X) lies in the interior of X, ||I - Y f'(X)|| <= {norm.str(4)}")
            if any(not k.overlaps(b) for k, b in zip(K, X, strict=True)):
                raise ValueError("two enclosures of one zero are disjoint: jacobian is not the derivative of f")
            smaller = [k.intersection(b) for k, b in zip(K, X, strict=True)]
            gained = any(2 * s.rad() < b.rad() for s, b in zip(smaller, X, strict=True))
            X = smaller
            if not gained:
                break
        return Zero(verdict if verdict == Verdict.PROVED else verdict.because(reason), X, domain, contraction)


def _inside(K: Vector, X: Vector) -> bool:
    # the interior: K(X) = X proves neither contraction nor uniqueness
    return all(x.contains_interior(k) for k, x in zip(K, X, strict=True))


def _number(t: Constant | float | arb, argument: str) -> arb:
    return ball(Fraction(float(t)) if isinstance(t, (float, np.floating)) else t, argument)


def _box(x: Sequence[Any], radius: Any) -> Vector:
    centre = [_number(t, "x") for t in x]
    if isinstance(radius, (list, tuple, np.ndarray)):
        radii = [_number(t, "radius") for t in radius]
    else:
        radii = [_number(radius, "radius")] * len(centre)
    if len(radii) != len(centre) or not centre:
        raise ValueError(f"x has {len(centre)} entries and radius {len(radii)}; expected as many, at least one")
    if not all(r > 0 and r.is_finite() for r in radii):
        raise ValueError(f"radius is {radius}; expected positive finite numbers")
    return [m + arb(0, r.upper()) for m, r in zip(centre, radii, strict=True)]


def _given(inverse: np.ndarray, n: int) -> arb_mat:
    doubles = np.asarray(inverse, dtype=float)
    if doubles.shape != (n, n) or not np.isfinite(doubles).all():
        raise ValueError(f"inverse has the shape {doubles.shape}; expected finite numbers, ({n}, {n})")
    return arb_mat(doubles.tolist())


def _operator(f: Map, jacobian: Jacobian, X: Vector, Y: arb_mat | None) -> tuple[Vector | None, arb, str]:
    n, m = len(X), [x.mid() for x in X]
    values, J = [ball(v, "f") for v in f(m)], ball_matrix(jacobian(X), "jacobian")
    if len(values) != n or J.nrows() != n or J.ncols() != n:
        raise ValueError(
            f"x has {n} entries, f {len(values)} and jacobian the shape ({J.nrows()}, {J.ncols()}); expected {n} and "
            f"({n}, {n})"
        )
    if not all(v.is_finite() for v in values) or not all(t.is_finite() for t in J.entries()):
        return None, arb.pos_inf(), "f or its Jacobian is not finite on the box"
    if Y is None:
        Y = _approximate_inverse(ball_matrix(jacobian(m), "jacobian"))
    if Y is None:
        return None, arb.pos_inf(), "the Jacobian at the midpoint is singular, or nearly so"
    defect = identity(n) - Y * J
    step = Y * arb_mat([[v] for v in values])
    spread = defect * arb_mat([[x - c] for x, c in zip(X, m, strict=True)])
    contraction = max(
        (sum((abs(t) * y.rad() for t, y in zip(row, X, strict=True)), arb(0)) / x.rad()).upper()
        for row, x in zip(defect.tolist(), X, strict=True)
    )
    return [c - step[i, 0] + spread[i, 0] for i, c in enumerate(m)], contraction, ""


def _approximate_inverse(J: arb_mat) -> arb_mat | None:
    """An exact matrix near the inverse of the midpoint of J: from doubles, sharpened by Y <- Y (2 I - J Y)."""
    M = J.mid()
    try:
        inverse = np.linalg.inv(np.array([[float(t) for t in row] for row in M.tolist()]))
    except np.linalg.LinAlgError:
        return None
    if not np.all(np.isfinite(inverse)):
        return None
    Y = arb_mat(inverse.tolist())
    I = identity(J.nrows())
    sharper = (Y * (2 * I - M * Y)).mid()
    return sharper if row_sum_norm(I - M * sharper) < row_sum_norm(I - M * Y) else Y
