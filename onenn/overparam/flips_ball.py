"""The certificate for slopes that jump at 0 in balls: every count and every comparison of `flips` is enclosed.

If the m + 1 least of the lower bounds of (w_l.x_i)^2 add up to more than an upper bound of R^2 |x_i|^2, then so do the
m + 1 least squares themselves: at most m units change sign on x_i.
Chapter: overparameterization-relu-sgd (lem-flips, prp-relu-certificate).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from onenn.rigorous import BALLS, Ball, ball, is_positive, less, square
from onenn.verdict import Verdict

from .certificate import not_less
from .flips import flip_record
from .record import Certificate


def flips_within_ball(z: Sequence[Ball], length: Ball, radius: Ball) -> int:
    """A bound on the units that change sign on an input x while |W - W_0| <= radius; z: balls of w_l.x, length: |x|.

    >>> z = [ball("1/2"), ball(1), ball(-3)]
    >>> flips_within_ball(z, ball(1), ball("6/5")), flips_within_ball(z, ball(1), ball(1))
    (2, 1)
    """
    limit, total = square(radius * length), ball(0)
    if not limit.is_finite():
        return len(z)
    lower = sorted(max(abs(t).lower(), ball(0)) for t in z)
    for count, t in enumerate(lower):
        total = total + square(t)
        if total > limit:
            return count
    return len(z)


def flip_promise(
    *,
    Z: Sequence[Sequence[Ball]],
    v: Sequence[Ball],
    lengths: Sequence[Ball],
    width: Ball,
    slopes: Sequence[Ball],
    least: Ball,
    norm: Ball,
    misfit: Ball,
    step: Ball | None,
) -> Certificate:
    """The certificate of `flips` from enclosed numbers: Z the w_l.x_i by input, lengths |x_i|, width ||X||, slopes
    those of phi on both sides of 0, least and norm the extreme singular values of J_0, misfit |r_0|.
    """
    jump, steepest = abs(slopes[1] - slopes[0]), abs(slopes[0]).max(abs(slopes[1]))
    beta = steepest * BALLS.sqrt_nonnegative(sum(map(square, v), ball(0))) * width
    limit = 1 / (2 * beta * beta)
    eta = limit if step is None else step
    radius = 5 * misfit / least
    flips = max(flips_within_ball(z, length, radius) for z, length in zip(Z, lengths, strict=True))
    largest = abs(v[0])
    for t in v[1:]:
        largest = largest.max(abs(t))
    D = jump * largest * width * BALLS.sqrt(ball(flips))
    verdict = _decide(flips, D, least, eta, limit, given=step is not None)
    ratio = least / 5 / D if flips else inf
    return flip_record(BALLS, verdict, ratio, least=least, norm=norm, misfit=misfit, beta=beta, step=eta, limit=limit)


def _decide(flips: int, D: Ball, least: Ball, eta: Ball, limit: Ball, *, given: bool) -> Verdict:
    shown = lambda x: x.str(6, radius=False)  # noqa: E731
    if given and not_less(less, limit, eta) != Verdict.PROVED:
        return Verdict.UNDECIDED.because(f"step is {shown(eta)}; expected at most {shown(limit)}")
    positive = is_positive(least)
    if positive != Verdict.PROVED:
        return Verdict.UNDECIDED.because(f"sigma_min(J_0) is {shown(least)}: not known to be positive")
    enough = less(D, least / 5)
    if enough == Verdict.PROVED:
        return Verdict.PROVED.because(f"at most {flips} signs flip on an input: J changes by {shown(D / least)} s")
    if enough == Verdict.UNDECIDED:
        return enough
    missing = 5 * D / least
    return Verdict.UNDECIDED.because(
        f"up to {flips} signs may flip on an input: a factor {shown(missing)} is missing; about "
        f"{float(missing) ** 6:.2g} times the width would do"
    )
