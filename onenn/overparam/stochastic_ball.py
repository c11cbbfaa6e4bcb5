"""Stochastic gradient descent on a network: a start from which it stays in a ball and converges, but for a probability.

On |W - W_0| <= R let J be L-Lipschitz, alpha <= sigma_min(J), ||J|| <= beta, its rows of length <= b. Per step

    E|r+|^2 <= (1 - 2 eta alpha^2/n + eta^2 b^2 (beta^2 + L |r|)/n) |r|^2,   E path <= 2 sqrt n b |r_0|/alpha^2 = nu R,

so P(path > R) <= nu. With s = sigma_min(J_0), alpha = s/2: it is enough that s^3 >= 16 L sqrt n b |r_0|/nu.
Chapter: overparameterization-relu-sgd (thm-sgd-ball).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, ball_matrix, less, precision, square, symmetric_eigenvalues
from onenn.verdict import Verdict

from .bounds import slope_bound
from .certificate import shown
from .certificate_ball import certificate_ball, exact_row, exact_rows, on_balls
from .exact_run import length, residual


@dataclass(frozen=True, kw_only=True)
class StochasticCertificate:
    """Descent by single samples with steps of at most `step` stays within `radius`, but for the probability `failure`.

    `verdict` is PROVED when that is so, otherwise UNDECIDED; `ratio` >= 1 is the condition. The mean of |r_t|^2, as
    long as the path is within the radius, is at most rate^t |r_0|^2 for the step `step`. The numbers are balls.
    """

    verdict: Verdict
    ratio: Any
    """A ball; inf where J is constant."""
    step: Ball
    radius: Ball
    rate: Ball
    failure: Fraction


def stochastic_certificate(net: OneHiddenLayer, X: Any, y: Any, *, failure: str | Fraction) -> StochasticCertificate:
    """The certificate in balls, for 0 < failure <= 1.

    *Shapes*: X (n, d), y (n,), exact numbers, floats as the dyadic numbers they are.
    Raises: as `certificate_ball`; ValueError for another failure, or where phi' or phi'' has no known bound.
    Source: thm-sgd-ball.

    >>> net = OneHiddenLayer([[0, 1]], [1000], "softplus")
    >>> stochastic_certificate(net, [[1, 0]], [694], failure="1/10").verdict == Verdict.PROVED
    True
    """
    nu, B = Fraction(failure), slope_bound(net.phi)
    if not 0 < nu <= 1:
        raise ValueError(f"failure is {failure}; expected a probability in (0, 1]")
    start = certificate_ball(net, X, y, form="half")
    if B is None or start.form != "half":
        raise ValueError(f"phi is {net.phi.name}; expected bounded phi' and phi'' (softplus, tanh, erf, sigmoid, GELU)")
    with precision(64):
        n, s, L, beta, misfit = len(exact_rows(X)), start.least, start.lipschitz, start.beta, start.misfit
        b = ball(B) * length([ball(t) for t in net.exact_v]) * _longest(X)
        radius = 8 * BALLS.sqrt(ball(n)) * b * misfit / (ball(nu) * s * s)
        alpha = s / 2
        step = alpha * alpha / (b * b * (beta * beta + L * (misfit + beta * radius)))
        ratio = inf if L * radius == 0 else alpha / (L * radius)
        enough = less(L * radius, alpha)
        if enough != Verdict.PROVED:
            missing = shown(1 / ratio)
            enough = Verdict.UNDECIDED.because(
                f"s^3 falls short of 16 L sqrt n b |r_0|/nu: a factor {missing} is missing"
            )
        rate = 1 - step * alpha * alpha / n
        return StochasticCertificate(verdict=enough, ratio=ratio, step=step, radius=radius, rate=rate, failure=nu)


def network_step_contracts(
    net: OneHiddenLayer, X: Any, y: Any, step: int | str | Fraction, *, second_order: bool = True
) -> Verdict:
    """E|r+|^2 < (1 - 2 eta alpha^2/n + eta^2 b^2 (beta^2 + L |r|)/n) |r|^2 for one step from `net`: the mean over the
    samples enclosed, alpha = sigma_min(J) here, b, beta and L for all W. second_order = False is wrong for large steps.

    >>> net = OneHiddenLayer([[1, 2], [0, 1]], [1, -1], "softplus")
    >>> network_step_contracts(net, [[1, 0], [1, 1]], [1, 2], "1/10") == Verdict.PROVED
    True
    """
    here, B = certificate_ball(net, X, y, form="half"), slope_bound(net.phi)
    if B is None:
        raise ValueError(f"phi is {net.phi.name}, whose derivative has no known bound")
    with precision(96):
        eta, P, W = ball(step, "step"), ball_matrix(exact_rows(X)), ball_matrix(net.exact_W.tolist())
        v, targets = [ball(t) for t in net.exact_v], [ball(t) for t in exact_row(y)]
        n = len(targets)
        Z = (P * W.transpose()).tolist()
        r = residual(net.phi, v, Z, targets)
        total = ball(0)
        G = P * P.transpose()
        for i in range(n):
            # a step on sample i moves w_l along x_i, and so w_l.x_j by a multiple of x_i.x_j
            moves = [eta * r[i] * s * t for s, t in zip(on_balls(net.phi, "derivative", Z[i]), v, strict=True)]
            after = [[z - m * G[i, j] for z, m in zip(Z[j], moves, strict=True)] for j in range(n)]
            total = total + sum(map(square, residual(net.phi, v, after, targets)), ball(0))
        size = sum(map(square, r), ball(0))
        b = ball(B) * length(v) * _longest(X)
        beta = ball(B) * length(v) * BALLS.sqrt_nonnegative(symmetric_eigenvalues(G)[-1])
        factor = 1 - 2 * eta * square(here.least) / n
        if second_order:
            factor = factor + square(eta * b) * (square(beta) + here.lipschitz * BALLS.sqrt_nonnegative(size)) / n
        return less(total / n, factor * size)


def _longest(X: Any) -> Ball:
    result = ball(0)
    for row in exact_rows(X):
        result = result.max(length([ball(t) for t in row]))
    return result
