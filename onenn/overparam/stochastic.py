"""One stochastic step of a linear model, in exact arithmetic: the mean over the samples of what it leaves of |r|^2.

r+ = r - eta r_i K e_i with probability 1/n each,  K = J J^T,
E |r+|^2 <= (1 - 2 eta alpha^2/n + eta^2 beta^2 b^2/n) |r|^2,   alpha^2, beta^2 the extreme eigenvalues, b^2 = max K_ii.

Chapter: overparameterization-relu-sgd (thm-sgd).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from onenn.network import OneHiddenLayer
from onenn.rigorous import ball, less, symmetric_eigenvalues
from onenn.verdict import Verdict

from .identities import polynomial_jacobian


def mean_square_after(K: Sequence[Sequence[Fraction]], r: Sequence[Fraction], step: Fraction) -> Fraction:
    """E |r+|^2, exactly.

    >>> mean_square_after([[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]], [Fraction(1)] * 2, Fraction(1))
    Fraction(1, 1)
    """
    n = len(r)
    after = ((r[j] - step * r[i] * K[j][i]) ** 2 for i in range(n) for j in range(n))
    return sum(after, Fraction(0)) / n


def step_contracts(
    net: OneHiddenLayer, X: Sequence[Sequence[Any]], r: Sequence[Any], step: Fraction, *, second_order: bool = True
) -> Verdict:
    """E |r+|^2 below the bound of the module, for a polynomial phi: the mean exact, the eigenvalues enclosed.

    second_order = False leaves out the term in eta^2, which is wrong for large steps.

    >>> net = OneHiddenLayer([[1, 2], [0, 1]], [1, -1], "quadratic")
    >>> step_contracts(net, [[1, 0], [1, 1]], [1, 2], Fraction(1, 100)) == Verdict.PROVED
    True
    """
    J = polynomial_jacobian(net, X)
    K = [[sum((a * b for a, b in zip(p, q, strict=True)), Fraction(0)) for q in J] for p in J]
    residual = [Fraction(t) for t in r]
    n, spectrum = len(K), symmetric_eigenvalues(K)
    factor = 1 - ball(2 * step / n) * spectrum[0]
    if second_order:
        factor += ball(step**2 / n * max(K[i][i] for i in range(n))) * spectrum[-1]
    size = sum((t * t for t in residual), Fraction(0))
    return less(ball(mean_square_after(K, residual, step)), factor * ball(size))
