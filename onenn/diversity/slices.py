"""The discrepancy by other routes than its closed form: its definition, sampled, and its series over frequencies.

L2^2 = E (share of units in the slice of x, y - area)^2 = sum_{l >= 1} lambda_l N(d, l) mean_ij P_l(<u_i, u_j>).

Chapter: diverse-units.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.special import betainc

from onenn.rigorous import BALLS, Ball, ball, integral, less, precision
from onenn.verdict import Verdict, conjunction

from .discrepancy import squared_discrepancy
from .harmonics import beta_number, multiplicities, polygamma_half
from .identities import trace_gap
from .inputs import directions, uniform_inputs
from .kernels import kernel_eigenvalues_ball
from .rational import exact_matrix


def agrees_with_slices(
    W: Any, *, samples: int, rng: np.random.Generator, failure_probability: float = 1e-7, factor: float = 1.0
) -> Verdict:
    """factor * L2(W)^2 against the mean over sampled slices: PROVED when they agree within the test's radius.

    The squares lie in [0, 1], so the mean of N of them is within sqrt(2 V log(4/p)/N) + 7 log(4/p)/(3 (N - 1)) of its
    expectation with probability 1 - p, V their sample variance (Maurer and Pontil 2009).
    Raises: as `squared_discrepancy`.

    >>> W, rng = [[1.0, 0.0], [0.0, 1.0]], np.random.default_rng(0)
    >>> agrees_with_slices(W, samples=100_000, rng=rng) == Verdict.PROVED
    True
    """
    U = np.asarray(directions(W)[1])
    d = U.shape[1]
    x, y = uniform_inputs(samples, d, rng), uniform_inputs(samples, d, rng)
    share = np.mean((x @ U.T >= 0) & (y @ U.T >= 0), axis=1)
    area = 0.5 - np.arccos(np.clip(np.sum(x * y, axis=1), -1, 1)) / (2 * np.pi)
    squares = (share - area) ** 2
    log = math.log(4 / failure_probability)
    radius = math.sqrt(2 * np.var(squares, ddof=1) * log / samples) + 7 * log / (3 * (samples - 1))
    gap = abs(float(np.mean(squares)) - factor * squared_discrepancy(U))
    return Verdict.decided(bool(gap <= radius), f"difference {gap:.2e}, radius {radius:.2e}")


def majority(count: int, samples: int, *, failure_probability: float = 1e-7) -> Verdict:
    """An event seen `count` times in `samples` independent draws has a probability above 1/2: Hoeffding's test.

    Were it at most 1/2, a count above samples/2 + sqrt(samples log(1/p)/2) would have the probability p at most.

    >>> majority(60, 60), majority(40, 60)
    (PROVED (60 of 60 draws, 52.0 needed), REFUTED (40 of 60 draws, 52.0 needed))
    """
    needed = samples / 2 + math.sqrt(samples * math.log(1 / failure_probability) / 2)
    return Verdict.decided(bool(count > needed), f"{count} of {samples} draws, {needed:.1f} needed")


def rate_is_below(count: int, samples: int, rate: float, *, failure_probability: float = 1e-7) -> Verdict:
    """An event seen `count` times in `samples` independent draws has a probability below `rate`: the exact test.

    PROVED when a probability of `rate` or more would give so few with probability at most `failure_probability`.

    >>> rate_is_below(0, 400, 0.1) == Verdict.PROVED, rate_is_below(30, 400, 0.1) == Verdict.PROVED
    (True, False)
    """
    p = float(betainc(samples - count, count + 1, 1 - rate))  # P(binomial(samples, rate) <= count)
    return Verdict.decided(p <= failure_probability, f"{count} of {samples} draws")


def spectral_interval(W: Any, degree: int) -> tuple[Ball, Ball]:
    """(S, S + R) with S <= L2(W)^2 <= S + R: the series up to `degree`, and the trace that is left, for rational W.

    Raises: TypeError on floats.

    >>> low, high = spectral_interval([[1, 0], [-1, 0]], 50)
    >>> float(high - low) < 0.01
    True
    """
    W = exact_matrix(W, "W")
    k, d = W.shape
    gram = W @ W.T
    with precision(64 + 4 * degree):  # the recurrence loses about two bits a degree on balls
        total, lambdas, N = ball(0), kernel_eigenvalues_ball(d, degree, "arcsine_squared"), multiplicities(d, degree)
        for i in range(k):
            for j in range(i + 1):
                t = ball(gram[i, j]) / BALLS.sqrt(ball(gram[i, i] * gram[j, j])) if j < i else ball(1)
                before, now = ball(1), t
                for l in range(1, degree + 1):
                    total += (1 if i == j else 2) * lambdas[l] * N[l] * now
                    before, now = now, ((2 * l + d - 2) * t * now - l * before) / (l + d - 2)
        low = total / k**2
        # the trace of the nonconstant degrees that are left; each mean of P_l over pairs is in [0, 1]
        return low, low + trace_gap(d, degree, "arcsine_squared")


def arcsine_moments_agree(dimensions: Iterable[int], *, factor: Fraction = Fraction(1)) -> Verdict:
    """E phi^2 = psi_1/2 and E phi^4 = 3 psi_1^2/4 - psi_3/8 at d/2, phi = arcsin<u, v>, by quadrature to 1e-12.

    factor: multiplies both closed forms; anything but 1 must be refuted.

    >>> arcsine_moments_agree([2, 5]) == Verdict.PROVED
    True
    """
    checks = []
    for d in dimensions:
        with precision(128):
            psi1, psi3 = polygamma_half(BALLS, 1, d), polygamma_half(BALLS, 3, d)
            for power, closed in ((2, psi1 / 2), (4, 3 * psi1 * psi1 / 4 - psi3 / 8)):

                def integrand(phi: Any, power: int = power, d: int = d) -> Any:
                    value, c = phi, BALLS.cos(phi)
                    for _ in range(power - 1):
                        value = value * phi
                    for _ in range(d - 2):
                        value = value * c
                    return value

                moment = 2 * integral(integrand, 0, BALLS.pi / 2) / beta_number(BALLS, d - 1, 1)
                checks.append(less(abs(moment / (closed * ball(factor)) - 1), "1e-12"))
    return conjunction(checks)
