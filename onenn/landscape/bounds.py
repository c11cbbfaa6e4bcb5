"""Explicit bounds on the eigenvalues of the Hessian at the teacher, from the singular values of W and from v alone.

v_min^2 rho_2(sigma_k) / (kappa^2 lambda)  <=  H  <=  sum_i v_i^2 max(beta_0, beta_2)(|w_i|)
                                           <=  k v_max^2 L1^2 (2p + 1)!! sigma_1^(2p),

kappa = sigma_1/sigma_k, lambda = prod_i sigma_i/sigma_k, |phi'(z)| <= L1 |z|^p.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from onenn import gaussian
from onenn.activations.half_line import double_factorial
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.rigorous import (
    BALLS,
    Ball,
    ball,
    is_positive_definite,
    less,
    precision,
    rank,
    symmetric_eigenvalues,
    working_precision,
)
from onenn.verdict import Verdict, conjunction

from .hessian import hessian_at_teacher_ball


@dataclass(frozen=True, kw_only=True)
class Conditioning:
    """The singular values of W, largest first, kappa = sigma_1/sigma_k and lambda = prod_i sigma_i/sigma_k.

    *Law*: 1 <= lambda <= kappa^(k-1); both are 1 exactly for orthogonal rows of one length.
    """

    sigma: tuple[Any, ...]
    kappa: Any
    lam: Any


def _conditioning(sigma: list[Any]) -> Conditioning:
    ratio = [s / sigma[-1] for s in sigma]
    lam = ratio[-1]
    for r in ratio[:-1]:
        lam = lam * r
    return Conditioning(sigma=tuple(sigma), kappa=ratio[0], lam=lam)


def conditioning(teacher: OneHiddenLayer) -> Conditioning:
    """sigma_1 >= ... >= sigma_k, kappa and lambda of the teacher's W, in doubles.

    Raises: ValueError when k > d, or W has rank below k, as far as doubles can tell: they lose sigma_k below 1e-16 of
    sigma_1, where conditioning_ball still works.

    >>> conditioning(OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], "relu")).kappa
    2.0
    """
    _check_shape(teacher)
    sigma = np.linalg.svd(teacher.W, compute_uv=False)
    if sigma[-1] <= teacher.d * np.finfo(float).eps * sigma[0]:
        r = int(np.sum(sigma > teacher.d * np.finfo(float).eps * sigma[0]))
        raise ValueError(
            _rank_text(r, teacher.k) + ", or use the function that ends in _ball, which decides it exactly"
        )
    return _conditioning([float(s) for s in sigma])


def conditioning_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> Conditioning:
    """The same in balls, from the exact numbers of the network.

    *Contains*: the singular values, kappa, lambda. *Tight*: to about `bits` bits, however badly W is conditioned.
    Raises: ValueError when k > d, or W has rank below k, which is decided exactly.

    >>> conditioning_ball(OneHiddenLayer([[1, 1], [0, 1]], [1, 1], "relu")).lam.overlaps(ball("(3 + sqrt(5))/2"))
    True
    """
    _check_shape(teacher)
    W = teacher.exact_W
    if (r := rank(W.tolist())) < teacher.k:
        raise ValueError(_rank_text(r, teacher.k))
    gram = (W @ W.T).tolist()
    working = bits
    while True:  # ends: the Gram matrix is exact and positive definite
        with precision(working):
            squares = symmetric_eigenvalues(gram)
            if squares[0].rel_accuracy_bits() >= bits:
                return _conditioning([x.sqrt() for x in reversed(squares)])
        working *= 2


def _check_shape(teacher: OneHiddenLayer) -> None:
    if teacher.k > teacher.d:
        raise ValueError(
            f"teacher has k = {teacher.k} units and d = {teacher.d} inputs; expected k <= d, as the bounds need "
            "independent rows of W; is_strongly_convex decides wider teachers one by one"
        )


def _rank_text(r: int, k: int) -> str:
    return f"teacher has W of rank {r} but k = {k} rows; the bounds need independent rows: drop or perturb the others"


def strong_convexity_bound(teacher: OneHiddenLayer) -> float:
    """v_min^2 rho_2(sigma_k)/(kappa^2 lambda) <= lambda_min of the Hessian at the teacher.

    *Domain*: k <= d, independent rows, any activation (neither a sign nor smoothness of phi' is needed).
    *Law*: positive when all v_i != 0 and phi is no polynomial of degree <= 2; for homogeneous phi see also
    `with_unit_rows`.  Raises: ValueError when k > d or the rows are dependent.  Source: thm-lsc-explicit.

    >>> strong_convexity_bound(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, -2.0], "relu")) == 1/4 - 1/(2*np.pi)
    True
    """
    c = conditioning(teacher)
    return float(np.min(teacher.v**2) * gaussian.rho(teacher.phi, c.sigma[-1], terms=2) / (c.kappa**2 * c.lam))


def strong_convexity_bound_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> Ball:
    """The same as a ball, from the exact numbers of the network.

    >>> bool(strong_convexity_bound_ball(OneHiddenLayer([[3, 0], [0, 3]], [1, 1], "erf")) > 0)
    True
    """
    c = conditioning_ball(teacher, bits=bits)
    with precision(bits):
        v_min = ball(min(abs(x) for x in teacher.exact_v))
        return (
            v_min
            * v_min
            * gaussian.rho_ball(teacher.phi, c.sigma[-1], terms=2, bits=bits)
            / (c.kappa * c.kappa * c.lam)
        )


def sharper_strong_convexity_bound(teacher: OneHiddenLayer) -> float:
    """The larger of strong_convexity_bound at the teacher and, for homogeneous phi, at the teacher with unit rows.

    *Law*: at most lambda_min of the Hessian at the teacher.  Raises: as `strong_convexity_bound`.
    Source: thm-lsc-rescaled.

    >>> long = OneHiddenLayer([[1, 0], [0, 100]], [1, 1], "relu")
    >>> sharper_strong_convexity_bound(long) == 1/4 - 1/(2*np.pi)
    True
    """
    if teacher.phi.homogeneity is None:
        return strong_convexity_bound(teacher)
    of_unit_rows = strong_convexity_bound(with_unit_rows(teacher))
    try:
        return max(of_unit_rows, strong_convexity_bound(teacher))
    except ValueError:  # kappa beyond 1e16 is lost in doubles, and so is the bound
        return of_unit_rows


def sharper_strong_convexity_bound_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> Ball:
    """The same as a ball."""
    bound = strong_convexity_bound_ball(teacher, bits=bits)
    if teacher.phi.homogeneity is None:
        return bound
    of_unit_rows = strong_convexity_bound_ball(with_unit_rows(teacher), bits=bits)
    with precision(bits):
        return bound.max(of_unit_rows)


def bound_holds(teacher: OneHiddenLayer, *, factor: int | str | Fraction = 1, bits: int = 128) -> Verdict:
    """lambda_min > factor times strong_convexity_bound at this teacher: H - factor m I is positive definite, in balls.

    REFUTED: lambda_min is at most that. UNDECIDED: equality, which balls cannot decide, or a non-finite Hessian.
    Raises: as `strong_convexity_bound`.

    >>> orthonormal = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "relu")          # the bound is attained
    >>> [bound_holds(orthonormal, factor=f).value for f in ("0.999", 1, "1.001")]
    ['PROVED', 'UNDECIDED', 'REFUTED']
    """
    m = strong_convexity_bound_ball(teacher, bits=bits)
    with precision(bits):
        H = hessian_at_teacher_ball(teacher, bits=bits)
        return is_positive_definite((H - ball(factor) * m * np.eye(len(H), dtype=int)).tolist(), bits=bits)


def smoothness_bounds_hold(teacher: OneHiddenLayer, *, bits: int = 128) -> Verdict:
    """lambda_max < smoothness_bound_by_units < smoothness_bound at this teacher, enclosed.

    UNDECIDED where one of them is an equality: lambda_max for one unit, and for phi(z) = z.

    >>> smoothness_bounds_hold(OneHiddenLayer([[1, 0], [1, 1]], [1, -2], "squared_relu")) == Verdict.PROVED
    True
    """
    by_units = smoothness_bound_by_units_ball(teacher, bits=bits)
    largest = symmetric_eigenvalues(hessian_at_teacher_ball(teacher, bits=bits).tolist(), bits=bits)[-1]
    return conjunction([less(largest, by_units), less(by_units, smoothness_bound_ball(teacher, bits=bits))])


def hessians_agree(first: OneHiddenLayer, second: OneHiddenLayer, *, within: str = "1e-25") -> Verdict:
    """All entries of the two Hessians at the teacher differ by less than `within`, enclosed at 128 bits.

    >>> [hessians_agree(OneHiddenLayer([[3]], [1], "relu"), OneHiddenLayer([[1]], [v], "relu")).value for v in (1, 2)]
    ['PROVED', 'REFUTED']
    """
    pairs = zip(hessian_at_teacher_ball(first).flat, hessian_at_teacher_ball(second).flat, strict=True)
    return conjunction(less(abs(x - y), within) for x, y in pairs)


def with_unit_rows(teacher: OneHiddenLayer) -> OneHiddenLayer:
    """The teacher with rows w_i/d_i and output weights v_i d_i^(q-1), d_i = |w_i| rounded to a double.

    For phi homogeneous of degree q it has the same Hessian, exactly, but other singular values: the larger of the two
    strong_convexity_bounds holds for both.
    Raises: ValueError when phi is not homogeneous, or a row is zero.  Source: thm-lsc-rescaled.

    >>> long = OneHiddenLayer([[1, 0], [0, 100]], [1, 1], "relu")
    >>> round(strong_convexity_bound(with_unit_rows(long)) / strong_convexity_bound(long))       # kappa^2 lambda = 10^6
    1000000
    """
    q = teacher.phi.homogeneity
    if q is None:
        raise ValueError(f"phi is {teacher.phi.name}; expected a homogeneous activation, such as relu or squared_relu")
    lengths = [Fraction(float(x)) for x in _lengths(teacher)]
    W = [[x / length for x in row] for row, length in zip(teacher.exact_W, lengths, strict=True)]
    v = [x * length ** (q - 1) for x, length in zip(teacher.exact_v, lengths, strict=True)]
    return OneHiddenLayer(W, v, teacher.phi)


def smoothness_bound(teacher: OneHiddenLayer) -> float:
    """k v_max^2 L1^2 (2p + 1)!! sigma_1^(2p) >= lambda_max of the Hessian at the teacher, with L1 and p of property P1.

    *Domain*: any W; d >= 1.  Raises: ValueError when the activation carries no L1.  Source: thm-lsc-upper.

    >>> smoothness_bound(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "squared_relu"))
    24.0
    """
    sigma_1 = float(np.linalg.norm(teacher.W, 2))
    return float(_smoothness(FLOATS, teacher, sigma_1, np.max(np.abs(teacher.v))))


def smoothness_bound_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> Ball:
    """The same as a ball."""
    with precision(bits):
        W = teacher.exact_W
        sigma_1 = BALLS.sqrt_nonnegative(symmetric_eigenvalues((W @ W.T).tolist())[-1])
        return _smoothness(BALLS, teacher, sigma_1, ball(max(abs(x) for x in teacher.exact_v)))


def _smoothness(C: Any, teacher: OneHiddenLayer, sigma_1: Any, v_max: Any) -> Any:
    bounds = teacher.phi.bounds
    if bounds.first is None:
        raise ValueError(
            f"phi is {teacher.phi.name}, which carries no L1 with 0 <= phi'(z) <= L1 |z|^p; "
            "use smoothness_bound_by_units, which needs only the moments of phi'"
        )
    root = C.number(bounds.first) * v_max
    for _ in range(bounds.power):
        root = root * sigma_1
    return teacher.k * double_factorial(2 * bounds.power + 1) * root * root


def smoothness_bound_by_units(teacher: OneHiddenLayer) -> float:
    """sum_i v_i^2 max(beta_0, beta_2)(|w_i|) >= lambda_max; equality for k = 1 < d; any activation.

    For d = 1 only beta_2 counts.  Raises: ValueError on a zero row.  Source: thm-lsc-upper.

    >>> smoothness_bound_by_units(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "squared_relu"))
    12.0
    """
    lengths = _lengths(teacher)
    largest = gaussian.beta(teacher.phi, 2, lengths)
    if teacher.d > 1:
        largest = np.maximum(largest, gaussian.beta(teacher.phi, 0, lengths))
    return float(np.sum(teacher.v**2 * largest))


def smoothness_bound_by_units_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> Ball:
    """The same as a ball."""
    _lengths(teacher)
    with precision(bits):
        total = ball(0)
        for w, v in zip(teacher.exact_W, teacher.exact_v, strict=True):
            moments = [
                gaussian.beta_ball(teacher.phi, q, f"sqrt({w @ w})", bits=working_precision())
                for q in ((0, 2) if teacher.d > 1 else (2,))
            ]
            total = total + ball(v * v) * moments[0].max(moments[-1])
        return total


def _lengths(teacher: OneHiddenLayer) -> np.ndarray:
    zero = [i for i, w in enumerate(teacher.exact_W) if not any(w)]
    if zero:
        raise ValueError(f"row {zero[0]} of W is zero; expected a weight vector with a direction, so drop the unit")
    lengths = np.hypot.reduce(teacher.W, axis=1)  # not norm: the squares of 1e-200 and 1e200 are no doubles
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise OverflowError("W has a row whose length is no double; rescale W")
    return lengths
