"""The exact chain from the gradient to the loss, and closed forms against quadrature, as verdicts.

dL/dW = D r,   D^T vec(W) = (f(x_l))_l,   (D^T D)_lm = <x_l, x_m> #{i active at both},   L <= n |dL/dW|^2/(2 s_min^2).

Chapter: diverse-units.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from onenn.rigorous import BALLS, Ball, ball, ball_matrix, less, min_eigenvalue, precision
from onenn.verdict import Verdict, conjunction

from .harmonics import multiplicities, multiplicity
from .kernels import KERNELS, integrated_eigenvalue_ball, kernel_eigenvalues_ball
from .rational import exact_matrix
from .spurious import exact_point


def exact_features(X: Any, W: Any, v: Any) -> np.ndarray:
    """D (k d, n) as an array of Fractions; see `extended_features`.

    Raises: TypeError on floats.

    >>> exact_features([[3, 4]], [[1, 0], [-1, 0]], [1, -1]).T.tolist()[0] == [3, 4, 0, 0]
    True
    """
    X, W = exact_matrix(X, "X"), exact_matrix(W, "W")
    active = (X @ W.T >= 0).astype(int) * np.array(v, dtype=object)
    return (active[:, :, None] * X[:, None, :]).reshape(len(X), -1).T


def gradient_is_features_times_residual(X: Any, y: Any, W: Any, v: Any) -> Verdict:
    """dL/dW = D r, every entry, against central differences of the loss, all in rational arithmetic.

    Where the pattern is locally constant the loss is quadratic, and a small enough central difference is exact.
    Raises: as `exact_point`.

    >>> gradient_is_features_times_residual([[0, 1]], [1], [[1, 2]], [1]) == Verdict.PROVED
    True
    """
    point = exact_point(X, y, W, v)
    W = exact_matrix(W, "W")
    r = np.array(point.residuals, dtype=object) / len(point.residuals)
    step = (point.least_margin or Fraction(1)) / 1000
    checks = []
    for index, slope in zip(np.ndindex(*W.shape), exact_features(X, W, v) @ r, strict=True):
        change = np.full(W.shape, Fraction(0), dtype=object)
        change[index] = step
        up, down = (exact_point(X, y, W + sign * change, v).loss for sign in (1, -1))
        checks.append(Verdict.decided((up - down) / (2 * step) == slope, f"entry {index}"))
    return conjunction(checks)


def features_give_outputs_and_gram(X: Any, y: Any, W: Any, v: Any) -> Verdict:
    """D^T vec(W) = f at the inputs, and D^T D = (X X^T) o (number of units active at both), v_i = +-1; exactly.

    >>> features_give_outputs_and_gram([[0, 1]], [1], [[1, 2]], [-1]) == Verdict.PROVED
    True
    """
    D, (y,), W = exact_features(X, W, v), exact_matrix([y], "y"), exact_matrix(W, "W")
    X = exact_matrix(X, "X")
    outputs = np.array(exact_point(X, y, W, v).residuals, dtype=object) + y
    both = [[sum(bool(w @ a >= 0) and bool(w @ b >= 0) for w in W) for b in X] for a in X]
    gram = (X @ X.T) * np.array(both, dtype=object)
    return conjunction(
        [
            Verdict.decided(bool(np.all(D.T @ W.ravel() == outputs)), "outputs"),
            Verdict.decided(bool(np.all(D.T @ D == gram)), "Gram matrix"),
        ]
    )


def loss_is_below_the_gradient_bound(X: Any, y: Any, W: Any, v: Any, *, factor: Fraction | int = 1) -> Verdict:
    """L <= factor * n |D r|^2/(2 s_min(D)^2), s_min enclosed in balls, the rest rational.

    Raises: as `exact_point`.

    >>> loss_is_below_the_gradient_bound([[0, 1], [1, 0]], [1, 9], [[1, 2], [2, -1]], [1, 1]) == Verdict.PROVED
    True
    """
    point, D = exact_point(X, y, W, v), exact_features(X, W, v)
    n = len(point.residuals)
    slope: Any = D @ np.array(point.residuals, dtype=object) / n
    square = min_eigenvalue(ball_matrix((D.T @ D).tolist(), "D^T D"), bits=128)
    right = ball(Fraction(factor) * n * (slope @ slope) / 2)
    left = ball(point.loss) * square
    # equality is possible: an exact tie cannot be decided by balls, a reversed inequality can
    return less(left, right)


def labels_of_the_last_direction(X: Any, W: Any, v: Any) -> list[Fraction]:
    """Labels whose residual is the last right singular vector of D, rounded: there the bound on the loss is sharp.

    >>> labels = labels_of_the_last_direction([[0, 1], [1, 0]], [[1, 2], [2, -1]], [1, 1])
    >>> [float(abs(f - y)) for f, y in zip([2, 3], labels)]
    [1.0, 0.0]
    """
    D = exact_features(X, W, v)
    outputs = D.T @ exact_matrix(W, "W").ravel()
    last = np.linalg.eigh((D.T @ D).astype(float))[1][:, 0]
    return [Fraction(f) - Fraction(round(float(t) * 2**40), 2**40) for f, t in zip(list(outputs), last, strict=True)]


def quadrature_agrees(
    dimensions: Iterable[int], degrees: Iterable[int], kernel: str, *, formula_dimension: int = 0
) -> Verdict:
    """Closed form = verified quadrature, to relative 1e-12, and below 1e-30 where the closed form is an exact 0.

    formula_dimension: added to d in the closed form alone; anything but 0 must be refuted.

    >>> quadrature_agrees([3, 4], [0, 1, 2, 3], "extended_feature") == Verdict.PROVED
    True
    """
    degrees = list(degrees)
    checks = []
    for d in dimensions:
        with precision(160):
            closed = kernel_eigenvalues_ball(d + formula_dimension, max(degrees), kernel)
        for l in degrees:
            integral = integrated_eigenvalue_ball(d, l, kernel)
            with precision(160):
                if closed[l] == 0:
                    checks.append(less(abs(integral), "1e-30"))
                else:
                    checks.append(less(abs(integral / closed[l] - 1), "1e-12"))
    return conjunction(checks)


def brackets(value: Any, low: Any, high: Any) -> Verdict:
    """low < value < high for balls or exact numbers.

    >>> brackets("pi", 3, 4) == Verdict.PROVED
    True
    """
    return conjunction([less(low, value), less(value, high)])


def eigenvalues_are_ordered(d: int, max_degree: int) -> Verdict:
    """lambda_1 > lambda_0 > lambda_2 > lambda_4 > ... > 0 for the kernel g, up to max_degree, in balls.

    >>> eigenvalues_are_ordered(5, 10) == Verdict.PROVED
    True
    """
    values = kernel_eigenvalues_ball(d, max_degree)
    row = [values[l] for l in (1, 0, *range(2, max_degree + 1, 2))]
    return conjunction([less(0, row[-1]), *(less(later, sooner) for sooner, later in pairwise(row))])


def trace_gap(d: int, max_degree: int, kernel: str = "extended_feature") -> Ball:
    """k(1) - sum_{l <= max_degree} N(d, l) lambda_l, which is >= 0 and tends to 0.

    >>> brackets(trace_gap(3, 100), 0, "1/500") == Verdict.PROVED
    True
    """
    terms = zip(multiplicities(d, max_degree), kernel_eigenvalues_ball(d, max_degree, kernel), strict=True)
    top = KERNELS[kernel].angular(BALLS, ball(0), ball(1), ball(0))
    return top - sum((N * value for N, value in terms), start=ball(0))


def decay_ratio(d: int, degree: int) -> Ball:
    """gamma_m over (Gamma(d/2)/(2 pi))^2 2^d ((d-1)! m)^(-d/(d-1)), m the last position of this even degree.

    >>> brackets(decay_ratio(3, 400), "0.98", "1.02") == Verdict.PROVED
    True
    """
    m = 1 + d + sum(multiplicity(d, l) for l in range(2, degree + 1, 2))
    # Gamma(d/2)^2 = (d/2 - 1)!^2, or pi times a rational square: B(1/2, 1/2) = pi steps up by Gamma(x + 1) = x Gamma(x)
    gamma = ball(Fraction(1)) if d % 2 == 0 else BALLS.sqrt(BALLS.pi)
    for x in range(2 - d % 2, d, 2):
        gamma = gamma * x / 2
    power = BALLS.exp(BALLS.log(ball(math.factorial(d - 1) * m)) * ball(Fraction(-d, d - 1)))
    return kernel_eigenvalues_ball(d, degree)[degree] / (BALLS.square(gamma / (2 * BALLS.pi)) * 2**d * power)
