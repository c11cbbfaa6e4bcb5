"""The whole spectrum of the Hessian at an orthonormal teacher, W W^T = sigma^2 I and v_i = +-1, for every activation.

T1  (k-1)(k-2)/2 times,   T1 + 2 alpha_1^2  k(k-3)/2 times,   the eigenvalues of A once, those of B k - 1 times each,
and for d > k   beta_0 - alpha_0^2  (k-1)(d-k) times,   beta_0 + (k-1) alpha_0^2  d - k times:

A = [[T2 + alpha_2^2 + k alpha_1^2, m], [m, T1 + 2 alpha_1^2 + (k-1) alpha_0^2]],   m = sqrt(k-1) alpha_0 alpha_2,
B = diag(T2, T1 + 2 alpha_1^2, T1) + g g^T,   g = (alpha_2, sqrt((k-2)/2) alpha_0, -sqrt(k/2) alpha_0).

For k = 1 the second row and column of A do not exist, for k = 2 those of B; the multiplicity k(k-3)/2 = -1 says so.
Chapter: local-strong-convexity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.contexts import FLOATS, SYMBOLS
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, precision, symmetric_eigenvalues
from onenn.verdict import Verdict

from .hessian import hessian_at_teacher_ball
from .identity import SlopeMoments, polynomial_slope_moments, slope_moments, slope_moments_ball, slope_moments_exact
from .polynomial import polynomial_hessian


@dataclass(frozen=True, kw_only=True)
class Level:
    """An eigenvalue, how often it occurs, and where it comes from: a formula in words."""

    value: Any
    multiplicity: int
    origin: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """A symmetric block whose eigenvalues occur `multiplicity` times each in the spectrum."""

    block: list[list[Any]]
    multiplicity: int
    origin: str


def orthonormal_parts(C: Any, moments: SlopeMoments, k: int, d: int) -> tuple[Part, ...]:
    """The blocks with their multiplicities, in the numbers of the context C; only those that occur.

    *Law*: the multiplicities times the sizes add up to k d.
    Raises: ValueError unless 1 <= k <= d.  Source: thm-lsc-spectrum.
    """
    if not 1 <= k <= d:
        raise ValueError(f"k is {k} and d is {d}; expected 1 <= k <= d, as there are no k orthogonal rows otherwise")
    a0, a1, a2 = moments.alpha
    T1, T2 = moments.T1, moments.T2
    lifted = T1 + 2 * a1 * a1
    m = _root(C, k - 1) * a0 * a2
    trivial = [[T2 + a2 * a2 + k * a1 * a1, m], [m, lifted + (k - 1) * a0 * a0]]
    g = [a2, _root(C, Fraction(k - 2, 2)) * a0 if k > 2 else 0 * a0, -_root(C, Fraction(k, 2)) * a0]
    diagonal = [T2, lifted, T1]
    standard = [[g[i] * g[j] + (diagonal[i] if i == j else 0) for j in range(3)] for i in range(3)]
    parts = [
        Part(block=[[T1]], multiplicity=(k - 1) * (k - 2) // 2, origin="T1"),
        Part(block=[[lifted]], multiplicity=max(k * (k - 3) // 2, 0), origin="T1 + 2 alpha_1^2"),
        Part(block=trivial if k > 1 else _without(trivial, 1), multiplicity=1, origin="block A"),
        Part(block=standard if k > 2 else _without(standard, 1), multiplicity=k - 1, origin="block B"),
        Part(block=[[moments.beta_0 - a0 * a0]], multiplicity=(k - 1) * (d - k), origin="beta_0 - alpha_0^2"),
        Part(block=[[moments.beta_0 + (k - 1) * a0 * a0]], multiplicity=d - k, origin="beta_0 + (k - 1) alpha_0^2"),
    ]
    return tuple(part for part in parts if part.multiplicity)


def _root(C: Any, x: int | Fraction) -> Any:
    return C.sqrt(C.rational(Fraction(x)))


def _without(block: list[list[Any]], index: int) -> list[list[Any]]:
    keep = [i for i in range(len(block)) if i != index]
    return [[block[i][j] for j in keep] for i in keep]


def orthonormal_spectrum(phi: Activation | str, k: int, d: int, *, sigma: float = 1.0) -> tuple[Level, ...]:
    """The eigenvalues with their multiplicities, increasing, in doubles; any activation.

    *Domain*: W W^T = sigma^2 I, all v_i = +-1.  *Accuracy*: about 1e-15 of the largest.
    *Law*: the multiplicities add up to k d.
    Raises: ValueError unless 1 <= k <= d and sigma > 0.  Source: thm-lsc-spectrum.

    >>> [(round(level.value, 4), level.multiplicity) for level in orthonormal_spectrum("relu", 2, 2)]
    [(0.0908, 1), (0.4092, 1), (0.5908, 1), (0.9092, 1)]
    """
    parts = orthonormal_parts(FLOATS, slope_moments(phi, sigma), k, d)
    return _levels(parts, lambda block: [float(x) for x in np.linalg.eigvalsh(np.array(block, dtype=float))], float)


def orthonormal_eigenvalues(phi: Activation | str, k: int, d: int, *, sigma: float = 1.0) -> np.ndarray:
    """The same as an array: all k d eigenvalues, increasing, each as often as it occurs.

    >>> orthonormal_eigenvalues("linear", 2, 2).tolist()
    [0.0, 0.0, 2.0, 2.0]
    """
    levels = orthonormal_spectrum(phi, k, d, sigma=sigma)
    return np.sort(np.repeat([level.value for level in levels], [level.multiplicity for level in levels]))


def orthonormal_spectrum_ball(
    phi: Activation | str, k: int, d: int, *, sigma: Any = 1, bits: int = 128
) -> tuple[Level, ...]:
    """The same in balls, increasing by midpoint; sigma an int, a string, a Fraction or a ball.

    *Contains*: the i-th ball of a block holds its i-th smallest eigenvalue. Non-finite where the moments are.

    >>> levels = orthonormal_spectrum_ball("tanh", 3, 4)
    >>> sum(level.multiplicity for level in levels), bool(levels[0].value > 0)
    (12, True)
    """
    with precision(bits):
        parts = orthonormal_parts(BALLS, slope_moments_ball(phi, sigma, bits=bits), k, d)
        return _levels(
            parts, lambda block: symmetric_eigenvalues(block, bits=bits), lambda x: x.mid()
        )  # balls, as a midpoint may exceed the doubles


def orthonormal_spectrum_exact(
    phi: Activation | str, k: int, d: int, *, sigma: int | Fraction = 1
) -> tuple[Level, ...]:
    """The same as SymPy expressions: square roots where the cubic of block B factors, otherwise Cardano's cosines.

    It factors when two of T2, T1 + 2 alpha_1^2, T1 agree (T1 = T2 for relu, alpha_1 = 0 for erf), or k = 2.
    Raises: ValueError when phi has no closed forms; otherwise as `orthonormal_spectrum`.

    >>> [(level.value, level.multiplicity) for level in orthonormal_spectrum_exact("relu", 1, 3)]
    [(1/2, 1), (1/2, 2)]
    """
    moments = slope_moments_exact(phi, sigma)
    a1 = moments.alpha[1]
    parts = orthonormal_parts(SYMBOLS, moments, k, d)
    candidates = (moments.T1, moments.T2, moments.T1 + 2 * a1 * a1)
    return _levels(parts, lambda block: _exact_eigenvalues(block, candidates), lambda x: x.evalf())


def _levels(
    parts: tuple[Part, ...], eigenvalues: Callable[[list[list[Any]]], list[Any]], key: Callable[[Any], Any]
) -> tuple[Level, ...]:
    levels = [
        Level(value=value, multiplicity=part.multiplicity, origin=part.origin)
        for part in parts
        for value in (part.block[0] if len(part.block) == 1 else eigenvalues(part.block))
    ]
    return tuple(sorted(levels, key=lambda level: key(level.value)))


def _exact_eigenvalues(block: list[list[Any]], candidates: tuple[Any, ...]) -> list[Any]:
    import sympy

    B = sympy.Matrix(block)
    if B.rows == 2:
        return _of_quadratic(B.trace(), B.det())
    trace, minors, det = B.trace(), sum(B.minor_submatrix(i, i).det() for i in range(3)), B.det()
    for mu in candidates:  # det(B - mu) is g_i^2 times the differences of the diagonal
        if sympy.simplify(det - mu * minors + mu * mu * trace - mu**3) == 0:
            rest = sympy.expand(trace - mu)
            return [mu, *_of_quadratic(rest, sympy.expand(minors - mu * rest))]
    mean = trace / 3
    C = B - mean * sympy.eye(3)
    radius = sympy.sqrt(sympy.expand((C * C).trace()) / 6)
    angle = sympy.acos(C.det() / (2 * radius**3)) / 3
    return [mean + 2 * radius * sympy.cos(angle + 2 * sympy.pi * j / 3) for j in range(3)]


def _of_quadratic(trace: Any, det: Any) -> list[Any]:
    import sympy

    root = sympy.sqrt(sympy.factor(sympy.expand(trace**2 - 4 * det)))
    return [sympy.expand((trace - root) / 2), sympy.expand((trace + root) / 2)]


def spectrum_agrees(teacher: OneHiddenLayer, *, bits: int = 128) -> Verdict:
    """Enclosed: the eigenvalues of the Hessian at an orthonormal teacher and those of the formula, in order, differ by

    less than 2^(40-bits) of the largest.  Raises: ValueError unless W W^T = sigma^2 I and all v_i = +-1, exactly.

    >>> spectrum_agrees(OneHiddenLayer([[3, 4], [4, -3]], [1, -1], "softplus")) == Verdict.PROVED
    True
    """
    sigma = f"sqrt({_squared_length(teacher)})"
    with precision(bits):
        found = symmetric_eigenvalues(hessian_at_teacher_ball(teacher, bits=bits + 32).tolist(), bits=bits + 32)
        levels = orthonormal_spectrum_ball(teacher.phi, teacher.k, teacher.d, sigma=sigma, bits=bits + 32)
        expected: list[Ball] = [level.value for level in levels for _ in range(level.multiplicity)]
        gap, tolerance = ball(0), found[-1] / 2 ** (bits - 40)
        for x, y in zip(found, expected, strict=True):
            gap = gap.max(abs(x - y))
        if gap < tolerance:
            return Verdict.PROVED.because(f"{len(found)} eigenvalues, largest difference {gap.str(3)}")
        if gap > tolerance:
            return Verdict.REFUTED.because(f"an eigenvalue is off by {gap.str(3)}")
        return Verdict.UNDECIDED.because(f"the differences are only known to be below {gap.str(3)}")


def _squared_length(teacher: OneHiddenLayer) -> Fraction:
    gram = teacher.exact_W @ teacher.exact_W.T
    square = gram[0, 0]
    if (gram != square * np.eye(teacher.k, dtype=int)).any() or square == 0:
        raise ValueError("teacher has W whose rows are not orthogonal and of one length; the formula is for those")
    if set(map(abs, teacher.exact_v)) != {1}:
        raise ValueError(f"teacher has v = {teacher.v.tolist()}; expected v_i = +-1, as the formula is for those")
    return square


def power_sums_agree(
    coefficients: list[int], k: int, d: int, *, sigma: int | Fraction = 1, W: np.ndarray | None = None
) -> Verdict:
    """Exact: trace H^j is that of the formula for j = 1, ..., k d, so all eigenvalues agree, multiplicities included.

    H is the Hessian for phi(z) = sum_n c_n z^n at W, by default the rows sigma e_1, ..., sigma e_k.

    >>> power_sums_agree([0, 1, 1, 1], 2, 3) == Verdict.PROVED
    True
    """
    import sympy

    rows = [[sigma * int(i == j) for j in range(d)] for i in range(k)] if W is None else W
    H = polynomial_hessian(rows, [1] * k, coefficients)
    exact = polynomial_slope_moments(coefficients, sigma)
    a0, a1, a2, T1, T2 = (sympy.Rational(x) for x in (*exact.alpha, exact.T1, exact.T2))
    parts = orthonormal_parts(SYMBOLS, SlopeMoments(alpha=(a0, a1, a2), T1=T1, T2=T2), k, d)
    blocks = [sympy.Matrix(part.block) for part in parts]
    power, powers = H, blocks
    for j in range(1, k * d + 1):
        whole = sympy.Rational(np.trace(power))
        pieces = sum(part.multiplicity * sympy.expand(x.trace()) for part, x in zip(parts, powers, strict=True))
        if whole != pieces:
            return Verdict.REFUTED.because(f"trace H^{j} = {whole}, the formula gives {pieces}")
        power, powers = power @ H, [(x * y).expand() for x, y in zip(powers, blocks, strict=True)]
    return Verdict.PROVED.because(f"the first {k * d} power sums")
