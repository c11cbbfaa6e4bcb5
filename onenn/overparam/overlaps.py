"""Overlaps of inputs uniform on the sphere: exact moments, and their sum over walks. With t = <x_i, x_j>, i != j,

    (X X^T)^(o 2) = a I + H + 11^T/d,   H_ij = t^2 - 1/d,   a = 1 - 1/d,   sigma_min^2(X * X) >= a - ||H||,
    E tr H^4 = n(n-1) [(n-2)(n-3) s^4 N + 2(n-2) (s a)^2 + E(t^2 - 1/d)^4],   s = 2/(d(d+2)),  N = d(d+1)/2 - 1.

Chapter: overparameterization-kernel (lem-overlaps).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import comb, prod
from typing import Any

from onenn.rigorous import ball, ball_matrix, less, precision, symmetric_eigenvalues
from onenn.verdict import Verdict

from .certificate_ball import gram_ball
from .data import count

Polynomial = dict[tuple[int, ...], Fraction]


def sphere_moment(exponents: Sequence[int], d: int) -> Fraction:
    """E x_1^a x_2^b ... for x uniform on the sphere of R^d: prod (a - 1)!! / (d (d + 2) ... (d + a + b + ... - 2)).

    >>> sphere_moment([2, 2], 3), sphere_moment([4], 3), sphere_moment([1], 3)
    (Fraction(1, 15), Fraction(1, 5), Fraction(0, 1))
    """
    if any(a % 2 for a in exponents):
        return Fraction(0)
    return Fraction(prod(_odd(a) for a in exponents), prod(range(d, d + sum(exponents), 2)))


def overlap_moment(d: int, p: int) -> Fraction:
    """E (t^2 - 1/d)^p for two independent inputs, t their inner product.

    >>> overlap_moment(3, 2), Fraction(2, 3 * 5) * (1 - Fraction(1, 3))
    (Fraction(4, 45), Fraction(4, 45))
    """
    d = count(d, "d")
    return sum((comb(p, k) * sphere_moment([2 * k], d) * Fraction(-1, d) ** (p - k) for k in range(p + 1)), Fraction())


def fourth_moment(n: int, d: int, *, dimension: int | None = None) -> Fraction:
    """E tr H^4.  dimension: that of the matrices x x^T - I/d, d(d+1)/2 - 1; another one is a mutant.

    >>> fourth_moment(2, 3) == 2 * overlap_moment(3, 4)
    True
    """
    n, d = count(n, "n"), count(d, "d")
    a, s = 1 - Fraction(1, d), Fraction(2, d * (d + 2))
    cycle = s**4 * (d * (d + 1) // 2 - 1 if dimension is None else dimension)
    return n * (n - 1) * ((n - 2) * (n - 3) * cycle + 2 * (n - 2) * (s * a) ** 2 + overlap_moment(d, 4))


def walk_average(walk: Sequence[int], d: int) -> Fraction:
    """E of the product of H over the steps of a closed walk, monomial by monomial: nothing is used but `sphere_moment`.

    >>> walk_average((0, 1), 3) == overlap_moment(3, 2)
    True
    """
    d, vertices = count(d, "d"), max(walk) + 1
    steps = [_overlap(i, j, d, vertices) for i, j in pairwise([*walk, walk[0]])]
    total = Fraction(0)
    for powers, c in reduce(_times, steps).items():
        total += c * prod(sphere_moment(powers[i * d : (i + 1) * d], d) for i in range(vertices))
    return total


def walks_agree(d: int, *, dimension: int | None = None) -> Verdict:
    """The three averages in `fourth_moment` are those over the walks, monomial by monomial; dimension: as there.

    >>> walks_agree(2), walks_agree(2, dimension=4) == Verdict.REFUTED
    (PROVED, True)
    """
    s = Fraction(2, count(d, "d") * (d + 2))
    formulas = {
        (0, 1, 2, 3): s**4 * (d * (d + 1) // 2 - 1 if dimension is None else dimension),
        (0, 1, 0, 2): (s * (1 - Fraction(1, d))) ** 2,
        (0, 1, 0, 1): overlap_moment(d, 4),
    }
    for walk, value in formulas.items():
        found = walk_average(walk, d)
        if found != value:
            return Verdict.REFUTED.because(f"the walk {walk} has the mean {found}, and the formula gives {value}")
    return Verdict.PROVED


def overlaps_bound_holds(X: Sequence[Sequence[Any]]) -> Verdict:
    """1 - 1/d - ||H|| < sigma_min^2(X * X), in balls, for exact inputs.

    >>> overlaps_bound_holds([[1, 0], ["3/5", "4/5"]]) == Verdict.PROVED
    True
    """
    n, d = len(X), len(X[0])
    with precision(64):
        K = gram_ball(X, power=2)
        away = ball(Fraction(1, d))
        spectrum = symmetric_eigenvalues(
            ball_matrix([[ball(0) if i == j else K[i, j] - away for j in range(n)] for i in range(n)])
        )
        size = abs(spectrum[0]).max(abs(spectrum[-1]))
        return less(1 - away - size, symmetric_eigenvalues(K)[0])


def _overlap(i: int, j: int, d: int, vertices: int) -> Polynomial:
    """<x_i, x_j>^2 - 1/d in the coordinates of all inputs."""
    result: Counter[tuple[int, ...]] = Counter()
    for a in range(d):
        for b in range(d):
            powers = [0] * (d * vertices)
            for place in (i * d + a, j * d + a, i * d + b, j * d + b):
                powers[place] += 1
            result[tuple(powers)] += 1
    return {**{powers: Fraction(c) for powers, c in result.items()}, (0,) * (d * vertices): Fraction(-1, d)}


def _times(p: Polynomial, q: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for a, x in p.items():
        for b, y in q.items():
            powers = tuple(map(int.__add__, a, b))
            result[powers] = result.get(powers, Fraction(0)) + x * y
    return result


def _odd(a: int) -> int:
    """(a - 1)!! for even a."""
    return prod(range(1, a, 2))
