"""n inputs uniform on the sphere of R^d: X * X is far from singular, with constants. With t = <x_i, x_j> for i != j,

    (X X^T)^(o 2) = (1 - 1/d) I + H + 11^T/d,   H_ij = t^2 - 1/d,   sigma_min^2(X * X) >= 1 - 1/d - ||H||,
    E tr H^4 = n(n-1) [(n-2)(n-3) s^3 a + 2(n-2) (s a)^2 + E(t^2 - 1/d)^4],   a = 1 - 1/d,  s = 2/(d(d+2)),
    e = E||H||:   e^2 <= 4 m s a [3.2 (1 + e/a) + ln m] + 4 R,   n = 2m or 2m - 1,
    n/tr ((X X^T)^(o 2))^-1 >= a - (sqrt((n-1) s) + r)^2   but for the probability n exp(-(d-2) r^2/4),
    P(sigma_min(X * X) <= E sigma_min - r) <= exp(-(d-2) r^2/4),   E||X|| <= (sqrt n + sqrt d) sqrt(d+1)/d.

Chapter: overparameterization-kernel (lem-overlaps, thm-random-inputs, cor-random-inputs).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import comb, log, prod, sqrt
from typing import Any

from onenn.rigorous import BALLS, Ball, ball, ball_matrix, less, precision, symmetric_eigenvalues
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


def deviation_bound(n: int, d: int) -> float:
    """A bound on E||H||: the lesser of (E tr H^4)^(1/4) and the solution e of the inequality of the module.

    Raises: ValueError unless n and d are ints >= 1, d >= 3.  Source: thm-random-inputs.

    >>> round(deviation_bound(40, 40), 3), round(deviation_bound(2000, 1000), 3)
    (0.659, 0.315)
    """
    n, d = count(n, "n"), _at_least_3(d)
    if n == 1:
        return 0.0
    by_moment = float(fourth_moment(n, d)) ** 0.25
    half, a = (n + 1) // 2, 1 - Fraction(1, d)
    variance = float(overlap_moment(d, 2))
    A = 4 * half * variance * (3.2 + log(half)) + 4 * float(_overshoot(half, d))
    B = 4 * half * variance * 3.2 / float(a)
    return min(by_moment, (B + sqrt(B * B + 4 * A)) / 2) * (1 + 1e-12)


def promised_inputs(n: int, d: int, *, failure: float) -> tuple[float, float]:
    """(a lower bound of sigma_min(X * X), an upper bound of ||X||), each but for the probability `failure`.

    Raises: as `deviation_bound`; ValueError unless 0 < failure < 1.  Source: thm-random-inputs.

    >>> [round(x, 3) for x in promised_inputs(1000, 1000, failure=1e-6)]
    [0.536, 2.167]
    """
    if not 0 < failure < 1:
        raise ValueError(f"failure is {failure}; expected a probability strictly between 0 and 1")
    n, d = count(n, "n"), _at_least_3(d)
    a, away = 1 - 1 / d, sqrt(2 * log(1 / failure) / (d - 2))
    concentrated = a - deviation_bound(n, d) - sqrt(2) * away
    by_markov = sqrt(max(a - (float(fourth_moment(n, d)) / failure) ** 0.25, 0.0))
    return max(concentrated, by_markov, 0.0), (sqrt(n) + sqrt(d)) * sqrt(d + 1) / d + away


def promised_harmonic_mean(n: int, d: int, *, failure: float) -> float:
    """A lower bound of the harmonic mean of the eigenvalues of (X X^T)^(o 2), but for the probability `failure`.

    0 where nothing is promised; n times sigma_min^2(X * X) is no smaller.
    Raises: as `promised_inputs`.  Source: thm-random-inputs.

    >>> round(promised_harmonic_mean(5000, 300, failure=0.01), 3)
    0.431
    """
    if not 0 < failure < 1:
        raise ValueError(f"failure is {failure}; expected a probability strictly between 0 and 1")
    n, d = count(n, "n"), _at_least_3(d)
    a, N = 1 - 1 / d, d * (d + 1) / 2 - 1
    along = sqrt(a * (n - 1) / N) + 2 * sqrt(log(n / failure) / (d - 2))
    return max(a - along**2, 0.0) if n <= N else 0.0


def room(d: Ball, constant: int) -> Ball:
    """1/9 minus the right side of the inequality at e = 1/3, n = d^2/(constant ln d), with E(t^2 - 1/d)^(4, 8) and n/2
    replaced by their bounds 60/d^4, 1190672/d^8 and >= d/2: where it is positive, e < 1/3 for d <= n <= d^2/(...).

    >>> bool(room(ball(1000), 90) > 0), bool(room(ball(1000), 60) > 0)
    (True, False)
    """
    n = d * d / (constant * BALLS.log(d)) + 1
    first = 4 * n / (d * d) * (ball("16/5") * (1 + d / (3 * (d - 1))) + BALLS.log(n / 2))
    shrunk = 1 - 3 / (d + 2)
    rest = 4 * (2700 + 595336 / d) / (d * d * shrunk * shrunk * shrunk)
    return ball("1/9") - first - rest


def _overshoot(half: int, d: int) -> Fraction:
    """R = half 2 E(S - ES)^4/(ES)^3 for the sum S of `half` independent copies of (t^2 - 1/d)^2."""
    mean, *moments = (overlap_moment(d, 2 * p) for p in range(1, 5))
    variance = moments[0] - mean**2
    fourth = moments[2] - 4 * mean * moments[1] + 6 * mean**2 * moments[0] - 3 * mean**4
    return half * 2 * (3 * half * (half - 1) * variance**2 + half * fourth) / (half * mean) ** 3


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


def _at_least_3(d: int) -> int:
    if count(d, "d") < 3:
        raise ValueError(f"d is {d}; expected at least 3, where the sphere has positive curvature")
    return d
