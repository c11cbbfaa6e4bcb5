"""n inputs uniform on the sphere of R^d: X * X is far from singular, with constants. With H, a and s of `overlaps`,

    e = E||H||:   e^4 <= E tr H^4,   e^2 <= 4 m s a [3.2 (1 + e/a) + ln m] + 4 R,   n = 2m or 2m - 1,
    P(sigma_min(X * X) <= a - e - r) <= exp(-(d-2) r^2/4),   E||X|| <= (sqrt n + sqrt d) sqrt(d+1)/d,
    n/tr ((X X^T)^(o 2))^-1 >= a - (sqrt((n-1) s) + r)^2   but for the probability n exp(-(d-2) r^2/4).

Chapter: overparameterization-kernel (thm-random-inputs, cor-random-inputs).
"""

from __future__ import annotations

from fractions import Fraction
from math import log, sqrt

from onenn.rigorous import BALLS, Ball, ball

from .data import count
from .overlaps import fourth_moment, overlap_moment


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


def _at_least_3(d: int) -> int:
    if count(d, "d") < 3:
        raise ValueError(f"d is {d}; expected at least 3, where the sphere has positive curvature")
    return d
