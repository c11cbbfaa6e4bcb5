"""Explicit lower bounds: on the kernel's Gram matrix, and through a matrix Chernoff bound on s_min at random weights.

lambda_min(G) >= sum_p a_p (1 - R_p)_+,   R_p = max_i sum_{j != i} |<x_i, x_j>|^p,   p = 1, 2, 4, 6, ...,
P[ s_min(D)^2 < (1 - delta) k lambda ] <= n (e^-delta/(1-delta)^(1-delta))^(k lambda/|X|^2),   lambda <= lambda_min(G).

a_1 = 1/4, a_(2j+2) = C(2j, j)/(2 pi 4^j (2j+1)) are the Taylor coefficients of g.   Chapter: diverse-units-random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.special import betainc, betaincinv

from onenn.contexts import FLOATS
from onenn.rigorous import ball, less, min_eigenvalue
from onenn.verdict import Verdict

from .discrepancy import _check_units
from .harmonics import check_dimension
from .inputs import on_sphere
from .printed import gram_balls
from .rational import exact_matrix

_POWERS = 200
_SMALL = 1e-12


@dataclass(frozen=True, kw_only=True)
class RandomBound:
    """A lower bound on a random number, and the probability that the number is below it.

    `value` is the bound, `failure_probability` at most 1: at 1 the statement says nothing, whatever `value` is.
    """

    value: float
    failure_probability: float


def taylor_coefficients(count: int, C: Any = FLOATS) -> list[tuple[int, Any]]:
    """The first `count` nonzero Taylor coefficients (p, a_p) of g(t) = t/4 + t arcsin(t)/(2 pi); all positive, sum 1/2.

    >>> from onenn.contexts import SYMBOLS
    >>> taylor_coefficients(3, SYMBOLS)
    [(1, 1/4), (2, 1/(2*pi)), (4, 1/(12*pi))]
    """
    if C is FLOATS:
        j = np.arange(count - 1)
        a = np.cumprod(np.concatenate([[0.5], (2 * j[:-1] + 1) / (2 * j[:-1] + 2)]))[: count - 1] / (2 * j + 1) / np.pi
        return [(1, 0.25), *zip((2 * j + 2).tolist(), a.tolist(), strict=True)][:count]
    q = Fraction(1, 2)
    found: list[tuple[int, Any]] = [(1, C.rational(Fraction(1, 4)))]
    for j in range(count - 1):
        found.append((2 * j + 2, C.rational(q / (2 * j + 1)) / C.pi))
        q *= Fraction(2 * j + 1, 2 * j + 2)
    return found[:count]


def _powers(count: int) -> np.ndarray:
    """1, 2, 4, 6, ...: the powers in the series of g."""
    return np.maximum(2 * np.arange(count), 1)


def _from_row_sums(sums: list[float], powers: list[int]) -> float:
    """sum_p a_p (1 - R_p)_+ for the R_p at these powers; a power between or beyond takes the R before it."""
    last = max(powers[-1] // 2 + 1, 2)
    a = np.array([value for _, value in taylor_coefficients(last)])
    place = np.searchsorted(np.asarray(powers), _powers(last), side="right") - 1
    kept = np.maximum(0.0, 1 - np.asarray(sums))
    return float(a @ kept[place]) + max(0.0, 0.5 - math.fsum(a.tolist())) * float(kept[-1])


def schur_bound(X: Any) -> float:
    """A lower bound on lambda_min(G), G_lm = g(<x_l, x_m>), from sums of powers of the inner products; never negative.

    It is positive as soon as no two of the inputs are parallel; 0 when two are equal or opposite, up to rounding.
    *Shapes*: X (n, d), points of the sphere.
    Raises: ValueError for a row off the sphere, nan or inf.

    >>> round(schur_bound(np.eye(5)), 6)
    0.5
    """
    X = np.asarray(on_sphere(X)[1], dtype=float)
    t = np.abs(X @ X.T)
    np.fill_diagonal(t, 0.0)
    sums = [float(t.sum(axis=1).max())]
    square = t * t
    now = square
    while len(sums) < _POWERS and sums[-1] > _SMALL:
        sums.append(float(now.sum(axis=1).max()))
        now = now * square
    powers = _powers(len(sums)).tolist()
    if sums[-1] > _SMALL:
        # nearly parallel inputs: powers up to 10^6 in steps of 2 percent, and only the entries that still count there
        rows, columns = np.nonzero(t > 0.9)
        close = np.log(np.minimum(t[rows, columns], 1.0))
        p = powers[-1]
        while p < 10**6 and sums[-1] > _SMALL:
            p = 2 * math.ceil(0.51 * p)
            rest = len(t) * 0.9**p
            sums.append(float(np.bincount(rows, np.exp(p * close), minlength=1).max(initial=0.0)) + rest)
            powers.append(p)
    return _from_row_sums(sums, powers)


def coherence_bound(n: int, mu: float) -> float:
    """The same from n and mu = max |<x_l, x_m>| alone, with R_p <= (n - 1) mu^p; positive for every mu < 1.

    >>> round(coherence_bound(10, 0.0), 12), coherence_bound(10, 0.99) > 0
    (0.5, True)
    """
    if not 0 <= mu <= 1:
        raise ValueError(f"mu is {mu}; expected the largest |<x_l, x_m>| of unit vectors, between 0 and 1")
    count = _POWERS
    while count < 10**6 and (n - 1) * mu ** (2 * count) > 0.5 and mu < 1:
        count *= 2
    powers = _powers(count)
    return _from_row_sums(((n - 1) * mu**powers).tolist(), powers.tolist())


def chernoff_failure(n: int, ratio: float, share: float = 0.5) -> float:
    """n (e^-delta/(1-delta)^(1-delta))^ratio, at most 1: the matrix Chernoff bound for the lower tail, delta = `share`.

    ratio: the least eigenvalue of the mean of the sum over the largest norm of a summand.
    Raises: ValueError unless 0 < share < 1.

    >>> round(chernoff_failure(10, 100.0), 9) == round(10 * (2 / np.e) ** 50, 9)
    True
    """
    if not 0 < share < 1:
        raise ValueError(f"share is {share}; expected the lost share of the mean, strictly between 0 and 1")
    exponent = -share - (1 - share) * math.log(1 - share)
    return min(1.0, math.exp(min(0.0, math.log(n) + ratio * exponent)))


def random_weights_bound(X: Any, k: int, *, share: float = 0.5, least: float | None = None) -> RandomBound:
    """s_min(D)^2 >= (1 - share) k lambda for k uniform weights drawn independently of X: bound and failure probability.

    least: a lower bound lambda on lambda_min(G); None: `schur_bound(X)`.
    *Shapes*: X (n, d), points of the sphere.  *Law*: the failure probability falls with k, exponentially.
    Raises: ValueError for a row off the sphere, k < 1, share outside (0, 1), least < 0.
    Source: thm-dr-repaired.

    >>> bound = random_weights_bound(np.eye(3), 1000)
    >>> round(bound.value, 9), bound.failure_probability < 1e-32
    (250.0, True)
    """
    _check_units(k)
    X = np.asarray(on_sphere(X)[1], dtype=float)
    if least is None:
        least = schur_bound(X)
    if not least >= 0:
        raise ValueError(f"least is {least}; expected a lower bound on lambda_min(G), 0 or more")
    norm = float(np.linalg.norm(X, 2)) ** 2
    return RandomBound(
        value=(1 - share) * k * least,
        failure_probability=chernoff_failure(X.shape[0], k * least / norm, share),
    )


def coherence_quantile(n: int, d: int, delta: float) -> float:
    """mu with P[max_{l != m} |<x_l, x_m>| > mu] <= delta for n uniform inputs: the tail of a pair, times n(n-1)/2.

    P[|<x, y>| > mu] = I_(1-mu^2)((d-1)/2, 1/2), the regularised incomplete Beta function.
    Raises: ValueError for n < 2, d < 2 or delta outside (0, 1).

    >>> mu = coherence_quantile(2, 3, 0.25)
    >>> round(mu, 12)
    0.75
    """
    check_dimension(d)
    if n < 2 or not 0 < delta < 1:
        raise ValueError(f"n is {n} and delta is {delta}; expected n >= 2 inputs and a probability in (0, 1)")
    return math.sqrt(1 - float(betaincinv((d - 1) / 2, 0.5, min(1.0, 2 * delta / (n * (n - 1))))))


def coherence_tail(n: int, d: int, mu: float) -> float:
    """The bound n(n-1)/2 I_(1-mu^2)((d-1)/2, 1/2) >= P[max_{l != m} |<x_l, x_m>| > mu], at most 1.

    >>> round(coherence_tail(2, 3, 0.75), 12)
    0.25
    """
    return min(1.0, n * (n - 1) / 2 * float(betainc((d - 1) / 2, 0.5, 1 - mu * mu)))


def random_data_bound(n: int, d: int, k: int, *, delta: float = 1e-3, share: float = 0.5) -> RandomBound:
    """The same before the data are seen: n uniform inputs and k uniform weights in R^d, all independent.

    Two delta are spent on the inputs: on their coherence and on |X|^2, by the matrix Chernoff bound for the upper tail.
    Raises: ValueError as `coherence_quantile` and `random_weights_bound`.

    >>> bound = random_data_bound(20, 50, 20000)
    >>> bound.value > 100, bound.failure_probability < 0.003
    (True, True)
    """
    _check_units(k)
    mu = coherence_quantile(n, d, delta)
    least = coherence_bound(n, mu)
    norm = min(largest_norm(n, d, delta), 1 + (n - 1) * mu, float(n))
    failure = 2 * delta + chernoff_failure(n, k * least / norm, share)
    return RandomBound(value=(1 - share) * k * least, failure_probability=min(1.0, failure))


def largest_norm(n: int, d: int, delta: float) -> float:
    """b with P[|X|^2 >= b] <= delta: d (e^(c-1)/c^c)^(n/d) = delta at b = c n/d, c >= 1.

    >>> largest_norm(1000, 10, 1e-3) < 200
    True
    """
    low, high = 1.0, 2.0
    log_tail = lambda c: math.log(d) + n / d * (c - 1 - c * math.log(c)) - math.log(delta)  # noqa: E731
    while log_tail(high) > 0:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if log_tail(middle) > 0 else (low, middle)
    return high * n / d


def schur_bound_holds(X: Any, *, extra: Fraction = Fraction(0)) -> Verdict:
    """lambda_min(G) > schur_bound(X) + extra - 1e-12 for rational inputs, the eigenvalue enclosed.

    The bound is computed in doubles, which the 1e-12 covers.
    Raises: as `gram_balls`.

    >>> schur_bound_holds([[1, 0], [0, 1]]) == Verdict.PROVED
    True
    """
    bound = Fraction(schur_bound(np.array(exact_matrix(X, "X"), dtype=float))) + extra - Fraction(1, 10**12)
    return less(ball(bound), min_eigenvalue(gram_balls(X), bits=128))
