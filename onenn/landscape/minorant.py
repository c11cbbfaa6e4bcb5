"""A smooth bound from below on the Hessian around the teacher, as a polynomial with a remainder in the step A.

H(W + A) >= M(A) - E(A):   M = H and E = 0 for smooth phi. With a kink at 0 the block of w' = w + a loses the smooth M
where it meets its own teacher unit w; there, with p the part of w across w', as matrices,

degree 1:   -v^2 E[phi''(w'.x) phi(w.x) x x^T] >= -v^2 j^2 |p|/(pi |w'|) (I - w' w'^T/|w'|^2),    j the jump of phi',
degree 2:   -v^2 E[phi''(w'.x) phi(w.x) x x^T] >= -v^2 E[phi''(w.x) phi(w.x) x x^T],    a constant.
Chapter: around-the-teacher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, interval, is_positive_definite, precision
from onenn.verdict import Verdict

from .arithmetic import ENCLOSED
from .balls import hessian_ball
from .jets import JETS, Jet, Root, variables
from .monomials import Monomials, array_of, monomials
from .row import Row, together


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """M(A) = sum_alpha A^alpha coefficients[alpha] + rest, |rest_pq| <= bounds[p, q], for all |A| <= radius.

    *Shapes*: coefficients (monomials, k d, k d), in the order of `monomials.words`; bounds (k d, k d); balls.
    """

    monomials: Monomials
    coefficients: np.ndarray
    bounds: np.ndarray

    @property
    def constant(self) -> np.ndarray:
        """The coefficient of degree 0, +- the bounds."""
        return self.coefficients[0] + self.bounds * interval(-1, 1)

    def of_degree(self, m: int) -> tuple[np.ndarray, np.ndarray]:
        """The coefficients of degree m, and the weights alpha!/m! of their monomials."""
        ends = [*self.monomials.starts, len(self.monomials.words)]
        return self.coefficients[ends[m] : ends[m + 1]], self.monomials.weights[ends[m] : ends[m + 1]]


def minorant(teacher: OneHiddenLayer, radius: Ball, degree: int) -> Expansion:
    """M on the ball of that radius around the teacher, expanded to that degree.

    *Contains*: M(A) for every |A| <= radius; the coefficients are those of its Taylor polynomial.
    *Domain*: phi with a closed form `pair`, smooth or homogeneous of degree 1 or 2. Bounds that are not finite where a
    student's unit may be parallel to another one, and phi has a kink.

    >>> M = minorant(OneHiddenLayer([[1, 0]], [1], "squared_relu"), ball("1/10"), 2)
    >>> M.coefficients[0].astype(float).tolist(), M.coefficients[1, 0, 0] == 18, M.bounds[0, 0] < ball("1e-15")
    ([[6.0, 0.0], [0.0, 2.0]], True, True)
    """
    k, d = teacher.k, teacher.d
    n = k * d
    shape = monomials(n, degree)
    zero = np.zeros((n, n), dtype=int) * ball(1)
    coefficients, bounds = np.array([zero] * len(shape.words)), zero.copy()
    for p, q, units, block in _blocks(teacher, radius, degree):
        own = [u * d + i for u in units for i in range(d)]
        for (i, j), entry in np.ndenumerate(block):
            row, column = p * d + i, q * d + j
            if not isinstance(entry, Jet):
                coefficients[0, row, column] += entry
                continue
            places = [shape.place[tuple(own[x] for x in word)] for word in entry.monomials.words]
            coefficients[places, row, column] += entry.coefficients
            bounds[row, column] += entry.rest
    return Expansion(monomials=shape, coefficients=coefficients, bounds=bounds)


def _blocks(teacher: OneHiddenLayer, radius: Ball, degree: int) -> Iterator[tuple[int, int, list[int], np.ndarray]]:
    """(j, i, units, B): B is a part of block (j, i) of M, as jets in the entries of the units, in increasing order."""
    k, d, phi = teacher.k, teacher.d, teacher.phi
    W, v = ENCLOSED.array(teacher.exact_W), ENCLOSED.array(teacher.exact_v)
    for j in range(k):
        w = array_of(variables(list(W[j]), radius, degree))
        yield j, j, [j], v[j] * v[j] * _own_units(phi, w, W[j])
        for i in range(k):
            if i != j:
                other = _pair(phi, w, _constants(w[0], teacher.exact_W[i]))
                yield j, j, [j], -v[j] * v[i] * other.curvature(_ONE)
        for i in range(j):
            both = array_of(variables([*W[i], *W[j]], radius, degree))
            lower, upper = _pair(phi, both[d:], both[:d]), _pair(phi, both[:d], both[d:])
            block = v[j] * v[i] * lower.slopes(0)
            yield j, i, [i, j], block
            yield i, j, [i, j], block.T
            yield j, j, [i, j], v[j] * v[i] * lower.curvature(_ONE)
            yield i, i, [i, j], v[j] * v[i] * upper.curvature(_ONE)


_ONE = np.ones(1, dtype=int)


def _constants(like: Jet, entries: np.ndarray) -> np.ndarray:
    return array_of(like.constant(x) for x in entries)


def _own_units(phi: Activation, w: np.ndarray, own: np.ndarray) -> np.ndarray:
    """E[(phi'(w.x)^2 + phi''(w.x) (phi(w.x) - phi(own.x))) x x^T], a matrix of jets in w, or its bound from below.

    With a kink phi = r |z|^q on z > 0 and l |z|^q on z < 0; F(w) = (r^2 + l^2) E[(w.x)^2 x x^T] is quadratic in w.
    """
    if not phi.kinks:
        itself, teacher = _pair(phi, w, w, same=True), _pair(phi, w, _constants(w[0], own))
        return itself.slopes(0) + itself.curvature(_ONE) - teacher.curvature(_ONE)
    one, I = ball(1), np.eye(len(w), dtype=int)
    r, l = phi.pieces[-1].value(BALLS, one), phi.pieces[0].value(BALLS, -one)
    if phi.homogeneity == 1:
        return (r * r + l * l) / 2 * I
    F = lambda u: (r * r + l * l) * ((u @ u) * I + 2 * np.multiply.outer(u, u))  # noqa: E731
    return 3 * F(w) - F(own)


def _pair(phi: Activation, w: np.ndarray, u: np.ndarray, *, same: bool = False) -> Row:
    form = phi.closed_forms.pair
    assert form is not None
    a, b, c = sum(w * w), sum(w * u), sum(u * u)
    if same:
        root: Any = a * 0
    else:
        # Lagrange's identity for a c - b^2
        square: Any = sum(
            (JETS.square(w[p] * u[q] - w[q] * u[p]) for p in range(len(w)) for q in range(p)), start=0 * a
        )
        root = JETS.sqrt(square) if phi.kinks else Root(square)
    pair = together([form(JETS, a, b, c, root)], array_of)
    R = u - b / a * w if pair.across else u
    return Row(w=w, U=u[None], R=R[None], rays=_rays, pair=pair)


def _rays(x: np.ndarray, R: np.ndarray) -> Any:
    """x r r^T/|r| for the one r."""
    (factor,), (r,) = x, R
    if not isinstance(factor, Jet) and factor == 0:
        return 0
    length = JETS.sqrt(sum((JETS.square(t) for t in r), start=0 * r[0]))
    return np.multiply.outer(r, r) * (factor / length)


def own_unit_error(teacher: OneHiddenLayer, box: np.ndarray, radius: Fraction) -> np.ndarray:
    """E over the box of students, where |p| <= |a_j| <= radius; 0 unless phi has a kink and degree 1.

    *Contains*: a matrix >= E(A) for every student of the box with |A| <= radius.
    """
    k, d, phi = teacher.k, teacher.d, teacher.phi
    E = np.zeros((k * d, k * d), dtype=int) * ball(1)
    if not phi.kinks or phi.homogeneity != 1:
        return E
    jump = phi.pieces[-1].derivative(BALLS, ball(1)) - phi.pieces[0].derivative(BALLS, ball(-1))
    for j in range(k):
        block = slice(j * d, (j + 1) * d)
        w, own, v = ENCLOSED.array(teacher.exact_W[j]), box[block], ball(teacher.exact_v[j])
        square = sum(map(BALLS.square, own), ball(0))
        minors = (w[p] * own[q] - w[q] * own[p] for p in range(d) for q in range(p))
        across = BALLS.sqrt_nonnegative(sum(map(BALLS.square, minors), ball(0)) / square).upper().min(ball(radius))
        projector = np.eye(d, dtype=int) - np.multiply.outer(own, own) / square
        E[block, block] = v * v * jump * jump * across / (BALLS.pi * BALLS.sqrt(square)) * projector
    return E


def own_unit_bound_holds(
    phi: Activation | str, w: Sequence[Any], u: Sequence[Any], *, factor: int | str | Fraction = 1, bits: int = 128
) -> Verdict:
    """E[phi''(u.x) phi(w.x) x x^T] <= factor * its bound from above + 1e-20 I, as matrices, for one unit u and w.

    The left side is what the Hessian of one student u of the teacher w, v = 1, has less than at w = 0.
    *Domain*: phi with a kink, homogeneous of degree 1 or 2; w, u nonzero.  Source: lem-own-unit.

    >>> [own_unit_bound_holds("relu", [1, 0, 2], [1, 1, 2], factor=x).value for x in (1, "1/2")]
    ['PROVED', 'REFUTED']
    """
    teacher, student = OneHiddenLayer([list(w)], [1], phi), OneHiddenLayer([list(u)], [1], phi)
    with precision(bits):
        own, unit = ENCLOSED.array(student.exact_W[0]), ENCLOSED.array(teacher.exact_W[0])
        alone = _own_units(student.phi, own, 0 * unit)
        longest = Fraction(sum(abs(x) for x in teacher.exact_W[0]))
        bound = alone - _own_units(student.phi, own, unit) + own_unit_error(teacher, own, longest)
        left = alone - hessian_ball(student, teacher, bits=bits)
        small = ball("1e-20") * np.eye(len(own), dtype=int)
        return is_positive_definite((ball(factor) * bound + small - left).tolist())
