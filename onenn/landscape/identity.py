"""The exact identity behind strong convexity at orthonormal teachers: a mean square in five orthogonal pieces.

With f_i = phi'(sigma u_i), u ~ N(0, I_k), P (k, k) and q_j = sum of P_ij over i != j,

E (sum_ij P_ij f_i u_j)^2 = alpha_1^2 (tr P)^2 + sum_j (alpha_2 P_jj + alpha_0 q_j)^2 + T2 sum_j P_jj^2
                            + alpha_1^2 sum_{i<j} (P_ij + P_ji)^2 + T1 sum_{i != j} P_ij^2.

The left side is the quadratic form of the Hessian at a teacher with orthogonal rows of length sigma, v = 1 and d = k.
Everything here runs on any numbers: floats, Fractions, SymPy expressions, balls.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from onenn import gaussian
from onenn.activations import Activation
from onenn.activations.half_line import normal_moment
from onenn.verdict import Verdict

from .polynomial import polynomial_hessian


@dataclass(frozen=True, kw_only=True)
class SlopeMoments:
    """What the Hessian at an orthonormal teacher depends on: alpha_0, alpha_1, alpha_2, T1, T2, numbers of one kind."""

    alpha: tuple[Any, Any, Any]
    T1: Any
    T2: Any

    @property
    def beta_0(self) -> Any:
        """E f^2 = T1 + alpha_0^2 + alpha_1^2."""
        a0, a1, _ = self.alpha
        return self.T1 + a0 * a0 + a1 * a1

    @property
    def beta_2(self) -> Any:
        """E f^2 u^2 = T2 + alpha_1^2 + alpha_2^2."""
        _, a1, a2 = self.alpha
        return self.T2 + a1 * a1 + a2 * a2


def slope_moments(phi: Activation | str, sigma: float = 1.0) -> SlopeMoments:
    """The moments of phi'(sigma z) in doubles.

    >>> slope_moments("squared_relu").alpha[1]
    1.0
    """
    a0, a1, a2 = (gaussian.alpha(phi, q, sigma) for q in range(3))
    return SlopeMoments(alpha=(a0, a1, a2), T1=gaussian.T(phi, 1, sigma), T2=gaussian.T(phi, 2, sigma))


def slope_moments_ball(phi: Activation | str, sigma: Any = 1, *, bits: int = 128) -> SlopeMoments:
    """The moments in balls; sigma an int, a string, a Fraction or a ball. Non-finite where `gaussian.alpha_ball` is."""
    a0, a1, a2 = (gaussian.alpha_ball(phi, q, sigma, bits=bits) for q in range(3))
    T1, T2 = (gaussian.T_ball(phi, i, sigma, bits=bits) for i in (1, 2))
    return SlopeMoments(alpha=(a0, a1, a2), T1=T1, T2=T2)


def slope_moments_exact(phi: Activation | str, sigma: int | Fraction = 1) -> SlopeMoments:
    """The moments as SymPy expressions.  Raises: ValueError when phi has no closed forms, or unless sigma is a

    positive int or Fraction.

    >>> slope_moments_exact("relu").T1
    1/4 - 1/(2*pi)
    """
    import sympy

    if not isinstance(sigma, int | Fraction) or sigma <= 0:
        raise ValueError(f"sigma is {sigma!r}; expected a positive int or Fraction, such as Fraction(1, 2)")
    forms = gaussian.closed_form(phi)
    if any(x is None for x in (*forms.alpha, forms.T1, forms.T2)):
        raise ValueError(f"phi is {phi}, whose moments have no closed form; use slope_moments or slope_moments_ball")
    at = [sympy.sympify(x).subs(forms.sigma, sympy.Rational(sigma)) for x in (*forms.alpha, forms.T1, forms.T2)]
    return SlopeMoments(alpha=(at[0], at[1], at[2]), T1=sympy.expand(at[3]), T2=sympy.expand(at[4]))


def polynomial_slope_moments(coefficients: Sequence[int | Fraction], sigma: int | Fraction) -> SlopeMoments:
    """The moments for phi(z) = c_0 + c_1 z + ... + c_n z^n, as Fractions.

    >>> polynomial_slope_moments([0, 0, 1], 3).alpha        # phi' = 2z
    (Fraction(0, 1), Fraction(6, 1), Fraction(0, 1))
    """
    f = [n * Fraction(c) * Fraction(sigma) ** (n - 1) for n, c in enumerate(coefficients)][1:]
    a0, a1, a2 = (sum((c * normal_moment(n + q) for n, c in enumerate(f)), Fraction(0)) for q in range(3))
    b0, b2 = (
        sum((c * e * normal_moment(n + m + q) for (n, c), (m, e) in product(enumerate(f), repeat=2)), Fraction(0))
        for q in (0, 2)
    )
    return SlopeMoments(alpha=(a0, a1, a2), T1=b0 - a0 * a0 - a1 * a1, T2=b2 - a1 * a1 - a2 * a2)


def five_pieces(P: Any, moments: SlopeMoments) -> tuple[Any, Any, Any, Any, Any]:
    """The five terms of the identity, in the order of the formula; their sum is E (sum_ij P_ij f_i u_j)^2.

    *Shapes*: P (k, k); row i belongs to unit i.  *Law*: none is negative.  Source: lem-lsc-five-pieces.

    >>> five_pieces(np.array([[1, 0], [0, -1]]), polynomial_slope_moments([0, 0, 1], 1))       # 2 u_1^2 - 2 u_2^2
    (Fraction(0, 1), Fraction(0, 1), Fraction(16, 1), Fraction(0, 1), Fraction(0, 1))
    """
    P = np.asarray(P)
    k = len(P) if P.ndim else 0
    if P.shape != (k, k):
        raise ValueError(f"P has shape {P.shape}; expected (k, k), row i for unit i")
    a0, a1, a2 = moments.alpha
    trace = sum(P[j, j] for j in range(k))
    linear = [a2 * P[j, j] + a0 * sum(P[i, j] for i in range(k) if i != j) for j in range(k)]
    pairs = [P[i, j] + P[j, i] for i in range(k) for j in range(i)]
    off = [P[i, j] for i in range(k) for j in range(k) if i != j]
    return (
        a1 * a1 * trace * trace,
        sum(x * x for x in linear),
        moments.T2 * sum(P[j, j] * P[j, j] for j in range(k)),
        a1 * a1 * sum(x * x for x in pairs),
        moments.T1 * sum(x * x for x in off),
    )


def mean_square(A: Any, moments: SlopeMoments) -> Any:
    """E (sum_i f_i a_i . x)^2 for x = (u, y) ~ N(0, I_d): the five pieces of the first k columns of A, and for each

    further column c   (beta_0 - alpha_0^2) |c|^2 + alpha_0^2 (sum_i c_i)^2.
    *Shapes*: A (k, d), k <= d.  *Law*: at least min(T1, T2) |A|^2.  Source: lem-lsc-five-pieces.

    >>> mean_square(np.array([[0, 1]]), polynomial_slope_moments([0, 0, 1], 1))       # E (2 u y)^2
    Fraction(4, 1)
    """
    A = _wide(A)
    k = len(A)
    a0 = moments.alpha[0]
    columns = [A[:, j] for j in range(k, A.shape[1])]
    along = sum(five_pieces(A[:, :k], moments))
    return along + sum((moments.beta_0 - a0 * a0) * (c @ c) + a0 * a0 * sum(c) * sum(c) for c in columns)


def _wide(A: Any) -> np.ndarray:
    A = np.asarray(A)
    if A.ndim != 2 or not 1 <= A.shape[0] <= A.shape[1]:
        raise ValueError(f"A has shape {A.shape}; expected (k, d) with 1 <= k <= d, row i for unit i")
    return A


def expanded_mean_square(A: Any, moments: SlopeMoments) -> Any:
    """E (sum_i f_i a_i . x)^2 by another route: multiplied out, every mean a product over independent coordinates.

    *Shapes*: A (k, d), k <= d.  *Law*: `mean_square`.
    """
    A = _wide(A)
    beta = (moments.beta_0, 0, moments.beta_2)  # E f^2 u multiplies the mean of another coordinate, which is 0
    plain = (1, 0, 1)

    def mean(i: int, j: int, l: int, m: int) -> Any:
        """E f_i x_j f_l x_m."""
        value = 1
        for coordinate in {i, j, l, m}:
            slopes, power = (i == coordinate) + (l == coordinate), (j == coordinate) + (m == coordinate)
            value = value * (plain, moments.alpha, beta)[slopes][power]
        return value

    indices = list(product(*map(range, A.shape)))
    return sum(A[i, j] * A[l, m] * mean(i, j, l, m) for i, j in indices for l, m in indices)


def identity_holds(k: int, d: int | None = None, *, without: int | None = None) -> Verdict:
    """The identity with symbols for all entries of A (k, d) and all five moments: true of every activation.

    d: by default k. `without`: leave out this one of the five pieces (0 ... 4), for a control.

    >>> identity_holds(2) == Verdict.PROVED, identity_holds(2, without=3) == Verdict.REFUTED
    (True, True)
    """
    import sympy

    d = k if d is None else d
    if not 1 <= k <= d or without not in (None, *range(5)):
        raise ValueError(f"k, d, without are {k}, {d}, {without}; expected 1 <= k <= d and a piece 0 ... 4 or None")
    a = sympy.symbols("alpha_0 alpha_1 alpha_2")
    T1, T2 = sympy.symbols("T_1 T_2")
    moments = SlopeMoments(alpha=a, T1=T1, T2=T2)
    A = np.array(sympy.symbols(f"p:{k * d}"), dtype=object).reshape(k, d)
    value = mean_square(A, moments) - (0 if without is None else five_pieces(A[:, :k], moments)[without])
    unknowns = [*A.flat, *a, T1, T2]
    defect = sympy.Poly(expanded_mean_square(A, moments), *unknowns) - sympy.Poly(value, *unknowns)
    return Verdict.decided(defect.is_zero, f"k = {k}, d = {d}: a polynomial in {len(unknowns)} symbols")


def identity_holds_for(
    A: Any, coefficients: Sequence[int | Fraction], sigma: int | Fraction, *, W: Any = None
) -> Verdict:
    """The identity for one matrix A (k, d) and phi(z) = sum_n c_n z^n, in Fractions.

    The mean square is the form of the Hessian at the teacher with rows sigma e_1, ..., sigma e_k, a Gram matrix of
    polynomials multiplied out.  W: another teacher, for a control.

    >>> identity_holds_for([[1, 2], [3, -1]], [0, 1, 0, 2], 1) == Verdict.PROVED
    True
    """
    A = np.array([[Fraction(int(x)) if isinstance(x, np.integer) else Fraction(x) for x in row] for row in A])
    k, d = A.shape
    rows = [[sigma * int(i == j) for j in range(d)] for i in range(k)] if W is None else W
    H = polynomial_hessian(rows, [1] * k, coefficients)
    left, right = A.ravel() @ H @ A.ravel(), mean_square(A, polynomial_slope_moments(coefficients, sigma))
    return Verdict.decided(bool(left == right), f"{left} and {right}")
