"""What the paper's probability statements say at given sizes: their failure probability, and where a conclusion fails.

n exp(-n gamma_n/8) + ...: as n gamma_n <= g(1) = 1/2, the first term alone is at least n e^(-1/16).
The eigenvalue lemma concludes lambda_min(G) >= n gamma_n/2; a Rayleigh quotient below that refutes it on given inputs.

Chapter: diverse-units-random.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from onenn.contexts import FLOATS
from onenn.rigorous import BALLS, Ball, ball, less
from onenn.verdict import Verdict

from .features import expected_gram, least_eigenvalue
from .inputs import uniform_inputs
from .kernels import KERNELS, ordered_eigenvalue
from .rational import exact_gram, exact_matrix


def printed_failure_probability(n: int, d: int, C: Any = FLOATS) -> Any:
    """n exp(-n gamma_n/8), the first term of the printed failure probability; the statement says nothing from 1 on.

    Source: Theorem 1, Theorem 3, Lemma 5, Lemma 6 of Xie, Liang and Song (2017).

    >>> 900 < round(float(printed_failure_probability(1000, 50))) < 1000
    True
    """
    return n * C.exp(-n * ordered_eigenvalue(d, n, C) / 8)


def concluded_bound(n: int, d: int, C: Any = FLOATS) -> Any:
    """n gamma_n/2, below which the eigenvalue lemma says that lambda_min(G) does not fall.

    >>> round(float(concluded_bound(65, 10)), 6)
    0.094366
    """
    return n * ordered_eigenvalue(d, n, C) / 2


def gram_balls(X: Any) -> np.ndarray:
    """G (n, n) as balls, G_lm = g(<x_l, x_m>), for rational inputs X (n, d) whose length is exactly 1.

    Raises: TypeError on floats; ValueError for a row off the sphere.

    >>> gram_balls([[1, 0], [0, 1]])[0, 0].contains(BALLS.rational(Fraction(1, 2)))
    True
    """
    t: Any = exact_gram(X)
    if any(t[i, i] != 1 for i in range(len(t))):
        raise ValueError("X has a row whose length is not exactly 1; rational_sphere_points makes points of the sphere")
    formula = KERNELS["extended_feature"].angular
    G = np.empty(t.shape, dtype=object)
    for i, j in np.ndindex(*t.shape):
        if j <= i:
            c, s = ball(t[i, j]), BALLS.sqrt_nonnegative(ball(1 - t[i, j] * t[i, j]))
            G[i, j] = G[j, i] = formula(BALLS, BALLS.atan2(s, c), c, s)
    return G


def rayleigh_ball(X: Any, r: Any) -> Ball:
    """r.G r/(r.r) >= lambda_min(G) for rational X (n, d) on the sphere and rational r (n,).  *Contains*: the quotient.

    Raises: as `gram_balls`.

    >>> rayleigh_ball([[1, 0], [0, 1]], [1, 1]).contains(BALLS.rational(Fraction(1, 2)))
    True
    """
    (r,) = exact_matrix([r], "r")
    weights: Any = np.array([ball(t) for t in r], dtype=object)
    return weights @ gram_balls(X) @ weights / ball(r @ r)


def eigenvalue_lemma_on(X: Any) -> Verdict:
    """lambda_min(G) >= n gamma_n/2 on these rational inputs: REFUTED when a Rayleigh quotient is below, else UNDECIDED.

    The vector of the quotient is the last eigenvector in doubles, rounded to fractions.
    Raises: as `rayleigh_ball`.

    >>> eigenvalue_lemma_on([[1, 0], [0, 1]]) == Verdict.UNDECIDED
    True
    """
    X = exact_matrix(X, "X")
    n, d = X.shape
    vector = np.linalg.eigh(expected_gram(X.astype(float)))[1][:, 0]
    quotient = rayleigh_ball(X, [Fraction(round(t * 2**30), 2**30) for t in vector])
    bound = concluded_bound(n, d, BALLS)
    below = less(quotient, bound)
    text = f"lambda_min(G) <= {quotient.str(6)} and n gamma_n/2 = {bound.str(6)}"
    return (Verdict.REFUTED if below == Verdict.PROVED else Verdict.UNDECIDED).because(text)


def draws_below(d: int, n: int, draws: int, rng: np.random.Generator) -> int:
    """In how many of `draws` sets of n uniform inputs lambda_min(G) < n gamma_n/2, in doubles.

    >>> draws_below(5, 20, 3, np.random.default_rng(0))
    3
    """
    bound = concluded_bound(n, d)
    return sum(bool(least_eigenvalue(expected_gram(uniform_inputs(n, d, rng))) < bound) for _ in range(draws))
