"""Gradient and Hessian of the population risk at any student and teacher, in doubles.

With the residual r(x) = f(x; W, v) - f(x; W*, v*), x ~ N(0, I_d):   grad_j = v_j E[r(x) phi'(w_j.x) x],

H_ji = v_j v_i E[phi'(w_j.x) phi'(w_i.x) x x^T] + 1{j=i} v_j E[r(x) phi''(w_j.x) x x^T].

Where phi' jumps, phi'' has a point mass, which the almost everywhere defined Hessian on samples misses. For ReLU and a
term c phi(u.x) of r it adds v_j c |u| sin(t) (P + e e^T)/(2 pi |w_j|) to H_jj: P is the projector across w_j, e the
direction of P u and t the angle between w_j and u.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from onenn.activations import Activation
from onenn.activations.wedge import two_product
from onenn.contexts import FLOATS
from onenn.gaussian.pair import has_second_derivative, quadrature_pair
from onenn.network import OneHiddenLayer

from .risk import check_pair
from .row import Row, each, together


def gradient(student: OneHiddenLayer, teacher: OneHiddenLayer) -> np.ndarray:
    """The gradient in W of the population risk, v held fixed.

    *Shapes*: (k, d), that of student.W: row j belongs to unit j; hessian numbers the same entries row by row.
    *Domain*: any widths; rows of student.W nonzero where phi has kinks.
    *Accuracy*: about 1e-15 with a closed form, 1e-10 by quadrature, of |v_j| sum_i |c_i| sqrt(E phi'(w_j.x)^2 |x|^2
    E phi(u_i.x)^2), the c_i being v and -v*.
    Raises: ValueError when d or phi differ or outside the domain; OverflowError beyond the range of a double.
    Source: eq-population-gradient.

    >>> a, b = (OneHiddenLayer([[s, 0.0]], [1.0], "linear") for s in (1.0, 3.0))
    >>> gradient(a, b).tolist()
    [[-2.0, 0.0]]
    """
    weights = _weights(student, teacher)
    rows = [v * row.gradient(weights) for v, row in zip(student.v, _rows(student, teacher), strict=True)]
    return _finite(np.array(rows))


def hessian(student: OneHiddenLayer, teacher: OneHiddenLayer) -> np.ndarray:
    """The Hessian in W of the population risk, v held fixed: the true one, point masses of phi'' included.

    *Shapes*: (k d, k d), unit by unit: row j d + p belongs to entry p of w_j.
    *Domain*, *Accuracy* (with phi'' for phi', and x x^T), Raises: as `gradient`.
    *Law*: symmetric; at the teacher it is hessian_at_teacher, positive semidefinite.
    Source: eq-population-hessian.

    >>> unit = [OneHiddenLayer([[np.cos(t), np.sin(t)]], [1.0], "relu") for t in (0.0, 0.5)]
    >>> bool(np.allclose(hessian(*unit), np.diag([0.5, 0.5 - np.sin(0.5) / np.pi])))
    True
    """
    return _assembled(student, teacher, jumps=True)


def almost_everywhere_hessian(student: OneHiddenLayer, teacher: OneHiddenLayer) -> np.ndarray:
    """The expectation of the Hessian on samples, which exists almost everywhere and knows no point mass of phi''.

    It is `hessian` unless phi' jumps. Contract as there.
    Raises: ValueError also when phi has kinks and no second derivative.

    >>> unit = [OneHiddenLayer([[np.cos(t), np.sin(t)]], [1.0], "relu") for t in (0.0, 0.5)]
    >>> bool(np.allclose(almost_everywhere_hessian(*unit), np.eye(2) / 2))
    True
    """
    phi = student.phi
    if phi.kinks and not has_second_derivative(phi):
        raise ValueError(
            f"{phi.name} has kinks and no second derivative to leave their point masses out; "
            "pass second_derivative= to register_activation"
        )
    return _assembled(student, teacher, jumps=False)


def _assembled(student: OneHiddenLayer, teacher: OneHiddenLayer, *, jumps: bool) -> np.ndarray:
    k, d, v = student.k, student.d, student.v
    weights = _weights(student, teacher)
    H = np.empty((k, d, k, d))
    for j, row in enumerate(_rows(student, teacher)):
        for i in range(j + 1):
            H[j, :, i] = v[j] * v[i] * row.slopes(i)
            H[i, :, j] = H[j, :, i].T
        block = H[j, :, j] + v[j] * row.curvature(weights, jumps=jumps)
        H[j, :, j] = (block + block.T) / 2
    return _finite(H.reshape(k * d, k * d))


def check_rows(student: OneHiddenLayer) -> None:
    """Raises: ValueError when a row of student.W is zero where phi has kinks."""
    zero = np.flatnonzero(~student.W.any(axis=1))
    if student.phi.kinks and zero.size:
        raise ValueError(
            f"row {zero[0]} of student.W is zero, where {student.phi.name} has a kink and the risk no derivative; "
            "drop the unit or move it off 0"
        )


def units_of(teacher: OneHiddenLayer) -> np.ndarray:
    """The indices of the teacher's units, without the zero rows where phi has kinks: closed forms divide by a length.

    Raises: ValueError when a row is left out and phi(0) is not zero.
    """
    if not teacher.phi.kinks:
        return np.arange(teacher.k)
    kept = np.flatnonzero(teacher.W.any(axis=1))
    if len(kept) < teacher.k and float(teacher.phi(0.0)):
        raise ValueError(
            f"a row of teacher.W is zero, where {teacher.phi.name} has a kink and is not zero; drop the unit, which "
            "only shifts the targets by a constant"
        )
    return kept


def _weights(student: OneHiddenLayer, teacher: OneHiddenLayer) -> np.ndarray:
    check_pair(student, teacher)
    check_rows(student)
    return np.concatenate([student.v, -teacher.v[units_of(teacher)]])


def _rows(student: OneHiddenLayer, teacher: OneHiddenLayer) -> Iterator[Row]:
    units = np.concatenate([student.W, teacher.W[units_of(teacher)]])
    for w in student.W:
        with np.errstate(over="ignore", invalid="ignore"):
            yield float_row(student.phi, w, units)


def float_row(phi: Activation, w: np.ndarray, U: np.ndarray) -> Row:
    """The pairs of w with the rows of U, in doubles: closed forms, or else quadrature."""
    a, b, c = w @ w, U @ w, np.sum(U * U, axis=1)
    across = _across(w, U)
    r = np.linalg.norm(across, axis=1)
    form = phi.closed_forms.pair
    if form is not None:
        pair = each(form(FLOATS, a, b, c, np.sqrt(a) * r), lambda x: np.broadcast_to(x, b.shape))
    else:
        pairs = [quadrature_pair(phi, float(a), *map(float, abc)) for abc in zip(b, c, r, strict=True)]
        pair = together(pairs, np.array)
    return Row(w=w, U=U, R=across if pair.across else U, rays=_rays, pair=pair)


def _rays(x: np.ndarray, R: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(R, axis=1)
    return (R * (x / np.where(lengths == 0, 1.0, lengths))[:, None]).T @ R


def _across(w: np.ndarray, U: np.ndarray) -> np.ndarray:
    """u - (b/a) w for the rows u of U, to a few units in the last place of |u - (b/a) w|, however nearly parallel.

    The angle would otherwise be lost below 1e-8. U itself for w = 0.
    """
    a = w @ w
    if a == 0:
        return U
    product, error = two_product((U @ w / a)[:, None], w[None, :])
    R = (U - product) - error  # exact up to the rounding of the factor b/a, which the next line takes out
    return R - (R @ w / a)[:, None] * w


def _finite(array: np.ndarray) -> np.ndarray:
    if not np.isfinite(array).all():
        raise OverflowError("student or teacher has rows so long that the expectations exceed a double; scale W down")
    return array
